# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Intervals, paired ratios and Jain's index, by hand and by many draws."""

import math

import numpy as np
import pytest
from wfl_analysis.statistics import STUDENT, estimate, estimate_ratio, jain


def test_estimates():
    # Of 1, 2, 3: deviation 1, t(2) = 4.303.
    result = estimate([1, 2, 3])
    assert result.mean == 2
    assert result.half_width == pytest.approx(4.303 / math.sqrt(3))
    assert (result.low + result.high) / 2 == pytest.approx(2)
    assert math.isnan(estimate([5]).half_width)
    assert math.isnan(estimate([]).mean)


def test_intervals_hold_the_mean_in_95_of_100_cases():
    draws = np.random.default_rng(1).normal(size=(4000, 5))
    hits = sum(e.low < 0 < e.high for e in map(estimate, draws))
    assert hits / 4000 == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 4000))
    assert list(STUDENT) == sorted(STUDENT, reverse=True)


def test_ratios():
    result = estimate_ratio([2, 8], [1, 1])
    assert result.mean == pytest.approx(4), "the geometric mean"
    assert result.low * result.high == pytest.approx(16)
    # What both share cancels out.
    shared = np.random.default_rng(2).lognormal(sigma=2, size=5)
    exact = estimate_ratio(list(3 * shared), list(shared))
    assert (exact.mean, exact.low, exact.high) == pytest.approx((3, 3, 3))


def test_ratios_hold_the_true_one_in_95_of_100_cases():
    generator = np.random.default_rng(3)
    hits = 0
    for _ in range(2000):
        shared = generator.lognormal(size=5)
        above = shared * generator.lognormal(math.log(3), 0.1, size=5)
        result = estimate_ratio(list(above), list(shared))
        hits += result.low < 3 < result.high
    assert hits / 2000 == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 2000))


def test_jain():
    assert jain([2, 2, 2, 2]) == 1
    assert jain([7, 0, 0, 0]) == 0.25
    assert jain([1, 2]) == pytest.approx(9 / 10)
