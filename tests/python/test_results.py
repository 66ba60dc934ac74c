# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Results folders load whole, or are refused in one line that says what is wrong."""

from pathlib import Path
from typing import Callable

import pytest
from synthetic import rounds_frame, write_run

from wfl_analysis.__main__ import main
from wfl_analysis.errors import UserError
from wfl_analysis.results import load_runs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", rounds_frame([0.1, None, 0.3]))


def test_a_run_loads_with_empty_cells_as_nan(folder: Path) -> None:
    (run,) = load_runs([folder])
    assert run.label == "signsgd-mv"
    assert run.rounds["test_accuracy"].isna().tolist() == [False, True, False]
    assert run.rounds["time_s"].tolist() == [0.5, 1.0, 1.5]
    assert len(run.workers) == 6
    assert run.workers["uplink_end_s"].isna().sum() == 3
    assert run.workers["outcome"].tolist() == ["delivered", "skipped"] * 3
    assert run.summary == {"rounds": 1}


def test_a_run_that_was_interrupted_loads_without_a_summary(folder: Path) -> None:
    (folder / "summary.json").unlink()
    (run,) = load_runs([folder])
    assert run.summary == {}
    assert len(run.rounds) == 3


def test_a_loss_that_diverged_loads(folder: Path) -> None:
    rounds = rounds_frame([0.1, 0.1, 0.1]).astype({"test_loss": object})
    rounds["test_loss"] = ["1.5", "inf", "nan"]
    rounds.to_csv(folder / "rounds.csv", index=False)
    (run,) = load_runs([folder])
    assert run.rounds["test_loss"].tolist()[:2] == [1.5, float("inf")]
    assert run.rounds["test_loss"].isna().tolist() == [False, False, True]


def test_extra_columns_are_kept(folder: Path) -> None:
    rounds_frame([0.1]).assign(extra=7).to_csv(folder / "rounds.csv", index=False)
    (run,) = load_runs([folder])
    assert run.rounds["extra"].tolist() == [7]


def edit(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / name
        path.write_text(change(path.read_text()))

    return apply


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def swap_last_rounds(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[:-2] + lines[:-3:-1])


DAMAGE = {
    "no config": (remove("config.json"), "config.json: no such file"),
    "no rounds": (remove("rounds.csv"), "rounds.csv: no such file"),
    "no workers": (remove("workers.csv"), "workers.csv: no such file"),
    "half a config": (edit("config.json", lambda t: t[:-5]), "is not JSON"),
    "config a list": (edit("config.json", lambda t: "[]"), "one JSON object"),
    "no options": (edit("config.json", lambda t: "{}"), '"options"'),
    "rounds empty": (edit("rounds.csv", lambda t: ""), "line 1 lacks column"),
    "header only": (
        edit("rounds.csv", lambda t: t.splitlines()[0] + "\n"),
        "holds no round",
    ),
    "column missing": (
        edit("rounds.csv", lambda t: t.replace("airtime_busy_s", "busy")),
        "line 1 lacks column airtime_busy_s",
    ),
    "column twice": (
        edit("rounds.csv", lambda t: t.replace("\n", ",round\n")),
        "names a column twice",
    ),
    "cut inside a line": (edit("rounds.csv", lambda t: t[:-30]), "line 4 has"),
    "cut at a line's end": (edit("workers.csv", lambda t: t[:-1]), "was cut off"),
    "no number": (
        edit("rounds.csv", lambda t: t.replace("\n2,1.0,", "\n2,soon,")),
        "line 3: column time_s holds 'soon'",
    ),
    "empty counter": (
        edit("rounds.csv", lambda t: t.replace("\n2,1.0,", "\n2,,")),
        "line 3: column time_s holds no value",
    ),
    "rounds out of order": (edit("rounds.csv", swap_last_rounds), "line 4: round"),
    "time runs back": (
        edit("rounds.csv", lambda t: t.replace("\n3,1.5,", "\n3,0.5,")),
        "line 4: time_s",
    ),
    "accuracy in percent": (
        edit("rounds.csv", lambda t: t.replace("\n3,1.5,0.3,", "\n3,1.5,30,")),
        "line 4: test_accuracy",
    ),
}


@pytest.mark.parametrize("damage, message", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_one_line_and_exit_code_2(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], None],
    message: str,
) -> None:
    damage(folder)
    assert main(["table", str(folder)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert str(folder) in captured.err
    assert message in captured.err


def test_binary_file_is_refused(folder: Path) -> None:
    (folder / "rounds.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(UserError, match="UTF-8"):
        load_runs([folder])


def test_missing_folder_file_and_repeat(folder: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        load_runs([folder / "nowhere"])
    with pytest.raises(UserError, match="not a folder"):
        load_runs([folder / "rounds.csv"])
    with pytest.raises(UserError, match="given twice"):
        load_runs([folder, folder / ".." / folder.name])
