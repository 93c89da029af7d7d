"""The fused plan: the program to compile, the arrays to run it with, and the way back to logical names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuromod.errors import ConfigError, Problem
from neuromod.plan.connectivity import connect
from neuromod.plan.fuse import own_features, partition, union
from neuromod.plan.groups import Arrays, FusedGroup, fuse_group, group_arrays, group_structure
from neuromod.plan.modulation import (
    accumulator_arrays,
    accumulator_group,
    compartment_arrays,
    compartment_group,
    pacemaker_arrays,
    pacemaker_group,
)
from neuromod.plan.network import Edges, NetworkPlan, RulePlan
from neuromod.plan.pathways import (
    ARRIVAL_ORDER,
    Arrival,
    SynapseSet,
    Terminals,
    synapse_sets,
    synapses_structure,
    terminals,
)
from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure, Variable


@dataclass(frozen=True)
class Placement:
    """Where a population sits: elements [start, stop) of a group."""

    group: str
    start: int
    stop: int


@dataclass(frozen=True)
class FusedPlan:
    """Physical groups and sets of synapses, with the place of every logical name in them."""

    network: NetworkPlan
    groups: tuple[FusedGroup, ...]
    sets: tuple[SynapseSet, ...]
    terminals: Terminals
    placements: Mapping[str, Placement]
    structure: ProgramStructure

    @property
    def rules(self) -> list[RulePlan]:
        """Rules of the plastic projections, in the order of the accumulators' rows."""
        return [p.rule for p in self.network.projections.values() if p.rule]


@dataclass(frozen=True)
class ProgramArrays:
    """`arrays`: `group.variable` -> values at t = 0. `positions`: projection -> where its synapses sit in
    their set.
    """

    arrays: Mapping[str, NDArray[np.float64] | NDArray[np.int32]]
    positions: Mapping[str, NDArray[np.int64]]


def fuse(network: NetworkPlan) -> FusedPlan:
    """Decide groups and sets, and compose the structure of the program."""
    needs = terminals(network)
    features = own_features(network, needs.features)
    counts: dict[str, int] = {}
    groups = []
    for names in partition(network, features):
        stem = network.populations[names[0]].template_name
        counts[stem] = counts.get(stem, -1) + 1
        members = [network.populations[name] for name in names]
        groups.append(fuse_group(network, f"{stem}{counts[stem]}", members, union(features, names)))
    placements = _placements(groups)
    sets = synapse_sets(network, {name: place.group for name, place in placements.items()}, needs.ends)
    structure = ProgramStructure(
        network.experiment.dt,
        (*_shared_groups(network, groups), *map(group_structure, groups)),
        (*_arrivals(needs, placements), *(_set_structure(s, network, placements) for s in sets)),
    )
    return FusedPlan(network, tuple(groups), tuple(sets), needs, placements, structure)


def _placements(groups: Sequence[FusedGroup]) -> dict[str, Placement]:
    placements = {}
    for group in groups:
        start = 0
        for member in group.members:
            placements[member.name] = Placement(group.name, start, start + member.size)
            start += member.size
    return placements


def _shared_groups(network: NetworkPlan, groups: Sequence[FusedGroup]) -> list[GroupStructure]:
    shared = []
    if any(group.members[0].template.pacemaker for group in groups):
        shared.append(pacemaker_group(network))
    if network.compartments:
        shared.append(compartment_group(network))
    rules = [p.rule for p in network.projections.values() if p.rule]
    if len({rule.name for rule in rules}) > 1:
        raise ConfigError(
            Problem("got projections with different plasticity rules, allowed is one rule per experiment")
        )
    if rules:
        shared.append(accumulator_group(rules, network.experiment.dt))
    return shared


def _span(names: Sequence[str], placements: Mapping[str, Placement]) -> tuple[int, int]:
    places = [placements[name] for name in names]
    return min(place.start for place in places), max(place.stop for place in places)


def _set_structure(
    plan: SynapseSet, network: NetworkPlan, placements: Mapping[str, Placement]
) -> SynapsesStructure:
    projections = [network.projections[name] for name in plan.projections]
    source = _span([p.source for p in projections], placements)
    target = _span([p.target for p in projections], placements)
    return synapses_structure(plan, source, target)


def _arrivals(needs: Terminals, placements: Mapping[str, Placement]) -> list[SynapsesStructure]:
    structures = []
    for arrival, group, populations in _arrival_groups(needs, placements):
        span = _span(populations, placements)
        variables = tuple(Variable(name, "shared") for name in arrival.parameters)
        structures.append(
            SynapsesStructure(
                f"{arrival.name}_{group}",
                group,
                span,
                group,
                span,
                variables,
                arrival.on_pre,
                "uniform",
                order=ARRIVAL_ORDER,
            )
        )
    return structures


def _arrival_groups(
    needs: Terminals, placements: Mapping[str, Placement]
) -> list[tuple[Arrival, str, list[str]]]:
    found = []
    for arrival in needs.arrivals:
        groups = sorted({placements[name].group for name in arrival.populations})
        for group in groups:
            found.append((arrival, group, [n for n in arrival.populations if placements[n].group == group]))
    return found


def program_arrays(fused: FusedPlan) -> ProgramArrays:
    """Every array of the program at t = 0."""
    network = fused.network
    parts: dict[str, Arrays] = {group.name: group_arrays(group, network) for group in fused.groups}
    present = {group.name for group in fused.structure.groups}
    shared = {"pacemakers": pacemaker_arrays, "compartments": compartment_arrays}
    parts |= {name: make(network) for name, make in shared.items() if name in present}
    if fused.rules:
        parts["accumulators"] = accumulator_arrays(fused.rules, network)
    for arrival, group, populations in _arrival_groups(fused.terminals, fused.placements):
        cells = np.concatenate([_cells(fused.placements[name]) for name in populations])
        parts[f"{arrival.name}_{group}"] = {
            "i": cells, "j": cells, "delay": np.array([arrival.delay]),
            **{key: np.array([value]) for key, value in arrival.parameters.items()},
        }  # fmt: skip
    positions: dict[str, NDArray[np.int64]] = {}
    for plan in fused.sets:
        parts[plan.name] = _set_arrays(fused, plan, positions)
    owners: list[GroupStructure | SynapsesStructure] = [*fused.structure.groups, *fused.structure.synapses]
    wanted = {"i", "j", "delay", *(variable.name for owner in owners for variable in owner.variables)}
    arrays = {
        f"{owner}.{name}": a for owner, part in parts.items() for name, a in part.items() if name in wanted
    }
    return ProgramArrays(arrays, positions)


def _cells(place: Placement) -> NDArray[np.int32]:
    return np.arange(place.start, place.stop, dtype=np.int32)


def _set_arrays(fused: FusedPlan, plan: SynapseSet, positions: dict[str, NDArray[np.int64]]) -> Arrays:
    """Edges of all projections of a set, by source, delay and target; remembers where each projection
    went.
    """
    edges = [connect(fused.network, name) for name in plan.projections]
    projections = [fused.network.projections[name] for name in plan.projections]
    starts = [(fused.placements[p.source].start, fused.placements[p.target].start) for p in projections]
    i = np.concatenate([e.i + s for e, (s, _) in zip(edges, starts, strict=True)]).astype(np.int32)
    j = np.concatenate([e.j + s for e, (_, s) in zip(edges, starts, strict=True)]).astype(np.int32)
    weight, delay = (np.concatenate([getattr(e, key) for e in edges]) for key in ("weight", "delay"))
    order = np.lexsort((j, delay, i))
    _remember(positions, plan, edges, order)
    arrays: Arrays = {"i": i[order], "j": j[order], "weight": weight[order]}
    arrays["delay"] = delay[:1].copy() if plan.uniform and len(delay) else delay[order]
    if plan.rule:
        rows = [
            k
            for k, p in enumerate(q for q in fused.network.projections.values() if q.rule)
            if p.name in plan.projections
        ]
        row = np.concatenate([np.full(len(e.i), r, np.int32) for e, r in zip(edges, rows, strict=True)])
        zeros = np.zeros(len(i))
        arrays |= {"row": row[order], "eligibility": zeros, "integral0": zeros.copy()}
    return arrays


def _remember(
    positions: dict[str, NDArray[np.int64]],
    plan: SynapseSet,
    edges: Sequence[Edges],
    order: NDArray[np.int64],
) -> None:
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    starts = np.cumsum([0, *(len(e.i) for e in edges)])
    for name, start, stop in zip(plan.projections, starts[:-1], starts[1:], strict=True):
        positions[name] = place[start:stop]
