# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The demo, with a stand-in for the scenario program."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

import pytest
from configuration import DEFAULT_FILE, arguments, load_configuration
from fakes import REPOSITORY, write_configuration, write_scenario

DEMO = REPOSITORY / "analysis" / "demo" / "demo.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY / "analysis")}


def run_demo(cwd: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(DEMO), "--config=demo.json", "--programs=bin", *options],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_it_runs_compares_and_draws(tmp_path: Path) -> None:
    write_scenario(tmp_path)
    write_configuration(tmp_path / "demo.json", "sgd", "signsgd-mv")
    for _ in range(2):  # the second time over the results of the first
        done = run_demo(tmp_path, "--output=out", "--backhaul=fast")
        assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "The signsgd-mv" in (tmp_path / "out" / "table.txt").read_text()
    assert any(line.startswith("The sgd ") for line in lines)
    assert "Run:      out/signsgd-mv (The signsgd-mv)" in lines
    assert (tmp_path / "out" / "pictures" / "accuracy-time.png").is_file()
    command = (tmp_path / "out" / "sgd.log").read_text().splitlines()[0]
    assert command == (
        f"{tmp_path}/bin/wfl-scenario --algorithm=sgd --learning-rate=0.5 --rounds=12 "
        "--channel=wifi --RngRun=1 --backhaul=fast --output=out/sgd --overwrite"
    )


def test_a_failing_run_shows_its_output_and_stops_the_others(tmp_path: Path) -> None:
    write_scenario(tmp_path, failing="sgd")
    write_configuration(tmp_path / "demo.json", "endless", "sgd")
    done = run_demo(tmp_path, "--output=out", "--jobs=2")
    assert done.returncode == 1
    assert "sgd failed with exit code 1" in done.stderr
    assert "the access point is on fire" in done.stderr
    assert "Traceback" not in done.stderr
    assert_ends(tmp_path / "out" / "endless" / "pid")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_every_run(tmp_path: Path, number: int) -> None:
    write_scenario(tmp_path)
    write_configuration(tmp_path / "demo.json", "endless")
    demo = subprocess.Popen(
        [sys.executable, str(DEMO), "--config=demo.json", "--programs=bin"]
        + ["--output=out"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    pid = tmp_path / "out" / "endless" / "pid"
    wait_for(lambda: pid.is_file() and pid.read_text() != "")
    demo.send_signal(number)
    _, errors = demo.communicate(timeout=30)
    assert demo.returncode == 130
    assert errors == "wfl demo: interrupted; every run is stopped\n"
    assert_ends(pid)


@pytest.mark.parametrize(
    "options, message",
    [
        (["--jobs=0"], "'0' is no whole number"),
        (["--color"], "--color"),
        (["--programs=elsewhere"], "elsewhere/wfl-scenario: no such program"),
        (["--config=other.json"], "other.json: cannot be read"),
        (["--config=damaged.json"], "damaged.json: line 2"),
        (["--config=empty.json"], "empty.json: 'tuning' is missing"),
        (["--output=demo.json"], "demo.json"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(
    tmp_path: Path, options: list[str], message: str
) -> None:
    write_scenario(tmp_path)
    write_configuration(tmp_path / "demo.json", "sgd")
    (tmp_path / "damaged.json").write_text("{\n]")
    (tmp_path / "empty.json").write_text("{}")
    done = run_demo(tmp_path, *options)
    assert done.returncode == 2
    assert done.stderr.startswith("wfl demo: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr


def test_the_committed_configuration_compares_like_with_like() -> None:
    configuration = load_configuration(DEFAULT_FILE)
    names = [choice.name for choice in configuration.runs]
    assert names == ["sgd", "signsgd-mv"]
    assert configuration.options["RngRun"] not in configuration.tuning.seeds
    for choice in configuration.runs:
        own = {"algorithm", "learning-rate", "rounds"}
        assert set(choice.options) == own
        grid = configuration.tuning.learning_rates[choice.name]
        assert choice.options["learning-rate"] in grid


def test_a_later_option_replaces_an_earlier_one() -> None:
    assert arguments({"a": 1, "b": 0.0001}, {"a": "x", "c": True}) == [
        "--a=x",
        "--b=0.0001",
        "--c",
    ]


def heed_interrupts() -> None:
    """Undo that the tests themselves may run in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def assert_ends(pid_file: Path) -> None:
    """The process of this number must be gone."""
    pid = int(pid_file.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
