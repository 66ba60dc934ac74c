#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Test accuracy of the demo's SGD, by wfl and by PyTorch on the same partitions.

For each value of RngRun, wfl-scenario trains as in demo.json, over the ideal channel.
PyTorch trains the same model on the same partition, and shares nothing else: it reads
the files of the data set itself, draws its own initial model from the same
distribution and its own mini-batches, and differentiates by itself. A row a value of
RngRun is printed, with the mean accuracy of the evaluations after 200 to 300 rounds,
then the mean difference with its confidence interval.

    PYTHONPATH=analysis /usr/bin/python3 benchmarks/torch_accuracy.py

needs the packages python3-torch and python3-scipy, and takes half an hour.
"""

import argparse
import subprocess
from pathlib import Path

import numpy
import torch
from demo.configuration import (
    DEFAULT_FILE,
    DEFAULT_PROGRAMS,
    Options,
    load_configuration,
)
from scipy import stats
from side_by_side import (
    Samples,
    accuracy_of,
    load_fashion_mnist,
    make_perceptron,
    run_scenario,
)

HIDDEN = 200  # width of --objective=mlp
ROUNDS = 300
FIRST = 200  # rounds before the first evaluation that counts
CONFIDENCE = 0.95


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20, help="number of RngRun values")
    parser.add_argument("--first-run", type=int, default=1001, help="the first of them")
    parser.add_argument("--programs", type=Path, default=DEFAULT_PROGRAMS)
    chosen = parser.parse_args()
    torch.set_num_threads(1)

    configuration = load_configuration(DEFAULT_FILE)
    sgd = next(run for run in configuration.runs if run.name == "sgd")
    options = {**configuration.options, **sgd.options}
    options.update(channel="ideal", rounds=ROUNDS)
    train, test = load_fashion_mnist("train"), load_fashion_mnist("t10k")
    differences = []
    print("RngRun,wfl,torch,difference", flush=True)
    for run in range(chosen.first_run, chosen.first_run + chosen.runs):
        options["RngRun"] = run
        ours = accuracy_of_wfl(chosen.programs, options)
        owned = partition(chosen.programs, options)
        theirs = accuracy_of_torch(owned, train, test, options)
        differences.append(ours - theirs)
        print(f"{run},{ours:.4f},{theirs:.4f},{differences[-1]:+.4f}", flush=True)
    mean = numpy.mean(differences)
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, len(differences) - 1)
    error = stats.sem(differences) * quantile
    print(
        f"difference in points over {len(differences)} runs: {100 * mean:+.3f}, "
        f"{100 * CONFIDENCE:.0f} % confidence interval "
        f"{100 * (mean - error):+.3f} to {100 * (mean + error):+.3f}"
    )


def counted_rounds(options: Options) -> range:
    """Give the rounds, from 0, whose evaluations count."""
    return range(FIRST - 1, ROUNDS, int(options["eval-every"]))


def accuracy_of_wfl(programs: Path, options: Options) -> float:
    """Train by wfl-scenario; give the mean accuracy of the rounds that count."""
    rounds, _ = run_scenario(programs, options)
    accuracies = [
        float(rounds[number]["test_accuracy"]) for number in counted_rounds(options)
    ]
    return float(numpy.mean(accuracies))


def partition(programs: Path, options: Options) -> list[torch.Tensor]:
    """Give the samples of each worker."""
    keys = ("dataset", "partition", "workers")
    command = [str(options[key]) for key in keys] + ["1", str(options["RngRun"])]
    done = subprocess.run(
        [programs / "wfl-print-partition", *command],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = done.stdout.splitlines()
    return [torch.tensor([int(word) for word in line.split()]) for line in lines]


def accuracy_of_torch(
    owned: list[torch.Tensor], train: Samples, test: Samples, options: Options
) -> float:
    """Train by PyTorch; give the mean accuracy of the rounds that count."""
    torch.manual_seed(int(options["RngRun"]))
    images, labels = train
    model = make_perceptron(images.shape[1], HIDDEN, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=float(options["learning-rate"]))
    cross_entropy = torch.nn.CrossEntropyLoss()
    accuracies = []
    for number in range(ROUNDS):
        optimizer.zero_grad()
        for samples in owned:
            drawn = samples[torch.randperm(len(samples))[: int(options["batch"])]]
            # Gradients add up, so this makes the mean over the workers.
            loss = cross_entropy(model(images[drawn]), labels[drawn]) / len(owned)
            loss.backward()
        optimizer.step()
        if number in counted_rounds(options):
            accuracies.append(accuracy_of(model, test))
    return float(numpy.mean(accuracies))


if __name__ == "__main__":
    main()
