# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The main job: trains over simulated Wi-Fi in parallel runs, and draws the curves.

./wfl demo calls it; by hand: PYTHONPATH=analysis python3 analysis/demo/demo.py --help
"""

import argparse
import os
import shlex
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Sequence

import command_line
from configuration import (
    REPOSITORY,
    Configuration,
    Options,
    arguments,
    find_program,
    load_configuration,
)
from display import Display
from jobs import Job, run_jobs
from progress import minutes
from wfl_analysis.pictures import write
from wfl_analysis.results import load_runs
from wfl_analysis.tables import text_table


def main() -> None:
    started = time.monotonic()
    options = _parser().parse_args()
    configuration = load_configuration(options.config)
    program = find_program(options.programs, configuration.program)
    extra: Options = {} if options.backhaul is None else {"backhaul": options.backhaul}
    output = Path(_short(options.output))
    jobs = _jobs(configuration, program, output, extra)
    _announce(jobs, options.jobs)
    run_jobs(jobs, options.jobs, Display(sys.stdout))
    _report(configuration, jobs, output)
    print(f"Took {minutes(time.monotonic() - started)} of host time.")


def _parser() -> argparse.ArgumentParser:
    parser = command_line.Parser(
        prog="wfl demo",
        description="Trains with uncompressed SGD and with signSGD, majority vote, "
        "over the same simulated Wi-Fi, and compares what it costs.",
        output=REPOSITORY / "results" / "demo",
    )
    parser.add_argument(
        "--backhaul",
        nargs="?",
        const=True,
        metavar="VALUE",
        help="put the server behind a wired link; as in wfl-scenario",
    )
    return parser


def _jobs(
    configuration: Configuration, program: Path, output: Path, extra: Options
) -> list[Job]:
    jobs = []
    for choice in configuration.runs:
        folder = output / choice.name
        ending: Options = {"output": str(folder), "overwrite": True}
        command = [
            str(program),
            *arguments(choice.options, configuration.options, extra, ending),
        ]
        jobs.append(Job(choice.name, command, folder, int(choice.options["rounds"])))
    return jobs


def _announce(jobs: Sequence[Job], at_once: int) -> None:
    print(f"{len(jobs)} runs, {min(at_once, len(jobs))} at a time:")
    for job in jobs:
        print(f"  {shlex.join([Path(job.command[0]).name, *job.command[1:]])}")
    print(flush=True)


def _report(configuration: Configuration, jobs: Sequence[Job], output: Path) -> None:
    """Print the table, draw the pictures, and say where everything is."""
    loaded = load_runs([job.folder for job in jobs])
    runs = [
        replace(run, label=choice.label)
        for run, choice in zip(loaded, configuration.runs)
    ]
    table = text_table(runs, configuration.target)
    table_file = output / "table.txt"
    table_file.write_text(table, encoding="utf-8")
    pictures = write("curves", runs, configuration.target, output / "pictures")
    print(f"\n{table}")
    for run in runs:
        print(f"Run:      {run.folder} ({run.label})")
    print(f"Table:    {table_file}")
    print(f"Pictures: {pictures[0].parent} ({len(pictures)} files, PNG and SVG)")


def _short(path: Path) -> str:
    """Write ``path`` from the working folder, where it is below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


if __name__ == "__main__":
    sys.exit(command_line.run("wfl demo", main))
