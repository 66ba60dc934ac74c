# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The command line: ``python3 -m wfl_analysis plot|report|table|sweep|compare|traces``."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn, Optional, Sequence

from .comparison_plot import compare
from .errors import UserError
from .pictures import PICTURES, write
from .report import write_report
from .results import load_runs
from .sweep_file import load_sweep
from .sweep_runner import run_sweep
from .tables import WRITERS
from .traces import KINDS, write_traces

USER_ERROR = 2  # exit code


class _Parser(argparse.ArgumentParser):
    """Reports a wrong argument in one line."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help")


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command line; give the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    end = given.index("--") if "--" in given else len(given)
    try:
        options = _parser().parse_args(given[:end])
        options.more = given[end + 1 :]
        if options.more and options.command is not _sweep:
            raise UserError("nothing may follow after --, but for Snakemake after sweep")
        options.command(options)
    except UserError as error:
        print(f"wfl_analysis: {error}", file=sys.stderr)
        return USER_ERROR
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="wfl_analysis", description="Draws and compares results of wfl runs."
    )
    commands = parser.add_subparsers(required=True)

    plot = commands.add_parser(
        "plot",
        help="curves, rounds, workers as pictures",
        epilog="; ".join(f"{name}: {kind.help}" for name, kind in PICTURES.items()),
    )
    _add_common(plot)
    plot.add_argument(
        "--output",
        type=Path,
        default=Path("plots"),
        metavar="DIR",
        help="folder for the PNG, SVG and PDF files (default: %(default)s)",
    )
    plot.add_argument(
        "--kind",
        choices=list(PICTURES),
        default="curves",
        help="what is drawn, see below (default: %(default)s)",
    )
    plot.set_defaults(command=_plot)

    report = commands.add_parser("report", help="a page to look at in the browser")
    _add_common(report)
    report.add_argument(
        "--title", default="Runs of wfl", help="its heading (default: %(default)s)"
    )
    report.add_argument(
        "--output",
        type=Path,
        default=Path("report.html"),
        metavar="FILE",
        help="the HTML file, which needs no other (default: %(default)s)",
    )
    report.set_defaults(command=_report)

    table = commands.add_parser("table", help="what each run cost until a target")
    _add_common(table)
    table.add_argument(
        "--format",
        choices=list(WRITERS),
        default="text",
        help="default: %(default)s",
    )
    table.set_defaults(command=_table)

    sweep = commands.add_parser(
        "sweep",
        help="run all runs of a sweep file",
        epilog="What follows after -- goes to Snakemake.",
    )
    _add_sweep(sweep)
    sweep.add_argument(
        "--program",
        type=Path,
        default=Path("build/release/bin/wfl-scenario"),
        help="default: %(default)s",
    )
    sweep.add_argument(
        "--jobs",
        type=_count,
        metavar="N",
        help="runs at a time (default: one a core, with a profile what it says)",
    )
    sweep.add_argument(
        "--profile",
        metavar="NAME",
        help="where to run: slurm, or a profile of Snakemake of your own "
        "(default: on this machine)",
    )
    sweep.set_defaults(command=_sweep)

    comparison = commands.add_parser(
        "compare", help="means and confidence intervals of the variants of a sweep"
    )
    _add_sweep(comparison)
    comparison.add_argument(
        "--output",
        type=Path,
        default=Path("plots"),
        metavar="DIR",
        help="folder for picture and table (default: %(default)s)",
    )
    comparison.set_defaults(command=_compare)

    traces = commands.add_parser(
        "traces",
        help="turn public traces of phones into files for wfl-scenario",
        epilog="; ".join(f"{name}: {kind.help}" for name, kind in KINDS.items()),
    )
    traces.add_argument("kind", choices=list(KINDS), metavar="KIND", help="see below")
    traces.add_argument("file", type=Path, metavar="FILE", help="the public file")
    traces.add_argument(
        "--workers",
        type=_count,
        default=20,
        metavar="N",
        help="clients to draw (default: %(default)s)",
    )
    traces.add_argument(
        "--seed", type=int, default=1, help="of the draw (default: %(default)s)"
    )
    traces.add_argument(
        "--horizon",
        type=_count,
        default=7 * 86400,
        metavar="SECONDS",
        help="how much of the availability is written (default: a week)",
    )
    traces.add_argument(
        "--output",
        type=Path,
        default=Path("traces"),
        metavar="DIR",
        help="folder for the CSV files (default: %(default)s)",
    )
    traces.set_defaults(command=_traces)
    commands.metavar = "|".join(commands.choices)
    return parser


def _add_sweep(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="sweep file (YAML)")
    parser.add_argument(
        "--preset", metavar="NAME", help="another size of the sweep, which its file names"
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("results"),
        metavar="DIR",
        help="where the results folders are (default: %(default)s)",
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="FOLDER", help="results folder"
    )
    parser.add_argument(
        "--target",
        type=_accuracy,
        default=0.8,
        metavar="ACCURACY",
        help="test accuracy to reach, above 0 and at most 1 (default: %(default)s)",
    )


def _accuracy(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no accuracy: give a number above 0 and at most 1, like 0.8"
        )
    return value


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _plot(options: argparse.Namespace) -> None:
    runs = load_runs(options.folders)
    for path in write(options.kind, runs, options.target, options.output):
        print(path)


def _report(options: argparse.Namespace) -> None:
    runs = load_runs(options.folders)
    print(write_report(runs, options.target, options.title, options.output))


def _table(options: argparse.Namespace) -> None:
    runs = load_runs(options.folders)
    print(WRITERS[options.format](runs, options.target), end="")


def _sweep(options: argparse.Namespace) -> None:
    sweep = load_sweep(options.file, options.results, options.preset)
    run_sweep(sweep, options.program, options.jobs, options.profile, options.more)


def _compare(options: argparse.Namespace) -> None:
    sweep = load_sweep(options.file, options.results, options.preset)
    for path in compare(sweep, options.output):
        print(path)


def _traces(options: argparse.Namespace) -> None:
    written = write_traces(
        options.kind,
        options.file,
        options.workers,
        options.seed,
        options.horizon,
        options.output,
    )
    for path, option in written:
        print(f"{path}  for '{option}'")


if __name__ == "__main__":
    sys.exit(main())
