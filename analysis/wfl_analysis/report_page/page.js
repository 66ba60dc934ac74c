// SPDX-License-Identifier: GPL-2.0-only
// Copyright (c) 2026 The wfl authors
//
// The curves of a report: one chart a measure, one horizontal axis for all of them.

"use strict";

const report = JSON.parse(document.getElementById("data").textContent);
const charts = [];
const view = { axis: report.axes[0], single: true, logarithmic: false, hidden: new Set() };

// Joins the curves of all runs into the rows of one table: x, then a median and a value a run.
function rowsOf(measure) {
  const columns = 2 * report.runs.length;
  const rows = [];
  report.runs.forEach((run, index) => {
    const x = run.costs[view.axis.name];
    run.measures[measure.name].values.forEach((value, i) => {
      if (view.logarithmic && x[i] <= 0) {
        return;
      }
      const row = new Array(columns + 1).fill(null);
      row[0] = x[i];
      row[2 * index + 1] = run.measures[measure.name].medians[i];
      row[2 * index + 2] = value;
      rows.push(row);
    });
  });
  return rows.sort((a, b) => a[0] - b[0]);
}

function visibility() {
  return report.runs.flatMap((run, index) => {
    const shown = !view.hidden.has(index);
    return [shown, shown && view.single];
  });
}

function seriesOptions() {
  const series = {};
  report.runs.forEach((run, index) => {
    const common = { color: run.colour };
    series[medianName(index)] = { ...common, strokeWidth: 2, strokePattern: run.dashes };
    series[singleName(index)] = { ...common, strokeWidth: 0.5 };
  });
  return series;
}

function medianName(index) {
  return `${index} median`;
}

function singleName(index) {
  return `${index} single`;
}

// Shows the values under the pointer beside the runs.
function showValues(measure, points) {
  const outputs = document.querySelectorAll("#runs output");
  for (const point of points || []) {
    const index = parseInt(point.name, 10);
    if (point.name === medianName(index) && !Number.isNaN(point.yval)) {
      outputs[index].textContent = point.yval.toPrecision(4) + measure.unit;
    }
  }
}

function drawCharts() {
  for (const { chart, measure } of charts) {
    chart.updateOptions({
      file: rowsOf(measure),
      xlabel: view.axis.title,
      dateWindow: null,
      valueRange: null,
      visibility: visibility(),
      axes: { x: { logscale: view.logarithmic } },
    });
  }
}

function makeCharts() {
  const labels = ["x", ...report.runs.flatMap((_, i) => [medianName(i), singleName(i)])];
  // All places first: a chart takes the size that its place has when it is made.
  const places = report.measures.map((measure) => {
    const place = document.createElement("div");
    place.className = "chart";
    place.dataset.measure = measure.name;
    document.getElementById("charts").append(place);
    return place;
  });
  report.measures.forEach((measure, index) => {
    const chart = new Dygraph(places[index], rowsOf(measure), {
      labels,
      series: seriesOptions(),
      visibility: visibility(),
      connectSeparatedPoints: true,
      legend: "never",
      xlabel: view.axis.title,
      ylabel: measure.title,
      labelsKMB: false,
      highlightCircleSize: 3,
      gridLineColor: "#e3e8ed",
      axisLineColor: "#5c6b7a",
      axisLabelFontSize: 12,
      underlayCallback: (context, area, graph) => drawTarget(context, area, graph, measure),
      highlightCallback: (_event, _x, points) => showValues(measure, points),
    });
    charts.push({ chart, measure });
  });
}

// The target accuracy, as a dotted line.
function drawTarget(context, area, graph, measure) {
  if (measure.target === null) {
    return;
  }
  const y = graph.toDomYCoord(measure.target);
  if (y < area.y || y > area.y + area.h) {
    return;
  }
  context.save();
  context.strokeStyle = "#595959";
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(area.x, y);
  context.lineTo(area.x + area.w, y);
  context.stroke();
  context.restore();
}

function makeButton(text, pressed, onClick) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(text);
  button.setAttribute("aria-pressed", String(pressed));
  button.addEventListener("click", () => onClick(button));
  return button;
}

function makeControls() {
  const axes = document.getElementById("axes");
  for (const axis of report.axes) {
    const button = makeButton(axis.short, axis === view.axis, () => {
      view.axis = axis;
      for (const other of axes.children) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      drawCharts();
    });
    button.dataset.axis = axis.name;
    axes.append(button);
  }
  for (const name of ["single", "logarithmic"]) {
    document.getElementById(name).addEventListener("change", (event) => {
      view[name] = event.target.checked;
      drawCharts();
    });
  }
  report.runs.forEach((run, index) => {
    const sample = document.createElement("i");
    sample.style.background = run.colour;
    const button = makeButton(run.label, true, () => {
      const hide = !view.hidden.has(index);
      view.hidden[hide ? "add" : "delete"](index);
      button.setAttribute("aria-pressed", String(!hide));
      charts.forEach(({ chart }) => chart.setVisibility(visibility()));
    });
    button.prepend(sample);
    button.append(document.createElement("output"));
    const item = document.createElement("li");
    item.append(button);
    document.getElementById("runs").append(item);
  });
}

makeControls();
makeCharts();
window.wflCharts = charts;
