#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Test accuracy of the demo's SGD, by wfl and by PyTorch on the same partitions.

For each value of RngRun, wfl-scenario trains as in demo.json, over the ideal channel. PyTorch
trains the same model on the same partition, and shares nothing else: it reads the files of the
data set itself, draws its own initial model from the same distribution and its own mini-batches,
and differentiates by itself. A row a value of RngRun is printed, with the mean accuracy of the
evaluations from round 200 on, then the mean difference with its confidence interval.

    PYTHONPATH=analysis /usr/bin/python3 benchmarks/torch_accuracy.py

needs the packages python3-torch and python3-scipy, and takes minutes.
"""

import argparse
import csv
import gzip
import subprocess
import tempfile
from pathlib import Path

import numpy
import torch
from demo.configuration import (
    DEFAULT_FILE,
    DEFAULT_PROGRAMS,
    Options,
    arguments,
    load_configuration,
)
from scipy import stats
from torch import nn

FOLDER = Path("/usr/share/datasets/fashion-mnist")
HIDDEN = 200  # width of --objective=mlp
ROUNDS = 300
FIRST = 200  # round of the first evaluation that counts
CONFIDENCE = 0.95


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10, help="number of RngRun values")
    parser.add_argument("--first-run", type=int, default=1001, help="the first of them")
    parser.add_argument("--programs", type=Path, default=DEFAULT_PROGRAMS)
    chosen = parser.parse_args()
    torch.set_num_threads(1)

    configuration = load_configuration(DEFAULT_FILE)
    sgd = next(run for run in configuration.runs if run.name == "sgd")
    options = {
        **configuration.options,
        **sgd.options,
        "channel": "ideal",
        "rounds": ROUNDS,
    }
    train, test = load("train"), load("t10k")
    differences = []
    print("RngRun,wfl,torch,difference", flush=True)
    for run in range(chosen.first_run, chosen.first_run + chosen.runs):
        options["RngRun"] = run
        ours = accuracy_of_wfl(chosen.programs, options)
        theirs = accuracy_of_torch(
            partition(chosen.programs, options),
            train,
            test,
            batch=int(options["batch"]),
            rate=float(options["learning-rate"]),
            every=int(options["eval-every"]),
            seed=run,
        )
        differences.append(ours - theirs)
        print(f"{run},{ours:.4f},{theirs:.4f},{differences[-1]:+.4f}", flush=True)
    count = len(differences)
    mean = numpy.mean(differences)
    error = stats.sem(differences) * stats.t.ppf((1 + CONFIDENCE) / 2, count - 1)
    print(
        f"difference in points over {count} runs: {100 * mean:+.3f}, "
        f"{100 * CONFIDENCE:.0f} % confidence interval "
        f"{100 * (mean - error):+.3f} to {100 * (mean + error):+.3f}"
    )


def accuracy_of_wfl(programs: Path, options: Options) -> float:
    """Train by wfl-scenario; give the mean accuracy of the rounds that count."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "run"
        command = arguments(options, {"output": str(output)})
        subprocess.run(
            [programs / "wfl-scenario", *command], check=True, stdout=subprocess.DEVNULL
        )
        with open(output / "rounds.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    evaluated = {int(row["round"]): row["test_accuracy"] for row in rows}
    counted = [float(evaluated[number]) for number in counted_rounds(int(options["eval-every"]))]
    return float(numpy.mean(counted))


def counted_rounds(every: int) -> range:
    """Give the rounds, from 0, whose evaluations count."""
    return range(FIRST - 1, ROUNDS, every)


def partition(programs: Path, options: Options) -> list[torch.Tensor]:
    """Give the samples of each worker."""
    keys = ["dataset", "partition", "workers"]
    command = [str(options[key]) for key in keys] + ["1", str(options["RngRun"])]
    printed = subprocess.run(
        [programs / "wfl-print-partition", *command], check=True, capture_output=True, text=True
    ).stdout
    return [torch.tensor([int(word) for word in line.split()]) for line in printed.splitlines()]


def load(split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Read images, as rows of numbers from 0 to 1, and labels."""
    with gzip.open(FOLDER / f"{split}-images-idx3-ubyte.gz") as file:
        pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16)
    with gzip.open(FOLDER / f"{split}-labels-idx1-ubyte.gz") as file:
        labels = numpy.frombuffer(file.read(), numpy.uint8, offset=8)
    images = torch.from_numpy(pixels.reshape(len(labels), -1).astype(numpy.float32) / 255)
    return images, torch.from_numpy(labels.astype(numpy.int64))


def accuracy_of_torch(
    owned: list[torch.Tensor],
    train: tuple[torch.Tensor, torch.Tensor],
    test: tuple[torch.Tensor, torch.Tensor],
    batch: int,
    rate: float,
    every: int,
    seed: int,
) -> float:
    """Train by PyTorch; give the mean accuracy of the rounds that count."""
    torch.manual_seed(seed)
    images, labels = train
    model = make_model(images.shape[1], 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    cross_entropy = nn.CrossEntropyLoss()
    accuracies = []
    for number in range(ROUNDS):
        optimizer.zero_grad()
        for samples in owned:
            drawn = samples[torch.randperm(len(samples))[:batch]]
            # Gradients add up, so this makes the mean over the workers.
            loss = cross_entropy(model(images[drawn]), labels[drawn]) / len(owned)
            loss.backward()
        optimizer.step()
        if number in counted_rounds(every):
            with torch.no_grad():
                hits = model(test[0]).argmax(1) == test[1]
            accuracies.append(hits.float().mean().item())
    return float(numpy.mean(accuracies))


def make_model(features: int, classes: int) -> nn.Module:
    """Give a new model: Kaiming's uniform weights (a gain of 1 at the end), no bias."""
    first, last = nn.Linear(features, HIDDEN), nn.Linear(HIDDEN, classes)
    nn.init.kaiming_uniform_(first.weight, nonlinearity="relu")
    nn.init.kaiming_uniform_(last.weight, nonlinearity="linear")
    nn.init.zeros_(first.bias)
    nn.init.zeros_(last.bias)
    return nn.Sequential(first, nn.ReLU(), last)


if __name__ == "__main__":
    main()
