# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Where the time of a round goes, for the workers whose uploads arrived, in the mean.

From the opening of the round to its end a worker waits for the model, computes, waits to send (a
schedule or a TCP connection), uploads, has missing parts repaired, and waits for the others. Where
a round has several exchanges, the first stretch holds all but the last one.
"""

from typing import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .errors import UserError
from .legend import add_legend, legend_height, patch_handle
from .results import Run
from .style import COLOURS, PAGE_IN
from .units import unit_for

PARTS = ("downlink", "computing", "waiting to send", "uplink", "repair", "waiting for others")
LIGHT = "#BFBFBF"  # of waiting for others
ROW_IN = 0.28
AXIS_IN = 0.6  # and its title


def breakdown(run: Run) -> pd.DataFrame:
    """Give a row a worker and round whose upload arrived, and a column a part, in seconds."""
    ends = run.rounds.set_index("round")["time_s"]
    workers = run.workers[run.workers["uplink_end_s"].notna()]
    workers = workers[workers["compute_end_s"].notna() & workers["round"].isin(ends.index)]
    begin = workers["round"].map(ends.shift(fill_value=0.0))
    end = workers["round"].map(ends)
    downlink_end = workers["downlink_end_s"].fillna(begin)  # who had the model already
    repair = workers["repair_s"].fillna(0.0)
    frame = pd.DataFrame(
        {
            "downlink": downlink_end - begin,
            "computing": workers["compute_end_s"] - downlink_end,
            "waiting to send": workers["uplink_start_s"] - workers["compute_end_s"],
            "uplink": workers["uplink_end_s"] - workers["uplink_start_s"] - repair,
            "repair": repair,
            # What counts in a later round has waited for nobody.
            "waiting for others": (end - workers["uplink_end_s"]).clip(lower=0.0),
        }
    )
    frame.insert(0, "worker", workers["worker"])
    frame.insert(0, "round", workers["round"])
    return frame.dropna().reset_index(drop=True)


def draw(runs: Sequence[Run]) -> Figure:
    """Draw a bar a run."""
    means = [breakdown(run)[list(PARTS)].mean() for run in runs]
    for run, mean in zip(runs, means):
        if mean.isna().any():
            raise UserError(f"{run.folder}: no upload has arrived")
    longest = max(float(mean.sum()) for mean in means)
    unit = unit_for(longest, "time")
    colours = [*COLOURS[: len(PARTS) - 1], LIGHT]
    handles = [patch_handle(colour, part) for part, colour in zip(PARTS, colours)]
    top = legend_height(handles, PAGE_IN)
    height = ROW_IN * len(runs) + AXIS_IN
    figure = Figure(figsize=(PAGE_IN, top + height), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=[top, height])
    add_legend(figure.add_subplot(grid[0]), handles, PAGE_IN)
    axes = figure.add_subplot(grid[1])
    left = np.zeros(len(runs))
    for part, colour in zip(PARTS, colours):
        widths = np.array([mean[part] for mean in means]) / unit.factor
        axes.barh(range(len(runs)), widths, left=left, color=colour, height=0.7)
        left += widths
    axes.set_yticks(range(len(runs)), [run.label for run in runs])
    axes.set_ylim(len(runs) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"Mean over workers and rounds ({unit.symbol})")
    return figure
