# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Draws the cells of a part of a sweep: curves, and figures as bars or against an axis.

A curve is the mean over the seeds of the moving median of the test accuracy (see ``metrics``), or
the geometric mean of the objective's error, at
the same time, round or other cost, from where all seeds have a value to where the first of them
ends; the band is Student's 95 % interval, as are the whiskers.
"""

import math
from pathlib import Path
from typing import Any, Callable, Optional, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from . import metrics
from .comparison import (
    Result,
    baseline_of,
    check_done,
    ratio_to,
    results_of,
    tidy,
    values_of,
    write_tables,
)
from .errors import UserError
from .legend import add_legend, legend_height
from .metrics import Cost, ErrorGoal
from .plots import LOG_RATIO, X_AXES, save_figures
from .quantities import QUANTITIES
from .statistics import Estimate, estimate
from .style import GREY, PAGE_IN, PANEL_HEIGHT_IN, figure_style, run_style
from .sweep import Cell, Optimum, Part, Sweep
from .tables import NOT_REACHED
from .units import unit_for

POINTS = 200  # of a curve
LEAST_ERROR = 1e-16  # that is drawn
CURVES = {**X_AXES, "bits": metrics.UPLINK_BITS}


def compare(sweep: Sweep, output: Path) -> list[Path]:
    """Draw the parts of a sweep and write their tables into a folder; give the files written."""
    for name in (name for part in sweep.parts for name in part.curves):
        if name not in CURVES:
            raise UserError(f"curves: {name!r} is none of {', '.join(CURVES)}")
    check_done(sweep)
    paths = []
    for part in sweep.parts:
        frame = tidy(part)
        with figure_style():
            paths += save_figures({part.name: draw(part, frame)}, output)
        paths += write_tables(part, frame, output)
    return paths


def draw(part: Part, frame: pd.DataFrame) -> Figure:
    """Draw a panel for each curve and for each figure of a part, under one legend."""
    lines = _lines(part)
    panels = len(part.curves) + len(part.figures) + len(part.speed_ups)
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
    if part.curves:
        groups = [results_of(part, cell) for cell in part.cells]
        for name, place in zip(part.curves, places):
            axes = figure.add_subplot(place)
            _draw_curves(axes, groups, CURVES[name])
            if isinstance(part.target, Optimum):
                axes.set_ylabel("Relative error of the objective")
                axes.set_yscale("log")
            else:
                axes.set_ylabel("Test accuracy (%)")
    numbers = [(QUANTITIES[name].title, _means_of(frame, name)) for name in part.figures]
    for name in part.speed_ups:
        title = f"Times less than {part.baseline}:\n{QUANTITIES[name].title}"
        numbers.append((title, _ratios_of(part, frame, name)))
    for (title, estimate_of), place in zip(numbers, places[len(part.curves) :]):
        axes = figure.add_subplot(place)
        axes.set_ylabel(title)
        if part.against is None:
            _draw_bars(axes, [estimate_of(cell) for cell in part.cells])
        else:
            _draw_against(axes, part.against, list(lines.values()), estimate_of)
    return figure


EstimateOf = Callable[[Cell], Optional[Estimate]]  # none where nothing was reached


def _means_of(frame: pd.DataFrame, quantity: str) -> EstimateOf:
    def of(cell: Cell) -> Optional[Estimate]:
        reached = list(values_of(frame, cell, quantity).dropna())
        return estimate(reached) if reached else None

    return of


def _ratios_of(part: Part, frame: pd.DataFrame, quantity: str) -> EstimateOf:
    return lambda cell: ratio_to(
        values_of(frame, baseline_of(part, cell), quantity), values_of(frame, cell, quantity)
    )


def _lines(part: Part) -> dict[str, list[Cell]]:
    """Give the cells of each line by its name: one each, or those along the x axis."""
    lines: dict[str, list[Cell]] = {}
    for cell in part.cells:
        point = {axis: v for axis, v in cell.point.items() if axis != part.against}
        label = Cell(cell.variant, point, ()).label
        lines.setdefault(label, []).append(cell)
    if part.curves and any(len(cells) > 1 for cells in lines.values()):
        raise UserError("curves: not with 'against', whose points are many curves a line")
    return lines


def _draw_curves(axes: Axes, groups: Sequence[Sequence[Result]], cost: Cost) -> None:
    curves = [mean_curve(results, cost) for results in groups]
    ends = [x[-1] for x, _, _, _ in curves]
    unit = unit_for(max(ends), cost.quantity)
    for index, (x, means, low, high) in enumerate(curves):
        axes.plot(
            x / unit.factor, means, markevery=(0.04 * (index % 4), 0.16), **run_style(index)
        )
        axes.fill_between(
            x / unit.factor,
            low,
            high,
            color=run_style(index)["color"],
            alpha=0.2,
            linewidth=0,
        )
    axes.set_xlabel(f"{cost.title} ({unit.symbol})" if unit.symbol else cost.title)
    if _differ_much(ends):
        axes.set_xscale("log")
        _plain_ticks(axes.xaxis)
    else:
        axes.set_xlim(left=0)


def mean_curve(
    results: Sequence[Result], cost: Cost
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give costs, means, and the lower and upper ends of their intervals.

    The means are of accuracies in per cent, or geometric ones of errors.
    """
    curves = []
    for result in results:
        rounds = result.run.rounds
        learning = result.goal.learning(rounds)
        curves.append((cost.values(rounds).loc[learning.index].to_numpy(), learning.to_numpy()))
    if any(len(x) == 0 for x, _ in curves):
        raise UserError(f"{results[0].run.folder}: too few evaluations for a curve")
    grid = np.linspace(max(x[0] for x, _ in curves), min(x[-1] for x, _ in curves), POINTS)
    # Between two evaluations the model is that of the earlier one.
    values = np.array(
        [learning[np.searchsorted(x, grid, side="right") - 1] for x, learning in curves]
    )
    is_error = isinstance(results[0].goal, ErrorGoal)
    if is_error:
        values = np.log(np.maximum(values, LEAST_ERROR))
    estimates = [estimate(list(column)) for column in values.T]
    ends = np.array([[e.mean, e.low, e.high] for e in estimates]).T
    ends[1:] = np.where(np.isnan(ends[1:]), ends[0], ends[1:])  # one seed has no interval
    means, low, high = np.exp(ends) if is_error else 100 * ends
    return grid, means, low, high


def _draw_bars(axes: Axes, estimates: Sequence[Optional[Estimate]]) -> None:
    for index, result in enumerate(estimates):
        style = run_style(index)
        if result is None:
            place = axes.get_xaxis_transform()
            axes.text(
                index, 0.03, NOT_REACHED, rotation=90, ha="center", va="bottom", transform=place
            )
            continue
        axes.bar(index, result.mean, color=style["color"], alpha=0.5, width=0.7)
        if not math.isnan(result.low):
            axes.errorbar(
                index, result.mean, _whiskers([result]), color=GREY, elinewidth=0.8, capsize=2
            )
    axes.set_xticks([])
    axes.set_xlim(-0.6, len(estimates) - 0.4)
    heights = [result.mean for result in estimates if result is not None]
    if not heights:
        axes.set_yticks([])
    elif _differ_much(heights):
        axes.set_yscale("log")
        _plain_ticks(axes.yaxis)


def _differ_much(values: Sequence[float]) -> bool:
    return min(values) > 0 and max(values) > LOG_RATIO * min(values)


def _plain_ticks(axis: Axis) -> None:
    """Write the numbers of a logarithmic axis as 0.1, 1, 10."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _whiskers(estimates: Sequence[Estimate]) -> np.ndarray:
    """Give how far intervals reach below and above their means."""
    return np.nan_to_num([[e.mean - e.low, e.high - e.mean] for e in estimates]).T


def _draw_against(
    axes: Axes, axis: str, lines: Sequence[Sequence[Cell]], estimate_of: EstimateOf
) -> None:
    """Draw a line through its cells; what was not reached has no point."""
    labels = list(dict.fromkeys(cell.point[axis] for cells in lines for cell in cells))
    numbers = _numbers(labels)
    heights = []
    for index, cells in enumerate(lines):
        points = [(numbers[labels.index(cell.point[axis])], estimate_of(cell)) for cell in cells]
        reached = [(x, result) for x, result in points if result is not None]
        if not reached:
            continue
        means = [result.mean for _, result in reached]
        heights += means
        axes.errorbar(
            [x for x, _ in reached],
            means,
            _whiskers([result for _, result in reached]),
            elinewidth=0.8,
            capsize=2,
            **run_style(index),
        )
    if not heights:
        axes.text(0.5, 0.5, NOT_REACHED, transform=axes.transAxes, ha="center")
    elif _differ_much(heights):
        axes.set_yscale("log")
        _plain_ticks(axes.yaxis)
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
