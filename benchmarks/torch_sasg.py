#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Uploads of SASG and SGD to target accuracies, by wfl and by PyTorch.

The set-up of SASG's authors (arXiv:2112.04088) for a perceptron with 512 hidden units,
on Fashion-MNIST: 10 workers with equal random shares, batches of 10, rate 0.005 on the
sum of the gradients, density 0.01, D = 10. The PyTorch side is written from the
equations, with its own shares, initial models and mini-batches; nothing is shared.
For each value of RngRun a row a method is printed: uploads at the first evaluation
(every 50 rounds) of at least each accuracy, and after all rounds.

    PYTHONPATH=analysis /usr/bin/python3 benchmarks/torch_sasg.py

needs the package python3-torch, and takes some 20 minutes.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch
from demo.configuration import DEFAULT_PROGRAMS
from side_by_side import (
    Samples,
    accuracy_of,
    load_fashion_mnist,
    make_perceptron,
    run_scenario,
)

WORKERS = 10
BATCH = 10
HIDDEN = 512
RATE = 0.005  # on the sum of the gradients
DENSITY = 0.01
DEPTH = 10  # D: the rule looks at D - 1 changes
ALPHA = 1 / (2 * RATE)
ROUNDS = 3000
EVERY = 50  # rounds from one evaluation to the next
TARGETS = (0.75, 0.80, 0.82, 0.84, 0.85)

Curve = list[tuple[int, float]]  # uploads so far, accuracy, at each evaluation
Tensors = list[torch.Tensor]  # one for each tensor of the model


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2, help="number of RngRun values")
    parser.add_argument("--first-run", type=int, default=601, help="the first of them")
    parser.add_argument("--programs", type=Path, default=DEFAULT_PROGRAMS)
    chosen = parser.parse_args()
    torch.set_num_threads(1)

    train, test = load_fashion_mnist("train"), load_fashion_mnist("t10k")
    columns = [f"uploads_to_{target:.2f}" for target in TARGETS]
    print(",".join(["RngRun", "program", "method", *columns, "uploads"]), flush=True)
    for run in range(chosen.first_run, chosen.first_run + chosen.runs):
        for method in ("sgd", "sasg"):
            report(run, "wfl", method, curve_of_wfl(chosen.programs, method, run))
            report(run, "torch", method, list(curve_of_torch(method, run, train, test)))


def report(run: int, program: str, method: str, curve: Curve) -> None:
    """Print the row of one training."""
    cells = [str(run), program, method]
    for target in TARGETS:
        reached = [uploads for uploads, accuracy in curve if accuracy >= target]
        cells.append(str(reached[0]) if reached else "not reached")
    print(",".join([*cells, str(curve[-1][0])]), flush=True)


def curve_of_wfl(programs: Path, method: str, run: int) -> Curve:
    """Train by wfl-scenario; only long datagrams, as the channel does not matter."""
    options = {
        "channel": "ideal[MaxDatagramBytes=65000]",
        "dataset": "fashion-mnist",
        "objective": f"mlp[Hidden={HIDDEN}]",
        "partition": "iid",
        "algorithm": method,
        # That of sgd is on the mean of the gradients.
        "learning-rate": RATE * WORKERS if method == "sgd" else RATE,
        "workers": WORKERS,
        "batch": BATCH,
        "rounds": ROUNDS,
        "eval-every": EVERY,
        "threads": 1,
        "RngRun": run,
    }
    rounds, workers = run_scenario(programs, options)
    uploads = [0] * ROUNDS
    for row in workers:
        uploads[int(row["round"])] += row["outcome"] == "delivered"
    curve = []
    for number, row in enumerate(rounds):
        if row["test_accuracy"]:
            curve.append((sum(uploads[: number + 1]), float(row["test_accuracy"])))
    return curve


def curve_of_torch(
    method: str, seed: int, train: Samples, test: Samples
) -> Iterator[tuple[int, float]]:
    """Train by PyTorch."""
    torch.manual_seed(seed)
    images, labels = train
    model = make_perceptron(images.shape[1], HIDDEN, 10)
    owned = torch.randperm(len(labels)).reshape(WORKERS, -1)
    workers = [Worker(model) for _ in owned]
    changes: list[float] = []  # squared lengths of the last D - 1 changes of the model
    uploads = 0
    for number in range(ROUNDS):
        threshold = sum(ALPHA * change for change in changes) / WORKERS**2
        step = [torch.zeros_like(own) for own in model.parameters()]
        for worker, samples in zip(workers, owned):
            drawn = samples[torch.randperm(len(samples))[:BATCH]]
            batch = images[drawn], labels[drawn]
            if method == "sgd":
                sent = [RATE * own for own in gradient_of(model, batch)]
                uploads += 1
            else:
                uploads += worker.decide(model, batch, number < DEPTH, threshold)
                sent = worker.sent
            step = [sum_ + own for sum_, own in zip(step, sent)]
        with torch.no_grad():
            for own, change in zip(model.parameters(), step):
                own -= change
        changes = [*changes, squared_length(step)][-(DEPTH - 1) :]
        if (number + 1) % EVERY == 0:
            yield uploads, accuracy_of(model, test)


class Worker:
    """What both ends hold of one worker of SASG."""

    def __init__(self, model: torch.nn.Sequential) -> None:
        self.error = [torch.zeros_like(own) for own in model.parameters()]  # e_m
        self.old = make_perceptron(model[0].in_features, HIDDEN, 10)  # w_m
        self.age = 1  # tau_m
        self.sent: Tensors = []  # s_m

    def decide(
        self,
        model: torch.nn.Sequential,
        batch: Samples,
        forced: bool,
        threshold: float,
    ) -> bool:
        """Upload, or do not; give which."""
        gradient = gradient_of(model, batch)
        if not forced and self.age <= DEPTH:
            old = gradient_of(self.old, batch)
            difference = [a - b for a, b in zip(gradient, old)]
            if squared_length(difference) <= threshold:
                self.age += 1
                return False
        wanted = [RATE * own + left for own, left in zip(gradient, self.error)]
        self.sent = [largest_of(own) for own in wanted]
        self.error = [own - sent for own, sent in zip(wanted, self.sent)]
        self.old.load_state_dict(model.state_dict())
        self.age = 1
        return True


def gradient_of(model: torch.nn.Module, batch: Samples) -> Tensors:
    """Differentiate the mean loss."""
    loss = torch.nn.functional.cross_entropy(model(batch[0]), batch[1])
    return list(torch.autograd.grad(loss, list(model.parameters())))


def largest_of(values: torch.Tensor) -> torch.Tensor:
    """Keep the largest entries, rounded down, at least one."""
    flat = values.flatten()
    kept = torch.zeros_like(flat)
    places = flat.abs().topk(max(1, int(DENSITY * len(flat)))).indices
    kept[places] = flat[places]
    return kept.view_as(values)


def squared_length(tensors: Tensors) -> float:
    """Give the sum of the squares of all entries."""
    return sum((own**2).sum().item() for own in tensors)


if __name__ == "__main__":
    main()
