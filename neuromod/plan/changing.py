"""What a program changes while it runs: the variables that its statements assign.

They and the spikes under way are the state of a simulation. Everything else comes from the plan, and timed
changes of it happen again when a run is continued.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure

_ASSIGNMENT = re.compile(r"(\w+)\s*(?:\+|-|\*|/)?=(?!=)")
_ENDS = ("_pre", "_post")


def changing_arrays(structure: ProgramStructure) -> tuple[str, ...]:
    """Names `group.variable` of all arrays that statements assign, in order."""
    owned = {group.name: {variable.name for variable in group.variables} for group in structure.groups}
    found = {f"{g.name}.{name}" for g in structure.groups for name in _assigned(_of_group(g)) & owned[g.name]}
    for synapses in structure.synapses:
        found.update(_of_synapses(synapses, owned))
    return tuple(sorted(found))


def pathway_names(structure: ProgramStructure) -> tuple[str, ...]:
    """Names of all pathways on which spikes may be under way, `SET_KIND`."""
    return tuple(f"{s.name}_{kind}" for s in structure.synapses for kind in s.pathways)


def _of_group(group: GroupStructure) -> Iterable[str]:
    return (*group.update, *group.reset, *group.tick)


def _of_synapses(synapses: SynapsesStructure, owned: dict[str, set[str]]) -> Iterator[str]:
    own = {variable.name for variable in synapses.variables}
    lines = (*synapses.on_pre, *synapses.on_post, *synapses.on_transmit, *synapses.tick)
    for name in _assigned(lines):
        if name in own:
            yield f"{synapses.name}.{name}"
            continue
        for end, group in zip(_ENDS, (synapses.source, synapses.target), strict=True):
            if name.endswith(end) and name.removesuffix(end) in owned[group]:
                yield f"{group}.{name.removesuffix(end)}"


def _assigned(lines: Iterable[str]) -> set[str]:
    return {match[1] for line in lines if (match := _ASSIGNMENT.match(line.strip()))}
