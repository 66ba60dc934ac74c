# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Draws accuracy and loss against what they cost, as PNG, SVG and PDF.

A line is the moving median of the evaluations (see ``metrics``), the thin line
behind it joins the single evaluations. A ring marks where a run reaches the target.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from . import metrics
from .errors import UserError
from .legend import add_legend, legend_height
from .metrics import Cost
from .results import Run
from .style import (
    COLUMN_IN,
    DPI,
    GREY,
    METADATA,
    PAGE_IN,
    PANEL_HEIGHT_IN,
    run_style,
)
from .units import unit_for

LOG_RATIO = 10.0  # an axis is logarithmic where runs differ by more than this
LONGEST_PLAIN_DECADES = 7
THIN = 0.5  # line width of single evaluations, points


@dataclass(frozen=True)
class Measure:
    """What stands on the y axis: ``column`` of rounds.csv times ``factor``."""

    name: str
    title: str
    column: str
    factor: float
    has_target: bool


ACCURACY = Measure("accuracy", "Test accuracy (%)", "test_accuracy", 100.0, True)
LOSS = Measure("loss", "Test loss", "test_loss", 1.0, False)
MEASURES = (ACCURACY, LOSS)

X_AXES = {
    "time": metrics.TIME,
    "payload": metrics.PAYLOAD,
    "on-air": metrics.ON_AIR,
    "airtime": metrics.AIRTIME_BUSY,
    "energy": metrics.ENERGY,
    "round": metrics.ROUND,
}
OVERVIEW_AXES = (metrics.TIME, metrics.PAYLOAD, metrics.ENERGY)


def draw_all(runs: Sequence[Run], target: float) -> dict[str, Figure]:
    """Give all figures by name.

    A measure that no run evaluated (a regression has no accuracy) is left out.
    """
    measures = [measure for measure in MEASURES if _evaluated(runs, measure)]
    if not measures:
        raise UserError(
            f"{runs[0].folder}: nothing to draw: no run made an evaluation; "
            "run with a smaller --eval-every"
        )
    figures = {"overview": draw(runs, measures[0], OVERVIEW_AXES, target)}
    for measure in measures:
        for name, cost in X_AXES.items():
            figures[f"{measure.name}-{name}"] = draw(runs, measure, [cost], target)
    return figures


def draw(
    runs: Sequence[Run], measure: Measure, costs: Sequence[Cost], target: float
) -> Figure:
    """Draw ``measure`` against each of ``costs``, a panel each, under one legend.

    ``target`` is an accuracy from 0 to 1.
    """
    width = COLUMN_IN if len(costs) == 1 else PAGE_IN
    handles = [
        Line2D([], [], label=run.label, **run_style(index))
        for index, run in enumerate(runs)
    ] + _key_handles(measure, target)
    top = legend_height(handles, width)
    figure = Figure(figsize=(width, PANEL_HEIGHT_IN + top), layout="constrained")
    grid = figure.add_gridspec(2, len(costs), height_ratios=[top, PANEL_HEIGHT_IN])
    add_legend(figure.add_subplot(grid[0, :]), handles, width)
    first = None
    for column, cost in enumerate(costs):
        axes = figure.add_subplot(grid[1, column], sharey=first)
        _draw_panel(axes, runs, measure, cost, target)
        if first is None:
            axes.set_ylabel(measure.title)
        else:
            axes.tick_params(labelleft=False)
        first = first or axes
    return figure


def _evaluated(runs: Sequence[Run], measure: Measure) -> bool:
    return any(np.isfinite(run.rounds[measure.column]).any() for run in runs)


def _key_handles(measure: Measure, target: float) -> list[Line2D]:
    """Explain the thin lines, and for an accuracy the target and the rings."""
    thin = f"evaluations (thick: median of {metrics.WINDOW})"
    handles = [Line2D([], [], color=GREY, linewidth=THIN, label=thin)]
    if measure.has_target:
        handles.append(
            Line2D(
                [],
                [],
                color=GREY,
                linestyle=":",
                linewidth=0.9,
                marker="o",
                markersize=6,
                markerfacecolor="none",
                markeredgewidth=0.9,
                label=f"target {_percent(target)} (ring: reached)",
            )
        )
    return handles


def _percent(target: float) -> str:
    return f"{100 * target:.4g} %"


def _draw_panel(
    axes: Axes, runs: Sequence[Run], measure: Measure, cost: Cost, target: float
) -> None:
    ends = [float(cost.values(run.rounds).iloc[-1]) for run in runs]
    unit = unit_for(max(ends), cost.quantity)
    if measure.has_target:
        axes.axhline(
            100 * target, color=GREY, linestyle=":", linewidth=0.9, label="target"
        )
    if _spread(ends) > LOG_RATIO:
        axes.set_xscale("log")
    if _is_wide(runs, measure):
        axes.set_yscale("log")
    for index, run in enumerate(runs):
        scaled = cost.values(run.rounds) / unit.factor
        _draw_run(axes, scaled, run.rounds, measure, index)
        if measure.has_target:
            _ring(axes, scaled, run.rounds, index, target)
    _dress_x(axes, f"{cost.title} ({unit.symbol})" if unit.symbol else cost.title)
    _dress_y(axes, measure)


def _spread(values: Sequence[float]) -> float:
    """Give largest over smallest; 1 where a value of 0 has no place on a log axis."""
    return max(values) / min(values) if min(values) > 0 else 1.0


def _is_wide(runs: Sequence[Run], measure: Measure) -> bool:
    """Say whether a loss spans enough for a logarithmic axis."""
    if measure.has_target:
        return False
    values = np.concatenate([run.rounds[measure.column].to_numpy() for run in runs])
    return _spread(values[np.isfinite(values)].tolist()) > LOG_RATIO


def _draw_run(
    axes: Axes, x: pd.Series, rounds: pd.DataFrame, measure: Measure, index: int
) -> None:
    """Draw the single evaluations thin and their moving median on top of them.

    Too few evaluations for a median: the evaluations stand alone, with markers.
    """
    style = run_style(index)
    values = measure.factor * rounds[measure.column]
    values = values[np.isfinite(values)]
    if axes.get_xscale() == "log":
        values = values[x[values.index] > 0]
    median = metrics.moving_median(values).dropna()
    if median.empty:
        axes.plot(x[values.index], values, **{**style, "linewidth": THIN})
        return
    axes.plot(
        x[values.index],
        values,
        color=style["color"],
        linewidth=THIN,
        alpha=0.45,
        zorder=2,
    )
    axes.plot(
        x[median.index], median, zorder=3, markevery=(0.04 * (index % 4), 0.16), **style
    )


def _ring(
    axes: Axes, x: pd.Series, rounds: pd.DataFrame, index: int, target: float
) -> None:
    row = metrics.AccuracyGoal(target).row_reached(rounds)
    if row is None:
        return
    height = metrics.moving_median(rounds["test_accuracy"]).loc[row]
    axes.plot(
        [x.loc[row]],
        [100 * height],
        marker="o",
        markersize=6,
        markerfacecolor="none",
        markeredgecolor=run_style(index)["color"],
        markeredgewidth=1.0,
        linestyle="none",
        zorder=4,
    )


def _dress_x(axes: Axes, title: str) -> None:
    axes.set_xlabel(title)
    if axes.get_xscale() == "log":
        _plain_ticks(axes.xaxis, axes.get_xlim())
    else:
        axes.set_xlim(left=0)
        axes.xaxis.set_major_locator(MaxNLocator(5))


def _dress_y(axes: Axes, measure: Measure) -> None:
    if axes.get_yscale() == "log":
        _plain_ticks(axes.yaxis, axes.get_ylim())
    elif measure.has_target:
        low, high = axes.get_ylim()
        axes.set_ylim(max(low, 0.0), min(high, 102.0))


def _plain_ticks(axis: Axis, limits: tuple[float, float]) -> None:
    """Write the decades of a logarithmic axis as 0.1, 1, 10 where they are few."""
    if limits[1] / limits[0] < 10**LONGEST_PLAIN_DECADES:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def save_figures(figures: dict[str, Figure], output: Path) -> list[Path]:
    """Write each figure as PNG, SVG and PDF into the folder ``output``; give the files."""
    paths = []
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, figure in figures.items():
            for extension, metadata in METADATA.items():
                path = output / f"{name}.{extension}"
                figure.savefig(path, dpi=DPI, metadata=metadata)
                paths.append(path)
    except OSError as error:
        raise UserError(
            f"{output}: cannot write there: {error.strerror}; "
            "name a folder for the pictures with --output"
        ) from None
    return paths
