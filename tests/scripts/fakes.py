# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Makes programs and configurations for the tests."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]


def write_program(path: Path, script: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/usr/bin/env bash\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def write_scenario(folder: Path, seconds: float = 0.0, failing: str = "none") -> Path:
    """Write a stand-in for the scenario program; give the folder of programs."""
    command = shlex.join(
        [sys.executable, str(HERE / "fake_scenario.py"), str(seconds), failing]
    )
    write_program(folder / "bin" / "wfl-scenario", f'exec {command} "$@"')
    return folder / "bin"


def write_configuration(path: Path, *algorithms: str, rounds: int = 12) -> Path:
    """Write a demo.json with a run of each algorithm."""
    runs: list[dict[str, Any]] = [
        {
            "name": name,
            "label": f"The {name}",
            "options": {"algorithm": name, "learning-rate": 0.5, "rounds": rounds},
        }
        for name in algorithms
    ]
    content = {
        "program": "wfl-scenario",
        "target_accuracy": 0.8,
        "options": {"channel": "wifi", "RngRun": 1},
        "runs": runs,
        "tuning": {
            "options": {"channel": "ideal"},
            "seeds": [101, 102],
            "learning_rates": {name: [0.25, 0.9, 0.5] for name in algorithms},
        },
    }
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return path
