# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Sweeps: one YAML file names runs that differ in a few options, each with several seeds.

    title: what is compared
    seeds: 5
    target_accuracy: 0.7
    options: {workers: 20, channel: dcf}      # of all runs
    variants:                                 # by label, what one has besides
      synchronous: {mode: sync}
      buffered: {mode: "buffered[K=5]"}
    curves: [time, round]                     # x axes of the picture
    figures: [final_accuracy, time_to_target] # what is compared as numbers

Runs with the same number of seed share data, positions and draws: common random numbers.
"""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

import yaml

from .errors import UserError

REQUIRED = ("title", "seeds", "target_accuracy", "options", "variants")
OPTIONAL = ("curves", "figures")


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep: its variant, seed, options and results folder."""

    variant: str
    seed: int
    options: Mapping[str, Any]
    folder: Path

    @property
    def done(self) -> bool:
        """Say whether it has been run to its end."""
        return (self.folder / "summary.json").exists()

    def arguments(self) -> list[str]:
        """Give the arguments of wfl-scenario."""
        return [
            *(f"--{name}={_text(value)}" for name, value in self.options.items()),
            f"--label={self.variant}",
            f"--RngRun={self.seed}",
            f"--output={self.folder}",
            "--overwrite=true",
            "--threads=1",
        ]


@dataclass(frozen=True)
class Sweep:
    """A sweep file and where its results are."""

    name: str
    title: str
    target: float
    curves: tuple[str, ...]
    figures: tuple[str, ...]
    variants: tuple[str, ...]
    runs: tuple[SweepRun, ...]

    def of(self, variant: str) -> list[SweepRun]:
        """Give the runs of a variant, by seed."""
        return [run for run in self.runs if run.variant == variant]


def load_sweep(path: Path, results: Path) -> Sweep:
    """Read a sweep file; its results are in the folder ``results``/NAME."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        first_line = str(error).splitlines()[0]
        raise UserError(f"{path} is no readable YAML file: {first_line}") from error
    _check(path, content)
    folder = results / path.stem
    runs = tuple(
        SweepRun(
            variant=str(label),
            seed=seed,
            options={**content["options"], **(options or {})},
            folder=folder / _folder_name(str(label)) / f"seed-{seed}",
        )
        for label, options in content["variants"].items()
        for seed in range(1, content["seeds"] + 1)
    )
    return Sweep(
        name=path.stem,
        title=str(content["title"]),
        target=float(content["target_accuracy"]),
        curves=tuple(content.get("curves", ("time", "round"))),
        figures=tuple(content.get("figures", ("final_accuracy", "time_to_target"))),
        variants=tuple(str(label) for label in content["variants"]),
        runs=runs,
    )


def run_sweep(
    sweep: Sweep, program: Path, jobs: int, report: Callable[[str], None]
) -> None:
    """Run what has not been run to its end yet, ``jobs`` runs at a time."""
    left = [run for run in sweep.runs if not run.done]
    report(f"{len(sweep.runs) - len(left)} of {len(sweep.runs)} runs are there")
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(_run, program, run) for run in left]
        for index, (future, run) in enumerate(zip(futures, left)):
            error = future.result()
            if error:
                for other in futures:
                    other.cancel()
                raise UserError(f"{run.variant}, seed {run.seed}: {error}")
            report(f"{index + 1} of {len(left)}: {run.variant}, seed {run.seed}")


def default_jobs() -> int:
    """Give the number of cores of this process."""
    return len(os.sched_getaffinity(0))


def _run(program: Path, run: SweepRun) -> str:
    """Run it; give the last line of what it complains about if it fails."""
    try:
        result = subprocess.run(
            [str(program), *run.arguments()], capture_output=True, text=True, check=False
        )
    except OSError as error:
        return f"{program} cannot be run: {error.strerror}"
    if result.returncode == 0:
        return ""
    lines = result.stderr.strip().splitlines()
    return lines[-1] if lines else f"exit code {result.returncode}"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _folder_name(label: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in label).lower()


def _check(path: Path, content: Any) -> None:
    if not isinstance(content, dict):
        raise UserError(f"{path} is no sweep: it has no fields; see analysis/sweeps")
    missing = [name for name in REQUIRED if name not in content]
    unknown = [name for name in content if name not in REQUIRED + OPTIONAL]
    if missing or unknown:
        what = f"no field {missing[0]!r}" if missing else f"unknown {unknown[0]!r}"
        known = ", ".join(REQUIRED + OPTIONAL)
        raise UserError(f"{path} has {what}; a sweep has {known}")
    if not isinstance(content["seeds"], int) or content["seeds"] < 1:
        raise UserError(f"{path}: seeds must be a whole number above 0")
    groups: Sequence[Any] = [content["options"], content["variants"]]
    groups = [*groups, *(content["variants"] or {}).values()] if groups[1] else groups
    if not content["variants"] or not all(
        group is None or isinstance(group, dict) for group in groups
    ):
        raise UserError(f"{path}: options and each of variants must map names to values")
    if len({_folder_name(str(label)) for label in content["variants"]}) < len(
        content["variants"]
    ):
        raise UserError(f"{path}: two variants would have the same folder")
