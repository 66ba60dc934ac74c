# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Draws the cells of a sweep: curves of accuracy, and figures as bars or against an axis.

A curve is the mean over the seeds of the moving median of the test accuracy (see ``metrics``) at
the same time, round or other cost, from where all seeds have a value to where the first of them
ends; the band is Student's 95 % interval, as are the whiskers.
"""

import math
from pathlib import Path
from typing import Any, Optional, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from . import metrics
from .comparison import NOT_REACHED, tidy, values_of, write_tables
from .errors import UserError
from .legend import add_legend, legend_height
from .metrics import Cost
from .plots import LOG_RATIO, X_AXES, save_figures
from .quantities import QUANTITIES
from .results import Run, load_runs
from .statistics import estimate
from .style import GREY, PAGE_IN, PANEL_HEIGHT_IN, figure_style, run_style
from .sweep import Cell, Sweep
from .units import unit_for

POINTS = 200  # of a curve


def compare(sweep: Sweep, output: Path) -> list[Path]:
    """Draw a sweep and write its tables into the folder ``output``; give the files written."""
    for name in sweep.curves:
        if name not in X_AXES:
            raise UserError(f"curves: {name!r} is none of {', '.join(X_AXES)}")
    frame = tidy(sweep)
    with figure_style():
        paths = save_figures({sweep.name: draw(sweep, frame)}, output)
    return [*paths, *write_tables(sweep, frame, output)]


def draw(sweep: Sweep, frame: pd.DataFrame) -> Figure:
    """Draw a panel for each curve and for each figure of the sweep, under one legend."""
    lines = _lines(sweep)
    panels = len(sweep.curves) + len(sweep.figures)
    columns = 2 if panels == 4 else min(panels, 3)
    rows = math.ceil(panels / columns)
    handles = [
        Line2D([], [], label=label, **run_style(index)) for index, label in enumerate(lines)
    ]
    top = legend_height(handles, PAGE_IN)
    height = rows * PANEL_HEIGHT_IN + top
    figure = Figure(figsize=(PAGE_IN, height), layout="constrained")
    ratios = [top] + [PANEL_HEIGHT_IN] * rows
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=ratios)
    add_legend(figure.add_subplot(grid[0, :]), handles, PAGE_IN)
    places = [grid[1 + i // columns, i % columns] for i in range(panels)]
    if sweep.curves:
        groups = [load_runs([run.folder for run in cell.runs]) for cell in sweep.cells]
        for name, place in zip(sweep.curves, places):
            _draw_curves(figure.add_subplot(place), groups, X_AXES[name])
    for name, place in zip(sweep.figures, places[len(sweep.curves) :]):
        axes = figure.add_subplot(place)
        axes.set_ylabel(QUANTITIES[name].title)
        if sweep.against is None:
            _draw_bars(axes, [values_of(frame, cell, name) for cell in sweep.cells])
        else:
            _draw_against(axes, sweep.against, list(lines.values()), frame, name)
    return figure


def _lines(sweep: Sweep) -> dict[str, list[Cell]]:
    """Give the cells of each line by its name: one each, or those along the x axis."""
    lines: dict[str, list[Cell]] = {}
    for cell in sweep.cells:
        point = {axis: v for axis, v in cell.point.items() if axis != sweep.against}
        label = Cell(cell.variant, point, ()).label
        lines.setdefault(label, []).append(cell)
    if sweep.curves and any(len(cells) > 1 for cells in lines.values()):
        raise UserError("curves: not with 'against', whose points are many curves a line")
    return lines


def _draw_curves(axes: Axes, groups: Sequence[Sequence[Run]], cost: Cost) -> None:
    curves = [mean_curve(runs, cost) for runs in groups]
    ends = [x[-1] for x, _, _ in curves]
    unit = unit_for(max(ends), cost.quantity)
    for index, (x, means, half_widths) in enumerate(curves):
        axes.plot(
            x / unit.factor, means, markevery=(0.04 * (index % 4), 0.16), **run_style(index)
        )
        axes.fill_between(
            x / unit.factor,
            means - half_widths,
            means + half_widths,
            color=run_style(index)["color"],
            alpha=0.2,
            linewidth=0,
        )
    axes.set_xlabel(f"{cost.title} ({unit.symbol})" if unit.symbol else cost.title)
    axes.set_ylabel("Test accuracy (%)")
    if max(ends) > LOG_RATIO * min(ends):
        axes.set_xscale("log")
    else:
        axes.set_xlim(left=0)


def mean_curve(
    runs: Sequence[Run], cost: Cost
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give costs, mean accuracies in per cent, and half the widths of their intervals."""
    curves = []
    for run in runs:
        median = metrics.moving_median(run.rounds["test_accuracy"]).dropna()
        curves.append((cost.values(run.rounds).loc[median.index].to_numpy(), median))
    if any(len(x) == 0 for x, _ in curves):
        raise UserError(f"{runs[0].folder}: too few evaluations for a curve")
    grid = np.linspace(
        max(x[0] for x, _ in curves), min(x[-1] for x, _ in curves), POINTS
    )
    # Between two evaluations the model is that of the earlier one.
    values = np.array(
        [
            100 * median.to_numpy()[np.searchsorted(x, grid, side="right") - 1]
            for x, median in curves
        ]
    )
    estimates = [estimate(column) for column in values.T]
    means = np.array([e.mean for e in estimates])
    half_widths = np.nan_to_num(np.array([e.half_width for e in estimates]))
    return grid, means, half_widths


def _draw_bars(axes: Axes, columns: Sequence[pd.Series]) -> None:
    for index, values in enumerate(columns):
        reached = list(values.dropna())
        style = run_style(index)
        if not reached:
            axes.text(index, 0, NOT_REACHED, rotation=90, ha="center", va="bottom")
            continue
        result = estimate(reached)
        axes.bar(index, result.mean, color=style["color"], alpha=0.5, width=0.7)
        if not math.isnan(result.half_width):
            axes.errorbar(
                index, result.mean, result.half_width, color=GREY, elinewidth=0.8, capsize=2
            )
    axes.set_xticks([])
    axes.set_xlim(-0.6, len(columns) - 0.4)


def _draw_against(
    axes: Axes,
    axis: str,
    lines: Sequence[Sequence[Cell]],
    frame: pd.DataFrame,
    quantity: str,
) -> None:
    """Draw a line through the means of its cells; what was not reached has no point."""
    labels = list(dict.fromkeys(cell.point[axis] for cells in lines for cell in cells))
    numbers = _numbers(labels)
    heights = []
    for index, cells in enumerate(lines):
        points = []
        for cell in cells:
            reached = list(values_of(frame, cell, quantity).dropna())
            if reached:
                points.append((numbers[labels.index(cell.point[axis])], estimate(reached)))
        if not points:
            continue
        means = [result.mean for _, result in points]
        heights += means
        axes.errorbar(
            [x for x, _ in points],
            means,
            np.nan_to_num([result.half_width for _, result in points]),
            elinewidth=0.8,
            capsize=2,
            **run_style(index),
        )
    if not heights:
        axes.text(0.5, 0.5, NOT_REACHED, transform=axes.transAxes, ha="center")
    elif min(heights) > 0 and max(heights) > LOG_RATIO * min(heights):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    _dress_x(axes, axis, labels, numbers)


def _numbers(labels: Sequence[Any]) -> list[float]:
    """Give places on the x axis: the labels themselves if they are numbers."""
    parsed = [_number(label) for label in labels]
    known = [value for value in parsed if value is not None]
    return known if len(known) == len(labels) else [float(i) for i in range(len(labels))]


def _number(label: Any) -> Optional[float]:
    try:
        return float(label)
    except (TypeError, ValueError):
        return None


def _dress_x(
    axes: Axes, axis: str, labels: Sequence[Any], numbers: Sequence[float]
) -> None:
    axes.set_xlabel(axis[:1].upper() + axis[1:])
    if min(numbers) > 0 and max(numbers) > LOG_RATIO / 2 * min(numbers):
        axes.set_xscale("log")
    axes.set_xticks(numbers, [str(label) for label in labels])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
