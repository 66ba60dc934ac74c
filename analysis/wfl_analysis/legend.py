# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Places the legend in a strip of its own above the panels, where no data are."""

import textwrap
from typing import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .style import FONT_PT

POINTS_PER_INCH = 72.0
CHARACTER_IN = 0.58 * (FONT_PT - 1) / POINTS_PER_INCH  # mean width of a character
ROW_IN = 1.3 * (FONT_PT - 1) / POINTS_PER_INCH
HANDLE_IN = 0.42  # the sample line, and the gaps around it
MARGIN_IN = 0.06


def patch_handle(colour: str, label: str) -> Line2D:
    """Give the sample of an area: a thick line."""
    return Line2D([], [], color=colour, linewidth=4, solid_capstyle="butt", label=label)


def legend_height(handles: Sequence[Line2D], width: float) -> float:
    """Give the height in inches of the legend of a figure ``width`` inches wide."""
    labels = _wrapped(handles, width)
    columns = _split(labels, _columns(labels, width))
    lines = max(sum(label.count("\n") + 1 for label in column) for column in columns)
    return ROW_IN * lines + MARGIN_IN


def add_legend(axes: Axes, handles: Sequence[Line2D], width: float) -> None:
    """Fill the empty panel ``axes`` with the legend."""
    axes.axis("off")
    labels = _wrapped(handles, width)
    legend = axes.legend(
        handles,
        labels,
        loc="center",
        ncol=_columns(labels, width),
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        labelspacing=0.3,
        columnspacing=1.0,
        handlelength=2.5,
        handletextpad=0.5,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _wrapped(handles: Sequence[Line2D], width: float) -> list[str]:
    """Give the labels, cut into lines that fit into the figure.

    The space before an underscore keeps Matplotlib from hiding the entry.
    """
    longest = int((width - HANDLE_IN - MARGIN_IN) / CHARACTER_IN)
    labels = [textwrap.fill(str(handle.get_label()), longest) for handle in handles]
    return [f" {label}" if label.startswith("_") else label for label in labels]


def _columns(labels: Sequence[str], width: float) -> int:
    """Give the largest number of columns in which the labels fit."""
    fitting = (
        count
        for count in range(len(labels), 1, -1)
        if sum(map(_width, _split(labels, count))) <= width - MARGIN_IN
    )
    return next(fitting, 1)


def _split(labels: Sequence[str], columns: int) -> list[list[str]]:
    """Deal the labels out as Matplotlib fills a legend: column by column."""
    return [list(part) for part in np.array_split(np.array(labels, str), columns)]


def _width(column: Sequence[str]) -> float:
    """Give the width in inches of a column, sample lines included."""
    lines = [line for label in column for line in label.split("\n")]
    return HANDLE_IN + CHARACTER_IN * max(map(len, lines))
