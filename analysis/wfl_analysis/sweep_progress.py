# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""A line for each run of a sweep that ends: the --log-handler-script of Snakemake."""

import time
from typing import Any, Mapping

_begin_s = time.monotonic()
_places: dict[int, str] = {}  # results folders by number of the job
_ended: list[str] = []  # results folders of runs that have ended and were not told of


def log_handler(message: Mapping[str, Any]) -> None:
    """Take in what Snakemake tells."""
    level = message["level"]
    if level == "job_info":
        _places[message["jobid"]] = message["wildcards"].get("place", "")
    elif level == "job_finished":
        _ended.append(_places.get(message["jobid"], ""))
    elif level == "progress":
        _tell(message["done"], message["total"] - 1)  # the last step joins all


def _tell(done: int, total: int) -> None:
    seconds_left = (time.monotonic() - _begin_s) / done * (total - done)
    for place in filter(None, _ended):
        print(f"{done} of {total}: {place}{_remaining(seconds_left)}", flush=True)
    _ended.clear()


def _remaining(seconds: float) -> str:
    if seconds < 1:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    length = f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{rest} s"
    return f" (about {length} left)"
