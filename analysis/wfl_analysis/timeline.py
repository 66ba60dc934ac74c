# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Draws who was on the air when: a row a radio, uplink above downlink in each.

Acknowledgements stand in the row of the radio that sends them and count as the
direction that they answer. A bar is at least a hair wide, however short it is.
"""

from pathlib import Path
from typing import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .columns import TEXT_TRANSMISSION_COLUMNS, TRANSMISSION_COLUMNS
from .csvfile import HEADER_LINES, read_csv
from .errors import UserError
from .legend import add_legend, legend_height, patch_handle
from .results import Run
from .style import COLOURS, FONT_PT, GREY, PAGE_IN
from .units import unit_for

SERVER = "server"
ROW_IN = 0.22  # height of a radio's row, inches
HIGHEST_IN = 8.0  # of all rows together; many rows become thinner
AXIS_IN = 0.65  # axis, its title and the numbers of the rounds
HAIR = 0.3  # outline of a bar, points

# Place within a row (0 is its middle, up is negative), colour and name.
LANES = {
    "up": ((-0.4, 0.0), COLOURS[0], "uplink and its acknowledgements"),
    "down": ((0.0, 0.4), COLOURS[1], "downlink and its acknowledgements"),
    "none": ((-0.4, 0.4), GREY, "neither: beacons, association"),
}


def load_transmissions(folder: Path) -> pd.DataFrame:
    """Load what was on the air in the rounds of --timeline, a row a transmission."""
    path = folder / "transmissions.csv"
    if not path.exists():
        raise UserError(f"{path}: no such file; run with --timeline=FIRST:LAST")
    frame = read_csv(path, TRANSMISSION_COLUMNS, (), TEXT_TRANSMISSION_COLUMNS)
    if frame.empty:
        raise UserError(f"{path}: holds no transmission; choose other rounds")
    known = frame["direction"].isin(LANES)
    if not known.all():
        line = int((~known).to_numpy().argmax()) + 1 + HEADER_LINES
        raise UserError(f"{path}: line {line}: direction is not up, down or none")
    return frame


def draw(run: Run) -> Figure:
    """Draw the transmissions of a run."""
    frame = load_transmissions(run.folder)
    rows = _rows(frame)
    names = list(dict.fromkeys(sorted(rows, key=_order)))
    handles = [
        patch_handle(colour, label)
        for direction, (_, colour, label) in LANES.items()
        if (frame["direction"] == direction).any()
    ]
    top = legend_height(handles, PAGE_IN)
    height = min(ROW_IN * len(names), HIGHEST_IN)
    figure = Figure(figsize=(PAGE_IN, top + height + AXIS_IN), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=[top, height + AXIS_IN])
    add_legend(figure.add_subplot(grid[0]), handles, PAGE_IN)
    axes = figure.add_subplot(grid[1])

    first_s = float(frame["start_s"].min())
    length_s = float((frame["start_s"] + frame["duration_s"]).max()) - first_s
    unit = unit_for(length_s, "time")
    _draw_bars(axes, frame, [names.index(row) for row in rows], first_s, unit.factor)
    last_end = _draw_rounds(axes, run, frame, first_s, unit.factor)
    axes.set_xlim(0, max(length_s / unit.factor, last_end))
    axes.xaxis.set_major_locator(MaxNLocator(8))
    axes.set_xlabel(f"Simulated time from {first_s:.9g} s on ({unit.symbol})")
    axes.set_ylim(len(names) - 0.5, -0.5)
    size = min(FONT_PT - 1, 72 * 0.9 * height / len(names))
    axes.set_yticks(range(len(names)), names, fontsize=size)
    axes.grid(visible=False, axis="y")
    return figure


def _rows(frame: pd.DataFrame) -> list[str]:
    """Name the radio of each transmission; a server has one a collision domain."""
    servers = frame.loc[frame["transmitter"] == SERVER, "domain"].nunique()
    return [
        f"worker {station}"
        if station != SERVER
        else SERVER
        if servers == 1
        else f"{SERVER} {domain:g}"
        for station, domain in zip(frame["transmitter"], frame["domain"])
    ]


def _order(name: str) -> tuple[bool, int]:
    """Sort the server before the workers, each by its number."""
    kind, _, number = name.partition(" ")
    return kind != SERVER, int(number or 0)


def _draw_bars(
    axes: Axes, frame: pd.DataFrame, rows: Sequence[int], first_s: float, factor: float
) -> None:
    begin = (frame["start_s"].to_numpy() - first_s) / factor
    end = begin + frame["duration_s"].to_numpy() / factor
    middle = np.array(rows, dtype=float)
    for direction, ((above, below), colour, _) in LANES.items():
        chosen = (frame["direction"] == direction).to_numpy()
        left, right, row = begin[chosen], end[chosen], middle[chosen]
        corners = [
            np.column_stack([left, row + above]),
            np.column_stack([right, row + above]),
            np.column_stack([right, row + below]),
            np.column_stack([left, row + below]),
        ]
        bars = PolyCollection(
            list(np.stack(corners, axis=1)),
            facecolors=colour,
            edgecolors=colour,
            linewidths=HAIR,
            label=direction,
        )
        axes.add_collection(bars)


def _draw_rounds(
    axes: Axes, run: Run, frame: pd.DataFrame, first_s: float, factor: float
) -> float:
    """Mark where each round ends, and write its number above it; give the last end."""
    ends = run.rounds.set_index("round")["time_s"]
    begin = 0.0
    for number in sorted(set(frame["round"]) & set(ends.index)):
        end = (ends[number] - first_s) / factor
        axes.axvline(end, color="black", linestyle=":", linewidth=0.8)
        axes.annotate(
            f"round {number:g}",
            ((begin + end) / 2, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=FONT_PT - 1,
            annotation_clip=True,
        )
        begin = end
    return begin
