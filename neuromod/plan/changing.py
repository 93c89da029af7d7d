"""What a program changes while it runs: the variables that its statements assign.

They and the spikes under way are the state of a simulation. Everything else comes from the plan, and timed
changes of it happen again when a run is continued.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure
from neuromod.plan.trigger_groups import PENDING, TRIGGERS

_ASSIGNMENT = re.compile(r"(\w+)\s*(?:\+|-|\*|/)?=(?!=)")
_MOMENT = re.compile(r"(\w+)\s*=\s*\(?t\s*/\s*second\b")
_ENDS = ("_pre", "_post")


def changing_arrays(structure: ProgramStructure) -> tuple[str, ...]:
    """Names `group.variable` of all arrays that statements assign, in order."""
    return _found(structure, _ASSIGNMENT)


def moments(structure: ProgramStructure) -> dict[str, float]:
    """Arrays that hold a moment of the run's own time, with their unit in s; the others only hold lengths."""
    counted = (f"{TRIGGERS}.now", f"{TRIGGERS}.due", f"{PENDING}.due")
    present = {name for name in changing_arrays(structure) if name in counted}
    return dict.fromkeys(_found(structure, _MOMENT), 1.0) | dict.fromkeys(sorted(present), structure.dt)


def pathway_names(structure: ProgramStructure) -> tuple[str, ...]:
    """Names of all pathways on which spikes may be under way, `SET_KIND`."""
    return tuple(f"{s.name}_{kind}" for s in structure.synapses for kind in s.pathways)


def _found(structure: ProgramStructure, pattern: re.Pattern[str]) -> tuple[str, ...]:
    owned = {group.name: {variable.name for variable in group.variables} for group in structure.groups}
    found: set[str] = set()
    for group in structure.groups:
        found.update(
            f"{group.name}.{name}" for name in _assigned(_of_group(group), pattern) & owned[group.name]
        )
    for synapses in structure.synapses:
        found.update(_of_synapses(synapses, owned, pattern))
    return tuple(sorted(found))


def _of_group(group: GroupStructure) -> Iterable[str]:
    return (*group.update, *group.reset, *_of_ticks(group))


def _of_ticks(owner: GroupStructure | SynapsesStructure) -> list[str]:
    return [line for tick in owner.ticks for line in tick.lines]


def _of_synapses(
    synapses: SynapsesStructure, owned: dict[str, set[str]], pattern: re.Pattern[str]
) -> Iterator[str]:
    own = {variable.name for variable in synapses.variables}
    lines = (*synapses.on_pre, *synapses.on_post, *synapses.on_transmit, *_of_ticks(synapses))
    for name in _assigned(lines, pattern):
        if name in own:
            yield f"{synapses.name}.{name}"
            continue
        for end, group in zip(_ENDS, (synapses.source, synapses.target), strict=True):
            if name.endswith(end) and name.removesuffix(end) in owned[group]:
                yield f"{group}.{name.removesuffix(end)}"


def _assigned(lines: Iterable[str], pattern: re.Pattern[str]) -> set[str]:
    return {match[1] for line in lines if (match := pattern.match(line.strip()))}
