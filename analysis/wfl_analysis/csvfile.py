# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Reads one CSV file of a results folder strictly: no damage passes in silence."""

import csv
from pathlib import Path
from typing import Collection, Sequence

import pandas as pd

from .errors import UserError

HEADER_LINES = 1


def read_csv(
    path: Path,
    columns: Sequence[str],
    optional: Collection[str],
    text: Collection[str] = (),
) -> pd.DataFrame:
    """Read ``path``, which must hold at least ``columns``, and check each cell.

    Cells of ``optional`` columns may be empty (NaN in the frame); columns in
    ``text`` stay text, all others are numbers.
    """
    header = _check_shape(path, columns)
    empty = {name: [""] if name in text else ["", "nan", "-nan"] for name in header}
    frame = pd.read_csv(
        path,
        keep_default_na=False,
        na_values=empty,
        dtype={name: str for name in text},
        float_precision="round_trip",
        low_memory=False,
    )
    for name in columns:
        if name not in text:
            frame[name] = _numbers(path, frame[name])
        if name not in optional:
            _refuse_empty(path, frame[name])
    return frame


def _check_shape(path: Path, columns: Sequence[str]) -> list[str]:
    """Check header, fields per line and the last line's end; give the header."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            _check_header(path, header, columns)
            for row in reader:
                if len(row) != len(header):
                    raise UserError(
                        f"{path}: line {reader.line_num} has {len(row)} fields, "
                        f"the header has {len(header)}: the file is damaged"
                    )
        _check_last_line(path)
    except FileNotFoundError:
        raise UserError(
            f"{path}: no such file; a results folder holds config.json, "
            "rounds.csv, workers.csv and summary.json"
        ) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: not a CSV text file in UTF-8: {error}") from None
    return header


def _check_header(path: Path, header: list[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in header]
    if missing:
        raise UserError(
            f"{path}: line 1 lacks column {', '.join(missing)}; "
            f"the header starts with {','.join(columns[:3])}"
        )
    if len(set(header)) != len(header):
        raise UserError(f"{path}: line 1 names a column twice; each comes once")


def _check_last_line(path: Path) -> None:
    with path.open("rb") as stream:
        stream.seek(-1, 2)
        if stream.read(1) != b"\n":
            raise UserError(
                f"{path}: the last line has no end: the file was cut off; "
                "let the run finish or resume it"
            )


def _numbers(path: Path, cells: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(cells, errors="coerce")
    bad = numbers.isna() & cells.notna()
    if bad.any():
        raise UserError(
            f"{_place(path, bad)}: column {cells.name} holds "
            f"{cells[bad].iloc[0]!r}, which is not a number"
        )
    return numbers


def _refuse_empty(path: Path, cells: pd.Series) -> None:
    empty = cells.isna()
    if empty.any():
        raise UserError(f"{_place(path, empty)}: column {cells.name} holds no value")


def _place(path: Path, bad: pd.Series) -> str:
    """Name the file and the line (from 1, header included) of the first bad row."""
    return f"{path}: line {int(bad.to_numpy().argmax()) + 1 + HEADER_LINES}"
