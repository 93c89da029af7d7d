"""Tonic levels that move: ramps of single compartments, and states of the animal, which move many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from neuromod.config.network import Compartment
from neuromod.library.template import NeuromodulatorTemplate
from neuromod.plan.expansion import Expansion, dotted
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import Change, CompartmentPlan, TonicMove
from neuromod.plan.tonic import resting_level, setting

RAMP_STEP = 1e-3
"""Interval (s) at which what moves linearly is set anew."""


def moves_of(
    expansion: Expansion,
    path: KeyPath,
    spec: Compartment,
    template: NeuromodulatorTemplate | None,
    plan: CompartmentPlan,
) -> CompartmentPlan:
    """The compartment with its moves, in order of time; what is set at once at t = 0 is its first level."""
    moves = [
        TonicMove((*path, "ramps", k), ramp.at, ramp.level, ramp.duration)
        for k, ramp in enumerate(spec.ramps)
    ]
    levels = template.states if template else {}
    moves += [
        TonicMove(("states", k), entry.at, levels[entry.state].quantity.value, entry.duration)
        for k, entry in enumerate(expansion.experiment.states)
        if entry.state in levels
    ]
    moves.sort(key=lambda move: move.at)
    dt = expansion.experiment.dt
    for one, two in pairwise(moves):
        if round((one.at + one.duration) / dt) > round(two.at / dt):
            _, modulator, region = path
            expansion.refuse(
                two.key,
                f"got a change of {modulator} in {region} that begins before the one of {dotted(one.key)} "
                "has ended; allowed is one at a time",
            )
    first = [move.level for move in moves if move.at == 0 and move.duration == 0]
    plan = replace(plan, level=first[-1] if first else plan.level, moves=tuple(moves))
    _check_balance(expansion, path, plan)
    return plan


def _check_balance(expansion: Expansion, path: KeyPath, plan: CompartmentPlan) -> None:
    """Uptake must be able to clear what a nucleus releases at its tonic rate."""
    levels: list[tuple[KeyPath, float]] = [(move.key, move.level) for move in plan.moves]
    for key, level in [*levels, (path, plan.level)]:
        if resting_level(replace(plan, level=level)) == np.inf:
            expansion.refuse(
                key,
                f"got a release of {path[1]} in {path[2]} for the level {level:g} and the dose "
                f"{plan.dose:g}, which is more than its uptake can clear; allowed is a smaller dose",
            )
            return


def ramp_steps(duration: int, step: int) -> list[tuple[int, float]]:
    """(offset in steps, share of the way) of a linear change over `duration` steps, set every `step` steps;
    at once where it lasts no step.
    """
    offsets = range(0, duration, step) if duration else range(1)
    return [(offset, (k + 1) / len(offsets)) for k, offset in enumerate(offsets)]


def count_moves(expansion: Expansion, compartments: Mapping[str, CompartmentPlan]) -> int:
    """About how many changes `tonic_changes` gives."""
    durations = [move.duration for plan in compartments.values() for move in plan.moves]
    return sum(1 + int(duration / max(RAMP_STEP, expansion.experiment.dt)) for duration in durations)


def tonic_changes(expansion: Expansion, compartments: Mapping[str, CompartmentPlan]) -> list[Change]:
    """Changes of the variables that keep up the tonic levels."""
    return [
        change
        for name, plan in compartments.items()
        if not plan.held
        for change in _of_compartment(expansion, name, plan)
    ]


def _of_compartment(expansion: Expansion, name: str, plan: CompartmentPlan) -> list[Change]:
    dt, level, changes = expansion.experiment.dt, plan.level, []
    step = max(1, round(RAMP_STEP / dt))
    for move in plan.moves:
        start = round(move.at / dt)
        for offset, share in ramp_steps(round(move.duration / dt), step):
            now = level + (move.level - level) * share
            variable, value = setting(plan, now if share < 1 else move.level)
            changes.append(Change(start + offset, name, variable, (0, 1), value))
        level = move.level
    return changes
