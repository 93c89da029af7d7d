"""Bytes that a network must move through memory, whatever the program: what bounds its speed on any machine.

Per step every cell reads each of its own numbers that its statements use, and writes each that they change,
once. Per spike that reaches a synapse: its target's number and its own numbers are read, what changes is
written, and the numbers of the target that it changes are read and written, as if no two events shared a
line of memory and nothing stayed in a cache. What a program adds to keep order (notes, ranks, sorting, logs
of spikes) is not in the bound, nor are numbers that many elements share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure, Variable

INDEX = 4
_SIZES = {"float": 8, "single": 4, "integer": 4}
_STATEMENT = re.compile(r"\s*(\w+)\s*([-+*/]?)=(?!=)(.*)", re.S)
_NAME = re.compile(r"[A-Za-z_]\w*")


def moved(variables: Iterable[Variable], lines: Iterable[str]) -> int:
    """Bytes that one element reads and writes of its own numbers when these statements run."""
    read: set[str] = set()
    written: set[str] = set()
    for line in lines:
        statement = _STATEMENT.match(line)
        if statement is None:
            read |= set(_NAME.findall(line))
            continue
        name, operator, right = statement.groups()
        read |= {*_NAME.findall(right), *([name] if operator else [])} - written
        written.add(name)
    own = {variable.name: _SIZES[variable.dtype] for variable in variables if variable.kind == "array"}
    return sum(size * ((name in read) + (name in written)) for name, size in own.items())


def step_bytes(structure: ProgramStructure, synapses: Mapping[str, int]) -> float:
    """Bytes of one step without spikes; ticks by their share of it. `synapses`: how many each set has."""
    found = 0.0
    for group in structure.groups:
        lines = (*group.update, *([group.threshold] if group.threshold else []))
        found += group.size * moved(group.variables, lines)
    owners: list[tuple[GroupStructure | SynapsesStructure, int]] = [(g, g.size) for g in structure.groups]
    owners += [(s, synapses[s.name]) for s in structure.synapses]
    for owner, size in owners:
        for tick in owner.ticks:
            found += size * moved(owner.variables, tick.lines) * structure.dt / tick.period
    return found


def event_bytes(structure: ProgramStructure, synapses: SynapsesStructure) -> tuple[int, int]:
    """Bytes per synapse that a spike of its source reaches, and that one of its target does."""
    sizes = {group.name: group.variables for group in structure.groups}
    sent = (*synapses.on_pre, *synapses.on_transmit)
    target = tuple(_renamed(sizes[synapses.target], "_post"))
    source = tuple(_renamed(sizes[synapses.source], "_pre"))
    arriving = INDEX + moved((*synapses.variables, *target), sent)
    returning = 2 * INDEX + moved((*synapses.variables, *source), synapses.on_post)
    return arriving, returning if synapses.on_post else 0


def _renamed(variables: Iterable[Variable], end: str) -> list[Variable]:
    return [Variable(variable.name + end, variable.kind, variable.dtype) for variable in variables]
