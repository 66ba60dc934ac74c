# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Sweep files: one YAML file names runs that differ in a few options, each with several seeds.

    title: what is compared
    seeds: 5                                  # or a list, [6, 7, 8]
    target_accuracy: 0.7
    options: {workers: 20, channel: dcf}      # of all runs
    variants:                                 # by label, what one has besides
      SGD: {algorithm: sgd}
      signSGD: {algorithm: signsgd-mv, learning-rate: 0.001}
    grid:                                     # each variant with each combination
      workers: [5, 10, 20]                    # values of the option of this name
      loss rate:                              # or by label, options
        0.01: {loss: "bernoulli[Rate=0.01]"}
        0.1: {loss: "bernoulli[Rate=0.1]"}
    against: loss rate                        # x axis of the figures
    baseline: SGD                             # variant that speed-ups compare with
    curves: [time, round]                     # x axes of curves of accuracy
    figures: [final_accuracy, time_to_target] # what is compared as numbers

A variant at a point of the grid is a cell: it has a run a seed. Runs with the same seed share
data, positions and draws: common random numbers.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence, Union

import yaml

from .errors import UserError

REQUIRED = ("title", "seeds", "target_accuracy", "options")
OPTIONAL = ("variants", "grid", "against", "baseline", "curves", "figures")
GIVEN = ("label", "output", "overwrite", "RngRun")  # options that a sweep sets itself

Options = Mapping[str, Any]


@dataclass(frozen=True)
class SweepRun:
    """One run: its options, and its results folder relative to that of the sweep."""

    label: str
    seed: int
    options: Options
    folder: Path
    place: str

    @property
    def done(self) -> bool:
        """Say whether it has been run to its end."""
        return (self.folder / "summary.json").exists()

    def arguments(self) -> list[str]:
        """Give the arguments of wfl-scenario, but for the results folder."""
        options = {"threads": 1, **self.options}
        return [
            *(f"--{name}={_text(value)}" for name, value in options.items()),
            f"--label={self.label}",
            f"--RngRun={self.seed}",
            "--overwrite=true",
        ]


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
class Sweep:
    """A sweep file and the folder of its results."""

    name: str
    title: str
    folder: Path
    target: float
    seeds: tuple[int, ...]
    curves: tuple[str, ...]
    figures: tuple[str, ...]
    against: Optional[str]
    baseline: Optional[str]
    variants: tuple[str, ...]
    grid: Mapping[str, tuple[Any, ...]]
    cells: tuple[Cell, ...]

    @property
    def runs(self) -> tuple[SweepRun, ...]:
        """Give the runs of all cells."""
        return tuple(run for cell in self.cells for run in cell.runs)

    def plan(self) -> dict[str, list[str]]:
        """Give the arguments of each run by its results folder in that of the sweep."""
        return {run.place: run.arguments() for run in self.runs}


def load_sweep(file: Union[Path, str], results_folder: Union[Path, str] = "results") -> Sweep:
    """Read a sweep file; its results are in the folder ``results_folder``/NAME."""
    path, results = Path(file), Path(results_folder)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        first_line = str(error).splitlines()[0]
        raise UserError(f"{path} is no readable YAML file: {first_line}") from error
    try:
        return _make(path.stem, content, results / path.stem)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def _make(name: str, content: Any, folder: Path) -> Sweep:
    _check_fields(content)
    seeds = _seeds(content["seeds"])
    options = _options("options", content["options"])
    variants = {
        str(label): _options(f"variant {label!r}", more)
        for label, more in _mapping("variants", content.get("variants", {name: {}})).items()
    }
    axes = {
        str(axis): _axis(str(axis), values)
        for axis, values in _mapping("grid", content.get("grid", {})).items()
    }
    cells = tuple(_cells(folder, seeds, options, variants, axes))
    places = [run.place for cell in cells for run in cell.runs]
    if len(set(places)) < len(places):
        twice = next(place for place in places if places.count(place) > 1)
        raise UserError(f"two runs would have the same folder, {twice}; rename one")
    against, baseline = content.get("against"), content.get("baseline")
    if against is not None and against not in axes:
        raise UserError(f"against: {against!r} is none of the grid")
    if baseline is not None and str(baseline) not in variants:
        raise UserError(f"baseline: {baseline!r} is none of the variants")
    return Sweep(
        name=name,
        title=str(content["title"]),
        folder=folder,
        target=_target(content["target_accuracy"]),
        seeds=seeds,
        curves=_names("curves", content.get("curves", () if axes else ("time", "round"))),
        figures=_names("figures", content.get("figures", ("final_accuracy", "time_to_target"))),
        against=against,
        baseline=None if baseline is None else str(baseline),
        variants=tuple(variants),
        grid={axis: tuple(values) for axis, values in axes.items()},
        cells=cells,
    )


def _cells(
    folder: Path,
    seeds: Sequence[int],
    options: Options,
    variants: Mapping[str, Options],
    axes: Mapping[str, Mapping[Any, Options]],
) -> Iterator[Cell]:
    for variant, own in variants.items():
        for values in itertools.product(*axes.values()):
            point = dict(zip(axes, values))
            settings = _merged(variant, own, point, axes)
            cell = Cell(variant, point, ())
            parts = [variant, *(f"{axis}-{value}" for axis, value in point.items())]
            group = "/".join(_folder_name(part) for part in parts)
            runs = tuple(
                SweepRun(
                    label=cell.label,
                    seed=seed,
                    options={**options, **settings},
                    folder=folder / group / f"seed-{seed}",
                    place=f"{group}/seed-{seed}",
                )
                for seed in seeds
            )
            yield Cell(variant, point, runs)


def _merged(
    variant: str,
    own: Options,
    point: Mapping[str, Any],
    axes: Mapping[str, Mapping[Any, Options]],
) -> Options:
    """Join the options of a variant and of a point of the grid, which must not meet."""
    settings = dict(own)
    for axis, value in point.items():
        for name, text in axes[axis][value].items():
            if name in settings:
                raise UserError(
                    f"option {name!r} is set by {axis!r} of the grid and by something else, "
                    f"such as variant {variant!r}; set it in one place"
                )
            settings[name] = text
    return settings


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _folder_name(label: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in label).lower()


# What stands in the file


def _check_fields(content: Any) -> None:
    if not isinstance(content, dict):
        raise UserError("is no sweep: it has no fields; see analysis/sweeps")
    missing = [name for name in REQUIRED if name not in content]
    if not missing and "variants" not in content and "grid" not in content:
        missing = ["variants"]
    unknown = [name for name in content if name not in REQUIRED + OPTIONAL]
    if missing or unknown:
        what = f"no field {missing[0]!r}" if missing else f"an unknown field {unknown[0]!r}"
        known = ", ".join(REQUIRED + OPTIONAL)
        raise UserError(f"has {what}; a sweep has {known}")


def _seeds(value: Any) -> tuple[int, ...]:
    seeds = list(range(1, value + 1)) if _is_count(value) else value
    if not isinstance(seeds, list) or not seeds or not all(map(_is_count, seeds)):
        raise UserError("seeds must be a whole number above 0, or a list of such")
    if len(set(seeds)) < len(seeds):
        raise UserError("seeds: one of them stands there twice")
    return tuple(seeds)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _target(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise UserError("target_accuracy must be a number above 0 and at most 1")
    return float(value)


def _names(field: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise UserError(f"{field} must be a list")
    return tuple(str(name) for name in value)


def _mapping(field: str, value: Any) -> Mapping[Any, Any]:
    if not isinstance(value, dict) or (field == "variants" and not value):
        raise UserError(f"{field} must map names to values")
    return value


def _options(where: str, value: Any) -> Options:
    options = _mapping(where, {} if value is None else value)
    for name, text in options.items():
        if isinstance(text, (dict, list)) or text is None:
            raise UserError(f"{where}: {name!r} must have a value, not a list or a mapping")
        if name in GIVEN:
            raise UserError(f"{where}: {name!r} is given by the sweep itself")
    return {str(name): text for name, text in options.items()}


def _axis(axis: str, values: Any) -> Mapping[Any, Options]:
    where = f"grid, {axis!r}"
    if isinstance(values, list) and values:
        return {value: _options(where, {axis: value}) for value in values}
    if isinstance(values, dict) and values:
        return {label: _options(where, options) for label, options in values.items()}
    raise UserError(f"{where} must be a list of values, or map labels to options")
