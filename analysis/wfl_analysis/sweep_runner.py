# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Runs sweeps with Snakemake: what is missing, or has been changed, on all cores or on a cluster.

A run that was interrupted is begun anew, one that has ended is not. The folder of the results
holds plan.json, with which runs began last, and what Snakemake remembers.
"""

import fcntl
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional, Sequence

from .errors import UserError
from .sweep import Sweep, SweepRun

HERE = Path(__file__).resolve().parent
PROFILES = HERE.parent / "profiles"
PLAN = "plan.json"
LOG = "snakemake.log"


def default_jobs() -> int:
    """Give the number of cores of this process."""
    return len(os.sched_getaffinity(0))


def run_sweep(
    sweep: Sweep,
    program: Path,
    jobs: Optional[int] = None,
    profile: Optional[str] = None,
    more: Sequence[str] = (),
) -> None:
    """Run what has not been run to its end with the options that the file has now.

    A run that fails does not keep the others from running.

    ``jobs`` is how many run at a time; without a ``profile``, which is one of ours or of the
    user, as many as there are cores. ``more`` are further arguments of Snakemake.
    """
    if not os.access(program, os.X_OK) or program.is_dir():
        raise UserError(f"{program} is no program; build it with ./wfl build")
    with _locked(sweep.folder) as lock:
        plan = {
            "program": str(program.resolve()),
            "runs": sweep.plan(),
            "replays": sweep.replays(),
        }
        _write_plan(sweep.folder / PLAN, plan)
        for run in sweep.runs:
            _log_of(run).unlink(missing_ok=True)
        there = sum(run.done for run in sweep.runs)
        print(f"{there} of {len(sweep.runs)} runs are there", flush=True)
        command = [
            *(sys.executable, "-m", "snakemake"),
            *("--snakefile", str(HERE / "Snakefile")),
            *("--directory", str(sweep.folder), "--configfile", str(sweep.folder / PLAN)),
            *("--rerun-triggers", "mtime", "params", "--rerun-incomplete", "--nolock"),
            "--keep-going",
            *("--scheduler", "greedy", "--log-handler-script", str(HERE / "sweep_progress.py")),
            *_where_to_run(jobs, profile),
            *more,
        ]
        log = sweep.folder / LOG
        if _call(command, lock, log) != 0:
            raise UserError(_complaint(sweep, log))


def recorded_plan(folder: Path) -> Optional[dict[str, list[str]]]:
    """Give the arguments by results folder with which a sweep was last run, if it was."""
    path = folder / PLAN
    return json.loads(path.read_text(encoding="utf-8"))["runs"] if path.exists() else None


def _where_to_run(jobs: Optional[int], profile: Optional[str]) -> list[str]:
    if profile is None:
        return ["--cores", str(jobs or default_jobs())]
    ours = PROFILES / profile
    chosen = ours if "/" not in profile and ours.is_dir() else profile
    limit = [] if jobs is None else ["--jobs", str(jobs)]
    return ["--profile", str(chosen), *limit]


def _write_plan(path: Path, plan: object) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(plan, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Keep others out, until all that runs in the folder has ended; give the file descriptor."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise UserError(f"{folder}: cannot write there: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lock
    except BlockingIOError:
        raise UserError(f"{folder}: this sweep is running already; let it end") from None
    finally:
        os.close(lock)


def _call(command: Sequence[str], lock: int, log: Path) -> int:
    """Run a command, which holds the lock, too, its complaints in ``log``; give its exit code."""
    with open(log, "w", encoding="utf-8") as stderr, subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=stderr, pass_fds=[lock]
    ) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # it has been told as well, and ends its runs


def _complaint(sweep: Sweep, log: Path) -> str:
    """Say which run failed with what, if one did."""
    for run in sweep.runs:
        said = "" if run.done else _last_line(_log_of(run))
        if said:
            return f"{run.label}, seed {run.seed}: {said}"
    there = sum(run.done for run in sweep.runs)
    return (
        f"ended with {there} of {len(sweep.runs)} runs, the same command goes on from there; "
        f"{log} ends with: {_last_line(log)}"
    )


def _log_of(run: SweepRun) -> Path:
    """Give the file of what a run says, until it has ended."""
    return run.folder.with_name(f"{run.folder.name}.log")


def _last_line(path: Path) -> str:
    if not path.exists():
        return ""
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""
