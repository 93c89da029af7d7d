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
_ENDS = {"_pre": "i", "_post": "j"}


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
    """What a group or set of synapses does at a tick."""

    def __init__(self, owner: GroupStructure | SynapsesStructure, memory: Memory) -> None:
        self.owner, self.memory = owner, memory
        self.lines = read(owner.tick)
        self.own = {variable.name for variable in owner.variables}
        self.links = {link.name: link for link in owner.links}
        self.kept: dict[str, tuple[NDArray[Any], Floats]] = {}

    def run(self) -> None:
        """Run the statements once."""
        values: dict[str, Any] = {}
        for line in self.lines:
            for name in line.names - values.keys():
                values[name] = self._value(name)
            if line.operator != "=" and line.target not in values:
                values[line.target] = self._value(line.target)
            if line.target in self.own or self._end(line.target) is None:
                values[line.target] = self._stored(line.target, line.applied(values))
            else:
                self._add(line, values)

    def _value(self, name: str) -> NDArray[Any]:
        if name in self.links:
            return self._gathered(name)
        end = None if name in self.own else self._end(name)
        if end is None:
            return self.memory[f"{self.owner.name}.{name}"].astype(np.float64, copy=False)
        key, cells = end
        return np.asarray(self.memory[key][cells])

    def _gathered(self, name: str) -> Floats:
        """What a link leads to, gathered anew only where it has changed."""
        link = self.links[name]
        source = self.memory[f"{link.group}.{link.variable}"]
        before = self.kept.get(name)
        if before is None or not np.array_equal(before[0], source):
            index = _index(self.owner.name, link, self.memory)
            found = source[:1] if len(source) == 1 else source[index]
            before = self.kept[name] = (source.copy(), found)
        return before[1]

    def _end(self, name: str) -> tuple[str, NDArray[np.int32]] | None:
        """Array and elements behind `NAME_pre` and `NAME_post`."""
        if isinstance(self.owner, GroupStructure):
            return None
        stem, mark, end = name.rpartition("_")
        group = {"pre": self.owner.source, "post": self.owner.target}.get(end, "")
        key = f"{group}.{stem}"
        if not mark or key not in self.memory:
            return None
        return key, self.memory[f"{self.owner.name}.{_ENDS[f'_{end}']}"]

    def _stored(self, name: str, new: Floats) -> Floats:
        key = f"{self.owner.name}.{name}"
        if name not in self.own:
            return new
        old = self.memory[key]
        new = np.asarray(new)
        same = new.shape == old.shape and new.dtype == old.dtype
        self.memory[key] = new if same else np.array(np.broadcast_to(new, old.shape), old.dtype)
        return self.memory[key].astype(np.float64, copy=False)

    def _add(self, line: Assignment, values: dict[str, Any]) -> None:
        """Many synapses add to one variable of their cell, in their order."""
        found = self._end(line.target)
        assert found is not None  # the caller has looked
        key, cells = found
        amount = np.broadcast_to(line.value(values), cells.shape)
        total = np.bincount(cells, amount, minlength=len(self.memory[key]))
        self.memory[key] = self.memory[key] + (-total if line.operator == "-=" else total)
        values.pop(line.target, None)
