# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""How figures look: sizes for print, colours, lines, and reproducible files."""

from typing import Any, ContextManager

from matplotlib import style

COLUMN_IN = 3.5  # width of one column of a two-column page, inches
PAGE_IN = 7.16  # width of both columns, inches
PANEL_HEIGHT_IN = 2.25
FONT_PT = 8.0
DPI = 300

# Okabe and Ito's colours, safe for colour-blind readers; their yellow is too faint
# on white paper.
COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
)
LINES = ("-", (0, (5, 1.5)), (0, (5, 1.2, 1, 1.2)), (0, (1.5, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
GREY = "#595959"

_SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": FONT_PT,
    "axes.labelsize": FONT_PT,
    "axes.titlesize": FONT_PT,
    "xtick.labelsize": FONT_PT - 1,
    "ytick.labelsize": FONT_PT - 1,
    "legend.fontsize": FONT_PT - 1,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#D9D9D9",
    "grid.linewidth": 0.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "wfl",
}


def figure_style() -> ContextManager[None]:
    """Give a context in which figures have this style, whatever the user's own is."""
    return style.context(["default", _SETTINGS])


def run_style(index: int) -> dict[str, Any]:
    """Give colour, line and marker of run ``index``."""
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": LINES[index % len(LINES)],
        "marker": MARKERS[index % len(MARKERS)],
        "markersize": 4.0,
        "markeredgecolor": "white",
        "markeredgewidth": 0.4,
        "linewidth": 1.2,
    }


# No date and no version in the files: the same data give the same bytes.
METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
