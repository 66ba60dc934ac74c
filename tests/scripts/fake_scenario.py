# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Stands in for the scenario program: writes a plausible results folder, row by row.

Arguments: the seconds that a round takes, the algorithm that fails (or "none"), and
then those of the scenario program. Algorithm "endless" never ends and says so in a
file "pid" of its folder.
"""

import json
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "python"), str(HERE.parents[1] / "analysis")]

from synthetic import learning_curve, rounds_frame, workers_frame  # noqa: E402


def main() -> None:
    seconds, failing, *arguments = sys.argv[1:]
    pairs = [argument[2:].partition("=") for argument in arguments]
    options = {name: value for name, _, value in pairs}
    folder = Path(options["output"])
    folder.mkdir(parents=True, exist_ok="overwrite" in options)
    if options["algorithm"] == "endless":
        (folder / "pid").write_text(str(os.getpid()), encoding="utf-8")
        time.sleep(600)
    if options["algorithm"] == failing:
        sys.exit("the access point is on fire")

    learning_rate = float(options["learning-rate"])
    curve = learning_curve(int(options["rounds"]), int(options["RngRun"]))
    rounds = rounds_frame(
        [min(1.0, 0.9 * learning_rate + 0.1 * each) for each in curve]
    )
    header, *rows = rounds.to_csv(index=False).splitlines(keepends=True)
    with (folder / "rounds.csv").open("w", encoding="utf-8") as stream:
        stream.write(header)
        for row in rows:
            time.sleep(float(seconds))
            stream.write(row)
            stream.flush()
    workers_frame(rounds).to_csv(folder / "workers.csv", index=False)
    (folder / "config.json").write_text(json.dumps({"options": options}))
    (folder / "summary.json").write_text("{}")


main()
