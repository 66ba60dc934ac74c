# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Readable units: picks a prefix for a value and writes the value with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit that is ``factor`` base units, used for values of at least ``least``."""

    symbol: str
    factor: float
    least: float


def _prefixed(symbol: str, prefixes: dict[str, float]) -> tuple[Unit, ...]:
    return tuple(
        Unit(prefix + symbol, factor, factor) for prefix, factor in prefixes.items()
    )


# Ascending. Hours take over where seconds would need five digits and more.
UNITS = {
    "count": (Unit("", 1.0, 1.0),),
    "bits": _prefixed("bit", {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}),
    "bytes": _prefixed("B", {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}),
    "energy": _prefixed(
        "J", {"n": 1e-9, "µ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
    ),
    "time": (
        *_prefixed("s", {"n": 1e-9, "µ": 1e-6, "m": 1e-3, "": 1.0}),
        Unit("h", 3600.0, 36000.0),
    ),
}


def unit_for(value: float, quantity: str) -> Unit:
    """Pick the unit in which ``value`` (in the base unit) has few leading digits."""
    units = UNITS[quantity]
    if value == 0:
        return next(unit for unit in units if unit.factor == 1.0)
    fitting = [unit for unit in units if value >= unit.least]
    return fitting[-1] if fitting else units[0]


def readable(value: float, quantity: str) -> str:
    """Write ``value`` (in the base unit) with three digits and its unit."""
    rounded = float(f"{value:.3g}")
    unit = unit_for(rounded, quantity)
    return f"{three_digits(value / unit.factor)} {unit.symbol}".rstrip()


def three_digits(value: float) -> str:
    """Write ``value`` with three significant digits, keeping all whole digits."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.3g}")
    if abs(rounded) >= 100:
        return f"{value:.0f}"
    return f"{rounded:#.3g}" if abs(rounded) >= 1e-4 else f"{rounded:.2e}"
