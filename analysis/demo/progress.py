# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Reads how far a run is, from its rounds.csv while that grows."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Optional


@dataclass(frozen=True)
class Progress:
    """The last complete round; ``accuracy`` (0 to 1) is the last one evaluated."""

    round: int
    time_s: float
    accuracy: Optional[float]


def read_progress(path: Path, started: float) -> Optional[Progress]:
    """Read ``path``; None while it holds no complete round.

    A file last written before ``started`` (seconds since the epoch) is of an
    earlier run.
    """
    try:
        if path.stat().st_mtime < started:
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    complete = text[: text.rfind("\n") + 1]
    rows = list(csv.DictReader(complete.splitlines()))
    try:
        evaluated = [row["test_accuracy"] for row in rows if row["test_accuracy"]]
        return Progress(
            round=int(rows[-1]["round"]),
            time_s=float(rows[-1]["time_s"]),
            accuracy=float(evaluated[-1]) if evaluated else None,
        )
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def describe(progress: Optional[Progress], rounds: int, elapsed_s: float) -> str:
    """Say in words where a run of ``rounds`` is after ``elapsed_s`` of host time."""
    host = f"host {minutes(elapsed_s)}"
    if progress is None:
        return f"starting, {host}"
    accuracy = "      -"
    if progress.accuracy is not None:
        accuracy = f"{100 * progress.accuracy:5.1f} %"
    parts = [
        f"round {progress.round:>{len(str(rounds))}}/{rounds}",
        f"sim {progress.time_s:7.2f} s",
        f"accuracy {accuracy}",
        host,
    ]
    if 0 < progress.round < rounds:
        parts[-1] += f" of ~{minutes(elapsed_s * rounds / progress.round)}"
    return "  ".join(parts)


def minutes(seconds: float) -> str:
    """Write 83.4 as 1:23."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
