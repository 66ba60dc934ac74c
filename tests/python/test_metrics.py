# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Metrics against values computed by hand."""

import numpy as np
import pandas as pd
import pytest
from synthetic import rounds_frame

from wfl_analysis import metrics

# Moving medians from the fifth value on: 0.5, 0.6, 0.6, 0.7.
ACCURACY = [0.1, 0.9, 0.5, 0.3, 0.6, 0.7, 0.8, 0.95]


def test_moving_median_by_hand() -> None:
    median = metrics.moving_median(pd.Series(ACCURACY))
    assert median.isna().tolist() == [True] * 4 + [False] * 4
    assert median.dropna().tolist() == [0.5, 0.6, 0.6, 0.7]


def test_moving_median_counts_evaluations_not_rounds() -> None:
    values = pd.Series([0.1, np.nan, 0.2, 0.3, np.nan, 0.4, 0.5])
    median = metrics.moving_median(values)
    assert median.index.tolist() == [0, 2, 3, 5, 6]
    assert median.loc[6] == 0.3


@pytest.mark.parametrize(
    "cost, per_round",
    [
        (metrics.ROUND, 1),
        (metrics.TIME, 0.5),
        (metrics.PAYLOAD, 1000 + 200),
        (metrics.ON_AIR, 1100 + 250),
        (metrics.AIRTIME_BUSY, 0.22),
        (metrics.AIRTIME_ATTRIBUTED, 0.20 + 0.05),
        (metrics.ENERGY, 1.5 + 0.5),
        (metrics.ENERGY_MARGINAL, 0.5 + 0.5),
        (metrics.ENERGY_AP, 4.0),
    ],
)
def test_cost_at_the_first_median_that_reaches(
    cost: metrics.Cost, per_round: float
) -> None:
    rounds = rounds_frame(ACCURACY)
    assert metrics.cost_to_accuracy(rounds, cost, 0.6) == pytest.approx(6 * per_round)
    assert metrics.cost_to_accuracy(rounds, cost, 0.7) == pytest.approx(8 * per_round)


def test_every_cost_is_tested() -> None:
    assert len(metrics.COSTS) == 9


def test_one_high_evaluation_does_not_reach() -> None:
    rounds = rounds_frame(ACCURACY)
    assert max(ACCURACY) > 0.9
    assert metrics.cost_to_accuracy(rounds, metrics.TIME, 0.9) is None


def test_a_later_fall_does_not_take_back() -> None:
    rounds = rounds_frame([0.8] * 5 + [0.1] * 10)
    assert metrics.cost_to_accuracy(rounds, metrics.ROUND, 0.8) == 5


def test_rounds_without_evaluation_cost_all_the_same() -> None:
    evaluated_every_third = [None, None, 0.9] * 6
    rounds = rounds_frame(evaluated_every_third)
    assert metrics.cost_to_accuracy(rounds, metrics.ROUND, 0.8) == 15
    assert metrics.cost_to_accuracy(rounds, metrics.TIME, 0.8) == 7.5


def test_fewer_than_five_evaluations_never_reach() -> None:
    rounds = rounds_frame([0.9, None, 0.9, 0.9, None, 0.9])
    assert metrics.cost_to_accuracy(rounds, metrics.TIME, 0.1) is None
    assert metrics.final_accuracy(rounds) is None


def test_no_evaluation_at_all() -> None:
    rounds = rounds_frame([None] * 8)
    assert metrics.AccuracyGoal(0.1).row_reached(rounds) is None
    assert metrics.final_accuracy(rounds) is None


def test_final_accuracy_is_the_median_of_the_last_five() -> None:
    rounds = rounds_frame(ACCURACY + [None])
    assert metrics.final_accuracy(rounds) == 0.7


def test_property_76_compression_is_dense_bytes_over_actual_bytes() -> None:
    rounds = rounds_frame([0.5] * 3)  # 1000 bytes a round, by two workers
    config = {"federation": {"dimension": 1250, "workers": 2}}
    assert metrics.uplink_compression(rounds, config) == 3 * 2 * 4 * 1250 / 3000
    assert metrics.uplink_compression(rounds, {}) is None
    rounds["uplink_payload_bytes"] = 0
    assert metrics.uplink_compression(rounds, config) is None
