# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Pictures of rounds, workers and batteries show numbers that were worked out by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from synthetic import rounds_frame, workers_frame, write_run

from wfl_analysis import __main__ as command_line
from wfl_analysis import battery, breakdown, frames, outcomes, pictures, shares
from wfl_analysis.errors import UserError
from wfl_analysis.results import Run, load_runs

NAN = float("nan")

# Rounds end at 0.5 and 1 s. By round and worker: end of the download and of computing, begin and
# end of the upload, repair. Round 1: worker 0 had the model already. Round 2: worker 1 never
# answered.
TIMES = {
    (1, 0): (NAN, 0.05, 0.08, 0.2, 0.03),
    (1, 1): (0.1, 0.2, 0.2, 0.5, NAN),
    (2, 0): (0.6, 0.7, 0.7, 0.9, 0),
    (2, 1): (0.6, 0.7, 0.8, NAN, NAN),
}
PARTS = {
    (1, 0): (0, 0.05, 0.03, 0.09, 0.03, 0.3),
    (1, 1): (0.1, 0.1, 0, 0.3, 0, 0),
    (2, 0): (0.1, 0.1, 0, 0.2, 0, 0.1),
}


def make_run(tmp_path: Path, workers: pd.DataFrame, name: str = "run") -> Run:
    rounds = rounds_frame([0.5] * workers["round"].nunique())
    folder = write_run(tmp_path / name, rounds, label=name)
    workers.to_csv(folder / "workers.csv", index=False)
    return load_runs([folder])[0]


@pytest.fixture
def timed(tmp_path: Path) -> Run:
    workers = workers_frame(rounds_frame([0.5, 0.5]))
    columns = ["downlink_end_s", "compute_end_s", "uplink_start_s", "uplink_end_s", "repair_s"]
    workers[columns] = list(TIMES.values())
    return make_run(tmp_path, workers)


def test_the_parts_of_a_round_by_hand(timed: Run) -> None:
    frame = breakdown.breakdown(timed)
    assert list(zip(frame["round"], frame["worker"])) == list(PARTS)
    assert np.allclose(frame[list(breakdown.PARTS)], list(PARTS.values()))
    # Whoever waits until the end has spent all of the round.
    assert np.allclose(frame[list(breakdown.PARTS)].sum(axis="columns"), 0.5)


def test_bars_of_the_parts(timed: Run) -> None:
    axes = breakdown.draw([timed]).axes[-1]
    widths = [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]
    means = 1e3 * np.mean(list(PARTS.values()), axis=0)
    assert np.allclose(widths, means)
    assert axes.get_xlabel() == "Mean over workers and rounds (ms)"


def test_no_upload_no_bar(tmp_path: Path) -> None:
    workers = workers_frame(rounds_frame([0.5]))
    workers["uplink_end_s"] = NAN
    with pytest.raises(UserError, match="no upload has arrived"):
        breakdown.draw([make_run(tmp_path, workers)])


def line(figure: Figure, panel: int) -> list[float]:
    return list(figure.axes[panel].lines[0].get_ydata())


def test_shares_by_hand(tmp_path: Path) -> None:
    workers = workers_frame(rounds_frame([0.5] * 4))
    workers["answers"] = [2, 0, 1, 0] * 2
    workers["airtime_tx_s"] = [1.0, 3.0] * 4
    workers["energy_j"] = 2.0
    figure = shares.draw([make_run(tmp_path, workers)])
    # One legend, then the panels.
    assert line(figure, 1) == pytest.approx([100, 0])
    assert line(figure, 2) == pytest.approx([75, 25])
    assert line(figure, 3) == pytest.approx([50, 50])
    texts = [axes.texts[0].get_text() for axes in figure.axes[1:]]
    assert texts == ["Jain 0.5", "Jain 0.8", "Jain 1"]


def test_shares_of_nothing(tmp_path: Path) -> None:
    workers = workers_frame(rounds_frame([0.5]))
    workers["airtime_tx_s"] = 0.0
    figure = shares.draw([make_run(tmp_path, workers)])
    assert not figure.axes[2].lines


def test_outcomes_by_hand(tmp_path: Path) -> None:
    workers = workers_frame(rounds_frame([0.5] * 3))
    workers["outcome"] = ["delivered", "lost", "", "dead", "late", "partial"]
    run = make_run(tmp_path, workers)
    names = list(outcomes.OUTCOMES)
    table = [[names[number] for number in row] for row in outcomes.raster(run)]
    assert table == [["delivered", "", "late"], ["lost", "dead", "partial"]]
    image = outcomes.draw(run).axes[-1].images[0]
    assert image.get_extent() == (0.5, 3.5, 1.5, -0.5)
    colours = image.to_rgba(image.get_array())
    assert np.allclose(colours[1, 1], (0, 0, 0, 1)), "dead is black"


def test_battery_by_hand(tmp_path: Path) -> None:
    workers = workers_frame(rounds_frame([0.5] * 3))
    workers["battery_j"] = [10, 8, 8, 4, 6, 0]
    axes = battery.draw([make_run(tmp_path, workers)]).axes[-1]
    assert list(axes.lines[0].get_xdata()) == [0.5, 1.0, 1.5]
    assert list(axes.lines[0].get_ydata()) == [9, 6, 3]
    all_workers, most = (path.get_paths()[0].vertices[:, 1] for path in axes.collections)
    assert (all_workers.min(), all_workers.max()) == (0, 10)
    assert (most.min(), most.max()) == (1.5, 9.5)


def test_no_batteries(tmp_path: Path) -> None:
    workers = workers_frame(rounds_frame([0.5]))
    workers["battery_j"] = NAN
    with pytest.raises(UserError, match="run with --battery"):
        battery.draw([make_run(tmp_path, workers)])


@pytest.mark.parametrize("kind", ["breakdown", "shares", "outcomes", "battery"])
def test_a_command_each(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workers = workers_frame(rounds_frame([0.5] * 3))
    workers["battery_j"] = 5.0
    folders = [str(make_run(tmp_path, workers, name).folder) for name in ("a", "b")]
    output = tmp_path / "out"
    assert command_line.main(["plot", "--kind", kind, *folders, "--output", str(output)]) == 0
    stems = [f"{kind}-1", f"{kind}-2"] if kind == "outcomes" else [kind]
    written = [output / f"{s}.{extension}" for s in stems for extension in ("png", "svg", "pdf")]
    assert capsys.readouterr().out.split() == [str(path) for path in written]
    first = [path.read_bytes() for path in written]
    command_line.main(["plot", "--kind", kind, *folders, "--output", str(output)])
    assert [path.read_bytes() for path in written] == first
    assert set(pictures.draw(kind, load_runs([Path(f) for f in folders]))) == set(stems)


def test_frames_for_notebooks(tmp_path: Path) -> None:
    folders = []
    for name, algorithm in (("a", "sgd"), ("b", "qsgd")):
        rounds = rounds_frame([None, 0.5, None, 0.6])
        folders.append(write_run(tmp_path / name, rounds, algorithm, label=name))
    runs = load_runs([str(folder) for folder in folders])
    assert frames.rounds(runs)["run"].tolist() == ["a"] * 4 + ["b"] * 4
    assert len(frames.workers(runs)) == 16
    evaluations = frames.evaluations(runs)
    assert evaluations["rounds"].tolist() == [2, 4, 2, 4]
    assert evaluations["payload_bytes"].tolist() == [2400, 4800] * 2
    assert evaluations["test_accuracy"].tolist() == [0.5, 0.6] * 2
    assert frames.options(runs)["algorithm"].tolist() == ["sgd", "qsgd"]
    assert set(frames.breakdown(runs)["run"]) == {"a", "b"}
