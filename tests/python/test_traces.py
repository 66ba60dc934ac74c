# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Public traces, in small files of their formats."""

import json
import os
import pickle

import pytest
from wfl_analysis.__main__ import main
from wfl_analysis.errors import UserError
from wfl_analysis.traces import write_traces


def rows(path):
    return path.read_text().splitlines()


def write(kind, source, workers, folder, horizon=1000):
    return write_traces(kind, source, workers, 1, horizon, folder)


def test_capacities_of_fedscale(tmp_path):
    source = tmp_path / "client_device_capacity"
    clients = {
        1: {"computation": 50.0, "communication": 2000.0},
        2: {"computation": 0.0, "communication": 1.0},  # cannot be
    }
    source.write_bytes(pickle.dumps(clients))
    written = write("fedscale-capacity", source, 1, tmp_path)
    # A gradient takes three inferences of 50 ms: 20 samples in 3 s.
    assert rows(tmp_path / "samples-per-second.csv") == ["worker,value", "0,6.66666667"]
    assert rows(tmp_path / "links.csv") == [
        "time_s,worker,direction,rate_bps,delay_s,loss",
        "0,0,up,2000000,0.01,0",
        "0,0,down,2000000,0.01,0",
    ]
    assert written[0].option.startswith("--compute=table[SamplesPerSecond=file:")
    assert written[1].option.startswith("--channel=link[Trace=")
    with pytest.raises(UserError, match="1 usable clients are too few for 2 workers"):
        write("fedscale-capacity", source, 2, tmp_path)


def test_availability_of_fedscale_repeats(tmp_path):
    source = tmp_path / "client_behave_trace"
    client = {"active": [10, 60], "inactive": [30, 90], "finish_time": 100, "model": "x"}
    source.write_bytes(pickle.dumps({7: client}))
    write("fedscale-availability", source, 1, tmp_path, horizon=170)
    assert rows(tmp_path / "availability.csv")[1:] == [
        f"{time},0,{there}"
        for time, there in zip([0, 10, 30, 60, 90, 110, 130, 160], [0, 1] * 4)
    ]


def test_spells_that_touch_are_one(tmp_path):
    source = tmp_path / "client_behave_trace"
    client = {"active": [0, 50], "inactive": [50, 80], "finish_time": 80}
    source.write_bytes(pickle.dumps({7: client}))
    write("fedscale-availability", source, 1, tmp_path, horizon=500)
    assert rows(tmp_path / "availability.csv")[1:] == ["0,0,1"]


def test_states_of_flash(tmp_path):
    source = tmp_path / "state_traces.json"
    messages = [
        ("10:00:00", "screen_on"),
        ("10:00:10", "battery_charged_on"),
        ("10:00:20", "wifi"),
        ("10:01:00", "screen_lock"),  # ready
        ("10:01:30", "45.0%"),
        ("10:02:00", "4G"),  # not any more
        ("10:03:20", "screen_off"),
    ]
    text = "\n".join(f"2020-01-31 {time}\t{state}" for time, state in messages)
    clients = {
        "a": {"guid": "a", "model": "x", "messages": text},
        "b": {"messages": "no time at all"},
    }
    source.write_text(json.dumps(clients))
    write("flash-states", source, 1, tmp_path, horizon=300)
    # Ready from 60 s to 120 s of every 200 s.
    assert rows(tmp_path / "availability.csv")[1:] == [
        "0,0,0",
        "60,0,1",
        "120,0,0",
        "260,0,1",
    ]


def test_speeds_of_flash(tmp_path):
    source = tmp_path / "speed_distri.json"
    client = {"down_u": 4000, "down_sigma": 9, "up_u": 3000, "up_sigma": 9}
    source.write_text(json.dumps({"a": client}))
    write("flash-speeds", source, 1, tmp_path)
    assert rows(tmp_path / "links.csv")[1:] == [
        "0,0,up,24000000,0.01,0",
        "0,0,down,32000000,0.01,0",
    ]


def test_the_draw_depends_on_the_seed_alone(tmp_path):
    source = tmp_path / "speed_distri.json"
    clients = {f"c{i}": {"down_u": i + 1, "up_u": i + 1} for i in range(100)}
    source.write_text(json.dumps(clients))
    texts = []
    for seed in (1, 1, 2):
        write_traces("flash-speeds", source, 10, seed, 1, tmp_path)
        texts.append(rows(tmp_path / "links.csv"))
    assert texts[0] == texts[1] != texts[2]


class Program:
    """What a malicious pickle holds."""

    def __reduce__(self):
        return os.mkdir, ("ran",)


def test_pickles_run_no_programs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "capacity"
    source.write_bytes(pickle.dumps({1: Program()}))
    with pytest.raises(UserError, match="is not plain data"):
        write("fedscale-capacity", source, 1, tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "kind, content, said",
    [
        ("flash-speeds", b"{", "is no readable JSON"),
        ("flash-speeds", b"[1]", "does not map clients"),
        ("flash-speeds", b'{"a": {"up_u": 3}}', "client a has no field 'down_u'"),
        ("flash-speeds", b'{"a": {"up_u": "x", "down_u": 3}}', "has 'x' for a number"),
        ("flash-states", b'{"a": {}}', "client a has no field 'messages'"),
        ("fedscale-capacity", b"", "is no readable pickle"),
        ("fedscale-capacity", b"garbage", "is no readable pickle"),
        ("fedscale-capacity", pickle.dumps(3), "does not map clients"),
        ("fedscale-availability", pickle.dumps({1: {}}), "has no field 'active'"),
    ],
)
def test_mistakes_are_one_line(tmp_path, capsys, kind, content, said):
    source = tmp_path / "file"
    source.write_bytes(content)
    assert main(["traces", kind, str(source), f"--output={tmp_path}"]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_command_line(tmp_path, capsys):
    source = tmp_path / "speeds"
    source.write_text('{"a": {"up_u": 1, "down_u": 2}}')
    folder = tmp_path / "out"
    arguments = ["traces", "flash-speeds", str(source), f"--output={folder}"]
    assert main([*arguments, "--workers=1"]) == 0
    assert f"--channel=link[Trace={folder}/links.csv]" in capsys.readouterr().out
    assert main([*arguments, "--workers=0"]) == 2
    assert "'0' is no whole number above 0" in capsys.readouterr().err
    assert main(["traces", "flash-speeds", "/nowhere", "--workers=1"]) == 2
