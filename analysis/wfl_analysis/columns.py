# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The columns of rounds.csv and workers.csv."""

ROUND_COLUMNS = (
    "round",
    "time_s",
    "test_accuracy",
    "test_loss",
    "train_objective",
    "train_loss",
    "participants",
    "uplink_payload_bytes",
    "uplink_air_bytes",
    "downlink_payload_bytes",
    "downlink_air_bytes",
    "uplink_paper_bits",
    "downlink_paper_bits",
    "uplink_segments_offered",
    "uplink_segments_lost",
    "downlink_segments_offered",
    "downlink_segments_lost",
    "airtime_uplink_s",
    "airtime_downlink_s",
    "airtime_busy_s",
    "energy_radio_j",
    "energy_radio_marginal_j",
    "energy_compute_j",
    "energy_ap_j",
    "energy_base_j",
    "energy_frames_j",
    "energy_j",
    "energy_marginal_j",
)

# Empty cells have a meaning here: the evaluation was not made.
OPTIONAL_ROUND_COLUMNS = frozenset({"test_accuracy", "test_loss", "train_objective", "train_loss"})

WORKER_COLUMNS = (
    "round",
    "worker",
    "selected",
    "model_version",
    "outcome",
    "answers",
    "staleness",
    "snr_db",
    "downlink_end_s",
    "compute_end_s",
    "uplink_start_s",
    "uplink_end_s",
    "repair_s",
    "payload_bytes",
    "air_bytes",
    "segments_offered",
    "segments_lost",
    "loss_reason",
    "airtime_tx_s",
    "energy_radio_j",
    "energy_compute_j",
    "battery_j",
    "energy_j",
)

TEXT_WORKER_COLUMNS = frozenset({"outcome", "loss_reason"})

# A worker that did not get that far in a round leaves the cell empty.
OPTIONAL_WORKER_COLUMNS = frozenset(WORKER_COLUMNS) - {"round", "worker"}

TRANSMISSION_COLUMNS = (
    "round",
    "start_s",
    "duration_s",
    "domain",
    "transmitter",
    "direction",
    "worker",
    "bytes",
)

TEXT_TRANSMISSION_COLUMNS = frozenset({"transmitter", "direction", "worker"})
