# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Runs programs as parallel processes, and stops them all when one fails."""

import os
import shlex
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from display import Display
from progress import describe, read_progress
from wfl_analysis.errors import UserError

POLL_S = 0.2
PATIENCE_S = 5.0  # that a process gets to stop
LOG_LINES = 30  # of a failing run


@dataclass(frozen=True)
class Job:
    """One run: ``command`` writes the results folder ``folder``."""

    name: str
    command: Sequence[str]
    folder: Path
    rounds: int

    @property
    def log(self) -> Path:
        """The file that gets what the program prints."""
        return self.folder.with_name(f"{self.folder.name}.log")


class JobFailed(Exception):
    """A program did not end well; the message says which, and shows its output."""


def cores() -> int:
    """Give the number of cores that this process may use."""
    return len(os.sched_getaffinity(0))


def run_jobs(jobs: Sequence[Job], at_once: int, display: Display) -> None:
    """Run ``jobs``, at most ``at_once`` at a time, in this order."""
    waiting = list(jobs)
    running: list[_Child] = []
    width = max(len(job.name) for job in jobs)
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(_Child(waiting.pop(0), width))
            time.sleep(POLL_S)
            for child in list(running):
                if child.finished():
                    running.remove(child)
                    child.check()
                    display.keep(f"{child.line()}  done")
            display.update([child.line() for child in running])
    finally:
        _stop(running)


class _Child:
    """The process of a job."""

    def __init__(self, job: Job, width: int) -> None:
        self._job = job
        self._title = job.name.ljust(width)
        self._started = time.monotonic()
        self._started_epoch = time.time() - 0.1  # file times are that coarse
        try:
            job.folder.parent.mkdir(parents=True, exist_ok=True)
            with job.log.open("w", encoding="utf-8") as log:
                log.write(f"{shlex.join(job.command)}\n")
                log.flush()
                self.process = subprocess.Popen(
                    job.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
        except OSError as error:
            raise UserError(f"{error.filename}: {error.strerror}") from None

    def finished(self) -> bool:
        return self.process.poll() is not None

    def check(self) -> None:
        code = self.process.returncode
        if code == 0:
            return
        end = f"exit code {code}" if code > 0 else f"signal {-code}"
        output = self._job.log.read_text(encoding="utf-8", errors="replace")
        shown = "\n".join(output.splitlines()[-LOG_LINES:])
        raise JobFailed(
            f"{self._job.name} failed with {end}; the end of {self._job.log}:\n{shown}"
        )

    def line(self) -> str:
        progress = read_progress(self._job.folder / "rounds.csv", self._started_epoch)
        elapsed = time.monotonic() - self._started
        return f"{self._title}  {describe(progress, self._job.rounds, elapsed)}"


def _stop(children: Sequence[_Child]) -> None:
    """End what still runs: ask first, then insist."""
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + PATIENCE_S
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
