# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""What the programs of this folder share: options, and how they end."""

import argparse
import signal
import sys
from pathlib import Path
from typing import Callable, NoReturn

from configuration import DEFAULT_FILE, DEFAULT_PROGRAMS
from jobs import JobFailed, cores
from wfl_analysis.errors import UserError

FAILED = 1  # exit codes
USER_ERROR = 2
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """Knows the common options, and reports a wrong argument in one line."""

    def __init__(self, prog: str, description: str, output: Path) -> None:
        super().__init__(prog=prog, description=description)
        self.add_argument(
            "--output",
            type=Path,
            default=output,
            metavar="FOLDER",
            help="where the results go (default: %(default)s)",
        )
        self.add_argument(
            "--jobs",
            type=_count,
            default=cores(),
            metavar="N",
            help="runs at a time (default: as many as cores, here %(default)s)",
        )
        self.add_argument(
            "--programs",
            type=Path,
            default=DEFAULT_PROGRAMS,
            metavar="FOLDER",
            help="where the programs are (default: %(default)s)",
        )
        self.add_argument(
            "--config",
            type=Path,
            default=DEFAULT_FILE,
            metavar="FILE",
            help="what to run (default: %(default)s)",
        )

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see --help")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 1")
    return int(text)


def run(name: str, main: Callable[[], None]) -> int:
    """Call ``main``; give the exit code. A request to stop is met like Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        main()
    except UserError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return USER_ERROR
    except JobFailed as error:
        print(f"{name}: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"{name}: interrupted; every run is stopped", file=sys.stderr)
        return INTERRUPTED
    return 0
