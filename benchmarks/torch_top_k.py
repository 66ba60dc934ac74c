#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""How fast the largest of a million values are chosen, by wfl and by torch.topk.

Both run in turns on one thread, on a million normal variables. torch.topk gives values and
indices, not in order, of the magnitudes; wfl the indices in ascending order.

    /usr/bin/python3 benchmarks/torch_top_k.py [build/release/bin]

needs the package python3-torch, and takes half a minute.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

PROGRAMS = Path(__file__).parent.parent / "build/release/bin"
SIZE = 1_000_000
ONE_IN = (1000, 100, 10)
TURNS = 5
REPETITIONS = 20


def time_wfl(programs: Path, one_in: int) -> float:
    """Give the milliseconds that wfl takes for one in so many."""
    output = subprocess.run(
        [
            programs / "wfl-benchmarks",
            f"--benchmark_filter=^SelectTopK/{one_in}$",
            "--benchmark_format=json",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return float(json.loads(output)["benchmarks"][0]["real_time"])


def time_torch(values: torch.Tensor, one_in: int) -> float:
    """Give the same of torch.topk."""
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        values.abs().topk(SIZE // one_in, sorted=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def main() -> None:
    """Print a row for each share."""
    programs = Path(sys.argv[1]) if len(sys.argv) > 1 else PROGRAMS
    torch.set_num_threads(1)
    torch.manual_seed(1)
    values = torch.randn(SIZE)
    print("share    wfl       torch     ratio")
    for one_in in ONE_IN:
        pairs = [
            (time_wfl(programs, one_in), time_torch(values, one_in)) for _ in range(TURNS)
        ]
        wfl, pytorch = (statistics.median(times) for times in zip(*pairs))
        print(f"{1 / one_in:5.1%} {wfl:7.2f} ms {pytorch:7.2f} ms {pytorch / wfl:7.1f}")


if __name__ == "__main__":
    main()
