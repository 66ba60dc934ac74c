#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Compares the channel `dcf` with packet-level `wifi`: round times of the same federation and, on
bursts of the same datagrams without transport and learning, the processor time of the channel.

Writes doc/validation/dcf-wifi.csv and draws doc/validation/dcf-wifi.png. Takes about a quarter of an
hour; `--draw` draws the table that is there.
"""

import argparse
import csv
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "build/release/bin"
TABLE = ROOT / "doc/validation/dcf-wifi.csv"
PICTURE = ROOT / "doc/validation/dcf-wifi.png"

STANDARDS = {
    "802.11ac, 20 MHz": "Standard=80211ac|WidthMhz=20|DataMode=VhtMcs7",
    "802.11ax, 80 MHz": "Standard=80211ax|WidthMhz=80|DataMode=HeMcs7",
}
# Near enough that frames are lost to collisions alone.
PLACE = "RadiusM=5"
CHANNELS = {
    "dcf": "dcf[{}|{}]",
    "wifi": "wifi[{}|{}|RateControl=ns3::ConstantRateWifiManager]",
}
WORKERS = (2, 5, 10, 20, 50)
CLASSES = 10
FEATURES = {10: 249, 100: 2499, 625: 15624}  # by kB of a gradient of (features + 1) x classes floats
SEEDS = (1, 2, 3, 4, 5)
ROUNDS = 4  # the first has no downlink, and does not count
FIELDS = (
    "standard workers payload_kb wifi_s wifi_sd_s dcf_s dcf_sd_s difference_percent "
    "wifi_host_s dcf_host_s host_ratio"
).split()


def round_time(channel, workers, payload_kb, seed):
    """Mean duration of a round of dense SGD, in simulated seconds."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                PROGRAMS / "wfl-scenario",
                "--algorithm=sgd",
                "--objective=softmax",
                f"--dataset=gaussian-mixture[Features={FEATURES[payload_kb]}|Classes={CLASSES}"
                "|Samples=200|TestSamples=10]",
                "--batch=1",
                "--compute=constant",
                f"--channel={channel}",
                f"--workers={workers}",
                f"--rounds={ROUNDS}",
                "--threads=1",
                "--eval-every=1000",
                f"--RngRun={seed}",
                f"--output={folder}/run",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with open(f"{folder}/run/rounds.csv", encoding="utf-8", newline="") as file:
            ends = [float(row["time_s"]) for row in csv.DictReader(file)]
    return (ends[-1] - ends[0]) / (ROUNDS - 1)


def host_time(channel, workers, payload_kb):
    """User time of the processor for a broadcast and the uploads of all, without anything else."""
    rounds = 30 if channel.startswith("dcf") else 2
    done = subprocess.run(
        [PROGRAMS / "wfl-channel-burst", channel, str(workers), str(payload_kb * 1000), str(rounds)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(dict(field.split("=") for field in done.stdout.split())["host_s"])


def measure():
    rows = []
    for standard, attributes in STANDARDS.items():
        for payload_kb in FEATURES:
            for workers in WORKERS:
                row = {"standard": standard, "workers": workers, "payload_kb": payload_kb}
                for name, pattern in CHANNELS.items():
                    channel = pattern.format(attributes, PLACE)
                    times = [round_time(channel, workers, payload_kb, seed) for seed in SEEDS]
                    row[f"{name}_s"] = statistics.mean(times)
                    row[f"{name}_sd_s"] = statistics.stdev(times)
                    row[f"{name}_host_s"] = host_time(channel, workers, payload_kb)
                row["difference_percent"] = 100 * (row["dcf_s"] / row["wifi_s"] - 1)
                row["host_ratio"] = row["wifi_host_s"] / row["dcf_host_s"]
                rows.append(row)
                print(" ".join(f"{row[field]:.4g}" if isinstance(row[field], float) else
                               str(row[field]) for field in FIELDS), flush=True)
    TABLE.parent.mkdir(exist_ok=True)
    with open(TABLE, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()}
            )


def draw():
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with open(TABLE, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    colours = ("#0072B2", "#D55E00", "#009E73")  # Okabe and Ito: told apart by everybody
    markers = ("o", "s", "^")
    figure, axes = plt.subplots(2, 2, figsize=(10, 7), sharex=True,
                                gridspec_kw={"height_ratios": (3, 2)})
    for column, standard in enumerate(STANDARDS):
        for payload_kb, colour, marker in zip(FEATURES, colours, markers):
            cells = [row for row in rows
                     if row["standard"] == standard and row["payload_kb"] == str(payload_kb)]
            workers = [int(row["workers"]) for row in cells]
            for name, style, fill in (("wifi", "-", "none"), ("dcf", ":", colour)):
                axes[0][column].errorbar(
                    workers,
                    [float(row[f"{name}_s"]) for row in cells],
                    yerr=[float(row[f"{name}_sd_s"]) for row in cells],
                    color=colour, marker=marker, linestyle=style, markerfacecolor=fill,
                    capsize=3, label=f"{name}, {payload_kb} kB")
            axes[1][column].plot(workers, [float(row["difference_percent"]) for row in cells],
                                 color=colour, marker=marker, label=f"{payload_kb} kB")
        axes[0][column].set_title(f"{standard}, MCS 7")
        axes[0][column].set_yscale("log")
        axes[1][column].set_xscale("log")
        axes[1][column].set_xticks(WORKERS, [str(workers) for workers in WORKERS])
        axes[1][column].minorticks_off()
        axes[1][column].axhspan(-10, 10, color="0.9")
        axes[1][column].set_ylim(-20, 20)
        axes[1][column].set_xlabel("workers")
        for line in axes:
            line[column].grid(True, color="0.85")
            line[column].set_axisbelow(True)
    axes[0][0].set_ylabel("duration of a round (s)")
    axes[1][0].set_ylabel("dcf minus wifi (%)")
    axes[0][0].legend(ncol=2, fontsize="small")
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=130)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draw", action="store_true", help="only draw")
    if not parser.parse_args().draw:
        measure()
    draw()


if __name__ == "__main__":
    sys.exit(main())
