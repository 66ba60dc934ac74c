# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Tables show costs, ratios, and what was not reached."""

import csv
import io
from pathlib import Path

import pytest
from synthetic import rounds_frame, write_run

from wfl_analysis.results import Run, load_runs
from wfl_analysis.tables import csv_table, markdown_table, text_table


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    reached = [0.1] * 4 + [0.9] * 6  # the median of five is 0.9 from round 7 on
    return load_runs(
        [
            write_run(tmp_path / "a", rounds_frame(reached, scale=10), "dense"),
            write_run(tmp_path / "b", rounds_frame(reached), "sign|vote"),
            write_run(tmp_path / "c", rounds_frame([0.2] * 10), "slow"),
        ]
    )


def test_text(runs: list[Run]) -> None:
    lines = text_table(runs, 0.8).splitlines()
    assert lines[0].startswith("Cost until the test accuracy reaches 80 %")
    assert lines[1].split("  ")[0] == "run"
    dense, cheap, slow = (" ".join(line.split()) for line in lines[3:6])
    assert dense == "dense 90.00 % 10 2.00x 35.0 s 84.0 kB 94.5 kB 15.4 s 140 J"
    assert cheap == "sign|vote 90.00 % 10 20.0x 3.50 s 8.40 kB 9.45 kB 1.54 s 14.0 J"
    assert slow == "slow 20.00 % 10 20.0x" + " not reached" * 5
    assert lines[-2].split() == ["sign|vote"] + ["0.100x"] * 5
    assert lines[-1].split() == ["slow"] + ["-"] * 5


def test_text_lines_of_a_block_are_equally_long(runs: list[Run]) -> None:
    block = text_table(runs, 0.8).splitlines()[1:6]
    assert len({len(line) for line in block}) == 1


def test_one_run_has_no_ratios(runs: list[Run]) -> None:
    assert "multiples" not in text_table(runs[:1], 0.8)
    assert "ratio" not in markdown_table(runs[:1], 0.8)


def test_markdown(runs: list[Run]) -> None:
    lines = markdown_table(runs, 0.8).splitlines()[2:]
    assert lines[0].startswith("| run | final accuracy | rounds | compression | time | ratio | ")
    assert lines[1] == "| --- |" + " ---: |" * 13
    assert lines[3].startswith(r"| sign\|vote | 90.00 % | 10 | 20.0x | 3.50 s | 0.100x | ")
    assert lines[4].startswith("| slow | 20.00 % | 10 | 20.0x | not reached | - | ")


def test_csv(runs: list[Run]) -> None:
    dense, cheap, slow = csv.DictReader(io.StringIO(csv_table(runs, 0.8)))
    assert float(dense["time_s_to_target"]) == 35.0
    assert float(cheap["uplink_compression"]) == 2 * 4 * 2500 / 1000
    assert float(cheap["payload_bytes_to_target"]) == 7 * 1200
    assert float(cheap["airtime_attributed_s_to_target"]) == pytest.approx(7 * 0.25)
    assert float(cheap["energy_ap_j_ratio"]) == pytest.approx(0.1)
    assert slow["time_s_to_target"] == "not reached"
    assert slow["time_s_ratio"] == ""


def test_first_run_that_did_not_reach_gives_no_ratio(runs: list[Run]) -> None:
    lines = text_table(runs[::-1], 0.8).splitlines()
    assert lines[-1].split() == ["dense"] + ["-"] * 5
