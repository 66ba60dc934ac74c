# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Turns public traces of phones, which a user brings, into files that wfl-scenario reads.

FedScale's (arXiv:2105.11367) are two pickles: the capacities of devices, in milliseconds of
inference a sample and kilobits a second, and when clients are active. FLASH's (arXiv:2006.06983)
are JSON: what happened to each phone (charger, lock, network), and the speeds of its Wi-Fi in
kilobytes a second.
"""

import json
import pickle
import random
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Tuple

from .errors import UserError

# FedScale takes three inferences for one gradient: backward passes take about twice as long.
INFERENCES_PER_GRADIENT = 3

LINKS_HEADER = "time_s,worker,direction,rate_bps,delay_s,loss"
AVAILABILITY_HEADER = "time_s,worker,available"

Spells = List[Tuple[float, float]]  # when somebody is there, in seconds


class Written(NamedTuple):
    """A file that was written, and the option that takes it."""

    path: Path
    option: str


class _PlainUnpickler(pickle.Unpickler):
    """Reads numbers, texts, lists and dictionaries; a pickle can hold programs, too."""

    def find_class(self, module: str, name: str) -> Any:
        raise UserError(
            f"the file holds {module}.{name}, which is not plain data; it is not read"
        )


def write_traces(
    kind: str, source: Path, workers: int, seed: int, horizon_s: float, folder: Path
) -> List[Written]:
    """Read one public file of a kind in KINDS and write what it says of some of its clients.

    Which clients become workers is drawn; of their availability the first horizon_s seconds are
    written, over which it repeats as the public simulators repeat it.
    """
    clients = KINDS[kind].read(source)
    if len(clients) < workers:
        raise UserError(
            f"{source}: {len(clients)} usable clients are too few for {workers} workers"
        )
    chosen = random.Random(seed).sample(sorted(clients, key=str), workers)
    folder.mkdir(parents=True, exist_ok=True)
    return KINDS[kind].write([clients[client] for client in chosen], horizon_s, folder)


def _read_pickle(source: Path) -> Dict[Any, Any]:
    try:
        with source.open("rb") as file:
            content = _PlainUnpickler(file).load()
    except (OSError, pickle.UnpicklingError, EOFError, ValueError, IndexError) as error:
        raise UserError(f"{source} is no readable pickle: {error}") from error
    return _require_clients(source, content)


def _read_json(source: Path) -> Dict[Any, Any]:
    try:
        content = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{source} is no readable JSON file: {error}") from error
    return _require_clients(source, content)


def _require_clients(source: Path, content: Any) -> Dict[Any, Any]:
    if not isinstance(content, dict) or not all(
        isinstance(client, dict) for client in content.values()
    ):
        raise UserError(f"{source} does not map clients to what is known of them")
    return content


def _fields(source: Path, client: Any, entry: Dict[str, Any], *names: str) -> List[Any]:
    missing = [name for name in names if name not in entry]
    if missing:
        raise UserError(f"{source}: client {client} has no field {missing[0]!r}")
    return [entry[name] for name in names]


def _number(source: Path, client: Any, value: Any) -> float:
    if not isinstance(value, (int, float)) or not value >= 0:
        raise UserError(f"{source}: client {client} has {value!r} for a number")
    return float(value)


# FedScale: client -> {"computation": ms a sample, "communication": kbit/s}


def _read_capacities(source: Path) -> Dict[Any, Tuple[float, float]]:
    capacities = {}
    for client, entry in _read_pickle(source).items():
        fields = _fields(source, client, entry, "computation", "communication")
        milliseconds, kilobits = (_number(source, client, field) for field in fields)
        if milliseconds > 0 and kilobits > 0:
            capacities[client] = (milliseconds, kilobits)
    return capacities


def _write_capacities(
    capacities: List[Tuple[float, float]], _horizon_s: float, folder: Path
) -> List[Written]:
    speeds = folder / "samples-per-second.csv"
    rows = [
        f"{worker},{1000 / (INFERENCES_PER_GRADIENT * milliseconds):.9g}"
        for worker, (milliseconds, _) in enumerate(capacities)
    ]
    _write(speeds, "worker,value", rows)
    rates = [(kilobits * 1000, kilobits * 1000) for _, kilobits in capacities]
    return [
        Written(speeds, f"--compute=table[SamplesPerSecond=file:{speeds}]"),
        _write_links(rates, folder),
    ]


def _write_links(rates: List[Tuple[float, float]], folder: Path) -> Written:
    """Write one row a worker and direction, from rates up and down in bit/s."""
    path = folder / "links.csv"
    rows = [
        f"0,{worker},{direction},{rate:.9g},0.01,0"
        for worker, both in enumerate(rates)
        for direction, rate in zip(("up", "down"), both)
    ]
    _write(path, LINKS_HEADER, rows)
    return Written(path, f"--channel=link[Trace={path}]")


# FedScale: client -> {"active": [s], "inactive": [s], "finish_time": s}


def _read_active(source: Path) -> Dict[Any, Tuple[Spells, float]]:
    behaviours = {}
    for client, entry in _read_pickle(source).items():
        starts, ends, period = _fields(
            source, client, entry, "active", "inactive", "finish_time"
        )
        period = _number(source, client, period)
        spells = [
            (_number(source, client, start), _number(source, client, end))
            for start, end in zip(starts, ends)
        ]
        if period > 0:
            behaviours[client] = (spells, period)
    return behaviours


def _write_availability(
    behaviours: List[Tuple[Spells, float]], horizon_s: float, folder: Path
) -> List[Written]:
    path = folder / "availability.csv"
    rows = [
        (time, worker, available)
        for worker, (spells, period) in enumerate(behaviours)
        for time, available in _changes(spells, period, horizon_s)
    ]
    rows.sort()
    _write(path, AVAILABILITY_HEADER, [f"{t:.9g},{w},{a}" for t, w, a in rows])
    return [Written(path, f"--availability=trace[File={path}]")]


def _changes(
    spells: Spells, period: float, horizon_s: float
) -> Iterator[Tuple[float, int]]:
    """Give the times at which somebody comes or goes, and 1 or 0, beginning at time 0."""
    merged: Spells = []
    for start, end in sorted(_repeated(spells, period, horizon_s)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    if not merged or merged[0][0] > 0:
        yield 0, 0
    for start, end in merged:
        yield start, 1
        if end < horizon_s:
            yield end, 0


def _repeated(spells: Spells, period: float, horizon_s: float) -> Iterator[Tuple[float, float]]:
    offset = 0.0
    while offset < horizon_s:
        for start, end in spells:
            if end > start and offset + start < horizon_s:
                yield offset + start, min(offset + min(end, period), horizon_s)
        offset += period


# FLASH: client -> {"messages": "2020-01-31 10:00:00\tscreen_lock\n..."}


def _read_states(source: Path) -> Dict[Any, Tuple[Spells, float]]:
    behaviours = {}
    for client, entry in _read_json(source).items():
        (messages,) = _fields(source, client, entry, "messages")
        try:
            events = list(_events(str(messages)))
        except ValueError:
            continue  # FLASH leaves out phones whose traces it cannot read, too
        if events and events[-1][0] > events[0][0]:
            start = events[0][0]
            spells = [
                ((begin - start).total_seconds(), (end - start).total_seconds())
                for begin, end in _ready_spells(events)
            ]
            behaviours[client] = (spells, (events[-1][0] - start).total_seconds())
    return behaviours


def _events(messages: str) -> Iterator[Tuple[datetime, str]]:
    for line in messages.splitlines():
        if line.strip():
            time, state = line.strip().split("\t")
            yield datetime.strptime(time.strip(), "%Y-%m-%d %H:%M:%S"), state.strip().lower()


def _ready_spells(events: List[Tuple[datetime, str]]) -> Iterator[Tuple[datetime, datetime]]:
    """Give when a phone is locked, charging and on Wi-Fi, which FLASH calls ready."""
    effects = {
        "battery_charged_on": ("charging", True),
        "battery_charged_off": ("charging", False),
        "wifi": ("wifi", True),
        "screen_lock": ("locked", True),
        "screen_unlock": ("locked", False),
        **{network: ("wifi", False) for network in ("unknown", "2g", "3g", "4g", "5g")},
    }
    state = {"charging": False, "wifi": False, "locked": False}
    since = None
    for time, event in events:
        if event in effects:
            name, value = effects[event]
            state[name] = value
        ready = all(state.values())
        if ready and since is None:
            since = time
        elif not ready and since is not None:
            yield since, time
            since = None


# FLASH: client -> {"down_u": kB/s, "up_u": kB/s, ...}


def _read_speeds(source: Path) -> Dict[Any, Tuple[float, float]]:
    speeds = {}
    for client, entry in _read_json(source).items():
        fields = _fields(source, client, entry, "up_u", "down_u")
        up, down = (_number(source, client, field) for field in fields)
        if up > 0 and down > 0:
            speeds[client] = (up * 8000, down * 8000)
    return speeds


def _write_speeds(
    rates: List[Tuple[float, float]], _horizon_s: float, folder: Path
) -> List[Written]:
    return [_write_links(rates, folder)]


def _write(path: Path, header: str, rows: List[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


class Kind(NamedTuple):
    """A public file format."""

    help: str
    read: Callable[[Path], Dict[Any, Any]]
    write: Callable[[List[Any], float, Path], List[Written]]


KINDS = {
    "fedscale-capacity": Kind(
        "FedScale's client_device_capacity: speeds of processors and links",
        _read_capacities,
        _write_capacities,
    ),
    "fedscale-availability": Kind(
        "FedScale's client_behave_trace: when clients are active",
        _read_active,
        _write_availability,
    ),
    "flash-states": Kind(
        "FLASH's state_traces.json: when phones are locked, charging and on Wi-Fi",
        _read_states,
        _write_availability,
    ),
    "flash-speeds": Kind(
        "FLASH's speed_distri.json: mean speeds of Wi-Fi",
        _read_speeds,
        _write_speeds,
    ),
}
