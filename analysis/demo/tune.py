# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Chooses the learning rates of the demo, on seeds that the demo does not use.

Runs every learning rate of the grid in demo.json on every seed, over a channel that
loses nothing: what is learned is the same over any of them. Writes the outcomes to
learning-rates.csv, and the best learning rates into demo.json. The best has the
highest final accuracy, mean over the seeds; of equals, the one that reaches the
target in fewer rounds.

By hand: PYTHONPATH=analysis /usr/bin/python3 analysis/demo/tune.py
"""

import csv
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Optional, Sequence

import command_line
from configuration import (
    REPOSITORY,
    Choice,
    Configuration,
    Options,
    arguments,
    find_program,
    load_configuration,
    load_json,
)
from display import Display
from jobs import Job, run_jobs
from wfl_analysis import metrics
from wfl_analysis.errors import UserError
from wfl_analysis.results import load_runs

COLUMNS = ("algorithm", "learning_rate", "seed", "rounds_to_target", "final_accuracy")


@dataclass(frozen=True)
class Trial:
    """One cell of the grid."""

    choice: Choice
    learning_rate: float
    seed: int

    @property
    def name(self) -> str:
        return f"{self.choice.name}-{self.learning_rate}-{self.seed}"


@dataclass(frozen=True)
class Outcome:
    """What a trial gave; ``rounds`` is None where the target was not reached."""

    trial: Trial
    rounds: Optional[int]
    accuracy: float


def main() -> None:
    parser = command_line.Parser(
        prog="tune",
        description="Chooses the learning rates of the demo on seeds of its own.",
        output=REPOSITORY / "results" / "tune",
    )
    options = parser.parse_args()
    configuration = load_configuration(options.config)
    _check(configuration, options.config)
    program = find_program(options.programs, configuration.program)
    trials = _trials(configuration)
    jobs = [_job(configuration, trial, program, options.output) for trial in trials]
    run_jobs(jobs, options.jobs, Display(sys.stdout))

    outcomes = [
        _outcome(trial, job.folder, configuration.target)
        for trial, job in zip(trials, jobs)
    ]
    record = options.config.with_name("learning-rates.csv")
    _write_record(record, outcomes)
    best = best_learning_rates(outcomes)
    _write_choice(options.config, best)
    for name, learning_rate in best.items():
        print(
            f"{name}: learning rate {learning_rate}{_edge(configuration, name, best)}"
        )
    print(f"Outcomes: {record}\nChanged:  {options.config}")


def _check(configuration: Configuration, path: Path) -> None:
    """The demo's seed must not be among those that choose."""
    seed = configuration.options.get("RngRun")
    if seed in configuration.tuning.seeds:
        raise UserError(f"{path}: seed {seed} is the demo's; take others for tuning")
    for choice in configuration.runs:
        if not configuration.tuning.learning_rates.get(choice.name):
            raise UserError(f"{path}: tuning has no learning rates for {choice.name}")


def _trials(configuration: Configuration) -> list[Trial]:
    tuning = configuration.tuning
    return [
        Trial(choice, learning_rate, seed)
        for choice in configuration.runs
        for learning_rate in tuning.learning_rates[choice.name]
        for seed in tuning.seeds
    ]


def _job(
    configuration: Configuration, trial: Trial, program: Path, output: Path
) -> Job:
    folder = output / trial.name
    own: Options = {
        "learning-rate": trial.learning_rate,
        "RngRun": trial.seed,
        "output": str(folder),
        "overwrite": True,
    }
    choice = trial.choice.options
    options = arguments(
        choice, configuration.options, configuration.tuning.options, own
    )
    return Job(trial.name, [str(program), *options], folder, int(choice["rounds"]))


def _outcome(trial: Trial, folder: Path, target: float) -> Outcome:
    rounds = load_runs([folder])[0].rounds
    accuracy = metrics.final_accuracy(rounds)
    if accuracy is None:
        raise UserError(
            f"{folder}: fewer than {metrics.WINDOW} evaluations; "
            "give more rounds or a smaller eval-every"
        )
    cost = metrics.cost_to_accuracy(rounds, metrics.ROUND, target)
    return Outcome(trial, None if cost is None else int(cost), accuracy)


def best_learning_rates(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Give the best learning rate of each run, by its name."""
    grouped: dict[str, dict[float, list[Outcome]]] = {}
    for outcome in outcomes:
        rates = grouped.setdefault(outcome.trial.choice.name, {})
        rates.setdefault(outcome.trial.learning_rate, []).append(outcome)
    return {
        name: min(rates, key=lambda rate: _rank(rates[rate]))
        for name, rates in grouped.items()
    }


def _rank(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """Give what orders learning rates, the best first."""
    rounds = [math.inf if each.rounds is None else each.rounds for each in outcomes]
    return -fmean(each.accuracy for each in outcomes), fmean(rounds)


def _edge(configuration: Configuration, name: str, best: dict[str, float]) -> str:
    grid = configuration.tuning.learning_rates[name]
    at_edge = best[name] in (min(grid), max(grid))
    return ", at the edge of its grid: widen the grid" if at_edge else ""


def _write_record(path: Path, outcomes: Sequence[Outcome]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for outcome in outcomes:
            trial = outcome.trial
            writer.writerow(
                [
                    trial.choice.options["algorithm"],
                    trial.learning_rate,
                    trial.seed,
                    "" if outcome.rounds is None else outcome.rounds,
                    f"{outcome.accuracy:.4f}",
                ]
            )


def _write_choice(path: Path, best: dict[str, float]) -> None:
    content = load_json(path)
    for run in content["runs"]:
        run["options"]["learning-rate"] = best[run["name"]]
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(command_line.run("tune", main))
