# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Figures have units, readable axes and a target; their files never vary."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from synthetic import learning_curve, rounds_frame, write_run

from wfl_analysis import metrics, pictures, plots
from wfl_analysis.errors import UserError
from wfl_analysis.results import Run, load_runs
from wfl_analysis.style import figure_style

ANALYSIS = Path(plots.__file__).resolve().parents[1]


def two_runs(tmp_path: Path, ratio: float) -> list[Run]:
    dense = rounds_frame(learning_curve(40, 1), scale=ratio)
    cheap = rounds_frame(learning_curve(40, 2))
    return load_runs(
        [
            write_run(tmp_path / "dense", dense, "fedavg"),
            write_run(tmp_path / "cheap", cheap, "s3gd-mv[Density=0.01]"),
        ]
    )


@pytest.mark.parametrize(
    "cost, label",
    [
        (metrics.TIME, "Simulated time (s)"),
        (metrics.PAYLOAD, "Payload, up- and downlink (kB)"),
        (metrics.ON_AIR, "On-air data, up- and downlink (kB)"),
        (metrics.AIRTIME_BUSY, "Channel-busy airtime (s)"),
        (metrics.ENERGY, "Energy of the workers (J)"),
        (metrics.ROUND, "Round"),
    ],
)
def test_axes_name_their_unit(tmp_path: Path, cost: metrics.Cost, label: str) -> None:
    figure = plots.draw(two_runs(tmp_path, 2), plots.ACCURACY, [cost], 0.8)
    axes = figure.axes[-1]
    assert axes.get_xlabel() == label
    assert axes.get_ylabel() == "Test accuracy (%)"


def test_the_axis_has_the_values_of_its_unit(tmp_path: Path) -> None:
    runs = two_runs(tmp_path, 2)
    axes = plots.draw(runs, plots.ACCURACY, [metrics.PAYLOAD], 0.8).axes[-1]
    ends = [max(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) > 5]
    assert max(ends) == pytest.approx(40 * 1200 * 2 / 1e3)


@pytest.mark.parametrize("ratio, scale", [(5, "linear"), (30, "log")])
def test_log_axis_only_where_runs_differ_much(
    tmp_path: Path, ratio: float, scale: str
) -> None:
    runs = two_runs(tmp_path, ratio)
    axes = plots.draw(runs, plots.ACCURACY, [metrics.PAYLOAD], 0.8).axes[-1]
    assert axes.get_xscale() == scale


def test_a_free_run_is_not_lost_on_a_log_axis(tmp_path: Path) -> None:
    runs = two_runs(tmp_path, 30)
    runs[1].rounds["airtime_busy_s"] = 0.0
    axes = plots.draw(runs, plots.ACCURACY, [metrics.AIRTIME_BUSY], 0.8).axes[-1]
    assert axes.get_xscale() == "linear"


def test_rings_stand_where_the_target_is_reached(tmp_path: Path) -> None:
    runs = two_runs(tmp_path, 2)
    axes = plots.draw(runs, plots.ACCURACY, [metrics.ROUND], 0.8).axes[-1]
    rings = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    assert rings == [
        metrics.cost_to_accuracy(run.rounds, metrics.ROUND, 0.8) for run in runs
    ]


def test_target_line_for_accuracy_only(tmp_path: Path) -> None:
    runs = two_runs(tmp_path, 2)
    accuracy = plots.draw(runs, plots.ACCURACY, [metrics.TIME], 0.75).axes[-1]
    loss = plots.draw(runs, plots.LOSS, [metrics.TIME], 0.75).axes[-1]
    (target,) = [line for line in accuracy.lines if line.get_label() == "target"]
    assert list(target.get_ydata()) == [75.0, 75.0]
    assert not [line for line in loss.lines if line.get_label() == "target"]


def test_too_few_evaluations_are_drawn_alone(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "few", rounds_frame([0.1, None, 0.2, None, 0.9]))
    axes = plots.draw(load_runs([folder]), plots.LOSS, [metrics.ROUND], 0.8).axes[-1]
    (line,) = axes.lines
    assert list(line.get_xdata()) == [1, 3, 5]


@pytest.mark.parametrize("count", [1, 3, 12])
def test_legend_is_clear_of_the_panels(tmp_path: Path, count: int) -> None:
    runs = load_runs(
        [
            write_run(
                tmp_path / f"{index}", rounds_frame([0.5] * 6), "alg", workers=index
            )
            for index in range(count)
        ]
    )
    for costs in ([metrics.TIME], plots.OVERVIEW_AXES):
        with figure_style():
            figure = plots.draw(runs, plots.ACCURACY, costs, 0.8)
            figure.canvas.draw()
            legend = figure.axes[0].get_legend().get_window_extent()
            panel = figure.axes[1].get_window_extent()
        assert legend.y0 >= panel.y1
        assert legend.x0 >= 0 and legend.x1 <= figure.bbox.x1
        assert legend.y1 <= figure.bbox.y1


def test_measures_that_nobody_evaluated_are_left_out(tmp_path: Path) -> None:
    runs = two_runs(tmp_path, 2)
    for run in runs:
        run.rounds["test_accuracy"] = np.nan
    names = {path.stem for path in pictures.write("curves", runs, 0.8, tmp_path / "out")}
    assert names == {"overview"} | {f"loss-{name}" for name in plots.X_AXES}


def test_nothing_to_draw_is_an_error(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", rounds_frame([None] * 3))
    with pytest.raises(UserError, match="no run made an evaluation"):
        pictures.write("curves", load_runs([folder]), 0.8, tmp_path / "out")


def test_same_data_same_bytes_in_two_processes(tmp_path: Path) -> None:
    runs = two_runs(tmp_path, 30)
    contents = []
    for seed in ("1", "2"):
        output = tmp_path / f"plots{seed}"
        subprocess.run(
            [sys.executable, "-m", "wfl_analysis", "plot"]
            + [str(run.folder) for run in runs]
            + ["--output", str(output)],
            env={**os.environ, "PYTHONPATH": str(ANALYSIS), "PYTHONHASHSEED": seed},
            check=True,
        )
        contents.append({path.name: path.read_bytes() for path in output.iterdir()})
    assert len(contents[0]) == 3 * (1 + 2 * len(plots.X_AXES))
    assert {Path(name).suffix for name in contents[0]} == {".png", ".svg", ".pdf"}
    assert contents[0] == contents[1]
    assert not [name for name, data in contents[0].items() if b"atplotlib v" in data]
