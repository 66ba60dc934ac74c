# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Draws what is left in the workers' batteries: their median, and where most and all of them are."""

from typing import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .errors import UserError
from .legend import add_legend, legend_height
from .results import Run
from .style import COLUMN_IN, GREY, PANEL_HEIGHT_IN, run_style
from .units import unit_for

QUARTILES = (0.25, 0.75)


def draw(runs: Sequence[Run]) -> Figure:
    """Draw a line a run, through the ends of its rounds."""
    tables = []
    for run in runs:
        table = run.workers.pivot(index="round", columns="worker", values="battery_j")
        if table.isna().all(axis=None):
            raise UserError(f"{run.folder}: its workers have no batteries; run with --battery")
        tables.append(table)
    handles = [
        Line2D([], [], label=run.label, **run_style(index)) for index, run in enumerate(runs)
    ]
    handles.append(Patch(color=GREY, alpha=0.3, label="middle half of the workers"))
    handles.append(Patch(color=GREY, alpha=0.12, label="all workers"))
    top = legend_height(handles, COLUMN_IN)
    figure = Figure(figsize=(COLUMN_IN, PANEL_HEIGHT_IN + top), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=[top, PANEL_HEIGHT_IN])
    add_legend(figure.add_subplot(grid[0]), handles, COLUMN_IN)
    axes = figure.add_subplot(grid[1])
    time = unit_for(max(float(run.rounds["time_s"].iloc[-1]) for run in runs), "time")
    energy = unit_for(max(float(np.nanmax(table)) for table in tables), "energy")
    for index, (run, table) in enumerate(zip(runs, tables)):
        x = run.rounds.set_index("round")["time_s"].loc[table.index] / time.factor
        left = table / energy.factor
        style = run_style(index)
        low, high = (left.quantile(q, axis="columns") for q in QUARTILES)
        bands = ((left.min(axis="columns"), left.max(axis="columns"), 0.12), (low, high, 0.3))
        for bottom, above, alpha in bands:
            axes.fill_between(x, bottom, above, color=style["color"], alpha=alpha, linewidth=0)
        axes.plot(x, left.median(axis="columns"), markevery=0.16, **style)
    axes.set_xlabel(f"Simulated time ({time.symbol})")
    axes.set_ylabel(f"Left in a battery ({energy.symbol})")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    return figure
