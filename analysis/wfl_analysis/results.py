# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Loads results folders: configuration, summary, and one frame per CSV file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence, Union

import pandas as pd

from .columns import (
    OPTIONAL_ROUND_COLUMNS,
    OPTIONAL_WORKER_COLUMNS,
    ROUND_COLUMNS,
    TEXT_WORKER_COLUMNS,
    WORKER_COLUMNS,
)
from .csvfile import HEADER_LINES, read_csv
from .errors import UserError
from .labels import distinct_labels


@dataclass(frozen=True)
class Run:
    """One run.

    ``rounds`` has a row a round, its counters cumulative from the ready time;
    ``workers`` has a row a worker and round, with the values of that round.
    Units stand in the column names. An evaluation that was not made is NaN.
    ``summary`` is empty if the run is not finished: its CSV files are whole up to
    the last complete round all the same.
    """

    folder: Path
    label: str
    config: Mapping[str, Any]
    summary: Mapping[str, Any]
    rounds: pd.DataFrame
    workers: pd.DataFrame


def load_runs(folders: Sequence[Union[Path, str]]) -> list[Run]:
    """Load ``folders`` in this order and give each run a label of its own."""
    return _load([Path(folder) for folder in folders])


def _load(folders: Sequence[Path]) -> list[Run]:
    _refuse_repeats(folders)
    for folder in folders:
        _check_folder(folder)
    configs = [_load_config(folder / "config.json") for folder in folders]
    labels = distinct_labels(configs, [str(folder) for folder in folders])
    return [
        Run(
            folder=folder,
            label=label,
            config=config,
            summary=_load_summary(folder / "summary.json"),
            rounds=_load_rounds(folder / "rounds.csv"),
            workers=_load_workers(folder / "workers.csv"),
        )
        for folder, label, config in zip(folders, labels, configs)
    ]


def _load_summary(path: Path) -> Mapping[str, Any]:
    return _load_json(path) if path.exists() else {}


def _refuse_repeats(folders: Sequence[Path]) -> None:
    seen = set()
    for folder in folders:
        if folder.resolve() in seen:
            raise UserError(f"{folder}: given twice; name each results folder once")
        seen.add(folder.resolve())


def _check_folder(folder: Path) -> None:
    if not folder.exists():
        raise UserError(
            f"{folder}: no such folder; name a folder that a run wrote with --output"
        )
    if not folder.is_dir():
        raise UserError(f"{folder}: not a folder; name the results folder itself")


def _load_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"{path}: no such file: no results folder, or its run did not finish; "
            "let the run finish or resume it"
        ) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}: line {error.lineno} is not JSON ({error.msg}): "
            "the file is damaged or unfinished"
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not a text file in UTF-8: {error}") from None
    if not isinstance(value, dict):
        raise UserError(f"{path}: must hold one JSON object {{...}}")
    return value


def _load_config(path: Path) -> dict[str, Any]:
    config = _load_json(path)
    options = config.get("options")
    if not isinstance(options, dict) or "algorithm" not in options:
        raise UserError(f'{path}: lacks "options" with an "algorithm" in it')
    return config


def _load_rounds(path: Path) -> pd.DataFrame:
    rounds = read_csv(path, ROUND_COLUMNS, OPTIONAL_ROUND_COLUMNS)
    if rounds.empty:
        raise UserError(f"{path}: holds no round; let the run finish its first one")
    _check_order(path, rounds)
    accuracy = rounds["test_accuracy"].dropna()
    _refuse_rows(
        path,
        accuracy.index[~accuracy.between(0, 1)],
        "test_accuracy is not between 0 and 1",
    )
    return rounds


def _check_order(path: Path, rounds: pd.DataFrame) -> None:
    round_steps = rounds["round"].diff().iloc[1:]
    time_steps = rounds["time_s"].diff().iloc[1:]
    _refuse_rows(
        path,
        round_steps.index[round_steps <= 0],
        "round is not after the round of the line before",
    )
    _refuse_rows(
        path,
        time_steps.index[time_steps < 0],
        "time_s is before the time of the line before",
    )


def _refuse_rows(path: Path, rows: pd.Index, what: str) -> None:
    if len(rows):
        raise UserError(f"{path}: line {rows[0] + 1 + HEADER_LINES}: {what}")


def _load_workers(path: Path) -> pd.DataFrame:
    return read_csv(path, WORKER_COLUMNS, OPTIONAL_WORKER_COLUMNS, TEXT_WORKER_COLUMNS)
