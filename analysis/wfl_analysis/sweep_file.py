# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""Sweep files: one YAML file names runs that differ in a few options, each with several seeds.

    title: what is compared
    seeds: 5                                  # or a list, [6, 7, 8]
    target_accuracy: 0.7
    options: {workers: 20, channel: dcf}      # of all runs
    variants:                                 # by label, what one has besides
      SGD: {algorithm: sgd}
      signSGD: {algorithm: signsgd-mv, learning-rate: 0.001}
    grid:                                     # each variant with each combination
      workers: [5, 10, 20]                    # values of the option of this name
      loss rate:                              # or by label, options
        0.01: {loss: "bernoulli[Rate=0.01]"}
        0.1: {loss: "bernoulli[Rate=0.1]"}  # or by variant, {SGD: {loss: ...}, signSGD: ...}
    against: loss rate                        # x axis of the figures
    baseline: SGD                             # variant that speed-ups compare with
    curves: [time, round]                     # x axes of curves of learning
    figures: [final_accuracy, time_to_target] # what is compared as numbers
    speed_ups: [time_to_target]               # of these, what is also drawn over the baseline's
    presets:                                  # other sizes of the same sweep, by name
      quick: {seeds: 2, options: {rounds: 10}}

A file may have several parts, each with a picture of its own. What stands in front of them holds
for all, unless a part has its own:

    seeds: 5
    target_accuracy: 0.7
    options: {workers: 20}
    parts:
      training: {title: ..., variants: ...}
      radio:
        title: the same over a network
        replays: training                     # its runs, repeated without training
        variants: [SGD, signSGD]              # those of them, all if not given
        options: {energy: phone}              # only these, in place of those above
        grid: {channel: [dcf, tdma]}

Where the objective matters and not the accuracy, ``optimum: VARIANT`` and ``target_error: 1e-4``
stand in place of ``target_accuracy``, see ``Optimum`` in ``sweep``.
"""

import itertools
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence, Union

import yaml

from .errors import UserError
from .sweep import Cell, Optimum, Options, Part, Sweep, SweepRun

PRESET = ("seeds", "options")
SHARED = ("seeds", "target_accuracy", "options", "presets")  # in front of the parts
COMPARED = ("variants", "grid", "against", "baseline", "curves", "figures", "speed_ups")
PART = ("title", *SHARED, "optimum", "target_error", "replays", *COMPARED)
GIVEN = ("label", "output", "overwrite", "RngRun", "replay")  # options that a sweep sets itself

Fields = Mapping[str, Any]
Axis = Mapping[Any, Mapping[str, Options]]  # options by value and variant


def load_sweep(
    file: Union[Path, str],
    results_folder: Union[Path, str] = "results",
    preset: Optional[str] = None,
) -> Sweep:
    """Read a sweep file; its results are in the folder ``results_folder``/NAME.

    With a ``preset`` NAME has it behind a hyphen.
    """
    path = Path(file)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        first_line = str(error).splitlines()[0]
        raise UserError(f"{path} is no readable YAML file: {first_line}") from error
    name = path.stem if preset is None else f"{path.stem}-{preset}"
    try:
        return _sweep(name, content, Path(results_folder) / name, preset)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def _sweep(name: str, content: Any, folder: Path, preset: Optional[str]) -> Sweep:
    if not isinstance(content, dict):
        raise UserError("is no sweep: it has no fields; see analysis/sweeps")
    parts: dict[Any, Part] = {}
    if "parts" not in content:
        parts[""] = _part(name, "", _chosen(content, preset), folder, parts)
    else:
        _check_names("a sweep with parts", content, (*SHARED, "title", "parts"))
        _chosen(content, preset)  # whose presets are sound, and have this one
        for label, fields in _mapping("parts", content["parts"]).items():
            own = _mapping(f"part {label!r}", fields)
            try:
                joined = _joined(content, own, preset)
                place = _folder_name(str(label))
                parts[label] = _part(f"{name}-{place}", f"{place}/", joined, folder, parts)
            except UserError as error:
                raise UserError(f"part {label!r}: {error}") from None
    sweep = Sweep(name, folder, tuple(parts.values()))
    places = [run.place for run in sweep.runs]
    if len(set(places)) < len(places):
        twice = next(place for place in places if places.count(place) > 1)
        raise UserError(f"two runs would have the same folder, {twice}; rename one")
    return sweep


def _part(
    name: str, prefix: str, fields: Fields, folder: Path, before: Mapping[Any, Part]
) -> Part:
    """Make a part, whose runs are in ``prefix`` of the folder, behind those ``before`` it."""
    _check_fields(fields)
    options = _options("options", fields.get("options", {}))
    if "replays" in fields:
        original, variants = _replayed(fields, before)
        seeds = _seeds(fields["seeds"]) if "seeds" in fields else original.seeds
        if not set(seeds) <= set(original.seeds):
            raise UserError(f"seeds: not all are among those of {fields['replays']!r}")
        replayed = {(c.variant, r.seed): r.place for c in original.cells for r in c.runs}
    else:
        given = _mapping("variants", fields.get("variants", {name: {}}))
        variants = {
            str(label): _options(f"variant {label!r}", more) for label, more in given.items()
        }
        seeds, replayed = _seeds(fields["seeds"]), {}
        _check_target(fields, variants)
    axes = {
        str(axis): _axis(str(axis), values, list(variants))
        for axis, values in _mapping("grid", fields.get("grid", {})).items()
    }
    cells = tuple(_cells(folder, prefix, seeds, options, variants, axes, replayed))
    target: Union[float, Optimum]
    if "replays" in fields:
        target = original.target
    elif "optimum" in fields:
        optima = tuple(cell for cell in cells if cell.variant == fields["optimum"])
        cells = tuple(cell for cell in cells if cell not in optima)
        target = Optimum(optima, float(fields["target_error"]))
    else:
        target = float(fields["target_accuracy"])
    against, baseline = fields.get("against"), fields.get("baseline")
    if against is not None and against not in axes:
        raise UserError(f"against: {against!r} is none of the grid")
    if "speed_ups" in fields and baseline is None:
        raise UserError("speed_ups: over which 'baseline'?")
    if baseline is not None and str(baseline) not in variants:
        raise UserError(f"baseline: {baseline!r} is none of the variants")
    return Part(
        name=name,
        title=str(fields["title"]),
        target=target,
        seeds=seeds,
        curves=_names("curves", fields.get("curves", () if axes else ("time", "round"))),
        figures=_names("figures", fields.get("figures", ("final_accuracy", "time_to_target"))),
        speed_ups=_names("speed_ups", fields.get("speed_ups", ())),
        against=against,
        baseline=None if baseline is None else str(baseline),
        variants=tuple(dict.fromkeys(cell.variant for cell in cells)),
        grid={axis: tuple(values) for axis, values in axes.items()},
        cells=cells,
    )


def _replayed(fields: Fields, before: Mapping[Any, Part]) -> tuple[Part, dict[str, Options]]:
    """Give the part whose runs are repeated, and the variants of those."""
    label = fields["replays"]
    if label not in before:
        raise UserError(f"replays: {label!r} is no part in front of this one")
    original = before[label]
    if original.grid:
        raise UserError(f"replays: {label!r} has a grid; only a part without one is replayed")
    known = list(dict.fromkeys(cell.variant for cell in original.cells))
    names = _names("variants", fields.get("variants", known))
    for name in names:
        if name not in known:
            raise UserError(f"variants: {name!r} is none of {label!r}")
    return original, {name: {} for name in names}


def _cells(
    folder: Path,
    prefix: str,
    seeds: Sequence[int],
    options: Options,
    variants: Mapping[str, Options],
    axes: Mapping[str, Axis],
    replayed: Mapping[tuple[str, int], str],
) -> Iterator[Cell]:
    for variant, own in variants.items():
        for values in itertools.product(*axes.values()):
            point = dict(zip(axes, values))
            settings = _merged(variant, own, point, axes)
            label = Cell(variant, point, ()).label
            names = [variant, *(f"{axis}-{value}" for axis, value in point.items())]
            group = prefix + "/".join(_folder_name(name) for name in names)
            runs = tuple(
                SweepRun(
                    label=label,
                    seed=seed,
                    options={**options, **settings},
                    folder=folder / group / f"seed-{seed}",
                    place=f"{group}/seed-{seed}",
                    replays=replayed.get((variant, seed)),
                )
                for seed in seeds
            )
            yield Cell(variant, point, runs)


def _merged(
    variant: str,
    own: Options,
    point: Mapping[str, Any],
    axes: Mapping[str, Axis],
) -> Options:
    """Join the options of a variant and of a point of the grid, which must not meet."""
    settings = dict(own)
    for axis, value in point.items():
        for name, text in axes[axis][value].get(variant, {}).items():
            if name in settings:
                raise UserError(
                    f"option {name!r} is set by {axis!r} of the grid and by something else, "
                    f"such as variant {variant!r}; set it in one place"
                )
            settings[name] = text
    return settings


def _folder_name(label: str) -> str:
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in label).lower()
    return name if name.strip(".") else "-"


# What stands in the file


def _chosen(fields: Fields, preset: Optional[str]) -> Fields:
    """Give the fields with what a preset changes."""
    presets = _mapping("presets", fields.get("presets", {}))
    for name, changes in presets.items():
        _check_names(f"preset {name!r}", _mapping(f"preset {name!r}", changes), PRESET)
    if preset is None:
        return fields
    if preset not in presets:
        known = ", ".join(map(str, presets)) or "none"
        raise UserError(f"has no preset {preset!r}; its presets: {known}")
    return _overlaid(fields, presets[preset])


def _overlaid(fields: Fields, above: Fields) -> Fields:
    """Give the fields with those of ``above``; options are joined."""
    below = _options("options", fields.get("options", {}))
    return {
        **fields,
        **above,
        "options": {**below, **_options("options", above.get("options", {}))},
    }


def _joined(shared: Fields, own: Fields, preset: Optional[str]) -> Fields:
    """Join a part with what stands in front of all parts."""
    changes = shared.get("presets", {}).get(preset, {})
    has_own = preset is not None and preset in _mapping("presets", own.get("presets", {}))
    if "replays" in own:
        return _chosen(own, preset) if has_own else own
    common = {name: shared[name] for name in SHARED if name in shared and name != "presets"}
    if "optimum" in own:
        common.pop("target_accuracy", None)
    joined = _overlaid(_overlaid(common, own), changes)
    return _chosen(joined, preset) if has_own else joined


def _check_names(what: str, fields: Fields, known: Sequence[str]) -> None:
    unknown = [name for name in fields if name not in known]
    if unknown:
        raise UserError(f"has an unknown field {unknown[0]!r}; {what} has {', '.join(known)}")


def _check_fields(fields: Fields) -> None:
    _check_names("a sweep", fields, PART)
    needed = ["title"]
    if "replays" not in fields:
        needed += ["seeds", "target_error" if "optimum" in fields else "target_accuracy"]
        needed += ["options"] + ([] if "grid" in fields else ["variants"])
    missing = [name for name in needed if name not in fields]
    if missing:
        raise UserError(f"has no field {missing[0]!r}; a sweep has {', '.join(PART)}")


def _seeds(value: Any) -> tuple[int, ...]:
    seeds = list(range(1, value + 1)) if _is_count(value) else value
    if not isinstance(seeds, list) or not seeds or not all(map(_is_count, seeds)):
        raise UserError("seeds must be a whole number above 0, or a list of such")
    if len(set(seeds)) < len(seeds):
        raise UserError("seeds: one of them stands there twice")
    return tuple(seeds)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _check_target(fields: Fields, variants: Mapping[str, Options]) -> None:
    if "optimum" not in fields:
        if "target_error" in fields:
            raise UserError("target_error: which variant is the 'optimum'?")
        _share("target_accuracy", fields["target_accuracy"])
        return
    if "target_accuracy" in fields:
        raise UserError("target_accuracy: not with 'optimum', which has a 'target_error'")
    if fields["optimum"] not in variants or len(variants) < 2:
        raise UserError(f"optimum: {fields['optimum']!r} is none of several variants")
    _share("target_error", fields["target_error"])


def _share(field: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise UserError(f"{field} must be a number above 0 and at most 1")


def _names(field: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise UserError(f"{field} must be a list")
    return tuple(str(name) for name in value)


def _mapping(field: str, value: Any) -> Mapping[Any, Any]:
    if not isinstance(value, dict) or (field == "variants" and not value):
        raise UserError(f"{field} must map names to values")
    return value


def _options(where: str, value: Any) -> Options:
    options = _mapping(where, {} if value is None else value)
    for name, text in options.items():
        if isinstance(text, (dict, list)) or text is None:
            raise UserError(f"{where}: {name!r} must have a value, not a list or a mapping")
        if name in GIVEN:
            raise UserError(f"{where}: {name!r} is given by the sweep itself")
    return {str(name): text for name, text in options.items()}


def _axis(axis: str, values: Any, variants: Sequence[str]) -> Axis:
    where = f"grid, {axis!r}"
    if isinstance(values, list) and values:
        values = {value: {axis: value} for value in values}
    if not isinstance(values, dict) or not values:
        raise UserError(f"{where} must be a list of values, or map labels to options")
    return {label: _by_variant(where, options, variants) for label, options in values.items()}


def _by_variant(where: str, options: Any, variants: Sequence[str]) -> Mapping[str, Options]:
    """Give options by variant: the same for all, if they are not named by variant."""
    given = _mapping(where, {} if options is None else options)
    if not given or not all(isinstance(value, dict) for value in given.values()):
        return {variant: _options(where, given) for variant in variants}
    for name in given:
        if name not in variants:
            raise UserError(f"{where}: {name!r} is none of the variants")
    return {str(name): _options(where, own) for name, own in given.items()}
