# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Compares the variants of a sweep over its seeds: means and 95 % confidence intervals.

A curve is the mean over the seeds of the moving median of the test accuracy (see ``metrics``) at
the same time, round or other cost, from where all seeds have a value to where the first of them
ends; the band is Student's interval. A figure is a number a run, likewise.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from . import metrics
from .csvfile import read_csv
from .errors import UserError
from .legend import add_legend, legend_height
from .metrics import Cost
from .plots import LOG_RATIO, X_AXES, save_figures
from .results import Run, load_runs
from .style import GREY, PAGE_IN, PANEL_HEIGHT_IN, figure_style, run_style
from .sweep import Sweep
from .units import unit_for

POINTS = 200  # of a curve
HEARD = ("delivered", "partial", "skipped")  # outcomes with which a worker has taken part

# 97.5 % quantiles of Student's t by degrees of freedom, from 1; then the normal distribution's.
STUDENT = (
    (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
    + (2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086)
    + (2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)
)
NORMAL = 1.960


@dataclass(frozen=True)
class Estimate:
    """A mean and half the width of its 95 % confidence interval, over ``count`` values."""

    mean: float
    half_width: float
    count: int


@dataclass(frozen=True)
class Quantity:
    """A number that a run has, in the unit that its title names."""

    title: str
    of: Callable[[Run, float], Optional[float]]


def estimate(values: Sequence[float]) -> Estimate:
    """Give mean and confidence interval of some values; of one alone, no interval."""
    count = len(values)
    if count == 0:
        return Estimate(math.nan, math.nan, 0)
    if count == 1:
        return Estimate(float(values[0]), math.nan, 1)
    quantile = STUDENT[count - 2] if count - 2 < len(STUDENT) else NORMAL
    half_width = quantile * float(np.std(values, ddof=1)) / math.sqrt(count)
    return Estimate(float(np.mean(values)), half_width, count)


def jain(values: Sequence[float]) -> float:
    """Give Jain's index, (sum x)^2 / (n sum x^2): 1 for equal shares, 1 / n for one alone."""
    x = np.asarray(values, dtype=float)
    return float(x.sum() ** 2 / (len(x) * (x**2).sum()))


def participation(run: Run) -> pd.Series:
    """Give for each worker in how many rounds something of it counted."""
    return run.workers["outcome"].isin(HEARD).groupby(run.workers["worker"]).sum()


def _final_accuracy(run: Run, _target: float) -> Optional[float]:
    accuracy = metrics.final_accuracy(run.rounds)
    return None if accuracy is None else 100 * accuracy


def _to_target(cost: Cost) -> Callable[[Run, float], Optional[float]]:
    return lambda run, target: metrics.cost_to_accuracy(run.rounds, cost, target)


def _last(cost: Cost) -> Callable[[Run, float], Optional[float]]:
    return lambda run, _target: float(cost.values(run.rounds).iloc[-1])


def _round_time(run: Run, _target: float) -> Optional[float]:
    return float(run.rounds["time_s"].iloc[-1]) / len(run.rounds)


def _jain(run: Run, _target: float) -> Optional[float]:
    return jain(list(participation(run)))


def _transmit_energy(run: Run, _target: float) -> Optional[float]:
    devices = read_csv(run.folder / "energy.csv", ("device", "tx_j"), (), ("device",))
    workers = ~devices["device"].str.startswith("ap-")
    return float(devices.loc[workers, "tx_j"].sum())


QUANTITIES = {
    "final_accuracy": Quantity("Final accuracy (%)", _final_accuracy),
    "time_to_target": Quantity("Time to target (s)", _to_target(metrics.TIME)),
    "rounds_to_target": Quantity("Rounds to target", _to_target(metrics.ROUND)),
    "energy_to_target": Quantity("Energy to target (J)", _to_target(metrics.ENERGY)),
    "round_time": Quantity("Mean round (s)", _round_time),
    "jain": Quantity("Jain's index of participation", _jain),
    "energy_tx": Quantity("Energy while transmitting (J)", _transmit_energy),
    "energy": Quantity("Energy of workers (J)", _last(metrics.ENERGY)),
    "energy_marginal": Quantity("Energy above idle (J)", _last(metrics.ENERGY_MARGINAL)),
}


def compare(sweep: Sweep, output: Path) -> list[Path]:
    """Draw a sweep and write its table into the folder ``output``; give the files written."""
    _check(sweep)
    groups = [load_runs([run.folder for run in sweep.of(v)]) for v in sweep.variants]
    with figure_style():
        paths = save_figures({sweep.name: draw(sweep, groups)}, output)
    table = output / f"{sweep.name}.md"
    table.write_text(write_table(sweep, groups), encoding="utf-8")
    return [*paths, table]


def write_table(sweep: Sweep, groups: Sequence[Sequence[Run]]) -> str:
    """Give a Markdown table: a row a variant, mean and interval of each figure."""
    quantities = [QUANTITIES[name] for name in sweep.figures]
    lines = [
        "| | " + " | ".join(quantity.title for quantity in quantities) + " |",
        "|---|" + "---|" * len(quantities),
    ]
    for variant, runs in zip(sweep.variants, groups):
        cells = [_cell(_values(runs, q, sweep.target), len(runs)) for q in quantities]
        lines.append(f"| {variant} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(values: Sequence[float], runs: int) -> str:
    if not values:
        return "not reached"
    result = estimate(values)
    half_width = round(result.half_width, 9) if result.count > 1 else math.nan
    interval = "" if math.isnan(half_width) else f" ± {half_width:.2g}"
    share = "" if result.count == runs else f" ({result.count} of {runs} runs)"
    return f"{result.mean:.4g}{interval}{share}"


def _values(runs: Sequence[Run], quantity: Quantity, target: float) -> list[float]:
    values = (quantity.of(run, target) for run in runs)
    return [value for value in values if value is not None]


def draw(sweep: Sweep, groups: Sequence[Sequence[Run]]) -> Figure:
    """Draw a panel for each curve and for each figure of the sweep, under one legend."""
    panels = len(sweep.curves) + len(sweep.figures)
    columns = 2 if panels == 4 else min(panels, 3)
    rows = math.ceil(panels / columns)
    handles = [
        Line2D([], [], label=variant, **run_style(index))
        for index, variant in enumerate(sweep.variants)
    ]
    top = legend_height(handles, PAGE_IN)
    height = rows * PANEL_HEIGHT_IN + top
    figure = Figure(figsize=(PAGE_IN, height), layout="constrained")
    ratios = [top] + [PANEL_HEIGHT_IN] * rows
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=ratios)
    add_legend(figure.add_subplot(grid[0, :]), handles, PAGE_IN)
    places = [grid[1 + i // columns, i % columns] for i in range(panels)]
    for name, place in zip(sweep.curves, places):
        _draw_curves(figure.add_subplot(place), groups, X_AXES[name])
    for name, place in zip(sweep.figures, places[len(sweep.curves) :]):
        _draw_figure(figure.add_subplot(place), sweep, groups, QUANTITIES[name])
    return figure


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


def _draw_figure(
    axes: Axes, sweep: Sweep, groups: Sequence[Sequence[Run]], quantity: Quantity
) -> None:
    for index, runs in enumerate(groups):
        values = _values(runs, quantity, sweep.target)
        style = run_style(index)
        if not values:
            axes.text(index, 0, "not reached", rotation=90, ha="center", va="bottom")
            continue
        result = estimate(values)
        axes.bar(index, result.mean, color=style["color"], alpha=0.5, width=0.7)
        if not math.isnan(result.half_width):
            axes.errorbar(
                index, result.mean, result.half_width, color=GREY, elinewidth=0.8, capsize=2
            )
    axes.set_ylabel(quantity.title)
    axes.set_xticks([])
    axes.set_xlim(-0.6, len(groups) - 0.4)


def _check(sweep: Sweep) -> None:
    for name in sweep.curves:
        if name not in X_AXES:
            raise UserError(f"curves: {name!r} is none of {', '.join(X_AXES)}")
    for name in sweep.figures:
        if name not in QUANTITIES:
            raise UserError(f"figures: {name!r} is none of {', '.join(QUANTITIES)}")
    missing = [run for run in sweep.runs if not run.done]
    if missing:
        raise UserError(
            f"{missing[0].folder} has no finished run; first run ./wfl sweep on the file"
        )
