# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Reads demo.json, and turns options into a command line of the scenario program."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence, Union

from wfl_analysis.errors import UserError

DEFAULT_FILE = Path(__file__).resolve().with_name("demo.json")
REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_PROGRAMS = REPOSITORY / "build" / "release" / "bin"

Option = Union[str, int, float, bool]
Options = Mapping[str, Option]


@dataclass(frozen=True)
class Choice:
    """One run of the demo: ``options`` are its own, before those of all runs."""

    name: str
    label: str
    options: Options


@dataclass(frozen=True)
class Tuning:
    """``options`` replace those of the demo; ``seeds`` are values of RngRun."""

    options: Options
    seeds: Sequence[int]
    learning_rates: Mapping[str, Sequence[float]]  # by name of the run


@dataclass(frozen=True)
class Configuration:
    """All that demo.json holds."""

    program: str
    target: float
    options: Options
    runs: Sequence[Choice]
    tuning: Tuning


def load_configuration(path: Path) -> Configuration:
    """Read the file ``path``."""
    content = load_json(path)
    try:
        tuning = content["tuning"]
        return Configuration(
            program=content["program"],
            target=content["target_accuracy"],
            options=content["options"],
            runs=[
                Choice(run["name"], run["label"], run["options"])
                for run in content["runs"]
            ],
            tuning=Tuning(tuning["options"], tuning["seeds"], tuning["learning_rates"]),
        )
    except (KeyError, TypeError) as error:
        raise UserError(
            f"{path}: {error} is missing or misplaced; see the file in version control"
        ) from None


def load_json(path: Path) -> Any:
    """Read ``path`` as JSON, in the order of the file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise UserError(f"{path}: line {error.lineno}: {error.msg}") from None


def find_program(folder: Path, name: str) -> Path:
    """Give the path of a program that was built."""
    program = folder / name
    if not program.is_file():
        raise UserError(f"{program}: no such program; build it with ./wfl build")
    return program.absolute()


def arguments(*options: Options) -> list[str]:
    """Give ``--name=value`` for each option; the last of equal name counts.

    An option that is True stands alone, as ``--name``.
    """
    merged = {name: value for group in options for name, value in group.items()}
    return [
        f"--{name}" if value is True else f"--{name}={value}"
        for name, value in merged.items()
    ]
