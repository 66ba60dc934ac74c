# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The command line as a user types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic import rounds_frame, write_run

import wfl_analysis

ANALYSIS = Path(wfl_analysis.__file__).resolve().parents[1]


def run_cli(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "wfl_analysis", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ANALYSIS)},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", rounds_frame([0.9] * 6))


def test_plot_lists_the_files_it_wrote(folder: Path) -> None:
    done = run_cli("plot", "run", cwd=folder.parent)
    assert (done.returncode, done.stderr) == (0, "")
    listed = done.stdout.splitlines()
    assert "plots/overview.png" in listed
    written = (folder.parent / "plots").iterdir()
    assert sorted(listed) == sorted(f"plots/{path.name}" for path in written)


def test_table_takes_target_and_format(folder: Path) -> None:
    done = run_cli(
        "table", "run", "--target", "0.95", "--format", "csv", cwd=folder.parent
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].startswith("signsgd-mv,0.95,0.9,6,20.0,not reached,")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "plot|report|table|sweep|compare|traces"),
        (["draw", "run"], "draw"),
        (["plot"], "FOLDER"),
        (["plot", "nowhere"], "nowhere: no such folder"),
        (["table", "run", "--target", "80"], "at most 1"),
        (["table", "run", "--target", "high"], "'high' is no accuracy"),
        (["table", "run", "--format", "html"], "html"),
        (["plot", "run", "--output", "run/rounds.csv"], "cannot write"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(
    folder: Path, arguments: list[str], message: str
) -> None:
    done = run_cli(*arguments, cwd=folder.parent)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("wfl_analysis: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
