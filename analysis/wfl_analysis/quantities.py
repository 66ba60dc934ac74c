# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Numbers that a run has, by the names under which sweep files ask for them.

A cost to the target is that of ``metrics``; where it was not reached there is none.
"""

from dataclasses import dataclass
from typing import Callable, Optional

import pandas as pd

from . import metrics
from .csvfile import read_csv
from .metrics import Cost, Goal
from .results import Run
from .statistics import jain

Measurement = Callable[[Run, Goal], Optional[float]]


@dataclass(frozen=True)
class Quantity:
    """A number of a run with a goal, in the unit that its title names.

    ``is_cost`` says whether less is better, so that a speed-up has a meaning.
    """

    title: str
    of: Measurement
    is_cost: bool = False


def participation(run: Run) -> pd.Series:
    """Give for each worker how many answers of it counted, a word that it has nothing included."""
    return share(run, "answers")


def share(run: Run, column: str) -> pd.Series:
    """Give for each worker the sum over the rounds of a column of workers.csv."""
    return run.workers.groupby("worker")[column].sum()


def _final_accuracy(run: Run, _goal: Goal) -> Optional[float]:
    accuracy = metrics.final_accuracy(run.rounds)
    return None if accuracy is None else 100 * accuracy


def _final_loss(column: str) -> Measurement:
    def of(run: Run, _goal: Goal) -> Optional[float]:
        median = metrics.moving_median(run.rounds[column]).dropna()
        return float(median.iloc[-1]) if len(median) else None

    return of


def _to_target(cost: Cost, unit: float = 1) -> Measurement:
    def of(run: Run, goal: Goal) -> Optional[float]:
        value = metrics.cost_to_goal(run.rounds, cost, goal)
        return None if value is None else value / unit

    return of


def _last(cost: Cost, unit: float = 1) -> Measurement:
    return lambda run, _goal: float(cost.values(run.rounds).iloc[-1]) / unit


def _column(name: str, unit: float = 1) -> Measurement:
    return lambda run, _goal: float(run.rounds[name].iloc[-1]) / unit


def _round_time(run: Run, _goal: Goal) -> Optional[float]:
    return float(run.rounds["time_s"].iloc[-1]) / len(run.rounds)


def _time_per_worker(run: Run, _goal: Goal) -> Optional[float]:
    rounds = run.rounds
    return float(rounds["time_s"].iloc[-1]) / len(rounds) / run.workers["worker"].nunique() * 1e3


def _uploads(run: Run, _goal: Goal) -> Optional[float]:
    return float((run.workers["payload_bytes"] > 0).sum())


def _uploads_to_target(run: Run, goal: Goal) -> Optional[float]:
    row = goal.row_reached(run.rounds)
    if row is None:
        return None
    until = run.workers["round"] <= run.rounds["round"].loc[row]
    return float((run.workers["payload_bytes"][until] > 0).sum())


def _jain(column: str) -> Measurement:
    return lambda run, _goal: jain(list(share(run, column)))


def _transmit_energy(run: Run, _goal: Goal) -> Optional[float]:
    devices = read_csv(run.folder / "energy.csv", ("device", "tx_j"), (), ("device",))
    workers = ~devices["device"].str.startswith("ap-")
    return float(devices.loc[workers, "tx_j"].sum())


def _delivery(run: Run, _goal: Goal) -> Optional[float]:
    offered = float(run.rounds["uplink_segments_offered"].iloc[-1])
    lost = float(run.rounds["uplink_segments_lost"].iloc[-1])
    return 100 * (1 - lost / offered) if offered else None


def _compute_share(run: Run, _goal: Goal) -> Optional[float]:
    workers = run.workers
    compute_s = (workers["compute_end_s"] - workers["downlink_end_s"]).mean()
    upload_s = (workers["uplink_end_s"] - workers["uplink_start_s"]).mean()
    return float(compute_s / upload_s) if upload_s > 0 else None


MEGABYTE = 1e6

QUANTITIES = {
    "final_accuracy": Quantity("Final accuracy (%)", _final_accuracy),
    "final_loss": Quantity("Final test loss", _final_loss("test_loss"), True),
    "final_train_loss": Quantity("Final training loss", _final_loss("train_loss"), True),
    "time_to_target": Quantity("Time to target (s)", _to_target(metrics.TIME), True),
    "rounds_to_target": Quantity("Rounds to target", _to_target(metrics.ROUND), True),
    "energy_to_target": Quantity("Energy to target (J)", _to_target(metrics.ENERGY), True),
    "bits_to_target": Quantity(
        "Bits of uploads to target (Mbit)", _to_target(metrics.UPLINK_BITS, 1e6), True
    ),
    "uploads_to_target": Quantity("Uploads to target", _uploads_to_target, True),
    "payload_to_target": Quantity(
        "Payload to target (MB)", _to_target(metrics.PAYLOAD, MEGABYTE), True
    ),
    "on_air_to_target": Quantity(
        "On-air data to target (MB)", _to_target(metrics.ON_AIR, MEGABYTE), True
    ),
    "airtime_to_target": Quantity(
        "Airtime to target (s)", _to_target(metrics.AIRTIME_BUSY), True
    ),
    "time": Quantity("Simulated time (s)", _last(metrics.TIME), True),
    "round_time": Quantity("Mean round (s)", _round_time, True),
    "round_time_per_worker": Quantity("Mean round over workers (ms)", _time_per_worker, True),
    "payload": Quantity("Payload (MB)", _last(metrics.PAYLOAD, MEGABYTE), True),
    "uplink_payload": Quantity(
        "Payload of uploads (MB)", _column("uplink_payload_bytes", MEGABYTE), True
    ),
    "uplink_bits": Quantity("Bits of uploads (Mbit)", _column("uplink_paper_bits", 1e6), True),
    "uploads": Quantity("Uploads", _uploads, True),
    "on_air": Quantity("On-air data (MB)", _last(metrics.ON_AIR, MEGABYTE), True),
    "airtime": Quantity("Airtime (s)", _last(metrics.AIRTIME_BUSY), True),
    "energy": Quantity("Energy of workers (J)", _last(metrics.ENERGY), True),
    "energy_marginal": Quantity("Energy above idle (J)", _last(metrics.ENERGY_MARGINAL), True),
    "energy_tx": Quantity("Energy while transmitting (J)", _transmit_energy, True),
    "jain": Quantity(
        "Jain's index of participation", lambda run, _goal: jain(list(participation(run)))
    ),
    "jain_airtime": Quantity("Jain's index of airtime", _jain("airtime_tx_s")),
    "jain_energy": Quantity("Jain's index of energy", _jain("energy_j")),
    "delivery": Quantity("Segments delivered (%)", _delivery),
    "compute_ratio": Quantity("Computing over uploading", _compute_share),
}
