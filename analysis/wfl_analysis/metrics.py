# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""What a run cost until it was accurate enough, and how accurate it became.

Definitions. The moving median of an evaluation is the median of the test accuracy
over this evaluation and the four made before it (w = 5 evaluations; rounds without
an evaluation do not count). A median over fewer than five values is not this
quantity, so it has no value before the fifth evaluation, and no target counts as
reached there.

The cost to an accuracy is the value of the clock or counter at the first evaluation
whose moving median is at least the target. A run that never gets there has no such
cost: the answer is None ("not reached"), never the value at the end of the run.

The uplink compression is what every worker would have uploaded in the rounds of the
run at 32 bits a parameter, over the payload that was uploaded. So silence, and not
being asked, compress; headers, repetitions and control do not count.
"""

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Union

import pandas as pd

WINDOW = 5  # evaluations
DENSE_BYTES = 4  # of a parameter in the format DENSE32


@dataclass(frozen=True)
class Cost:
    """A clock or counter of rounds.csv: the sum of ``columns``.

    ``name`` is its name in files, with its unit; ``quantity`` its key in ``units``.
    """

    name: str
    title: str
    quantity: str
    columns: tuple[str, ...]

    def values(self, rounds: pd.DataFrame) -> pd.Series:
        """Give the cost at the end of each round, in the base unit."""
        return rounds[list(self.columns)].sum(axis="columns")


ROUND = Cost("rounds", "Round", "count", ("round",))
UPLINK_BITS = Cost("uplink_bits", "Bits of uploads", "bits", ("uplink_paper_bits",))
TIME = Cost("time_s", "Simulated time", "time", ("time_s",))
PAYLOAD = Cost(
    "payload_bytes",
    "Payload, up- and downlink",
    "bytes",
    ("uplink_payload_bytes", "downlink_payload_bytes"),
)
ON_AIR = Cost(
    "air_bytes",
    "On-air data, up- and downlink",
    "bytes",
    ("uplink_air_bytes", "downlink_air_bytes"),
)
AIRTIME_BUSY = Cost(
    "airtime_busy_s", "Channel-busy airtime", "time", ("airtime_busy_s",)
)
AIRTIME_ATTRIBUTED = Cost(
    "airtime_attributed_s",
    "Attributed airtime",
    "time",
    ("airtime_uplink_s", "airtime_downlink_s"),
)
ENERGY = Cost(
    "energy_workers_j",
    "Energy of the workers",
    "energy",
    ("energy_j",),
)
ENERGY_MARGINAL = Cost(
    "energy_workers_marginal_j",
    "Energy of the workers above idle listening",
    "energy",
    ("energy_marginal_j",),
)
ENERGY_AP = Cost(
    "energy_ap_j", "Energy of the access point", "energy", ("energy_ap_j",)
)

COSTS = (
    ROUND,
    TIME,
    PAYLOAD,
    ON_AIR,
    AIRTIME_BUSY,
    AIRTIME_ATTRIBUTED,
    ENERGY,
    ENERGY_MARGINAL,
    ENERGY_AP,
)


def moving_median(values: pd.Series) -> pd.Series:
    """Give the median over the last five evaluations made, in the unit of ``values``.

    Cells that are NaN are no evaluations and are left out; the index of the others
    stays. The first four evaluations have NaN.
    """
    return values.dropna().rolling(WINDOW, min_periods=WINDOW).median()


@dataclass(frozen=True)
class AccuracyGoal:
    """To reach a test accuracy (0 to 1) in the moving median."""

    target: float

    def learning(self, rounds: pd.DataFrame) -> pd.Series:
        """Give what is to rise, by row, where it is known."""
        return moving_median(rounds["test_accuracy"]).dropna()

    def row_reached(self, rounds: pd.DataFrame) -> Optional[int]:
        """Give the index of the row at which it is reached."""
        return _first(self.learning(rounds) >= self.target)


@dataclass(frozen=True)
class ErrorGoal:
    """To come near to the least value of what is minimised, ``optimum``.

    The error is (value - optimum) / (value of the initial model - optimum). The value is the
    training objective where it was evaluated, and otherwise the training loss, for methods whose
    loss is that of all samples. It has no moving median.
    """

    target: float
    optimum: float
    initial: float

    def learning(self, rounds: pd.DataFrame) -> pd.Series:
        """Give what is to fall, by row, where it is known."""
        values = rounds["train_objective"].dropna()
        if not len(values):
            values = rounds["train_loss"].dropna()
        return (values - self.optimum) / (self.initial - self.optimum)

    def row_reached(self, rounds: pd.DataFrame) -> Optional[int]:
        """Give the index of the row at which it is reached."""
        return _first(self.learning(rounds) <= self.target)


Goal = Union[AccuracyGoal, ErrorGoal]


def _first(holds: pd.Series) -> Optional[int]:
    """Give the index of the first row for which something holds."""
    rows = holds.index[holds]
    return rows[0] if len(rows) else None


def cost_to_goal(rounds: pd.DataFrame, cost: Cost, goal: Goal) -> Optional[float]:
    """Give the cost until a goal is reached, in the base unit; None: not reached."""
    row = goal.row_reached(rounds)
    return None if row is None else float(cost.values(rounds).loc[row])


def cost_to_accuracy(
    rounds: pd.DataFrame, cost: Cost, target: float
) -> Optional[float]:
    """Give the cost until accuracy ``target`` (0 to 1); None: not reached."""
    return cost_to_goal(rounds, cost, AccuracyGoal(target))


def final_accuracy(rounds: pd.DataFrame) -> Optional[float]:
    """Give the median test accuracy (0 to 1) of the last five evaluations.

    None where fewer than five were made.
    """
    median = moving_median(rounds["test_accuracy"]).dropna()
    return float(median.iloc[-1]) if len(median) else None


def uplink_compression(
    rounds: pd.DataFrame, config: Mapping[str, Any]
) -> Optional[float]:
    """Give DENSE32 bytes over actual payload bytes, upwards.

    None where the configuration does not say how large the model is, or nothing was
    uploaded.
    """
    federation = config.get("federation")
    uploaded = float(rounds["uplink_payload_bytes"].iloc[-1])
    if federation is None or uploaded == 0:
        return None
    dense = DENSE_BYTES * federation["dimension"] * federation["workers"]
    return len(rounds) * dense / uploaded
