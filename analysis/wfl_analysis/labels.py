# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Names runs so that a reader can tell them apart."""

from collections import Counter
from typing import Any, Mapping, Sequence

# Options that say where results go or how the host works, not what was simulated.
HOST_OPTIONS = frozenset(
    {"output", "overwrite", "resume", "replay", "threads", "timeline"}
    | {"pcap", "animation", "check", "label"}
)


def distinct_labels(
    configs: Sequence[Mapping[str, Any]], folders: Sequence[str]
) -> list[str]:
    """Give each run a label of its own.

    A run's label is its configuration's "label", else its algorithm. Runs of
    equal label add the options in which they differ, and if they differ in none,
    the folder.
    """
    base = [str(config.get("label") or _algorithm(config)) for config in configs]
    labels = [
        _with_options(base, configs, index) if base.count(base[index]) > 1 else label
        for index, label in enumerate(base)
    ]
    counts = Counter(labels)
    return [
        label if counts[label] == 1 else f"{label} [{folder}]"
        for label, folder in zip(labels, folders)
    ]


def _algorithm(config: Mapping[str, Any]) -> str:
    return str(config["options"]["algorithm"])


def _with_options(
    base: Sequence[str], configs: Sequence[Mapping[str, Any]], index: int
) -> str:
    """Label run ``index`` by the options that differ among runs of its label."""
    group = [
        config["options"]
        for label, config in zip(base, configs)
        if label == base[index]
    ]
    own = configs[index]["options"]
    parts = [
        f"{name}={own[name]}" if name in own else f"{name} unset"
        for name in _differing(group)
    ]
    return f"{base[index]} ({', '.join(parts)})" if parts else base[index]


def _differing(group: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the options in which ``group`` differs, in the order they appear."""
    names = dict.fromkeys(name for options in group for name in options)
    return [
        name
        for name in names
        if name not in HOST_OPTIONS
        and any(options.get(name) != group[0].get(name) for options in group)
    ]
