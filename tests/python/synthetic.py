# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Makes results folders with numbers that are known beforehand."""

import json
from pathlib import Path
from typing import Any, Optional, Sequence

import numpy as np
import pandas as pd

from wfl_analysis.columns import ROUND_COLUMNS, WORKER_COLUMNS

WORKERS = 2
DIMENSION = 2500  # so that DENSE32 uploads of all workers are 20,000 bytes a round

# What one round adds to each counter, at scale 1.
STEPS = {
    "time_s": 0.5,
    "uplink_payload_bytes": 1000,
    "downlink_payload_bytes": 200,
    "uplink_air_bytes": 1100,
    "downlink_air_bytes": 250,
    "uplink_paper_bits": 8000,
    "downlink_paper_bits": 1600,
    "uplink_segments_offered": 20,
    "uplink_segments_lost": 1,
    "downlink_segments_offered": 10,
    "downlink_segments_lost": 0,
    "airtime_uplink_s": 0.20,
    "airtime_downlink_s": 0.05,
    "airtime_busy_s": 0.22,
    "energy_radio_j": 1.5,
    "energy_radio_marginal_j": 0.5,
    "energy_compute_j": 0.5,
    "energy_ap_j": 4.0,
    "energy_base_j": 0.0,
    "energy_frames_j": 0.0,
    "energy_j": 2.0,
    "energy_marginal_j": 1.0,
}


def rounds_frame(
    accuracy: Sequence[Optional[float]], scale: float = 1.0
) -> pd.DataFrame:
    """Give a row a round; ``None`` in ``accuracy`` is an evaluation not made."""
    count = len(accuracy)
    number = np.arange(1, count + 1)
    values = pd.Series(accuracy, dtype=float)
    frame = pd.DataFrame({name: number * step * scale for name, step in STEPS.items()})
    frame["round"] = number
    frame["test_accuracy"] = values
    frame["test_loss"] = 2.5 * (1.0 - values) + 0.05
    frame["train_objective"] = np.nan
    frame["train_loss"] = 0.1
    frame["participants"] = WORKERS
    return frame[list(ROUND_COLUMNS)]


def workers_frame(rounds: pd.DataFrame) -> pd.DataFrame:
    """Give two workers a round; what a skipped worker never did is empty."""
    number = rounds["round"].repeat(2).to_numpy()
    frame = pd.DataFrame({name: 0.0 for name in WORKER_COLUMNS}, index=number)
    frame["round"] = number
    frame["worker"] = np.tile([0, 1], len(rounds))
    frame["outcome"] = np.tile(["delivered", "skipped"], len(rounds))
    frame["answers"] = 1.0
    frame["uplink_end_s"] = np.tile([0.4, np.nan], len(rounds))
    frame["loss_reason"] = ""
    return frame


def write_run(
    folder: Path,
    rounds: pd.DataFrame,
    algorithm: str = "signsgd-mv",
    label: Optional[str] = None,
    **options: Any,
) -> Path:
    """Write a finished results folder and give its path."""
    folder.mkdir(parents=True)
    config: dict[str, Any] = {
        "options": {"algorithm": algorithm, **options},
        "federation": {"dimension": DIMENSION, "workers": WORKERS},
    }
    if label is not None:
        config["label"] = label
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "summary.json").write_text('{"rounds": 1}', encoding="utf-8")
    rounds.to_csv(folder / "rounds.csv", index=False)
    workers_frame(rounds).to_csv(folder / "workers.csv", index=False)
    return folder


def learning_curve(count: int, seed: int) -> list[float]:
    """Give a noisy accuracy that rises from 0.1 to about 0.88."""
    number = np.arange(1, count + 1)
    noise = np.random.default_rng(seed).normal(0.0, 0.012, count)
    curve = 0.88 - 0.78 * np.exp(-number / (count / 6)) + noise
    return np.clip(curve, 0.0, 1.0).tolist()
