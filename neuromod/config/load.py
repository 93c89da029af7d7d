"""A config file -> an `Experiment`, with the checks that need nothing but the experiment itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from neuromod.config.compose import compose, with_settings
from neuromod.config.read import Node, node_of
from neuromod.config.roots import project_root
from neuromod.config.schema import Experiment
from neuromod.config.validate import validate
from neuromod.config.values import shown
from neuromod.errors import ConfigError, DamagedDataError, Place, Problem
from neuromod.units import format_quantity

MIN_DT = 1e-6
MAX_DT = 1e-2
MAX_STEPS = 2**40
TOLERANCE = 1e-6
"""Part of a step by which a time may miss a whole number of steps."""
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class LoadedExperiment:
    """An experiment and where it comes from: composed tree, path and text of the main file."""

    experiment: Experiment
    tree: Node
    path: Path
    text: str


def load(path: Path, settings: Sequence[str] = ()) -> LoadedExperiment:
    """Read, compose and check the config at `path`; each of `settings` is `KEY=VALUE`.

    Models are not looked at: whether a population, a template or a parameter exists is decided by the plan.

    Raises:
        ConfigError: with every problem found, sorted by place.
    """
    return _checked(compose(path, settings), path, path.read_text(encoding="utf-8"))


def reload(
    resolved: str, text: str, path: Path, settings: Sequence[str] = (), *, name: str
) -> LoadedExperiment:
    """The experiment of an earlier run: `resolved` is its composed tree as JSON, `text` and `path` are those
    of its main file, which need not be there any more; `name` is what messages call it.

    Raises:
        ConfigError: with every problem found. DamagedDataError: `resolved` is no JSON.
    """
    try:
        plain = json.loads(resolved)
    except (ValueError, RecursionError):
        raise DamagedDataError(f"{name}: the config in it is not written as neuromod does") from None
    tree = with_settings(node_of(plain, Place(name)), settings)
    return _checked(tree, path, text)


def _checked(tree: Node, path: Path, text: str) -> LoadedExperiment:
    experiment = validate(tree, Experiment)
    problems = [*_check_sources(experiment, tree), *_check_models(experiment, tree, path)]
    problems += _check_times(experiment, tree)
    if problems:
        raise ConfigError(sorted(problems, key=lambda problem: (problem.place or tree.place, problem.key)))
    return LoadedExperiment(experiment, tree, path, text)


def _problem(tree: Node, path: KeyPath, message: str) -> Problem:
    return Problem(message, ".".join(str(step) for step in path), tree.place_of(path))


def _check_sources(experiment: Experiment, tree: Node) -> Iterator[Problem]:
    if experiment.circuit is not None and experiment.regions:
        yield _problem(tree, ("regions",), "got circuit and regions, allowed is one of them")
    if experiment.circuit is None and not experiment.regions and not experiment.populations:
        message = "got no neurons, allowed is at least one of circuit, regions, populations"
        yield _problem(tree, ("populations",), message)


def _check_models(experiment: Experiment, tree: Node, path: Path) -> Iterator[Problem]:
    for index, folder in enumerate(experiment.models):
        key = ("models", index)
        if Path(folder).is_absolute() or folder.startswith("~") or "\\" in folder:
            yield _problem(tree, key, f"got {shown(folder)}, allowed is a path relative to the config")
        elif reason := _unfit(path.parent, folder):
            yield _problem(tree, key, f"got {shown(folder)}, {reason}")


def _unfit(parent: Path, folder: str) -> str:
    """Why a folder of models cannot be used, empty when it can; links are followed."""
    try:
        root, target = project_root(parent), (parent / folder).resolve()
        if not target.is_relative_to(root):
            return f"which leads out of `{root.name}`; allowed are folders inside this folder"
        found = target.is_dir()
    except (OSError, RuntimeError, ValueError):
        found = False
    return "" if found else "allowed is a folder that exists"


def _check_times(experiment: Experiment, tree: Node) -> Iterator[Problem]:
    dt = experiment.dt
    if not MIN_DT * (1 - TOLERANCE) <= dt <= MAX_DT * (1 + TOLERANCE):
        yield _problem(tree, ("dt",), f"got {_time(dt)}, allowed is a step from 1 us to 10 ms")
        return
    for path, seconds in _multiples(experiment):
        message = _step_message(seconds, dt)
        if message:
            written = tree.at(path)
            hint = " (the default; this key is missing)" if written is None or written.value is None else ""
            yield _problem(tree, path, f"got {_time(seconds)}{hint}{message}")
    if experiment.duration / dt > MAX_STEPS:
        message = f"got {experiment.duration / dt:.3g} steps of {_time(dt)}, allowed are at most {MAX_STEPS}"
        yield _problem(tree, ("duration",), message)


def _multiples(experiment: Experiment) -> Iterator[tuple[KeyPath, float]]:
    """The times that must be whole numbers of steps."""
    record = experiment.record
    yield ("duration",), experiment.duration
    if record.rates is not None:
        yield ("record", "rates", "bin"), record.rates.bin
    for index, state in enumerate(record.states):
        yield ("record", "states", index, "every"), state.every
    for index, weights in enumerate(record.weights):
        yield ("record", "weights", index, "every"), weights.every
    if record.modulators is not None:
        yield ("record", "modulators", "every"), record.modulators.every


def _step_message(seconds: float, dt: float) -> str:
    """How a time is no whole number of steps, empty when it is one; at least one step is needed."""
    steps = seconds / dt
    nearest = max(1, round(steps))
    if abs(steps - nearest) <= max(TOLERANCE, 1e-15 * steps):  # the second: rounding of the quotient itself
        return ""
    allowed = f"allowed is a whole number of steps, nearest is {_time(nearest * dt)}"
    return f", which is {steps:.7g} steps of {_time(dt)}; {allowed}"


def _time(seconds: float) -> str:
    unit = next((unit for unit, least in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)) if seconds >= least), "ns")
    return format_quantity(seconds, unit)
