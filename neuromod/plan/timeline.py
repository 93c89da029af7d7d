"""Timed changes during a run: stimuli on populations, and what is given of levels of neuromodulators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from neuromod.config.network import Pulse
from neuromod.config.schema import Stimulus
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath
from neuromod.plan.modulators import arrives_in
from neuromod.plan.network import Change, CompartmentPlan, Numbers, PopulationPlan
from neuromod.plan.parameters import mismatch
from neuromod.plan.schedules import RAMP_STEP, count_moves, ramp_steps, tonic_changes
from neuromod.plan.stimulated import cells_of, resting

MAX_CHANGES = 5_000_000
Steps = NDArray[np.int64]


@dataclass(frozen=True)
class _Train:
    """A stimulus in steps: on from `starts[k]` for `length` steps, on cells [first, last)."""

    name: str
    spec: Stimulus
    starts: Steps
    length: int
    cells: tuple[int, int]
    resting: Numbers
    ramp: int

    @property
    def count(self) -> int:
        """Number of changes."""
        return int(self.starts.size) * (1 + (-(-self.length // self.ramp) if self.ramp else 1))


def plan_timeline(
    expansion: Expansion,
    populations: Mapping[str, PopulationPlan],
    compartments: Mapping[str, CompartmentPlan],
) -> tuple[Change, ...]:
    """All changes in order of their step; where one stimulus ends as another begins, the end comes first.

    Those after the end of the run are among them: a longer run must have the same program.
    """
    trains = [
        _train(expansion, name, spec, populations) for name, spec in expansion.experiment.stimuli.items()
    ]
    found = [train for train in trains if train is not None]
    _check_overlaps(expansion, found)
    pulses = [(key, k, pulse) for key in compartments for k, pulse in enumerate(_pulses(expansion, key))]
    number = sum(train.count for train in found) + sum(pulse.times for _, _, pulse in pulses)
    if number + count_moves(expansion, compartments) > MAX_CHANGES:
        expansion.refuse(
            ("stimuli",), f"got more than {MAX_CHANGES} timed changes, which is the most allowed"
        )
        return ()
    changes = [change for train in found for change in _changes(train)]
    changes += [(change, 0) for change in tonic_changes(expansion, compartments)]
    for key, plan in compartments.items():
        changes += [(change, 0) for change in _trace_changes(key, plan)]
    for key, k, pulse in pulses:
        changes += _pulse_changes(expansion, key, k, pulse, compartments[key])
    ordered = sorted(changes, key=lambda entry: (entry[0].step, entry[1]))
    return tuple(change for change, _ in ordered)


def _train(
    expansion: Expansion, name: str, spec: Stimulus, populations: Mapping[str, PopulationPlan]
) -> _Train | None:
    path = ("stimuli", name)
    if not expansion.known(
        (*path, "population"), spec.population, expansion.network.populations, "population"
    ):
        return None
    population = populations.get(spec.population)
    if population is None:
        return None
    value = _resting(expansion, path, spec, population)
    cells = _cells(expansion, path, spec, population)
    starts = _starts(expansion, path, spec.start, spec.every, spec.times, "stimulus")
    length = expansion.steps((*path, "duration"), spec.duration, "duration")
    if length < 1:
        expansion.refuse(
            (*path, "duration"), "got a duration that rounds to 0 steps, allowed is at least one step"
        )
    if value is None or cells is None or starts is None or length < 1:
        return None
    if spec.start >= expansion.experiment.duration:
        expansion.notices.append(f"stimuli.{name}: begins after the end of the run")
    here = value[slice(*cells)] if isinstance(value, np.ndarray) else value
    ramp = max(1, round(RAMP_STEP / expansion.experiment.dt)) if spec.shape == "ramp" else 0
    return _Train(name, spec, starts, length, cells, here, ramp)


def _resting(
    expansion: Expansion, path: KeyPath, spec: Stimulus, population: PopulationPlan
) -> Numbers | None:
    """Value of the parameter before and after; None, and the problem noted, if it cannot be stimulated."""
    found = resting(expansion, (*path, "parameter"), spec.parameter, population)
    if found is None:
        return None
    declared, value = found
    message = mismatch(spec.value, declared.unit)
    if message:
        expansion.refuse((*path, "value"), message)
        return None
    return value


def _cells(
    expansion: Expansion, path: KeyPath, spec: Stimulus, population: PopulationPlan
) -> tuple[int, int] | None:
    """The stimulated cells: of a channel or of all, the first share."""
    inside = cells_of(expansion, (*path, "channel"), population, spec.channel)
    if inside is None:
        return None
    first, last = inside
    count = last - first if spec.fraction is None else round(spec.fraction * (last - first))
    if count == 0:
        expansion.refuse(
            (*path, "fraction"),
            f"got {spec.fraction:g} of {last - first} neurons, needed is at least one neuron",
        )
        return None
    return first, first + count


def _starts(
    expansion: Expansion, path: KeyPath, start: float, every: float | None, times: int, what: str
) -> Steps | None:
    """First steps of all repetitions; None, and the problem noted, when the repetition makes no sense."""
    dt = expansion.experiment.dt
    if times > MAX_CHANGES:
        expansion.refuse((*path, "times"), f"got {times}, allowed are at most {MAX_CHANGES} timed changes")
        return None
    if times > 1 and every is None:
        expansion.refuse(path, f"got {times} repetitions without `every`, needed is the period of the {what}")
        return None
    if times > 1 and every is not None and round(every / dt) < 1:
        expansion.refuse(
            (*path, "every"), "got a period that rounds to 0 steps, allowed is at least one step"
        )
        return None
    return np.rint((start + (every or 0.0) * np.arange(times)) / dt).astype(np.int64)


def _check_overlaps(expansion: Expansion, trains: Iterable[_Train]) -> None:
    """Two stimuli must not move one parameter of one cell at the same time."""
    found = list(trains)
    for train in found:
        if np.any(np.diff(train.starts) < train.length):
            expansion.refuse(
                ("stimuli", train.name),
                "got repetitions that overlap, allowed is a period of at least the duration",
            )
    for one, two in combinations(found, 2):
        alike = (one.spec.population, one.spec.parameter) == (two.spec.population, two.spec.parameter)
        apart = one.cells[1] <= two.cells[0] or two.cells[1] <= one.cells[0]
        if alike and not apart and _meet(one, two):
            expansion.refuse(
                ("stimuli", two.name),
                f"got a stimulus on {two.spec.population}.{two.spec.parameter} while `{one.name}` is on "
                "for some of the same cells; allowed is one at a time",
            )


def _meet(one: _Train, two: _Train) -> bool:
    """Whether any two of their intervals share a step."""
    starts = np.concatenate([one.starts, two.starts])
    stops = np.concatenate([one.starts + one.length, two.starts + two.length])
    order = np.argsort(starts, kind="stable")
    latest = np.maximum.accumulate(stops[order])
    return bool(np.any(latest[:-1] > starts[order][1:]))


def _changes(train: _Train) -> list[tuple[Change, int]]:
    """Changes with their rank within a step: ends (0) before beginnings (1)."""
    spec, value = train.spec, train.spec.value.value
    moves: list[tuple[int, Numbers]] = [(0, value)]
    if train.ramp:
        steps = ramp_steps(train.length, train.ramp)
        moves = [(offset, train.resting + (value - train.resting) * share) for offset, share in steps]
    found = []
    for start in train.starts.tolist():
        for offset, level in moves:
            found.append((Change(start + offset, spec.population, spec.parameter, train.cells, level), 1))
        found.append(
            (Change(start + train.length, spec.population, spec.parameter, train.cells, train.resting), 0)
        )
    return found


def _pulses(expansion: Expansion, compartment: str) -> tuple[Pulse, ...]:
    modulator, _, region = compartment.partition(".")
    return expansion.network.modulators[modulator][region].pulses


def _pulse_changes(
    expansion: Expansion, compartment: str, number: int, pulse: Pulse, plan: CompartmentPlan
) -> list[tuple[Change, int]]:
    path = ("modulators", plan.modulator, plan.region, "pulses", number)
    starts = _starts(expansion, path, pulse.at, pulse.every, pulse.times, "pulse")
    steps = [] if starts is None or plan.held else starts.tolist()
    target, amount = arrives_in(plan), plan.dose * pulse.amount
    return [(Change(step, compartment, target, (0, 1), amount, add=True), 1) for step in steps]


def _trace_changes(compartment: str, plan: CompartmentPlan) -> list[Change]:
    """Levels that are given from outside, where they differ from the ones before."""
    if plan.trace is None:
        return []
    steps, levels = plan.trace
    changed = np.flatnonzero(np.diff(levels, prepend=plan.level))
    pairs = zip(steps[changed].tolist(), levels[changed].tolist(), strict=True)
    return [Change(step, compartment, "level", (0, 1), level) for step, level in pairs]
