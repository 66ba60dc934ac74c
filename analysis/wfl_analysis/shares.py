# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""What each worker has of participation, airtime and energy, the largest share first."""

from typing import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .legend import add_legend, legend_height
from .quantities import participation, share
from .results import Run
from .statistics import jain
from .style import FONT_PT, PAGE_IN, PANEL_HEIGHT_IN, run_style

SHARES: dict[str, Callable[[Run], pd.Series]] = {
    "Participation": participation,
    "Airtime": lambda run: share(run, "airtime_tx_s"),
    "Energy": lambda run: share(run, "energy_j"),
}


def draw(runs: Sequence[Run]) -> Figure:
    """Draw a panel each, a line a run, in per cent of all; Jain's index stands beside it."""
    handles = [
        Line2D([], [], label=run.label, **run_style(index)) for index, run in enumerate(runs)
    ]
    top = legend_height(handles, PAGE_IN)
    figure = Figure(figsize=(PAGE_IN, PANEL_HEIGHT_IN + top), layout="constrained")
    grid = figure.add_gridspec(2, len(SHARES), height_ratios=[top, PANEL_HEIGHT_IN])
    add_legend(figure.add_subplot(grid[0, :]), handles, PAGE_IN)
    for column, (title, of) in enumerate(SHARES.items()):
        axes = figure.add_subplot(grid[1, column])
        _draw_panel(axes, [of(run) for run in runs])
        axes.set_title(title)
    return figure


def _draw_panel(axes: Axes, columns: Sequence[pd.Series]) -> None:
    indices, highest = [], 0.0
    for index, values in enumerate(columns):
        total = float(values.sum())
        if total <= 0:
            continue
        shares = 100 * np.sort(values.to_numpy(dtype=float))[::-1] / total
        place = np.arange(1, len(shares) + 1)
        axes.plot(place, shares, markevery=(0.04 * (index % 4), 0.16), **run_style(index))
        highest = max(highest, float(shares[0]))
        indices.append(f"{jain(list(values)):.3g}")
    axes.set_xlabel("Worker, by its share")
    axes.set_ylabel("Share (%)")
    axes.set_ylim(0, 1.3 * highest or None)  # room for the text
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    if indices:
        text = "Jain " + ", ".join(indices)
        axes.text(0.98, 0.97, text, transform=axes.transAxes, ha="right", va="top",
                  fontsize=FONT_PT - 1)
