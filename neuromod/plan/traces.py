"""Exponential traces of spikes, which cost nothing between spikes.

Traces of one kind fade alike: with F(t) = exp(-(t - t0)/tau), one number for all of them, a trace is x = X F.
Only spikes change X: they add 1/F, or where the nearest one counts, set it to 1/F. Every `RESTART` seconds
each X is multiplied by F, which begins again at 1. What cells keep under the name of a trace is X.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neuromod import reference_math
from neuromod.plan.features import Trace
from neuromod.plan.groups import Arrays, FusedGroup
from neuromod.plan.structure import GroupStructure, Link, SynapsesStructure, Tick, Variable
from neuromod.plan.terminals import Terminals

TRACES = "traces"
"""Group with one row per kind of trace: F as `fade`, and 1/F as `rise`."""
RESTART = 0.02
SHORTEST = RESTART / 400
"""Shortest time constant: F never falls below e^-400."""
_RESTART_TICK, _CELLS, _FADES = "restart_tick", 2, 3


def trace_kinds(needs: Terminals) -> list[Trace]:
    """The rows, in order."""
    found = {trace for features in needs.features.values() for trace in features.traces}
    return sorted(found, key=lambda trace: trace.name)


def trace_rows(needs: Terminals) -> dict[str, int]:
    """Row of each trace, by its name."""
    return {trace.name: row for row, trace in enumerate(trace_kinds(needs))}


def trace_group(needs: Terminals, dt: float) -> GroupStructure:
    """F and 1/F of every kind of trace."""
    return GroupStructure(
        TRACES,
        len(trace_kinds(needs)),
        (Variable("fade"), Variable("rise"), Variable("decay")),
        update=("fade = fade*decay", "rise = 1.0/fade"),
        ticks=(Tick(_RESTART_TICK, ("fade = 1.0",), _period(dt), _FADES),),
        order=-2,
    )


def _period(dt: float) -> float:
    return max(1, round(RESTART / dt)) * dt


def trace_arrays(needs: Terminals, dt: float) -> Arrays:
    """Every array of the group at t = 0."""
    kinds = trace_kinds(needs)
    decay = np.array([reference_math.exp(-dt / trace.tau) for trace in kinds])
    return {"fade": np.ones(len(kinds)), "rise": np.ones(len(kinds)), "decay": decay}


def with_restarts(structure: GroupStructure, group: FusedGroup, dt: float) -> GroupStructure:
    """A group of cells that lets its traces rise at spikes, and begins them anew."""
    variables, links, lines = list(structure.variables), list(structure.links), []
    for name in _names(group):
        variables.append(Variable(f"{name}_row", "part", "integer"))
        links += [Link(f"{name}_{part}", TRACES, part, f"{name}_row") for part in ("fade", "rise")]
        lines.append(f"{name} = {name}*{name}_fade")
    if not lines:
        return structure
    tick = Tick(_RESTART_TICK, tuple(lines), _period(dt), _CELLS)
    return replace(structure, variables=tuple(variables), links=tuple(links), ticks=(*structure.ticks, tick))


def restart_arrays(group: FusedGroup, needs: Terminals) -> Arrays:
    """The row of each trace of a group of cells."""
    rows = trace_rows(needs)
    return {f"{name}_row": np.full(group.size, rows[name], np.int32) for name in _names(group)}


def _names(group: FusedGroup) -> list[str]:
    return sorted(trace.name for trace in group.features.traces)


def with_rise(structure: SynapsesStructure) -> SynapsesStructure:
    """A one-to-one pathway that reads `rise` of the trace that it moves."""
    return replace(
        structure,
        variables=(*structure.variables, Variable("trace_row", dtype="integer")),
        links=(Link("rise", TRACES, "rise", "trace_row"),),
    )
