# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Several runs in one data frame, for notebooks: a row is an observation, ``run`` is its label."""

from typing import Sequence

import pandas as pd

from . import breakdown as _breakdown
from .metrics import COSTS, moving_median
from .results import Run


def rounds(runs: Sequence[Run]) -> pd.DataFrame:
    """Give rounds.csv of all runs."""
    return _joined(runs, [run.rounds for run in runs])


def workers(runs: Sequence[Run]) -> pd.DataFrame:
    """Give workers.csv of all runs."""
    return _joined(runs, [run.workers for run in runs])


def evaluations(runs: Sequence[Run]) -> pd.DataFrame:
    """Give a row an evaluation: costs until then, accuracies (0 to 1) and their moving median.

    The columns of the costs are the names of ``metrics.COSTS``, with their units.
    """
    frames = []
    for run in runs:
        accuracy = run.rounds["test_accuracy"].dropna()
        table = run.rounds.loc[accuracy.index]
        columns = {cost.name: cost.values(table) for cost in COSTS}
        columns["test_accuracy"] = accuracy
        columns["test_accuracy_median"] = moving_median(accuracy)
        columns["test_loss"] = table["test_loss"]
        columns["train_objective"] = table["train_objective"]
        columns["train_loss"] = table["train_loss"]
        frames.append(pd.DataFrame(columns))
    return _joined(runs, frames)


def breakdown(runs: Sequence[Run]) -> pd.DataFrame:
    """Give where the time of a round went, by worker and round, in seconds."""
    return _joined(runs, [_breakdown.breakdown(run) for run in runs])


def options(runs: Sequence[Run]) -> pd.DataFrame:
    """Give a row a run with all its options, as in config.json."""
    return pd.DataFrame([{"run": run.label, **run.config["options"]} for run in runs])


def _joined(runs: Sequence[Run], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    labelled = []
    for run, frame in zip(runs, frames):
        copy = frame.reset_index(drop=True)
        copy.insert(0, "run", run.label)
        labelled.append(copy)
    return pd.concat(labelled, ignore_index=True)
