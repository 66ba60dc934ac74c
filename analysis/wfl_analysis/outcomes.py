# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Draws what became of each worker in each round: a row a worker, a column a round."""


import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .legend import add_legend, legend_height, patch_handle
from .results import Run
from .style import COLOURS, PAGE_IN

# From workers.csv; the empty one was neither asked nor owed an answer.
OUTCOMES = {
    "delivered": COLOURS[2],
    "partial": COLOURS[4],
    "skipped": COLOURS[5],
    "late": COLOURS[3],
    "lost": COLOURS[1],
    "dead": "#000000",
    "": "#E6E6E6",
}
NOT_ASKED = "not asked"
ROW_IN = 0.16
LEAST_IN, MOST_IN = 1.0, 6.0  # of all rows
AXIS_IN = 0.5  # and its title


def raster(run: Run) -> np.ndarray:
    """Give by worker and round the number of the outcome in ``OUTCOMES``."""
    numbers = {outcome: number for number, outcome in enumerate(OUTCOMES)}
    frame = run.workers.assign(outcome=run.workers["outcome"].fillna("").map(numbers))
    table = frame.pivot(index="worker", columns="round", values="outcome")
    return table.fillna(numbers[""]).to_numpy(dtype=int)


def draw(run: Run) -> Figure:
    """Draw the outcomes of a run."""
    numbers = raster(run)
    height = min(max(ROW_IN * len(numbers), LEAST_IN), MOST_IN)
    seen = set(np.unique(numbers))
    handles = [
        patch_handle(colour, outcome or NOT_ASKED)
        for number, (outcome, colour) in enumerate(OUTCOMES.items())
        if number in seen
    ]
    top = legend_height(handles, PAGE_IN)
    figure = Figure(figsize=(PAGE_IN, top + height + AXIS_IN), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=[top, height + AXIS_IN])
    add_legend(figure.add_subplot(grid[0]), handles, PAGE_IN)
    axes = figure.add_subplot(grid[1])
    first = float(run.rounds["round"].iloc[0])
    axes.imshow(
        numbers,
        aspect="auto",
        interpolation="nearest",
        cmap=ListedColormap(list(OUTCOMES.values())),
        vmin=-0.5,
        vmax=len(OUTCOMES) - 0.5,
        extent=(first - 0.5, first + numbers.shape[1] - 0.5, len(numbers) - 0.5, -0.5),
    )
    axes.grid(visible=False)
    axes.set_xlabel("Round")
    axes.set_ylabel("Worker")
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    return figure
