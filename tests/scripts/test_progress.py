# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""How far a run is, read from a file that grows."""

import io
import os
import time
from pathlib import Path

import pytest
from display import Display
from progress import Progress, describe, minutes, read_progress

HEADER = "round,time_s,test_accuracy,test_loss\n"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", None),
        ("round,ti", None),
        (HEADER, None),
        (HEADER + "1,0.5,", None),
        (HEADER + "1,0.5,,\n", Progress(1, 0.5, None)),
        (HEADER + "1,0.5,0.25,2\n2,1.0,,\n", Progress(2, 1.0, 0.25)),
        (HEADER + "1,0.5,0.25,2\n2,1.0,0.75,1\n3,1.", Progress(2, 1.0, 0.75)),
        (HEADER + "one,0.5,,\n", None),
        ("a,b\n1,2\n", None),
    ],
)
def test_the_last_complete_round_counts(
    tmp_path: Path, text: str, expected: Progress
) -> None:
    path = tmp_path / "rounds.csv"
    path.write_text(text, encoding="utf-8")
    assert read_progress(path, started=0.0) == expected


def test_no_file_is_no_progress(tmp_path: Path) -> None:
    assert read_progress(tmp_path / "rounds.csv", started=0.0) is None


def test_a_file_of_an_earlier_run_is_no_progress(tmp_path: Path) -> None:
    path = tmp_path / "rounds.csv"
    path.write_text(HEADER + "1,0.5,,\n", encoding="utf-8")
    now = time.time()
    os.utime(path, (now - 60, now - 60))
    assert read_progress(path, started=now) is None


def test_the_host_time_is_estimated_from_the_rounds_done() -> None:
    line = describe(Progress(50, 12.5, 0.625), rounds=200, elapsed_s=30)
    assert "round  50/200" in line
    assert "sim   12.50 s" in line
    assert "accuracy  62.5 %" in line
    assert line.endswith("host 0:30 of ~2:00")


def test_the_start_and_the_end_have_no_estimate() -> None:
    assert describe(None, 200, 3.0) == "starting, host 0:03"
    assert describe(Progress(200, 50.0, None), 200, 83.4).endswith("host 1:23")


def test_minutes() -> None:
    assert [minutes(value) for value in (0, 59.9, 61, 3600)] == [
        "0:00",
        "0:59",
        "1:01",
        "60:00",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_updating_line_a_run() -> None:
    stream = Terminal()
    display = Display(stream)
    display.update(["a 1", "b 1"])
    display.update(["a 2", "b 2"])
    display.keep("a done")
    display.update(["b 3"])
    up = "\x1b[2A\x1b[J"
    assert stream.getvalue() == f"a 1\nb 1\n{up}a 2\nb 2\n{up}a done\nb 3\n"


def test_elsewhere_lines_come_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    display = Display(stream)
    for second in range(1, 41):
        now[0] = 100.0 + second
        display.update([f"a {second}"])
    display.keep("a done")
    assert stream.getvalue() == "a 15\na 30\na done\n"
