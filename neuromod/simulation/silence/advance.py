"""An advance: the state of a simulation, hours later.

Tick by tick, rules move as in a program without spikes; then what is fast has come to its end. Levels of
neuromodulators rest, but for the slow ones; eligibilities are converted; cells are as at t = 0; nothing is on
its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any  # arrays of several kinds in one table

import numpy as np

from neuromod.plan.fused import FusedPlan, ProgramArrays
from neuromod.plan.groups import PACEMAKERS
from neuromod.plan.modulators import REGIONS, rows_by
from neuromod.plan.network import AdvancePlan, Change
from neuromod.plan.pacemaker_group import RESTING
from neuromod.plan.structure import ProgramStructure
from neuromod.plan.terminals import CELL
from neuromod.plan.trigger_groups import PENDING, TRIGGERS
from neuromod.program.records import Array
from neuromod.simulation.silence.rules import Rules
from neuromod.simulation.silence.signals import Signals
from neuromod.simulation.silence.statements import Memory

STATE, WAITING = "state.", "pending."
_LOST = {
    TRIGGERS: ("hit", "event", "since", "count", "reached"),
    PENDING: ("load", "ripe"),
    PACEMAKERS: RESTING,
}
"""What triggers forget: events that have begun, and releases on their way; and pacemakers: spikes."""


def advanced(
    fused: FusedPlan, data: ProgramArrays, plan: AdvancePlan, state: Mapping[str, Array]
) -> dict[str, Array]:
    """The state that a program saved at the beginning of `plan.step`, after the advance."""
    memory: Memory = dict(data.arrays)
    memory |= {
        name.removeprefix(STATE): np.array(values) for name, values in state.items() if name.startswith(STATE)
    }
    _arrive(fused, memory, plan.step)
    signals = Signals(fused, memory, plan.step)
    rules = Rules(fused, memory, signals, plan.step)
    rules.come_to_rest(rules.pass_over(plan.steps), plan.steps, plan.duration)
    _settle_levels(signals, memory, plan.steps)
    _begin_anew(fused, data, memory)
    moved: dict[str, Any] = {}
    for name, values in state.items():
        if name.startswith(STATE):
            moved[name] = memory[name.removeprefix(STATE)].astype(values.dtype, copy=False)
        elif name.startswith(WAITING):
            moved[name] = values[:0]
        else:
            moved[name] = values
    return moved


def pulses_before(fused: FusedPlan, step: int) -> Iterable[Change]:
    """Additions to levels that were given in the step before and arrive at the beginning of this one."""
    return [change for change in fused.network.timeline if change.add and change.step == step - 1]


def _arrive(fused: FusedPlan, memory: Memory, step: int) -> None:
    for change in pulses_before(fused, step):
        modulator, _, region = change.owner.partition(".")
        row = list(rows_by(fused.network, modulator)).index(region)
        values = memory[f"{REGIONS}.{change.variable}_{modulator}"]
        values[row] += float(np.max(change.value))
        if change.variable == "level":
            values[row] = max(0.0, values[row])


def _settle_levels(signals: Signals, memory: Memory, steps: int) -> None:
    for name, rows in signals.levels.items():
        for row, level in enumerate(rows):
            if level is None or level.plan.held:
                continue
            there = level.at(np.array([steps]))[0] if level.plan.slow else level.rest
            memory[f"{REGIONS}.level_{name}"][row] = there
            if level.plan.rise:
                left = level.pool_at(steps) if level.plan.slow else level.rest_pool
                memory[f"{REGIONS}.pool_{name}"][row] = left
    for name, values in signals.messengers.items():
        memory[f"{REGIONS}.messenger_{name}"] = values


def _begin_anew(fused: FusedPlan, data: ProgramArrays, memory: Memory) -> None:
    """Cells as at t = 0, but for what rules keep on them."""
    kept = {
        f"{group.name}.{name}" for group in fused.groups for name in _slow_names(fused.structure, group.name)
    }
    kept |= {f"{group.name}.{trace.name}" for group in fused.groups for trace in group.features.traces}
    cells = {group.name for group in fused.groups}
    for name in memory:
        if name.partition(".")[0] in cells and name not in kept:
            memory[name] = data.arrays[name]
    for group, names in _LOST.items():
        for name in names:
            if f"{group}.{name}" in memory:
                memory[f"{group}.{name}"] = data.arrays[f"{group}.{name}"]


def _slow_names(structure: ProgramStructure, group: str) -> list[str]:
    """Variables of rules in a group of cells."""
    found = next(entry for entry in structure.groups if entry.name == group)
    return [variable.name for variable in found.variables if variable.name.startswith(CELL)]
