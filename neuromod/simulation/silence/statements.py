"""The statements of groups and of sets of synapses, run on arrays under the names of a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any  # arrays of several kinds in one table

import numpy as np
from numpy.typing import NDArray

from neuromod.library.numerics import Assignment, assignment
from neuromod.plan.structure import GroupStructure, Link, SynapsesStructure
from neuromod.simulation.silence.levels import Floats
from neuromod.simulation.silence.signals import Table

type Memory = dict[str, NDArray[Any]]
"""`group.variable` -> values; those of a simulation are changed in place of a program."""
_ENDS = {"pre": "i", "post": "j"}
PART = 16_384
"""Elements that are computed together: their arrays stay in the cache of a processor."""


def read(lines: Sequence[str]) -> list[Assignment]:
    """Statements in order."""
    return [assignment(line) for line in lines]


def evaluated(
    group: GroupStructure, lines: Sequence[Assignment], memory: Memory, outside: Table, given: Table
) -> Table:
    """What statements of a group that is updated in every step give in several steps at once.

    `outside`: signals (steps, elements) that links lead to. `given`: values of own names in these steps.
    """
    values: dict[str, Any] = dict(given)
    links = {link.name: link for link in group.links}
    for line in lines:
        for name in line.names - values.keys():
            values[name] = (
                _linked(group.name, links[name], memory, outside)
                if name in links
                else memory[f"{group.name}.{name}"]
            )
        values[line.target] = line.applied(values)
    return values


def _linked(owner: str, link: Link, memory: Memory, outside: Table) -> Floats:
    key = f"{link.group}.{link.variable}"
    values = outside[key] if key in outside else memory[key]
    return np.asarray(values[..., _index(owner, link, memory)])


def _index(owner: str, link: Link, memory: Memory) -> NDArray[np.int32]:
    return memory[f"{owner}.{link.index}"] if link.index is not None else np.zeros(1, np.int32)


class Tick:
    """What a group or set of synapses does at the tick of plasticity rules."""

    def __init__(
        self, owner: GroupStructure | SynapsesStructure, lines: Sequence[str], memory: Memory
    ) -> None:
        self.owner, self.memory = owner, memory
        self.lines = read(lines)
        self.own = {variable.name: f"{owner.name}.{variable.name}" for variable in owner.variables}
        self.links = {link.name: link for link in owner.links}
        self.kept: dict[str, tuple[NDArray[Any], Floats]] = {}
        self.ends: dict[str, NDArray[np.intp]] = {}
        if isinstance(owner, GroupStructure):
            self.size = owner.size
        else:
            self.ends = {end: memory[f"{owner.name}.{key}"].astype(np.intp) for end, key in _ENDS.items()}
            self.size = len(memory[f"{owner.name}.i"])
        self.added = [k for k, line in enumerate(self.lines) if self._end(line.target) is not None]

    def run(self) -> None:
        """Run the statements once; what many synapses add to their cells is added at the end."""
        sums = {k: np.empty(self.size) for k in self.added}
        for first in range(0, self.size, PART):
            part = slice(first, min(first + PART, self.size))
            values: dict[str, Any] = {}
            for number, line in enumerate(self.lines):
                for name in line.names - values.keys():
                    values[name] = self._value(name, part)
                if number in sums:
                    sums[number][part] = line.value(values)
                    continue
                if line.operator != "=" and line.target not in values:
                    values[line.target] = self._value(line.target, part)
                values[line.target] = self._stored(line.target, line.applied(values), part)
        for number, amounts in sums.items():
            self._add(self.lines[number], amounts)

    def _value(self, name: str, part: slice) -> NDArray[Any]:
        if name in self.links:
            found = self._gathered(name)
            return found if len(found) == 1 else found[part]
        end = self._end(name)
        if end is not None:
            return np.asarray(self.memory[end[0]][end[1][part]])
        whole = self.memory[self.own[name]]
        return (whole if len(whole) == 1 else whole[part]).astype(np.float64)

    def _gathered(self, name: str) -> Floats:
        """What a link leads to, gathered anew only where it has changed."""
        link = self.links[name]
        source = self.memory[f"{link.group}.{link.variable}"]
        before = self.kept.get(name)
        if before is None or not (before[0] is source or np.array_equal(before[0], source)):
            index = _index(self.owner.name, link, self.memory)
            before = self.kept[name] = (source, source[:1] if len(source) == 1 else source[index])
        return before[1]

    def _end(self, name: str) -> tuple[str, NDArray[np.intp]] | None:
        """Array and elements behind `NAME_pre` and `NAME_post`."""
        if isinstance(self.owner, GroupStructure) or name in self.own:
            return None
        stem, _, end = name.rpartition("_")
        group = {"pre": self.owner.source, "post": self.owner.target}.get(end)
        key = f"{group}.{stem}"
        return (key, self.ends[end]) if group is not None and key in self.memory else None

    def _stored(self, name: str, new: Floats, part: slice) -> Floats:
        if name not in self.own:
            return new
        whole = self.memory[self.own[name]]
        whole[part] = new
        return whole[part].astype(np.float64)

    def _add(self, line: Assignment, amounts: Floats) -> None:
        """Many synapses add to one variable of their cell, in their order."""
        key, cells = self._end(line.target) or ("", np.zeros(0, np.intp))
        total = np.bincount(cells, amounts, minlength=len(self.memory[key]))
        self.memory[key] = self.memory[key] + (-total if line.operator == "-=" else total)
