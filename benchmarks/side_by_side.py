# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""What comparisons with programs of their own need: runs of wfl, and the data set."""

import csv
import gzip
import subprocess
import tempfile
from pathlib import Path

import numpy
import torch
from demo.configuration import Options, arguments

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")

Rows = list[dict[str, str]]
Samples = tuple[torch.Tensor, torch.Tensor]  # images, a row a sample, and labels


def run_scenario(programs: Path, options: Options) -> tuple[Rows, Rows]:
    """Run wfl-scenario; give the rows of rounds.csv and of workers.csv."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "run"
        command = arguments(options, {"output": str(output)})
        subprocess.run(
            [programs / "wfl-scenario", *command], check=True, stdout=subprocess.DEVNULL
        )
        return _read(output / "rounds.csv"), _read(output / "workers.csv")


def _read(path: Path) -> Rows:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def load_fashion_mnist(split: str) -> Samples:
    """Read the training set ("train") or the test set ("t10k"), pixels from 0 to 1."""
    with gzip.open(FASHION_MNIST / f"{split}-images-idx3-ubyte.gz") as file:
        pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16)
    with gzip.open(FASHION_MNIST / f"{split}-labels-idx1-ubyte.gz") as file:
        labels = numpy.frombuffer(file.read(), numpy.uint8, offset=8)
    images = pixels.reshape(len(labels), -1).astype(numpy.float32) / 255
    return torch.from_numpy(images), torch.from_numpy(labels.astype(numpy.int64))


def make_perceptron(features: int, hidden: int, classes: int) -> torch.nn.Sequential:
    """Give a new model: Kaiming's uniform weights (a gain of 1 at the end), no bias."""
    first = torch.nn.Linear(features, hidden)
    last = torch.nn.Linear(hidden, classes)
    torch.nn.init.kaiming_uniform_(first.weight, nonlinearity="relu")
    torch.nn.init.kaiming_uniform_(last.weight, nonlinearity="linear")
    torch.nn.init.zeros_(first.bias)
    torch.nn.init.zeros_(last.bias)
    return torch.nn.Sequential(first, torch.nn.ReLU(), last)


def accuracy_of(model: torch.nn.Module, samples: Samples) -> float:
    """Give the share of samples whose class the model predicts."""
    images, labels = samples
    with torch.no_grad():
        return (model(images).argmax(1) == labels).float().mean().item()
