# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Sweeps: parts, which have cells, which have runs. ``sweep_file`` reads them from YAML files.

A variant at a point of the grid is a cell: it has a run a seed. Runs with the same seed share
data, positions and draws: common random numbers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional, Union

Options = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class SweepRun:
    """One run: its options, and its results folder, also relative to that of the sweep.

    ``replays`` is the relative folder of the run whose decisions it repeats, if there is one.
    """

    label: str
    seed: int
    options: Options
    folder: Path
    place: str
    replays: Optional[str]

    @property
    def done(self) -> bool:
        """Say whether it has been run to its end."""
        return (self.folder / "summary.json").exists()

    def arguments(self) -> list[str]:
        """Give the arguments of wfl-scenario, but for the results folder."""
        options = {"threads": 1, **self.options}
        return [
            *(f"--{name}={_text(value)}" for name, value in options.items()),
            *([] if self.replays is None else [f"--replay={self.replays}"]),
            f"--label={self.label}",
            f"--RngRun={self.seed}",
            "--overwrite=true",
        ]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Cell:
    """A variant at a point of the grid, which is a value by axis; and its runs by seed."""

    variant: str
    point: Mapping[str, Any]
    runs: tuple[SweepRun, ...]

    @property
    def label(self) -> str:
        """Name it in tables and pictures."""
        return ", ".join([self.variant, *(f"{a} {v}" for a, v in self.point.items())])


@dataclass(frozen=True)
class Optimum:
    """Learning is measured as the objective's error, relative to that of the first round.

    The optimum is the least training loss in the run of ``cells`` that has the same seed and, if
    they have a grid, the same point. The target is reached at the error ``target``.
    """

    cells: tuple[Cell, ...]
    target: float

    def run_for(self, cell: Cell, seed: int) -> SweepRun:
        """Give the run that has the optimum for a run of a cell."""
        same = [c for c in self.cells if c.point == cell.point] or self.cells
        return next(run for run in same[0].runs if run.seed == seed)


@dataclass(frozen=True)
class Part:
    """Runs that are compared with each other in one picture and its tables.

    ``target`` is a test accuracy from 0 to 1, or an error to an optimum.
    """

    name: str
    title: str
    target: Union[float, Optimum]
    seeds: tuple[int, ...]
    curves: tuple[str, ...]
    figures: tuple[str, ...]
    speed_ups: tuple[str, ...]
    against: Optional[str]
    baseline: Optional[str]
    variants: tuple[str, ...]
    grid: Mapping[str, tuple[Any, ...]]
    cells: tuple[Cell, ...]

    @property
    def runs(self) -> tuple[SweepRun, ...]:
        """Give the runs of all cells, and those of the optimum."""
        optima = self.target.cells if isinstance(self.target, Optimum) else ()
        return tuple(run for cell in (*self.cells, *optima) for run in cell.runs)


@dataclass(frozen=True)
class Sweep:
    """A sweep file and the folder of its results."""

    name: str
    folder: Path
    parts: tuple[Part, ...]

    @property
    def runs(self) -> tuple[SweepRun, ...]:
        """Give the runs of all parts, each once."""
        return tuple(dict.fromkeys(run for part in self.parts for run in part.runs))

    def plan(self) -> dict[str, list[str]]:
        """Give the arguments of each run by its results folder in that of the sweep."""
        return {run.place: run.arguments() for run in self.runs}

    def replays(self) -> dict[str, str]:
        """Give what a run repeats by the run, each as its results folder."""
        return {run.place: run.replays for run in self.runs if run.replays is not None}
