"""Brian2 objects of a program.

Sizes of groups, statements and links are theirs. A compiled program loads every value and every connection
when it starts, so its sets of synapses are created with a single placeholder synapse; the runtime backend
hands the connections in. Sets are made between whole groups (Brian2 cannot slice a group with linked
variables); our pathways know their slices.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from brian2 import Clock, Network, NeuronGroup, Synapses, linked_var, second
from brian2.core.functions import Function
from numpy.typing import NDArray

from neuromod.build.functions import functions, translated
from neuromod.plan.structure import GroupStructure, Link, ProgramStructure, SynapsesStructure, Variable

Connections = Mapping[str, tuple[NDArray[np.int32], NDArray[np.int32]]]
"""Set of synapses -> source and target element of each synapse, (n,) int32, counted in the whole group."""


def build(structure: ProgramStructure, connections: Connections | None = None) -> Network:
    """All objects of a program in one Brian2 network; `defaultclock.dt` is the caller's to set."""
    builder = _Builder(structure, connections or {})
    for group in structure.groups:
        builder.add_group(group)
    for group in structure.groups:
        builder.link(group.name, group.links)
    for synapses in structure.synapses:
        builder.add_synapses(synapses)
    return Network(list(builder.objects.values()))


class _Builder:
    def __init__(self, structure: ProgramStructure, connections: Connections) -> None:
        self.connections = connections
        self.objects: dict[str, NeuronGroup | Synapses] = {}
        lines = [line for g in structure.groups for line in (*g.update, g.threshold)]
        self.namespace: dict[str, Function | object] = {**functions(lines), "second": second}
        self.clocks: dict[float, Clock] = {}

    def add_group(self, group: GroupStructure) -> None:
        made = NeuronGroup(
            group.size,
            _declarations(group.variables, group.links),
            threshold=translated(group.threshold) or None,
            reset=translated("\n".join(group.reset)) if group.threshold else None,
            name=group.name,
            namespace=self.namespace,
        )
        if group.update:
            code = translated("\n".join(group.update))
            made.run_regularly(code, when="groups", order=group.order, name=f"{group.name}_update")
        self._add_ticks(made, group)
        self.objects[group.name] = made

    def add_synapses(self, synapses: SynapsesStructure) -> None:
        made = Synapses(
            self.objects[synapses.source],
            self.objects[synapses.target],
            _declarations(synapses.variables, synapses.links),
            on_pre={key: translated("\n".join(lines)) for key, lines in _sent(synapses).items()},
            on_post=translated("\n".join(synapses.on_post)) or None,
            delay=dict.fromkeys(_delayed(synapses), 0 * second) if synapses.delay == "uniform" else None,
            name=synapses.name,
            namespace=self.namespace,
            dtype={v.name: np.float32 for v in synapses.variables if v.dtype == "single"},
        )
        first = (np.array([synapses.source_slice[0]]), np.array([synapses.target_slice[0]]))
        i, j = self.connections.get(synapses.name, first)
        made.connect(i=i, j=j)
        if synapses.delay == "each":
            made.pre.delay = np.zeros(len(i)) * second
        for key in _sent(synapses):
            made._pathways[made._synaptic_updaters.index(key)].order = 2 * synapses.order
        if synapses.on_post:
            made.post.order = 2 * synapses.order + 1
        self.objects[synapses.name] = made
        self.link(synapses.name, synapses.links)
        self._add_ticks(made, synapses)

    def link(self, name: str, links: tuple[Link, ...]) -> None:
        for link in links:
            setattr(
                self.objects[name],
                link.name,
                linked_var(self.objects[link.group], link.variable, index=link.index),
            )

    def _add_ticks(self, made: NeuronGroup | Synapses, structure: GroupStructure | SynapsesStructure) -> None:
        for tick in structure.ticks:
            if tick.period not in self.clocks:
                self.clocks[tick.period] = Clock(dt=tick.period * second, name=f"tick{len(self.clocks)}")
            made.run_regularly(
                translated("\n".join(tick.lines)),
                clock=self.clocks[tick.period],
                when="start",
                order=tick.order,
                name=f"{structure.name}_{tick.name}",
            )


def _sent(synapses: SynapsesStructure) -> dict[str, tuple[str, ...]]:
    """Statements of presynaptic pathways by name."""
    pathways = {"pre": synapses.on_pre, "transmit": synapses.on_transmit}
    return {key: lines for key, lines in pathways.items() if lines}


def _delayed(synapses: SynapsesStructure) -> list[str]:
    """Names of the pathways that have the delay of the set."""
    if not synapses.on_transmit:
        return ["pre"]
    return ["transmit", *(["post"] if synapses.on_post else [])]


def _declarations(variables: tuple[Variable, ...], links: tuple[Link, ...]) -> str:
    types = {"float": "1", "single": "1", "integer": "integer"}
    lines = [f"{v.name} : {types[v.dtype]}" + (" (shared)" if v.kind == "shared" else "") for v in variables]
    return "\n".join([*lines, *(f"{link.name} : 1 (linked)" for link in links)])
