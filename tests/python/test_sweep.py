# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Sweep files, their runs and the comparison of these, with results that are known."""

import math
import stat
from pathlib import Path

import numpy as np
import pytest
import synthetic
from wfl_analysis import metrics
from wfl_analysis.__main__ import main
from wfl_analysis.comparison import (
    QUANTITIES,
    STUDENT,
    compare,
    estimate,
    jain,
    mean_curve,
)
from wfl_analysis.errors import UserError
from wfl_analysis.results import load_runs
from wfl_analysis.sweep import load_sweep, run_sweep

ROOT = Path(__file__).resolve().parents[2]

SWEEP = """
title: test
seeds: 3
target_accuracy: 0.5
options: {workers: 4, backhaul: true}
variants:
  plain:
  "K = 5": {mode: "buffered[K=5]", workers: 8}
curves: [time]
figures: [final_accuracy, time_to_target, jain]
"""


@pytest.fixture
def sweep_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SWEEP)
    return path


def test_runs_and_their_arguments(sweep_file, tmp_path):
    sweep = load_sweep(sweep_file, tmp_path / "results")
    assert sweep.variants == ("plain", "K = 5")
    assert len(sweep.runs) == 6
    first, last = sweep.runs[0], sweep.runs[-1]
    assert first.folder == tmp_path / "results/mine/plain/seed-1"
    assert last.folder == tmp_path / "results/mine/k---5/seed-3"
    assert last.arguments() == [
        "--workers=8",
        "--backhaul=true",
        "--mode=buffered[K=5]",
        "--label=K = 5",
        "--RngRun=3",
        f"--output={last.folder}",
        "--overwrite=true",
        "--threads=1",
    ]


def program(tmp_path, text):
    path = tmp_path / "program"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_only_what_is_missing_is_run(sweep_file, tmp_path):
    sweep = load_sweep(sweep_file, tmp_path)
    text = """
echo "$@" >> $(dirname "$0")/log
for a; do case $a in --output=*) mkdir -p "${a#*=}"; touch "${a#*=}/summary.json";; esac; done
"""
    lines = []
    run_sweep(sweep, program(tmp_path, text), 2, lines.append)
    assert len((tmp_path / "log").read_text().splitlines()) == 6
    assert lines[0] == "0 of 6 runs are there"
    (sweep.runs[4].folder / "summary.json").unlink()
    run_sweep(sweep, program(tmp_path, text), 2, lines.append)
    log = (tmp_path / "log").read_text().splitlines()
    assert len(log) == 7 and "--RngRun=2" in log[-1]
    assert lines[-1] == "1 of 1: K = 5, seed 2"


def test_a_run_that_fails_ends_the_sweep(sweep_file, tmp_path):
    sweep = load_sweep(sweep_file, tmp_path)
    failing = program(tmp_path, "echo wrong >&2; exit 2\n")
    with pytest.raises(UserError, match="plain, seed 1: wrong"):
        run_sweep(sweep, failing, 1, print)
    with pytest.raises(UserError, match="cannot be run"):
        run_sweep(sweep, tmp_path / "nowhere", 1, print)


@pytest.mark.parametrize(
    "text, said",
    [
        ("[", "is no readable YAML file"),
        ("3", "it has no fields"),
        ("seeds: 3", "has no field 'title'"),
        (SWEEP + "colour: red", "has unknown 'colour'"),
        (SWEEP.replace("seeds: 3", "seeds: 0"), "seeds must be a whole number"),
        (SWEEP.replace("plain:", "plain: 3"), "must map names to values"),
        (SWEEP.replace("plain:", '"k = 5":'), "would have the same folder"),
    ],
)
def test_mistakes_are_one_line(tmp_path, capsys, text, said):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    for command in ("sweep", "compare"):
        assert main([command, str(path)]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1


def test_comparison_of_what_was_not_run(sweep_file, tmp_path):
    with pytest.raises(UserError, match="has no finished run"):
        compare(load_sweep(sweep_file, tmp_path), tmp_path)
    sweep_file.write_text(SWEEP.replace("curves: [time]", "curves: [thyme]"))
    with pytest.raises(UserError, match="curves: 'thyme' is none of time, payload"):
        compare(load_sweep(sweep_file, tmp_path), tmp_path)
    sweep_file.write_text(SWEEP.replace("jain", "joy"))
    with pytest.raises(UserError, match="figures: 'joy' is none of final_accuracy"):
        compare(load_sweep(sweep_file, tmp_path), tmp_path)


def test_estimates():
    # Of 1, 2, 3: deviation 1, t(2) = 4.303.
    result = estimate([1, 2, 3])
    assert result.mean == 2
    assert result.half_width == pytest.approx(4.303 / math.sqrt(3))
    assert math.isnan(estimate([5]).half_width)
    assert math.isnan(estimate([]).mean)
    # Student's interval holds the mean of normal draws in 95 % of all cases.
    draws = np.random.default_rng(1).normal(size=(4000, 5))
    hits = sum(abs(e.mean) < e.half_width for e in map(estimate, draws))
    assert hits / 4000 == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 4000))
    assert list(STUDENT) == sorted(STUDENT, reverse=True)


def test_jain():
    assert jain([2, 2, 2, 2]) == 1
    assert jain([7, 0, 0, 0]) == 0.25
    assert jain([1, 2]) == pytest.approx(9 / 10)


def test_every_sweep_file_can_be_read():
    files = sorted((ROOT / "analysis/sweeps").glob("*.yaml"))
    assert files
    for path in files:
        sweep = load_sweep(path, Path("results"))
        assert all(name in QUANTITIES for name in sweep.figures)


def test_pictures_and_table(sweep_file, tmp_path, make_runs):
    sweep = load_sweep(sweep_file, tmp_path / "results")
    make_runs(sweep)
    paths = compare(sweep, tmp_path / "plots")
    assert [path.name for path in paths] == ["mine.png", "mine.svg", "mine.md"]
    assert all(path.stat().st_size > 0 for path in paths)
    lines = paths[-1].read_text().splitlines()
    assert lines[0].startswith("| | Final accuracy (%) | Time to target (s)")
    assert lines[2].startswith("| plain | ")
    assert lines[3].startswith("| K = 5 | ")


def test_mean_curve_stays_within_its_runs(sweep_file, tmp_path, make_runs):
    sweep = load_sweep(sweep_file, tmp_path / "results")
    make_runs(sweep)
    runs = load_runs([run.folder for run in sweep.of("plain")])
    x, means, half_widths = mean_curve(runs, metrics.TIME)
    ends = [run.rounds["time_s"].iloc[-1] for run in runs]
    assert x[-1] == pytest.approx(min(ends))
    last = []
    for run in runs:
        median = metrics.moving_median(run.rounds["test_accuracy"]).dropna()
        times = run.rounds["time_s"].loc[median.index]
        last.append(100 * median[times <= x[-1]].iloc[-1])
    assert means[-1] == pytest.approx(np.mean(last))
    assert half_widths[-1] == pytest.approx(estimate(last).half_width)


@pytest.fixture
def make_runs():
    def make(sweep):
        for run in sweep.runs:
            accuracy = synthetic.learning_curve(40, run.seed)
            rounds = synthetic.rounds_frame(accuracy, scale=1 + run.seed / 10)
            synthetic.write_run(run.folder, rounds, label=run.variant, RngRun=run.seed)

    return make
