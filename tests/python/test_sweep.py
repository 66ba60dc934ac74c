# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Sweep files: which runs they name."""

from pathlib import Path

import pytest
from wfl_analysis.__main__ import main
from wfl_analysis.comparison_plot import X_AXES
from wfl_analysis.quantities import QUANTITIES
from wfl_analysis.sweep import load_sweep

ROOT = Path(__file__).resolve().parents[2]

SWEEP = """
title: test
seeds: 3
target_accuracy: 0.5
options: {workers: 4, backhaul: true}
variants:
  plain:
  "K = 5": {mode: "buffered[K=5]", workers: 8}
"""

GRID = """
title: test
seeds: [4, 9]
target_accuracy: 0.5
options: {rounds: 2}
variants:
  a: {algorithm: sgd}
  b: {algorithm: qsgd}
grid:
  workers: [5, 10, 20]
  loss rate:
    0.01: {loss: "bernoulli[Rate=0.01]"}
    0.1: {loss: "bernoulli[Rate=0.1]", transport: best-effort}
against: workers
baseline: a
"""


def load(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return load_sweep(path, tmp_path / "results")


def test_runs_and_their_arguments(tmp_path):
    sweep = load(tmp_path, SWEEP)
    assert sweep.variants == ("plain", "K = 5")
    assert [cell.label for cell in sweep.cells] == ["plain", "K = 5"]
    assert len(sweep.runs) == 6
    first, last = sweep.runs[0], sweep.runs[-1]
    assert first.folder == tmp_path / "results/mine/plain/seed-1"
    assert last.folder == tmp_path / "results/mine/k---5/seed-3"
    assert last.place == "k---5/seed-3"
    assert last.arguments() == [
        "--threads=1",
        "--workers=8",
        "--backhaul=true",
        "--mode=buffered[K=5]",
        "--label=K = 5",
        "--RngRun=3",
        "--overwrite=true",
    ]


def test_a_grid_is_every_combination(tmp_path):
    sweep = load(tmp_path, GRID)
    assert len(sweep.cells) == 2 * 3 * 2
    assert len({run.folder for run in sweep.runs}) == len(sweep.runs) == 24
    assert sweep.grid == {"workers": (5, 10, 20), "loss rate": (0.01, 0.1)}
    cell = sweep.cells[-1]
    assert cell.label == "b, workers 20, loss rate 0.1"
    assert cell.runs[1].place == "b/workers-20/loss-rate-0.1/seed-9"
    assert cell.runs[1].arguments() == [
        "--threads=1",
        "--rounds=2",
        "--algorithm=qsgd",
        "--workers=20",
        "--loss=bernoulli[Rate=0.1]",
        "--transport=best-effort",
        "--label=b, workers 20, loss rate 0.1",
        "--RngRun=9",
        "--overwrite=true",
    ]


def test_a_grid_alone_has_one_variant(tmp_path):
    text = GRID[: GRID.index("variants:")] + GRID[GRID.index("grid:") : GRID.index("baseline")]
    sweep = load(tmp_path, text)
    assert sweep.variants == ("mine",)
    assert len(sweep.runs) == 12


def test_threads_may_be_chosen(tmp_path):
    text = SWEEP.replace("backhaul: true", "threads: 2")
    assert load(tmp_path, text).runs[0].arguments()[0] == "--threads=2"


@pytest.mark.parametrize(
    "text, said",
    [
        ("[", "is no readable YAML file"),
        ("3", "it has no fields"),
        ("seeds: 3", "has no field 'title'"),
        (SWEEP[: SWEEP.index("variants")], "has no field 'variants'"),
        (SWEEP + "colour: red", "has an unknown field 'colour'"),
        (SWEEP.replace("seeds: 3", "seeds: 0"), "seeds must be a whole number"),
        (SWEEP.replace("seeds: 3", "seeds: [1, x]"), "seeds must be a whole number"),
        (SWEEP.replace("seeds: 3", "seeds: [1, 1]"), "stands there twice"),
        (SWEEP.replace("0.5", "1.5"), "target_accuracy must be a number above 0"),
        (SWEEP.replace("0.5", "high"), "target_accuracy must be a number above 0"),
        (SWEEP.replace("plain:", "plain: 3"), "variant 'plain' must map names to values"),
        (SWEEP.replace("workers: 4", "workers: [4]"), "not a list or a mapping"),
        (SWEEP.replace("workers: 4", "output: x"), "'output' is given by the sweep itself"),
        (SWEEP.replace("plain:", '"k = 5":'), "two runs would have the same folder, k---5"),
        (SWEEP + "figures: jain", "figures must be a list"),
        (SWEEP + "grid: [1, 2]", "grid must map names to values"),
        (SWEEP + "grid: {deadline: 3}", "grid, 'deadline' must be a list of values, or map"),
        (SWEEP + "grid: {workers: [3]}", "option 'workers' is set by 'workers' of the grid"),
        (GRID.replace("against: workers", "against: x"), "against: 'x' is none of the grid"),
        (GRID.replace("baseline: a", "baseline: c"), "baseline: 'c' is none of the variants"),
    ],
)
def test_mistakes_are_one_line(tmp_path, capsys, text, said):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    for command in ("sweep", "compare"):
        assert main([command, str(path)]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert str(path) in error
        assert error.count("\n") == 1


def test_every_sweep_file_can_be_read():
    files = sorted((ROOT / "analysis/sweeps").glob("*.yaml"))
    assert files
    for path in files:
        sweep = load_sweep(path, Path("results"))
        assert all(name in QUANTITIES for name in sweep.figures)
        assert all(name in X_AXES for name in sweep.curves)
