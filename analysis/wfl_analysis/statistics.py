# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Means, confidence intervals, paired ratios, and Jain's index."""

import math
from dataclasses import dataclass
from typing import Sequence

import numpy as np

# 97.5 % quantiles of Student's t by degrees of freedom, from 1; then the normal distribution's.
STUDENT = (
    (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
    + (2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086)
    + (2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)
)
NORMAL = 1.960


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % confidence interval from ``low`` to ``high``, over ``count`` values.

    Of one value alone there is no interval: its ends are NaN, as is the mean of none.
    """

    mean: float
    low: float
    high: float
    count: int

    @property
    def half_width(self) -> float:
        """Give half the width of the interval."""
        return (self.high - self.low) / 2


def estimate(values: Sequence[float]) -> Estimate:
    """Give the mean of some values, with Student's interval."""
    count = len(values)
    if count == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    mean = float(np.mean(values))
    if count == 1:
        return Estimate(mean, math.nan, math.nan, 1)
    quantile = STUDENT[count - 2] if count - 2 < len(STUDENT) else NORMAL
    half_width = quantile * float(np.std(values, ddof=1)) / math.sqrt(count)
    return Estimate(mean, mean - half_width, mean + half_width, count)


def estimate_ratio(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """Give the geometric mean of ratios of positive values that belong together in pairs.

    With common random numbers what both values of a pair share cancels out, so the interval,
    which is Student's for the logarithms of the ratios, is narrower than those of the values.
    """
    logarithms = estimate([math.log(a / b) for a, b in zip(above, below)])
    return Estimate(
        math.exp(logarithms.mean),
        math.exp(logarithms.low),
        math.exp(logarithms.high),
        logarithms.count,
    )


def jain(values: Sequence[float]) -> float:
    """Give Jain's index, (sum x)^2 / (n sum x^2): 1 for equal shares, 1 / n for one alone.

    Where nobody has anything it is NaN.
    """
    x = np.asarray(values, dtype=float)
    squares = float((x**2).sum())
    return float(x.sum() ** 2 / (len(x) * squares)) if squares > 0 else math.nan
