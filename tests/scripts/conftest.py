# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Lets the tests import the demo's modules and the helpers of the analysis tests."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
for folder in ("analysis", "analysis/demo", "tests/python", "tests/scripts"):
    sys.path.insert(0, str(REPOSITORY / folder))
