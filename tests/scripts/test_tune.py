# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The choice of learning rates."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Optional

from configuration import Choice
from fakes import REPOSITORY, write_configuration, write_scenario
from tune import Outcome, Trial, best_learning_rates

TUNE = REPOSITORY / "analysis" / "demo" / "tune.py"


def run_tune(cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(TUNE), "--config=demo.json", "--programs=bin"]
        + ["--output=out"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "analysis")},
        capture_output=True,
        text=True,
        timeout=120,
    )


def outcome(
    learning_rate: float, seed: int, rounds: Optional[int], accuracy: float
) -> Outcome:
    return Outcome(
        Trial(Choice("sgd", "SGD", {}), learning_rate, seed), rounds, accuracy
    )


def test_the_mean_over_the_seeds_decides() -> None:
    best = best_learning_rates(
        [
            outcome(0.1, 101, 40, 0.80),
            outcome(0.1, 102, 40, 0.90),
            outcome(0.3, 101, None, 0.70),
            outcome(0.3, 102, 20, 0.95),
        ]
    )
    assert best == {"sgd": 0.1}


def test_of_equals_the_faster_one_is_better() -> None:
    best = best_learning_rates(
        [
            outcome(0.1, 101, None, 0.85),
            outcome(0.3, 101, 90, 0.85),
            outcome(1.0, 101, 30, 0.85),
        ]
    )
    assert best == {"sgd": 1.0}


def test_the_grid_is_recorded_and_the_best_chosen(tmp_path: Path) -> None:
    write_scenario(tmp_path)
    write_configuration(tmp_path / "demo.json", "sgd")
    done = run_tune(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "sgd: learning rate 0.9, at the edge of its grid" in done.stdout

    with (tmp_path / "learning-rates.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    cells = [(row["learning_rate"], row["seed"]) for row in rows]
    assert cells == [
        (rate, seed) for rate in ("0.25", "0.9", "0.5") for seed in ("101", "102")
    ]
    assert [row["rounds_to_target"] for row in rows] == ["", "", "5", "5", "", ""]

    content = json.loads((tmp_path / "demo.json").read_text())
    assert content["runs"][0]["options"]["learning-rate"] == 0.9
    command = (tmp_path / "out" / "sgd-0.25-101.log").read_text()
    assert "--channel=ideal" in command
    assert "--RngRun=101" in command


def test_the_seed_of_the_demo_is_refused(tmp_path: Path) -> None:
    write_scenario(tmp_path)
    path = write_configuration(tmp_path / "demo.json", "sgd")
    path.write_text(path.read_text().replace('"RngRun": 1', '"RngRun": 102'))
    done = run_tune(tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "tune: demo.json: seed 102 is the demo's; take others for tuning\n"
    )
