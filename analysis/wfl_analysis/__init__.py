# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Reads results folders of wfl runs and draws, measures and compares them.

In a notebook::

    import wfl_analysis as wfl
    runs = wfl.load_runs(["results/a", "results/b"])
    frame = wfl.frames.evaluations(runs)         # tidy: a row a run and evaluation
    sweep = wfl.load_sweep("mine.yaml")          # as ./wfl sweep has run it
    values = wfl.tidy(sweep.parts[0])            # a row a run and figure
    wfl.pictures.draw("breakdown", runs)         # figures of Matplotlib by name

``python3 -m wfl_analysis`` is the command line.
"""

from . import frames, pictures
from .comparison import tidy
from .errors import UserError
from .results import load_runs
from .sweep_file import load_sweep

__all__ = ["UserError", "frames", "load_runs", "load_sweep", "pictures", "tidy"]
