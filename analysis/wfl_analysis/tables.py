# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Compares runs in a table: plain text, Markdown, or CSV.

Text and Markdown have readable units, CSV the base units that its header names.
A ratio is a run's cost over that of the first run, so 0.1x is ten times cheaper.
The uplink compression is a ratio to DENSE32 uploads, so 30x is thirty times shorter.
"""

import csv
import io
from typing import Callable, Optional, Sequence

from . import metrics
from .metrics import Cost
from .results import Run
from .units import readable, three_digits

NOT_REACHED = "not reached"
UNKNOWN = "-"

READABLE_COSTS = {
    "time": metrics.TIME,
    "payload": metrics.PAYLOAD,
    "on air": metrics.ON_AIR,
    "airtime": metrics.AIRTIME_BUSY,
    "energy": metrics.ENERGY,
}

Rows = list[list[str]]


def text_table(runs: Sequence[Run], target: float) -> str:
    """Write the costs, and below them the ratios, for a terminal."""
    blocks = [caption(target), _aligned(cost_rows(runs, target))]
    if len(runs) > 1:
        blocks += [
            f"\nThe same costs as multiples of those of {runs[0].label}",
            _aligned(ratio_rows(runs, target)),
        ]
    return "\n".join(blocks) + "\n"


def markdown_table(runs: Sequence[Run], target: float) -> str:
    """Write one table, each cost followed by its ratio."""
    rows = cost_rows(runs, target)
    if len(runs) > 1:
        rows = _interleaved(rows, ratio_rows(runs, target))
    return f"{caption(target)}\n\n{markdown(rows)}"


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Write rows, the header first, as Markdown; all columns but the first are right-aligned."""
    header, *body = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    rule = ["---"] + ["---:"] * (len(header) - 1)
    lines = ["| " + " | ".join(row) + " |" for row in [header, rule, *body]]
    return "\n".join(lines) + "\n"


def csv_table(runs: Sequence[Run], target: float) -> str:
    """Write every cost in its base unit and its ratio, at full precision."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        ["run", "target_accuracy", "final_accuracy", "rounds", "uplink_compression"]
        + [f"{cost.name}_to_target" for cost in metrics.COSTS]
        + [f"{cost.name}_ratio" for cost in metrics.COSTS]
    )
    for run in runs:
        final = metrics.final_accuracy(run.rounds)
        compression = metrics.uplink_compression(run.rounds, run.config)
        costs = [_cost(run, cost, target) for cost in metrics.COSTS]
        ratios = [_ratio(run, runs[0], cost, target) for cost in metrics.COSTS]
        writer.writerow(
            [run.label, repr(target), _exact(final, ""), len(run.rounds)]
            + [_exact(compression, "")]
            + [_exact(value, NOT_REACHED) for value in costs]
            + [_exact(value, "") for value in ratios]
        )
    return stream.getvalue()


WRITERS: dict[str, Callable[[Sequence[Run], float], str]] = {
    "text": text_table,
    "markdown": markdown_table,
    "csv": csv_table,
}


def caption(target: float) -> str:
    """Say what the costs of a table are."""
    return (
        f"Cost until the test accuracy reaches {100 * target:.4g} % "
        f"(median of {metrics.WINDOW} evaluations)"
    )


def cost_rows(runs: Sequence[Run], target: float) -> Rows:
    """Give the header and a row a run, in readable units."""
    rows = [["run", "final accuracy", "rounds", "compression", *READABLE_COSTS]]
    for run in runs:
        final = metrics.final_accuracy(run.rounds)
        row = [run.label, UNKNOWN if final is None else f"{100 * final:.2f} %"]
        row.append(str(len(run.rounds)))
        row.append(_times(metrics.uplink_compression(run.rounds, run.config)))
        for cost in READABLE_COSTS.values():
            value = _cost(run, cost, target)
            row.append(NOT_REACHED if value is None else readable(value, cost.quantity))
        rows.append(row)
    return rows


def ratio_rows(runs: Sequence[Run], target: float) -> Rows:
    """Give the header and a row a run, each cost over that of the first run."""
    rows = [["run", *READABLE_COSTS]]
    for run in runs:
        ratios = [
            _ratio(run, runs[0], cost, target) for cost in READABLE_COSTS.values()
        ]
        rows.append([run.label, *map(_times, ratios)])
    return rows


def _interleaved(costs: Rows, ratios: Rows) -> Rows:
    """Put each ratio behind its cost; the last columns of ``costs`` have ratios."""
    rows = []
    for number, (cost_row, ratio_row) in enumerate(zip(costs, ratios)):
        cells = ratio_row[1:] if number else ["ratio"] * len(READABLE_COSTS)
        plain = len(cost_row) - len(cells)
        pairs = zip(cost_row[plain:], cells)
        rows.append(cost_row[:plain] + [cell for pair in pairs for cell in pair])
    return rows


def _cost(run: Run, cost: Cost, target: float) -> Optional[float]:
    return metrics.cost_to_accuracy(run.rounds, cost, target)


def _ratio(run: Run, first: Run, cost: Cost, target: float) -> Optional[float]:
    """Give run over first; None where one did not get there or the first paid 0."""
    value = _cost(run, cost, target)
    reference = _cost(first, cost, target)
    return None if value is None or not reference else value / reference


def _times(ratio: Optional[float]) -> str:
    return UNKNOWN if ratio is None else f"{three_digits(ratio)}x"


def _exact(value: Optional[float], otherwise: str) -> str:
    return otherwise if value is None else repr(value)


def _aligned(rows: Rows) -> str:
    """Line up the columns: the first to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
    return "  ".join(cells)
