# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Runs get labels that tell them apart."""

from typing import Any

from wfl_analysis.labels import distinct_labels


def labels(*configs: dict[str, Any]) -> list[str]:
    return distinct_labels(configs, [f"folder{i}" for i in range(len(configs))])


def run(algorithm: str, **options: Any) -> dict[str, Any]:
    return {"options": {"algorithm": algorithm, **options}}


def test_algorithm_is_the_label() -> None:
    assert labels(run("a", workers=1), run("b", workers=2)) == ["a", "b"]


def test_label_of_the_configuration_wins() -> None:
    assert labels({"label": "mine", **run("a")}, run("a")) == ["mine", "a"]


def test_equal_labels_add_the_options_that_differ() -> None:
    first = run("a", workers=10, channel="wifi", rounds=5)
    second = run("a", workers=20, channel="wifi", rounds=5)
    other = run("b", workers=30, channel="lte", rounds=7)
    assert labels(first, second, other) == ["a (workers=10)", "a (workers=20)", "b"]


def test_an_option_that_only_one_run_has() -> None:
    assert labels(run("a"), run("a", loss="iid")) == ["a (loss unset)", "a (loss=iid)"]


def test_host_options_do_not_tell_runs_apart() -> None:
    first = run("a", output="x", threads=1, RngRun=1)
    second = run("a", output="y", threads=8, RngRun=2)
    assert labels(first, second) == ["a (RngRun=1)", "a (RngRun=2)"]


def test_equal_options_leave_the_folder() -> None:
    assert labels(run("a"), run("a")) == ["a [folder0]", "a [folder1]"]
