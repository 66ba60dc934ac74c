# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Sweeps that are run by Snakemake: what is run again, what fails, what is killed."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from wfl_analysis.__main__ import main
from wfl_analysis.errors import UserError
from wfl_analysis.sweep_file import load_sweep
from wfl_analysis.sweep_runner import run_sweep

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("WFL_PROGRAM_DIR", ROOT / "build/release/bin")) / "wfl-scenario"

SWEEP = """
title: test
seeds: 3
target_accuracy: 0.5
options: {workers: 4}
variants:
  plain:
  "K = 5": {mode: "buffered[K=5]"}
"""

# Writes down how it was called, and leaves a results folder.
STAND_IN = """
echo "$@" >> "$(dirname "$0")/log"
for a; do case $a in --output=*) mkdir -p "${a#*=}"; touch "${a#*=}/summary.json";; esac; done
"""

REAL = """
title: what is killed goes on
seeds: 2
target_accuracy: 0.5
options:
  workers: 5
  rounds: 400
  dataset: "gaussian-mixture[Features=50]"
  objective: softmax
  channel: dcf
variants:
  SGD: {algorithm: sgd}
  sign: {algorithm: signsgd-mv, learning-rate: 0.01}
"""


@pytest.fixture
def sweep_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SWEEP)
    return path


def program(tmp_path, text):
    path = tmp_path / "program"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def calls(tmp_path):
    return (tmp_path / "log").read_text().splitlines()


def test_only_what_is_missing_is_run(sweep_file, tmp_path, capfd):
    sweep = load_sweep(sweep_file, tmp_path)
    stand_in = program(tmp_path, STAND_IN)
    run_sweep(sweep, stand_in)
    lines = capfd.readouterr().out.splitlines()
    assert lines[0] == "0 of 6 runs are there"
    assert [line.partition(":")[0] for line in lines[1:]] == [f"{n} of 6" for n in range(1, 7)]
    assert sorted(line.split()[3] for line in lines[1:]) == sorted(r.place for r in sweep.runs)
    assert len(calls(tmp_path)) == 6
    assert (sweep.runs[0].folder / "run.log").read_text() == ""

    (sweep.runs[4].folder / "summary.json").unlink()
    run_sweep(sweep, stand_in)
    assert capfd.readouterr().out.splitlines()[:2] == [
        "5 of 6 runs are there",
        "1 of 1: k---5/seed-2",
    ]
    assert "--RngRun=2" in calls(tmp_path)[-1]
    run_sweep(sweep, stand_in)
    assert len(calls(tmp_path)) == 7


def test_what_the_file_has_changed_is_run_again(sweep_file, tmp_path):
    stand_in = program(tmp_path, STAND_IN)
    run_sweep(load_sweep(sweep_file, tmp_path), stand_in)
    sweep_file.write_text(SWEEP.replace("K=5", "K=3"))
    run_sweep(load_sweep(sweep_file, tmp_path), stand_in)
    again = calls(tmp_path)[6:]
    assert len(again) == 3
    assert all("buffered[K=3]" in line for line in again)
    sweep_file.write_text(SWEEP.replace("K=5", "K=3").replace("seeds: 3", "seeds: 4"))
    run_sweep(load_sweep(sweep_file, tmp_path), stand_in)
    assert len(calls(tmp_path)) == 6 + 3 + 2


def test_a_run_that_fails_ends_the_sweep(sweep_file, tmp_path):
    sweep = load_sweep(sweep_file, tmp_path)
    failing = program(tmp_path, "echo first; echo wrong >&2; exit 2\n")
    with pytest.raises(UserError, match="(plain|K = 5), seed .: wrong"):
        run_sweep(sweep, failing, jobs=1)
    with pytest.raises(UserError, match="is no program"):
        run_sweep(sweep, tmp_path / "nowhere")
    with pytest.raises(UserError, match="ended with 0 of 6 runs"):
        run_sweep(sweep, program(tmp_path, "kill -9 $$\n"))
    with pytest.raises(UserError, match="snakemake.log ends with: .*profile"):
        run_sweep(sweep, program(tmp_path, STAND_IN), profile="none-of-this-name")
    assert not any(run.done for run in sweep.runs)


def test_one_at_a_time(sweep_file, tmp_path):
    sweep = load_sweep(sweep_file, tmp_path)
    waiting = program(tmp_path, 'touch "$(dirname "$0")/begun"; sleep 60\n')
    command = [sys.executable, "-m", "wfl_analysis", "sweep", str(sweep_file)]
    command += ["--program", str(waiting), "--results", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "analysis")}
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        try:
            wait_for(tmp_path / "begun")
            with pytest.raises(UserError, match="this sweep is running already"):
                run_sweep(sweep, waiting)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(path, seconds=60):
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.05)


def contents(folder):
    """Give all results by path, but for the time of the host and what runs say."""
    skipped = ("host.csv", "run.log")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*/seed-*/*"))
        if path.name not in skipped
    }


def sweep_command(path, results):
    command = [sys.executable, "-m", "wfl_analysis", "sweep", str(path)]
    return [*command, "--program", str(PROGRAM), "--results", str(results), "--jobs", "1"]


@pytest.mark.skipif(not PROGRAM.exists(), reason="wfl-scenario is not built")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_is_killed_goes_on_with_the_same_results(tmp_path, how):
    path = tmp_path / "real.yaml"
    path.write_text(REAL)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "analysis")}
    whole = tmp_path / "whole"
    assert subprocess.run(sweep_command(path, whole), env=environment).returncode == 0

    parts = tmp_path / "parts"
    places = [run.place for run in load_sweep(path, parts).runs]
    with subprocess.Popen(
        sweep_command(path, parts), env=environment, start_new_session=True
    ) as process:
        begun = [parts / "real" / place / "rounds.csv" for place in places]
        while not any(file.exists() for file in begun):
            time.sleep(0.01)
        os.killpg(process.pid, how)
    done = sum((parts / "real" / place / "summary.json").exists() for place in places)
    assert done < len(places)
    assert subprocess.run(sweep_command(path, parts), env=environment).returncode == 0
    assert contents(parts / "real") == contents(whole / "real")
    assert len(contents(whole / "real")) > 4 * 5


def test_what_follows_belongs_to_snakemake(sweep_file, tmp_path, capsys):
    stand_in = program(tmp_path, STAND_IN)
    command = ["sweep", str(sweep_file), "--program", str(stand_in)]
    command += ["--results", str(tmp_path), "--", "--dry-run"]
    assert main(command) == 0
    assert not (tmp_path / "log").exists()
    assert main(["plot", str(tmp_path), "--", "--dry-run"]) == 2
    assert "nothing may follow after --" in capsys.readouterr().err
