# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The comparison of the runs of a sweep, with results that are known."""

import math

import numpy as np
import pandas as pd
import pytest
import synthetic
from wfl_analysis import metrics
from wfl_analysis.comparison import means_table, results_of, speed_up_table, tidy, values_of
from wfl_analysis.comparison_plot import compare, draw, mean_curve
from wfl_analysis.errors import UserError
from wfl_analysis.quantities import QUANTITIES
from wfl_analysis.results import load_runs
from wfl_analysis.statistics import estimate
from wfl_analysis.sweep_file import load_sweep
from wfl_analysis.sweep_runner import PLAN, _write_plan

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

GRID = """
title: test_of 100 %
seeds: 3
target_accuracy: 0.5
options: {rounds: 2}
variants:
  a: {algorithm: sgd}
  b: {algorithm: qsgd}
grid:
  workers: [5, 10, 20]
against: workers
baseline: a
figures: [final_accuracy, time]
speed_ups: [time]
"""


@pytest.fixture
def sweep_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SWEEP)
    return path


def test_comparison_of_what_was_not_run(sweep_file, tmp_path):
    with pytest.raises(UserError, match="has no finished run"):
        compare(load_sweep(sweep_file, tmp_path), tmp_path)
    sweep_file.write_text(SWEEP.replace("curves: [time]", "curves: [thyme]"))
    with pytest.raises(UserError, match="curves: 'thyme' is none of time, payload"):
        compare(load_sweep(sweep_file, tmp_path), tmp_path)
    sweep_file.write_text(SWEEP.replace("jain", "joy"))
    with pytest.raises(UserError, match="figures: 'joy' is none of final_accuracy"):
        compare(load_sweep(sweep_file, tmp_path), tmp_path)


def test_comparison_with_other_options_than_were_run(sweep_file, tmp_path, make_runs):
    sweep = load_sweep(sweep_file, tmp_path / "results")
    make_runs(sweep)
    _write_plan(sweep.folder / PLAN, {"program": "x", "runs": sweep.plan()})
    compare(sweep, tmp_path)
    sweep_file.write_text(SWEEP.replace("K=5", "K=6"))
    with pytest.raises(UserError, match="was run with other options than the file has now"):
        compare(load_sweep(sweep_file, tmp_path / "results"), tmp_path)


def test_pictures_and_table(sweep_file, tmp_path, make_runs):
    sweep = load_sweep(sweep_file, tmp_path / "results")
    make_runs(sweep)
    paths = compare(sweep, tmp_path / "plots")
    names = ["mine.png", "mine.svg", "mine.pdf", "mine.csv", "mine.md", "mine.tex"]
    assert [path.name for path in paths] == names
    assert all(path.stat().st_size > 0 for path in paths)
    lines = paths[-2].read_text().splitlines()
    assert lines[0] == "**test**"
    assert lines[2].startswith("|  | Final accuracy (%) | Time to target (s)")
    assert lines[4].startswith("| plain | ")
    assert lines[5].startswith("| K = 5 | ")


def test_mean_curve_stays_within_its_runs(sweep_file, tmp_path, make_runs):
    sweep = load_sweep(sweep_file, tmp_path / "results")
    make_runs(sweep)
    part = sweep.parts[0]
    results = results_of(part, part.cells[0])
    runs = [result.run for result in results]
    x, means, low, high = mean_curve(results, metrics.TIME)
    ends = [run.rounds["time_s"].iloc[-1] for run in runs]
    assert x[-1] == pytest.approx(min(ends))
    last = []
    for run in runs:
        median = metrics.moving_median(run.rounds["test_accuracy"]).dropna()
        times = run.rounds["time_s"].loc[median.index]
        last.append(100 * median[times <= x[-1]].iloc[-1])
    assert means[-1] == pytest.approx(np.mean(last))
    assert low[-1] == pytest.approx(estimate(last).low)
    assert high[-1] == pytest.approx(estimate(last).high)


@pytest.fixture
def make_runs():
    def make(sweep):
        for run in sweep.runs:
            accuracy = synthetic.learning_curve(40, run.seed)
            rounds = synthetic.rounds_frame(accuracy, scale=1 + run.seed / 10)
            synthetic.write_run(run.folder, rounds, label=run.label, RngRun=run.seed)

    return make


@pytest.fixture
def grid(tmp_path):
    """Runs whose time is, by seed, a common factor times workers, and half that of variant b."""
    path = tmp_path / "grid.yaml"
    path.write_text(GRID)
    sweep = load_sweep(path, tmp_path / "results")
    for cell in sweep.parts[0].cells:
        for run in cell.runs:
            scale = run.seed**2 * cell.point["workers"] * (0.5 if cell.variant == "b" else 1)
            rounds = synthetic.rounds_frame(synthetic.learning_curve(40, run.seed), scale)
            if (cell.variant, cell.point["workers"], run.seed) == ("b", 20, 3):
                rounds["test_accuracy"] = np.nan
            synthetic.write_run(run.folder, rounds, label=run.label, RngRun=run.seed)
    return sweep


def test_tidy(grid):
    frame = tidy(grid.parts[0])
    assert list(frame) == ["variant", "workers", "seed", "quantity", "value"]
    assert len(frame) == 2 * 3 * 3 * 2
    row = frame[
        (frame["variant"] == "b")
        & (frame["workers"] == 10)
        & (frame["seed"] == 2)
        & (frame["quantity"] == "time")
    ]
    assert row["value"].tolist() == [pytest.approx(40 * 0.5 * 4 * 10 * 0.5)]


def test_tables_of_a_grid(grid):
    frame = tidy(grid.parts[0])
    header, *rows = means_table(grid.parts[0], frame)
    assert header == ["", "workers", "Final accuracy (%)", "Simulated time (s)"]
    assert [row[:2] for row in rows[:4]] == [["a", "5"], ["a", "10"], ["a", "20"], ["b", "5"]]
    # 20 s times 5 workers, times 1, 4 and 9: mean 466.7, deviation 404.1.
    assert rows[0][3] == "466.7 ± 1e+03"
    assert rows[-1][2].endswith("(2 of 3 runs)")


def test_speed_ups_are_paired_by_seed(grid):
    header, *rows = speed_up_table(grid.parts[0], tidy(grid.parts[0]))
    assert header == ["", "workers", "Simulated time (s)"], "an accuracy is no cost"
    assert [row[2] for row in rows] == ["1", "1", "1", "2", "2", "2"]


def test_speed_ups_are_drawn(grid):
    part = grid.parts[0]
    figure = draw(part, tidy(part))
    axes = figure.axes[-1]
    assert axes.get_ylabel() == "Times less than a:\nSimulated time (s)"
    heights = [list(container.lines[0].get_ydata()) for container in axes.containers]
    assert heights == [pytest.approx([1, 1, 1]), pytest.approx([2, 2, 2])]


@pytest.mark.parametrize("wrong", ["final_accuracy", "energy"])
def test_speed_ups_of_what_is_no_cost(grid, tmp_path, wrong):
    path = tmp_path / "grid.yaml"
    path.write_text(GRID.replace("speed_ups: [time]", f"speed_ups: [{wrong}]"))
    with pytest.raises(UserError, match="is none of the figures that are costs"):
        compare(load_sweep(path, tmp_path / "results"), tmp_path)


def test_files_of_a_grid(grid, tmp_path):
    compare(grid, tmp_path / "plots")
    frame = pd.read_csv(tmp_path / "plots/grid.csv")
    assert (frame["value"] == "not reached").sum() == 1
    tex = (tmp_path / "plots/grid.tex").read_text()
    assert "Final accuracy (\\%)" in tex
    assert tex.count(r"\\ ") == 0
    assert tex.count("\\begin{tabular}") == 2
    assert "Times less than a" in (tmp_path / "plots/grid.md").read_text()


def test_quantities(tmp_path):
    rounds = synthetic.rounds_frame(synthetic.learning_curve(40, 1))
    run = load_runs([synthetic.write_run(tmp_path / "run", rounds)])[0]
    expected = {
        "time": 20,
        "round_time": 0.5,
        "round_time_per_worker": 250,
        "payload": 40 * 1200 / 1e6,
        "uplink_payload": 0.04,
        "uplink_bits": 0.32,
        "airtime": 40 * 0.22,
        "energy": 80,
        "energy_marginal": 40,
        "delivery": 95,
        "jain": 1,
        "final_train_loss": 0.1,
        "uploads": 0,
    }
    goal = metrics.AccuracyGoal(0.5)
    for name, value in expected.items():
        assert QUANTITIES[name].of(run, goal) == pytest.approx(value), name
    assert QUANTITIES["time_to_target"].of(run, metrics.AccuracyGoal(0.99)) is None
    assert math.isfinite(QUANTITIES["on_air_to_target"].of(run, goal))


ERRORS = """
title: errors
seeds: 2
options: {batch: 0}
variants:
  exact: {rounds: 9000}
  a: {algorithm: sgd}
  b: {algorithm: qsgd}
  c: {algorithm: nounif-iag}
optimum: exact
target_error: 0.01
curves: [bits]
figures: [rounds_to_target, bits_to_target, uploads_to_target]
"""


def test_errors_to_an_optimum(tmp_path):
    """Losses that halve, or stay at a third, above an optimum that differs by seed.

    Of c only the objective counts, which is evaluated every third round.
    """
    path = tmp_path / "errors.yaml"
    path.write_text(ERRORS)
    sweep = load_sweep(path, tmp_path / "results")
    for run in sweep.runs:
        rounds = synthetic.rounds_frame([None] * 20)
        optimum = 0.5 * run.seed
        halves = 0.5 ** np.arange(20)
        thirds = np.r_[1, [1 / 3] * 19]
        shrinking = {"a": halves, "b": thirds, "c": thirds, "exact": np.r_[1, [0] * 19]}
        rounds["train_loss"] = optimum + 2 * shrinking[run.label]
        if run.label == "c":
            evaluated = np.arange(20) % 3 == 2
            rounds["train_objective"] = np.where(evaluated, optimum + halves, np.nan)
        synthetic.write_run(run.folder, rounds, label=run.label, RngRun=run.seed)
    part = sweep.parts[0]
    frame = tidy(part)
    found = {c.variant: list(values_of(frame, c, "rounds_to_target")) for c in part.cells}
    # 2^-7 is the first power below 1 %, in the eighth round.
    assert found["a"] == [8, 8]
    assert np.isnan(found["b"]).all()
    # Half as much to begin with, so 2^-6 would do: the first evaluation from there on.
    assert found["c"] == [9, 9]
    bits = values_of(frame, part.cells[0], "bits_to_target")
    assert list(bits) == pytest.approx([8 * 8000 / 1e6] * 2)
    assert list(values_of(frame, part.cells[0], "uploads_to_target")) == [0, 0]
    x, means, low, high = mean_curve(results_of(part, part.cells[0]), metrics.ROUND)
    assert means[0] == pytest.approx(1)
    assert means[-1] == pytest.approx(0.5**19)
    assert np.allclose(low, means) and np.allclose(high, means), "both seeds are alike"
    compare(sweep, tmp_path / "plots")
    assert "not reached" in (tmp_path / "plots/errors.md").read_text()
