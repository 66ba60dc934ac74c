# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Reads results folders of wfl runs and draws, measures and compares them.

``results`` loads, ``labels`` names, ``metrics`` measures, ``plots`` draws and
``tables`` prints; ``python3 -m wfl_analysis`` is the command line over them.
"""
