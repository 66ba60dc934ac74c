# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Timelines have a row a radio, a lane a direction, units, and files that never vary."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from synthetic import learning_curve, rounds_frame, write_run

from wfl_analysis import __main__ as command_line
from wfl_analysis import pictures, timeline
from wfl_analysis.errors import UserError
from wfl_analysis.results import Run, load_runs

HEADER = "round,start_s,duration_s,domain,transmitter,direction,worker,bytes\n"

# Rounds of the synthetic runs end every 0.5 s, at 0.5 s the one of number 1.
ROWS = (
    "2,0.600,0.010,0,server,down,all,1500\n"
    "2,0.700,0.020,0,10,up,10,1500\n"
    "2,0.705,0.001,0,2,up,2,40\n"
    "2,0.721,0.001,0,server,up,10,14\n"
    "3,1.010,0.002,0,server,none,all,100\n"
)


def make_run(tmp_path: Path, rows: str = ROWS, name: str = "run") -> Run:
    folder = write_run(tmp_path / name, rounds_frame(learning_curve(6, 1)), label=name)
    (folder / "transmissions.csv").write_text(HEADER + rows, encoding="utf-8")
    return load_runs([folder])[0]


def bars(figure: Figure, direction: str) -> list[tuple[float, float, float, float]]:
    """Give left, right, top and bottom of the bars of a direction."""
    (collection,) = (
        item
        for item in figure.axes[-1].collections
        if isinstance(item, PolyCollection) and item.get_label() == direction
    )
    corners = [path.vertices for path in collection.get_paths()]
    return [
        (x.min(), x.max(), y.min(), y.max())
        for x, y in ((corner[:, 0], corner[:, 1]) for corner in corners)
    ]


def test_bars_stand_where_and_when_the_radio_was_on_the_air(tmp_path: Path) -> None:
    figure = timeline.draw(make_run(tmp_path))
    axes = figure.axes[-1]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["server", "worker 2", "worker 10"]
    # In milliseconds from the first transmission on; rows downwards, uplink above.
    assert np.allclose(bars(figure, "down"), [(0, 10, 0, 0.4)])
    up = [(100, 120, 1.6, 2), (105, 106, 0.6, 1), (121, 122, -0.4, 0)]
    assert np.allclose(bars(figure, "up"), up)
    assert np.allclose(bars(figure, "none"), [(410, 412, -0.4, 0.4)])
    assert axes.get_xlabel() == "Simulated time from 0.6 s on (ms)"
    top, bottom = sorted(axes.get_ylim())
    assert (top, bottom) == (-0.5, 2.5)


def test_rounds_end_at_their_time(tmp_path: Path) -> None:
    axes = timeline.draw(make_run(tmp_path)).axes[-1]
    ends = [line.get_xdata()[0] for line in axes.lines]
    assert np.allclose(ends, [400, 900])
    assert [text.get_text() for text in axes.texts] == ["round 2", "round 3"]
    assert axes.get_xlim() == pytest.approx((0, 900))


def test_a_server_has_a_row_in_each_domain(tmp_path: Path) -> None:
    run = make_run(
        tmp_path, "1,0.1,0.1,0,server,down,all,9\n1,0.1,0.1,1,server,down,all,9\n"
    )
    axes = timeline.draw(run).axes[-1]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["server 0", "server 1"]


def test_many_workers_stay_on_a_page(tmp_path: Path) -> None:
    rows = "".join(f"1,0.1,0.1,0,{worker},up,{worker},9\n" for worker in range(500))
    figure = timeline.draw(make_run(tmp_path, rows))
    assert figure.get_size_inches()[1] < 10


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    first = pictures.write("timeline", [run], 0.8, tmp_path / "a")
    second = pictures.write("timeline", [run], 0.8, tmp_path / "b")
    assert [path.name for path in first] == ["timeline.png", "timeline.svg", "timeline.pdf"]
    for one, other in zip(first, second):
        assert one.read_bytes() == other.read_bytes()


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [str(make_run(tmp_path, name=name).folder) for name in ("a", "b")]
    output = tmp_path / "pictures"
    arguments = ["plot", "--kind", "timeline", *folders, "--output", str(output)]
    assert command_line.main(arguments) == 0
    names = sorted(path.name for path in output.iterdir())
    assert names == [
        f"timeline-{number}.{extension}"
        for number in (1, 2)
        for extension in ("pdf", "png", "svg")
    ]
    assert len(capsys.readouterr().out.splitlines()) == 6


@pytest.mark.parametrize(
    "rows, message",
    [
        ("", "holds no transmission; choose other rounds"),
        ("1,0.1,0.1,0,server,sideways,all,9\n", "line 2: direction is not up, down"),
        ("1,x,0.1,0,server,up,all,9\n", "line 2: column start_s holds 'x'"),
    ],
)
def test_damage_is_named(tmp_path: Path, rows: str, message: str) -> None:
    run = make_run(tmp_path, rows)
    with pytest.raises(UserError, match="transmissions.csv: .*" + message):
        timeline.draw(run)


def test_a_run_without_a_timeline_says_what_to_do(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    (run.folder / "transmissions.csv").unlink()
    with pytest.raises(UserError, match="no such file; run with --timeline=FIRST:LAST"):
        timeline.draw(run)
