#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Tells Snakemake what has become of a job of Slurm: running, success or failed."""

import subprocess
import sys

GOING_ON = ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED", "REQUEUED")


def ask(*command: str) -> str:
    """Give what a command prints; nothing if it fails."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return result.stdout if result.returncode == 0 else ""


def state_of(job: str) -> str:
    """Ask the controller, and where it has forgotten the job the accounting, if there is one."""
    fields = ask("scontrol", "--oneliner", "show", "job", job).split()
    for field in fields:
        name, _, value = field.partition("=")
        if name == "JobState":
            return value
    lines = ask("sacct", "-X", "-n", "-P", "-o", "State", "-j", job).split()
    return lines[0] if lines else "RUNNING"  # it may not be known yet, or only now not be asked


def main() -> None:
    """Print the word."""
    state = state_of(sys.argv[1])
    going_on = state in GOING_ON
    print("running" if going_on else "success" if state == "COMPLETED" else "failed")


if __name__ == "__main__":
    main()
