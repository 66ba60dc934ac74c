# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Values are written with three digits and a fitting prefix."""

import pytest

from wfl_analysis.units import readable


@pytest.mark.parametrize(
    "value, quantity, text",
    [
        (0.0, "bytes", "0 B"),
        (999.0, "bytes", "999 B"),
        (999_600.0, "bytes", "1.00 MB"),
        (12_345_678.0, "bytes", "12.3 MB"),
        (0.5, "bytes", "0.500 B"),
        (0.00123, "time", "1.23 ms"),
        (4500.0, "time", "4500 s"),
        (72_000.0, "time", "20.0 h"),
        (0.0, "energy", "0 J"),
        (18_000.0, "energy", "18.0 kJ"),
        (2.5e-6, "energy", "2.50 µJ"),
        (75.0, "count", "75.0"),
    ],
)
def test_readable(value: float, quantity: str, text: str) -> None:
    assert readable(value, quantity) == text
