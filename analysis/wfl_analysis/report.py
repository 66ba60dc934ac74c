# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Writes a report: one HTML file that needs nothing else, with curves that can be explored.

It holds the table of ``tables``, the curves as data for the browser (drawn by Dygraphs, which is
put into the file), the pictures of this package, and the configuration of the runs.
"""

import html
import io
import json
import math
from pathlib import Path
from string import Template
from typing import Any, Mapping, Optional, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from . import battery, breakdown, metrics, outcomes, shares, timeline
from .errors import UserError
from .metrics import Cost
from .plots import ACCURACY, LOSS, Measure
from .results import Run
from .style import COLOURS, COLUMN_IN, METADATA, figure_style
from .tables import NOT_REACHED, caption, cost_rows, ratio_rows
from .units import unit_for

PAGE = Path(__file__).resolve().parent / "report_page"
DYGRAPHS = Path("/usr/share/javascript/dygraphs")
POINTS = 1500  # of a curve at most
DASHES: tuple[Optional[list[int]], ...] = (None, [8, 4], [8, 3, 2, 3], [2, 3])
UNITS = {ACCURACY.name: " %", LOSS.name: ""}

AXES: Mapping[str, tuple[str, Cost]] = {
    "time": ("time", metrics.TIME),
    "energy": ("energy", metrics.ENERGY),
    "payload": ("payload", metrics.PAYLOAD),
    "on-air": ("on-air data", metrics.ON_AIR),
    "airtime": ("airtime", metrics.AIRTIME_BUSY),
    "round": ("rounds", metrics.ROUND),
}


def write_report(runs: Sequence[Run], target: float, title: str, output: Path) -> Path:
    """Write the report of ``runs`` to the file ``output``; give it."""
    measures = [m for m in (ACCURACY, LOSS) if any(_evaluations(r, m).size for r in runs)]
    if not measures:
        raise UserError(f"{runs[0].folder}: nothing to report: no run made an evaluation")
    page = Template((PAGE / "page.html").read_text(encoding="utf-8"))
    with figure_style():
        sections = "\n".join(_sections(runs))
    text = page.substitute(
        title=html.escape(title),
        lead=html.escape(_lead(runs)),
        table=_table(_joined(cost_rows(runs, target), ratio_rows(runs, target))),
        table_note=html.escape(_table_note(runs, target)),
        thinned=_thinned(runs, measures),
        sections=sections,
        configuration=_configuration(runs),
        data=_embedded(_data(runs, measures, target)),
        css=(PAGE / "page.css").read_text(encoding="utf-8"),
        js=(PAGE / "page.js").read_text(encoding="utf-8"),
        dygraph_css=_dygraphs("dygraph.min.css"),
        dygraph_js=_dygraphs("dygraph.min.js"),
    )
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{output}: cannot be written: {error.strerror}") from None
    return output


def _dygraphs(name: str) -> str:
    path = DYGRAPHS / name
    if not path.exists():
        raise UserError(f"{path}: no such file; install the package libjs-dygraphs")
    # Without the reference to a file that is not there.
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if "sourceMappingURL" not in line)


# Text


def _lead(runs: Sequence[Run]) -> str:
    first = runs[0].config["options"]
    names = ("workers", "dataset", "objective", "channel", "transport")
    common = [
        f"{name} {first[name]}"
        for name in names
        if name in first and all(run.config["options"].get(name) == first[name] for run in runs)
    ]
    count = "one run" if len(runs) == 1 else f"{len(runs)} runs"
    return ", ".join([count, *common])


def _table_note(runs: Sequence[Run], target: float) -> str:
    text = f"{caption(target)}, and in brackets as a multiple of the first run's." + (
        " Energy is that of the workers."
    )
    unfinished = [run.label for run in runs if not run.summary]
    if unfinished:
        text += f" Not finished: {', '.join(unfinished)}."
    return text


def _joined(costs: list[list[str]], ratios: list[list[str]]) -> list[list[str]]:
    """Put each ratio in brackets behind its cost; the last columns of ``costs`` have ratios."""
    plain = len(costs[0]) - len(ratios[0]) + 1
    rows = [costs[0]]
    for cost_row, ratio_row in zip(costs[1:], ratios[1:]):
        cells = [
            cost if cost == NOT_REACHED or len(costs) == 2 else f"{cost} ({ratio})"
            for cost, ratio in zip(cost_row[plain:], ratio_row[1:])
        ]
        rows.append([*cost_row[:plain], *cells])
    return rows


def _table(rows: Sequence[Sequence[str]]) -> str:
    header, *body = [[html.escape(cell) for cell in row] for row in rows]
    lines = ["<div class='scroll'><table><thead><tr>"]
    lines += [f"<th>{cell}</th>" for cell in header]
    lines.append("</tr></thead><tbody>")
    for row in body:
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>")
    lines.append("</tbody></table></div>")
    return "".join(lines)


def _configuration(runs: Sequence[Run]) -> str:
    """Give a table of the options that differ, and one of all of them, folded."""
    names = list(dict.fromkeys(name for run in runs for name in run.config["options"]))
    rows = {name: [str(run.config["options"].get(name, "")) for run in runs] for name in names}
    differing = {name: row for name, row in rows.items() if len(set(row)) > 1}
    blocks = []
    if differing:
        blocks.append("<h3>What differs</h3>" + _options(runs, differing, differing))
    blocks.append(
        "<details><summary>All options</summary>" + _options(runs, rows, differing) + "</details>"
    )
    for run in runs:
        if run.summary:
            text = html.escape(json.dumps(run.summary, indent=2))
            label = html.escape(run.label)
            blocks.append(
                f"<details><summary>Summary of {label}</summary><pre>{text}</pre></details>"
            )
    return "".join(blocks)


def _options(
    runs: Sequence[Run], rows: Mapping[str, Sequence[str]], differing: Mapping[str, Any]
) -> str:
    head = "".join(f"<th>{html.escape(run.label)}</th>" for run in runs)
    lines = [f"<div class='scroll'><table><thead><tr><th>option</th>{head}</tr></thead><tbody>"]
    for name, values in rows.items():
        mark = " class='differs'" if name in differing else ""
        cells = "".join(f"<td class='text'>{html.escape(value)}</td>" for value in values)
        lines.append(f"<tr{mark}><td>{html.escape(name)}</td>{cells}</tr>")
    return "".join([*lines, "</tbody></table></div>"])


# Pictures


def _sections(runs: Sequence[Run]) -> list[str]:
    """Give the sections for which the runs have data."""
    sections = []
    arrived = [run for run in runs if len(breakdown.breakdown(run))]
    if arrived:
        sections.append(
            _section(
                "breakdown",
                "Where the time of a round goes",
                [("", breakdown.draw(arrived))],
                "The mean over the uploads that arrived.",
            )
        )
    sections.append(
        _section("shares", "What each worker has of it", [("", shares.draw(runs))], "")
    )
    single = len(runs) == 1
    plain = [run.label for run in runs if (run.workers["outcome"] == "delivered").all()]
    sections.append(
        _section(
            "outcomes",
            "What became of each worker in each round",
            [
                ("" if single else run.label, outcomes.draw(run))
                for run in runs
                if run.label not in plain
            ],
            _all_delivered(plain),
        )
    )
    charged = [run for run in runs if run.workers["battery_j"].notna().any()]
    if charged:
        sections.append(_section("battery", "Batteries", [("", battery.draw(charged))], ""))
    watched = [run for run in runs if (run.folder / "transmissions.csv").exists()]
    if watched:
        sections.append(
            _section(
                "timeline",
                "Who was on the air when",
                [("" if single else run.label, timeline.draw(run)) for run in watched],
                "",
            )
        )
    return sections


def _all_delivered(labels: Sequence[str]) -> str:
    return f"Everything was delivered: {', '.join(labels)}." if labels else ""


def _section(
    name: str, title: str, figures: Sequence[tuple[str, Figure]], note: str
) -> str:
    blocks = [f"<section id='{name}'><h2>{html.escape(title)}</h2>"]
    for label, figure in figures:
        heading = f"<h3>{html.escape(label)}</h3>" if label else ""
        width = "page" if figure.get_figwidth() > COLUMN_IN else "column"
        drawn = _svg(figure, f"{name}-{len(blocks)}-")
        blocks.append(f"{heading}<figure class='{width}'>{drawn}</figure>")
    if note:
        blocks.append(f"<p class='note'>{html.escape(note)}</p>")
    return "".join([*blocks, "</section>"])


def _svg(figure: Figure, prefix: str) -> str:
    """Give a figure as an element; its names are made different from those of others."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata=METADATA["svg"])
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    for attribute in ('id="', 'xlink:href="#', "url(#"):
        text = text.replace(attribute, attribute + prefix)
    return text


# Curves


def _evaluations(run: Run, measure: Measure) -> pd.Series:
    values = measure.factor * run.rounds[measure.column]
    return values[np.isfinite(values)]


def _step(run: Run, measures: Sequence[Measure]) -> int:
    longest = max(_evaluations(run, measure).size for measure in measures)
    return max(math.ceil(longest / POINTS), 1)


def _thinned(runs: Sequence[Run], measures: Sequence[Measure]) -> str:
    steps = {run.label: _step(run, measures) for run in runs}
    parts = [
        f"of {html.escape(label)} one in {step}" for label, step in steps.items() if step > 1
    ]
    return f" Of long runs not all are here: {', '.join(parts)}." if parts else ""


def _data(runs: Sequence[Run], measures: Sequence[Measure], target: float) -> dict[str, Any]:
    units = {
        name: unit_for(max(float(c.values(run.rounds).iloc[-1]) for run in runs), c.quantity)
        for name, (_, c) in AXES.items()
    }
    return {
        "axes": [
            {
                "name": name,
                "short": short,
                "title": f"{cost.title} ({units[name].symbol})"
                if units[name].symbol
                else cost.title,
            }
            for name, (short, cost) in AXES.items()
        ],
        "measures": [
            {
                "name": measure.name,
                "title": measure.title,
                "unit": UNITS[measure.name],
                "target": 100 * target if measure.has_target else None,
            }
            for measure in measures
        ],
        "runs": [
            {
                "label": run.label,
                "colour": COLOURS[index % len(COLOURS)],
                "dashes": DASHES[index % len(DASHES)],
                **_curves(run, measures, {name: unit.factor for name, unit in units.items()}),
            }
            for index, run in enumerate(runs)
        ],
    }


def _curves(
    run: Run, measures: Sequence[Measure], factors: Mapping[str, float]
) -> dict[str, Any]:
    """Give the curves at the evaluations that any measure has."""
    step = _step(run, measures)
    rows = sorted(set().union(*(_evaluations(run, m).index for m in measures)))[::step]
    return {
        "costs": {
            name: _numbers(cost.values(run.rounds).loc[rows] / factors[name])
            for name, (_, cost) in AXES.items()
        },
        "measures": {
            measure.name: {
                "values": _numbers(_evaluations(run, measure).reindex(rows)),
                "medians": _numbers(
                    metrics.moving_median(_evaluations(run, measure)).reindex(rows)
                ),
            }
            for measure in measures
        },
    }


def _numbers(values: pd.Series) -> list[Optional[float]]:
    return [float(f"{value:.7g}") if math.isfinite(value) else None for value in values]


def _embedded(data: object) -> str:
    """Write JSON that may stand in a script element."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
