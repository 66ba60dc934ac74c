# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Sweep files: which runs they name."""

from pathlib import Path

import pytest
import yaml
from wfl_analysis.__main__ import main
from wfl_analysis.comparison_plot import CURVES
from wfl_analysis.quantities import QUANTITIES
from wfl_analysis.sweep_file import load_sweep

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
    return load_sweep(path, tmp_path / "results").parts[0]


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


def test_a_grid_that_differs_by_variant(tmp_path):
    text = GRID.replace('{loss: "bernoulli[Rate=0.01]"}', "{a: {loss: none}, b: {rounds: 9}}")
    cells = load(tmp_path, text).cells
    options = {cell.label: cell.runs[0].options for cell in cells}
    assert options["a, workers 5, loss rate 0.01"]["loss"] == "none"
    assert options["b, workers 5, loss rate 0.01"]["rounds"] == 9
    assert "loss" not in options["b, workers 5, loss rate 0.01"]


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
        (SWEEP.replace("plain:", "..:").replace('"K = 5"', "'/'"), "the same folder, -"),
        (SWEEP + "figures: jain", "figures must be a list"),
        (SWEEP + "grid: [1, 2]", "grid must map names to values"),
        (SWEEP + "grid: {deadline: 3}", "grid, 'deadline' must be a list of values, or map"),
        (SWEEP + "grid: {workers: [3]}", "option 'workers' is set by 'workers' of the grid"),
        (
            GRID.replace('{loss: "bernoulli[Rate=0.01]"}', "{c: {loss: none}}"),
            "grid, 'loss rate': 'c' is none of the variants",
        ),
        (GRID.replace("against: workers", "against: x"), "against: 'x' is none of the grid"),
        (GRID.replace("baseline: a", "speed_ups: [time]"), "speed_ups: over which 'baseline'?"),
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


PARTS = """
title: all
seeds: 3
target_accuracy: 0.5
options: {workers: 4, rounds: 100}
presets:
  quick: {seeds: 2, options: {rounds: 10}}
  paper: {options: {rounds: 1000}}
parts:
  training:
    title: first
    options: {batch: 8}
    variants:
      a: {algorithm: sgd}
      b: {algorithm: qsgd, rounds: 7}
    presets: {quick: {options: {batch: 2}}}
  radio:
    title: second
    replays: training
    seeds: [1]
    options: {energy: phone}
    grid: {channel: [dcf, tdma]}
  error:
    title: third
    seeds: [5]
    variants:
      exact: {algorithm: sgd, rounds: 5000}
      c: {algorithm: gd-sec}
    optimum: exact
    target_error: 1.0e-4
"""


def load_all(tmp_path, text, preset=None):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return load_sweep(path, tmp_path / "results", preset)


def test_parts(tmp_path):
    sweep = load_all(tmp_path, PARTS)
    assert [part.name for part in sweep.parts] == ["mine-training", "mine-radio", "mine-error"]
    training, radio, error = sweep.parts
    assert [run.place for run in training.runs[:2]] == ["training/a/seed-1", "training/a/seed-2"]
    assert training.runs[0].arguments()[1:5] == [
        "--workers=4", "--rounds=100", "--batch=8", "--algorithm=sgd"
    ]
    assert (training.target, error.target.target) == (0.5, 1e-4)
    assert len(sweep.runs) == len(set(sweep.plan())) == 6 + 4 + 2
    assert error.variants == ("c",)
    assert [run.place for run in error.runs] == ["error/c/seed-5", "error/exact/seed-5"]
    optimum = error.target.run_for(error.cells[0], 5)
    assert optimum.place == "error/exact/seed-5"


def test_a_part_that_replays_another(tmp_path):
    sweep = load_all(tmp_path, PARTS)
    radio = sweep.parts[1]
    assert radio.variants == ("a", "b")
    run = radio.cells[-1].runs[0]
    assert run.place == "radio/b/channel-tdma/seed-1"
    # Relative to the folder of the sweep, in which the runs are started.
    assert run.arguments()[1:4] == [
        "--energy=phone", "--channel=tdma", "--replay=training/b/seed-1"
    ]
    assert sweep.replays()[run.place] == "training/b/seed-1"
    assert len(sweep.replays()) == 4


def test_a_part_chooses_what_it_replays(tmp_path):
    text = PARTS.replace("    seeds: [1]\n", "    variants: [b]\n")
    radio = load_all(tmp_path, text).parts[1]
    assert radio.variants == ("b",)
    assert radio.seeds == (1, 2, 3)


def test_presets(tmp_path):
    quick = load_all(tmp_path, PARTS, "quick")
    assert quick.name == "mine-quick"
    assert quick.folder == tmp_path / "results/mine-quick"
    training, radio, error = quick.parts
    assert training.seeds == (1, 2)
    assert dict(training.cells[0].runs[0].options) == {
        "workers": 4, "rounds": 10, "batch": 2, "algorithm": "sgd"
    }
    assert training.cells[1].runs[0].options["rounds"] == 7, "a variant's own stays"
    assert error.seeds == (1, 2), "the preset's go before those of the part"
    paper = load_all(tmp_path, PARTS, "paper")
    assert paper.parts[0].seeds == (1, 2, 3)
    assert paper.parts[0].runs[0].options["rounds"] == 1000
    alone = load_all(tmp_path, SWEEP + "presets: {tiny: {seeds: [9]}}", "tiny")
    assert alone.parts[0].seeds == (9,)


@pytest.mark.parametrize(
    "text, said",
    [
        (PARTS + "figures: [time]", "unknown field 'figures'; a sweep with parts has"),
        (PARTS.replace("replays: training", "replays: error"), "'error' is no part in front of"),
        (PARTS.replace("    seeds: [1]\n", "    seeds: 4\n"), "not all are among those of"),
        (PARTS.replace("    seeds: [1]\n", "    variants: [c]\n"), "'c' is none of 'training'"),
        (PARTS.replace("optimum: exact", "optimum: x"), "optimum: 'x' is none of several"),
        (PARTS.replace("1.0e-4", "0"), "part 'error': target_error must be a number above 0"),
        (PARTS.replace("    target_error: 1.0e-4\n", ""), "has no field 'target_error'"),
        (PARTS.replace("    optimum: exact\n", ""), "target_error: which variant is"),
        (PARTS.replace("quick: {seeds: 2", "quick: {colour: 2"), "unknown field 'colour'; preset"),
        (PARTS.replace("{energy: phone}", "{replay: x}"), "'replay' is given by the sweep"),
        (
            PARTS.replace("options: {batch: 8}", "grid: {batch: [8]}"),
            "'training' has a grid; only a part without",
        ),
    ],
)
def test_mistakes_in_parts(tmp_path, capsys, text, said):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    for command in (["sweep", str(path), "--preset", "quick"], ["compare", str(path)]):
        assert main(command) == 2
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1


def test_a_preset_that_is_not_there(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    for text, known in ((PARTS, "quick, paper"), (SWEEP, "none")):
        path.write_text(text)
        assert main(["sweep", str(path), "--preset", "huge"]) == 2
        assert f"has no preset 'huge'; its presets: {known}" in capsys.readouterr().err


FILES = sorted((ROOT / "analysis/sweeps").glob("*.yaml"))
FILES += sorted((ROOT / "analysis/papers").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_sweep_file_can_be_read(path):
    presets = yaml.safe_load(path.read_text(encoding="utf-8")).get("presets", {})
    for preset in (None, *presets):
        for part in load_sweep(path, Path("results"), preset).parts:
            assert all(name in QUANTITIES for name in part.figures)
            assert all(name in CURVES for name in part.curves)
