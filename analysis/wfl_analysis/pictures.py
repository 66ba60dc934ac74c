# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The kinds of pictures of runs, by name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Mapping, Sequence

from matplotlib.figure import Figure

from . import battery, breakdown, outcomes, plots, shares, timeline
from .results import Run
from .style import figure_style

Figures = dict[str, Figure]  # by the name of its file


@dataclass(frozen=True)
class Picture:
    """A kind of picture; ``draw`` gives figures of runs with a target accuracy (0 to 1)."""

    help: str
    draw: Callable[[Sequence[Run], float], Figures]


def _one(name: str, draw: Callable[[Sequence[Run]], Figure]) -> Callable[..., Figures]:
    """Draw all runs in one figure."""
    return lambda runs, _target: {name: draw(runs)}


def _each(name: str, draw: Callable[[Run], Figure]) -> Callable[..., Figures]:
    """Draw a figure a run."""

    def draw_all(runs: Sequence[Run], _target: float) -> Figures:
        if len(runs) == 1:
            return {name: draw(runs[0])}
        return {f"{name}-{number}": draw(run) for number, run in enumerate(runs, start=1)}

    return draw_all


PICTURES: Mapping[str, Picture] = {
    "curves": Picture(
        "accuracy and loss against time, bytes, airtime, energy, round", plots.draw_all
    ),
    "breakdown": Picture(
        "where the time of a round goes", _one("breakdown", breakdown.draw)
    ),
    "timeline": Picture(
        "who was on the air when, for runs with --timeline=FIRST:LAST",
        _each("timeline", timeline.draw),
    ),
    "shares": Picture(
        "participation, airtime and energy by worker", _one("shares", shares.draw)
    ),
    "outcomes": Picture(
        "what became of each worker in each round", _each("outcomes", outcomes.draw)
    ),
    "battery": Picture(
        "what is left in the batteries, for runs with --battery",
        _one("battery", battery.draw),
    ),
}


def draw(kind: str, runs: Sequence[Run], target: float = 0.8) -> Figures:
    """Draw the figures of a kind, which is a name in ``PICTURES``, by their names."""
    with figure_style():
        return PICTURES[kind].draw(runs, target)


def write(kind: str, runs: Sequence[Run], target: float, output: Path) -> list[Path]:
    """Draw the figures of a kind into the folder ``output``; give the files written."""
    with figure_style():
        return plots.save_figures(PICTURES[kind].draw(runs, target), output)
