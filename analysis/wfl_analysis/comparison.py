# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Compares the cells of a part of a sweep over its seeds: means, confidence intervals, speed-ups.

``tidy`` gives a data frame with a row a run and quantity; the tables are made from it. A speed-up
is how many times less something costs than it costs the baseline at the same point of the grid,
seed by seed. Cells without a value did not reach the target.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Mapping, Optional, Sequence

import pandas as pd

from .errors import UserError
from .metrics import AccuracyGoal, ErrorGoal, Goal
from .quantities import QUANTITIES
from .results import Run, load_runs
from .statistics import Estimate, estimate, estimate_ratio
from .sweep import Cell, Optimum, Part, Sweep
from .sweep_runner import recorded_plan
from .tables import NOT_REACHED, Rows, markdown


def check_done(sweep: Sweep) -> None:
    """Refuse a sweep that asks for what is unknown, or that has not been run as it is now."""
    for part in sweep.parts:
        for name in part.figures:
            if name not in QUANTITIES:
                raise UserError(f"figures: {name!r} is none of {', '.join(QUANTITIES)}")
        for name in part.speed_ups:
            if name not in part.figures or not QUANTITIES[name].is_cost:
                raise UserError(f"speed_ups: {name!r} is none of the figures that are costs")
    missing = [run for run in sweep.runs if not run.done]
    if missing:
        raise UserError(
            f"{missing[0].folder} has no finished run; first run ./wfl sweep on the file"
        )
    plan = recorded_plan(sweep.folder)
    if plan is not None and any(plan.get(r.place) != r.arguments() for r in sweep.runs):
        raise UserError(
            f"{sweep.folder} was run with other options than the file has now; "
            "run ./wfl sweep on it again"
        )


@dataclass(frozen=True)
class Result:
    """What a run of a cell gave, and what it was to reach."""

    seed: int
    run: Run
    goal: Goal


def results_of(part: Part, cell: Cell) -> list[Result]:
    """Load the runs of a cell."""
    runs = load_runs([run.folder for run in cell.runs])
    if not isinstance(part.target, Optimum):
        goals: list[Goal] = [AccuracyGoal(part.target) for _ in runs]
    else:
        optima = load_runs([part.target.run_for(cell, run.seed).folder for run in cell.runs])
        losses = [optimum.rounds["train_loss"] for optimum in optima]
        # All variants of a seed begin with the same model.
        goals = [
            ErrorGoal(part.target.target, float(loss.min()), float(loss.iloc[0]))
            for loss in losses
        ]
    seeds = [run.seed for run in cell.runs]
    return [Result(*values) for values in zip(seeds, runs, goals)]


def tidy(part: Part) -> pd.DataFrame:
    """Give a row a run and figure of a part: variant, axes, seed, quantity, value.

    The value is NaN where the target was not reached.
    """
    rows = []
    for cell in part.cells:
        for result in results_of(part, cell):
            for name in part.figures:
                value = QUANTITIES[name].of(result.run, result.goal)
                rows.append(
                    {
                        "variant": cell.variant,
                        **cell.point,
                        "seed": result.seed,
                        "quantity": name,
                        "value": math.nan if value is None else value,
                    }
                )
    return pd.DataFrame(rows)


def values_of(frame: pd.DataFrame, cell: Cell, quantity: str) -> pd.Series:
    """Give the values of a cell by seed, NaN where the target was not reached."""
    chosen = (frame["variant"] == cell.variant) & (frame["quantity"] == quantity)
    for axis, value in cell.point.items():
        chosen &= frame[axis] == value
    return frame[chosen].set_index("seed")["value"]


def write_tables(part: Part, frame: pd.DataFrame, output: Path) -> list[Path]:
    """Write NAME.csv, all values, and tables as Markdown and LaTeX; give the files written."""
    tables = {part.title: means_table(part, frame)}
    if part.baseline is not None:
        tables[f"Times less than {part.baseline}"] = speed_up_table(part, frame)
    texts: Mapping[str, Callable[[Sequence[Sequence[str]]], str]] = {
        "md": markdown,
        "tex": latex,
    }
    paths = [output / f"{part.name}.csv"]
    frame.to_csv(paths[0], index=False, na_rep=NOT_REACHED)
    for extension, write in texts.items():
        path = output / f"{part.name}.{extension}"
        comment = {"md": "**{}**\n\n", "tex": "% {}\n"}[extension]
        blocks = [comment.format(title) + write(rows) for title, rows in tables.items()]
        path.write_text("\n".join(blocks), encoding="utf-8")
        paths.append(path)
    return paths


def means_table(part: Part, frame: pd.DataFrame) -> Rows:
    """Give header and a row a cell: mean and interval of each figure."""
    titles = [QUANTITIES[name].title for name in part.figures]
    return _table(
        part,
        titles,
        [
            [_mean_cell(values_of(frame, cell, name)) for name in part.figures]
            for cell in part.cells
        ],
    )


def speed_up_table(part: Part, frame: pd.DataFrame) -> Rows:
    """Give header and a row a cell: how many times less each cost is than the baseline's."""
    costs = [name for name in part.figures if QUANTITIES[name].is_cost]
    rows = []
    for cell in part.cells:
        base = baseline_of(part, cell)
        rows.append(
            [
                _ratio_cell(values_of(frame, base, name), values_of(frame, cell, name))
                for name in costs
            ]
        )
    return _table(part, [QUANTITIES[name].title for name in costs], rows)


def baseline_of(part: Part, cell: Cell) -> Cell:
    """Give the cell of the baseline at the same point of the grid."""
    return next(
        other
        for other in part.cells
        if other.variant == part.baseline and other.point == cell.point
    )


def _table(part: Part, titles: Sequence[str], cells: Sequence[Sequence[str]]) -> Rows:
    rows = [["", *part.grid, *titles]]
    for cell, texts in zip(part.cells, cells):
        rows.append([cell.variant, *map(str, cell.point.values()), *texts])
    return rows


def _mean_cell(values: pd.Series) -> str:
    reached = values.dropna()
    if reached.empty:
        return NOT_REACHED
    result = estimate(list(reached))
    half_width = round(result.half_width, 9) if result.count > 1 else math.nan
    interval = "" if math.isnan(half_width) else f" ± {half_width:.2g}"
    return f"{_short(result.mean)}{interval}{_share(result, values)}"


def ratio_to(base: pd.Series, values: pd.Series) -> Optional[Estimate]:
    """Give how many times less than a baseline's are values, which belong together by seed.

    None where there is no pair of values above 0.
    """
    pairs = pd.DataFrame({"base": base, "values": values}).dropna()
    pairs = pairs[(pairs > 0).all(axis="columns")]
    return None if pairs.empty else estimate_ratio(list(pairs["base"]), list(pairs["values"]))


def _ratio_cell(base: pd.Series, values: pd.Series) -> str:
    result = ratio_to(base, values)
    if result is None:
        return NOT_REACHED
    ends = f"{result.low:.3g}", f"{result.high:.3g}"
    interval = "" if result.count == 1 or ends[0] == ends[1] else f" ({ends[0]} to {ends[1]})"
    return f"{result.mean:.3g}{interval}{_share(result, values)}"


def _short(value: float) -> str:
    """Write four digits, without an exponent where that is not longer."""
    text = f"{value:.4g}"
    return f"{value:.0f}" if "e+0" in text and abs(value) < 1e8 else text


def _share(result: Estimate, values: pd.Series) -> str:
    return "" if result.count == len(values) else f" ({result.count} of {len(values)} runs)"


def latex(rows: Sequence[Sequence[str]]) -> str:
    """Write a table as LaTeX, for the package booktabs."""
    header, *body = [[_escaped(cell) for cell in row] for row in rows]
    lines = [r"\begin{tabular}{l" + "r" * (len(header) - 1) + "}", r"\toprule"]
    lines += [" & ".join(header) + r" \\", r"\midrule"]
    lines += [" & ".join(row) + r" \\" for row in body]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_LATEX.update({c: f"\\{c}" for c in "&%$#_{}"})
_LATEX["±"] = r"$\pm$"


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in text)

