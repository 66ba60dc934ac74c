# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Shows running jobs: one updating line each on a terminal, else lines now and then."""

import shutil
import time
from typing import Sequence, TextIO

PLAIN_INTERVAL_S = 15.0


class Display:
    """Writes to ``stream``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._shown = 0  # updating lines on the terminal
        self._next_plain = time.monotonic() + PLAIN_INTERVAL_S

    def update(self, lines: Sequence[str]) -> None:
        """Show ``lines`` in place of those of the last update."""
        if self._terminal:
            self._erase()
            width = shutil.get_terminal_size().columns - 1
            self._write([line[:width] for line in lines])
            self._shown = len(lines)
        elif time.monotonic() >= self._next_plain:
            self._write(lines)
            self._next_plain = time.monotonic() + PLAIN_INTERVAL_S

    def keep(self, line: str) -> None:
        """Write a line that stays."""
        self._erase()
        self._write([line])

    def _erase(self) -> None:
        if self._shown:
            self._stream.write(f"\x1b[{self._shown}A\x1b[J")
            self._shown = 0

    def _write(self, lines: Sequence[str]) -> None:
        self._stream.write("".join(f"{line}\n" for line in lines))
        self._stream.flush()
