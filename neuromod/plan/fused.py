"""The fused plan: the program to compile, the arrays to run it with, and the way back to logical names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # arrays of several kinds

import numpy as np
from numpy.typing import NDArray

from neuromod.plan.cell_ticks import cell_rows, with_cell_ticks
from neuromod.plan.connectivity import connect
from neuromod.plan.fuse import own_features, partition, union
from neuromod.plan.gains import (
    GAIN_ROW,
    GAINS,
    RELEASE_ROW,
    gain_arrays,
    gain_group,
    gain_row,
    largest,
    with_gains,
)
from neuromod.plan.groups import (
    PACEMAKERS,
    Arrays,
    FusedGroup,
    Placement,
    fuse_group,
    group_arrays,
    group_structure,
)
from neuromod.plan.modulated_rules import modulated_row_arrays, with_modulated_parameters
from neuromod.plan.modulator_arrays import modulator_arrays
from neuromod.plan.modulators import REGIONS, modulator_group
from neuromod.plan.network import Ints, NetworkPlan
from neuromod.plan.pacemaker_group import has_followers, pacemaker_arrays, pacemaker_group, pacemaker_wires
from neuromod.plan.pathways import SynapseSet, synapse_sets, synapses_structure
from neuromod.plan.plasticity import RuleRows, row_arrays, row_group, rule_rows
from neuromod.plan.release import Wires, release_wires
from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure, Variable
from neuromod.plan.synapse_order import Places, synapse_order
from neuromod.plan.terminals import Arrival, Terminals, terminals
from neuromod.plan.traces import (
    TRACES,
    restart_arrays,
    trace_arrays,
    trace_group,
    trace_kinds,
    trace_rows,
    with_restarts,
    with_rise,
)
from neuromod.plan.trigger_groups import (
    PENDING,
    TRIGGERS,
    pending_arrays,
    trigger_arrays,
    trigger_groups,
    trigger_wires,
)

Array = NDArray[np.float64] | NDArray[np.float32] | NDArray[np.int32]


@dataclass(frozen=True)
class FusedPlan:
    """Physical groups and sets of synapses, with the place of every logical name in them."""

    network: NetworkPlan
    groups: tuple[FusedGroup, ...]
    sets: tuple[SynapseSet, ...]
    terminals: Terminals
    rows: tuple[RuleRows, ...]
    placements: Mapping[str, Placement]
    structure: ProgramStructure


@dataclass(frozen=True)
class ProgramArrays:
    """`arrays`: `group.variable` -> values at t = 0, not to be changed; equal ones may be one in memory.
    `positions`: projection -> where its synapses sit in their set.
    """

    arrays: dict[str, Array]
    positions: Mapping[str, Places]

    def release(self) -> None:
        """Let go of the arrays, once a program has them and no other will want them."""
        self.arrays.clear()


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
        gains = {name: largest(network, name) for name in names}
        groups.append(fuse_group(network, f"{stem}{counts[stem]}", members, union(features, names), gains))
    placements = _placements(groups)
    rows = rule_rows(network)
    sets = synapse_sets(network, {name: place.group for name, place in placements.items()}, needs.ends, rows)
    structure = ProgramStructure(
        network.experiment.dt,
        (
            *_shared_groups(network, needs, rows),
            *(_cell_group(group, network, needs, rows) for group in groups),
        ),
        (
            *_arrivals(needs, placements),
            *(_set_structure(s, network, placements) for s in sets),
            *(wires.structure for wires in _wires(network, placements)),
        ),
    )
    return FusedPlan(network, tuple(groups), tuple(sets), needs, tuple(rows), placements, structure)


def _cell_group(
    group: FusedGroup, network: NetworkPlan, needs: Terminals, rows: Sequence[RuleRows]
) -> GroupStructure:
    made = with_gains(group_structure(group), sorted(group.features.effects))
    made = with_cell_ticks(made, group, network, needs, rows)
    return with_restarts(made, group, network.experiment.dt)


def _placements(groups: Sequence[FusedGroup]) -> dict[str, Placement]:
    placements = {}
    for group in groups:
        start = 0
        for member in group.members:
            placements[member.name] = Placement(group.name, start, start + member.size)
            start += member.size
    return placements


def _shared_groups(network: NetworkPlan, needs: Terminals, rows: Sequence[RuleRows]) -> list[GroupStructure]:
    shared = []
    if trace_kinds(needs):
        shared.append(trace_group(needs, network.experiment.dt))
    if has_followers(network):
        shared.append(pacemaker_group(network))
    if network.compartments:
        shared.append(modulator_group(network))
    if network.triggers:
        shared += trigger_groups(network)
    if network.effects:
        shared.append(gain_group(network))
    return [*shared, *(with_modulated_parameters(row_group(group), group, network) for group in rows)]


def _wires(network: NetworkPlan, placements: Mapping[str, Placement]) -> list[Wires]:
    """From cells to levels, from cells to triggers and on to levels, and from cells to pacemakers."""
    return [
        *release_wires(network, placements),
        *trigger_wires(network, placements),
        *pacemaker_wires(network, placements),
    ]


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
        name, at = f"{arrival.name}_{group}", (group, span)
        made = SynapsesStructure(name, *at, *at, variables, arrival.on_pre, "uniform", order=arrival.order)
        structures.append(with_rise(made) if arrival.trace else made)
    return structures


def _arrival_groups(
    needs: Terminals, placements: Mapping[str, Placement]
) -> list[tuple[Arrival, str, list[str]]]:
    found = []
    for arrival in needs.arrivals.values():
        groups = sorted({placements[name].group for name in arrival.populations})
        for group in groups:
            found.append((arrival, group, [n for n in arrival.populations if placements[n].group == group]))
    return found


def program_arrays(fused: FusedPlan) -> ProgramArrays:
    """Every array of the program at t = 0."""
    network = fused.network
    parts: dict[str, Arrays] = {group.name: group_arrays(group, network) for group in fused.groups}
    present = {group.name for group in fused.structure.groups}
    shared = {
        PACEMAKERS: pacemaker_arrays,
        REGIONS: modulator_arrays,
        GAINS: gain_arrays,
        TRIGGERS: trigger_arrays,
        PENDING: pending_arrays,
    }
    parts |= {name: make(network) for name, make in shared.items() if name in present}
    kinds = trace_rows(fused.terminals)
    parts[TRACES] = trace_arrays(fused.terminals, network.experiment.dt)
    for rows in fused.rows:
        parts[rows.name] = row_arrays(rows, network, fused.terminals) | modulated_row_arrays(rows, network)
    for cells in fused.groups:
        parts[cells.name] |= cell_rows(cells, fused.rows, network) | restart_arrays(cells, fused.terminals)
        gains = [np.full(member.size, gain_row(network, member.name), np.int32) for member in cells.members]
        parts[cells.name][GAIN_ROW] = np.concatenate(gains)
    for arrival, group, populations in _arrival_groups(fused.terminals, fused.placements):
        ends = np.concatenate([_cells(fused.placements[name]) for name in populations])
        parts[f"{arrival.name}_{group}"] = {
            "i": ends, "j": ends, "delay_pre": np.array([arrival.delay]),
            **{key: np.array([value]) for key, value in arrival.parameters.items()},
            "trace_row": np.full(len(ends), kinds.get(arrival.trace, 0), np.int32),
        }  # fmt: skip
    parts |= {wires.structure.name: wires.arrays for wires in _wires(network, fused.placements)}
    positions: dict[str, Places] = {}
    for plan in fused.sets:
        parts[plan.name] = _set_arrays(fused, plan, positions)
    owners: list[GroupStructure | SynapsesStructure] = [*fused.structure.groups, *fused.structure.synapses]
    wanted = {owner.name: {"i", "j", *(variable.name for variable in owner.variables)} for owner in owners}
    arrays: dict[str, Array] = {
        f"{owner}.{name}": array
        for owner, part in parts.items()
        for name, array in part.items()
        if name in wanted.get(owner, ()) or name.startswith("delay_")
    }
    return ProgramArrays(arrays, positions)


def _cells(place: Placement) -> NDArray[np.int32]:
    return np.arange(place.start, place.stop, dtype=np.int32)


def _set_arrays(fused: FusedPlan, plan: SynapseSet, positions: dict[str, Places]) -> Arrays:
    """Edges of all projections of a set, by source, delay and target; remembers where each projection
    went.
    """
    edges = [_placed(fused, name) for name in plan.projections]
    counts = [len(e["i"]) for e in edges]
    joined = {key: _joined([e.pop(key) for e in edges]) for key in ("delay", "weight", "i", "j")}
    delay = joined.pop("delay")
    order = synapse_order(joined["i"], joined["j"], delay)
    starts = np.cumsum([0, *counts]).tolist()
    for name, start, stop in zip(plan.projections, starts[:-1], starts[1:], strict=True):
        positions[name] = Places(order, start, stop)
    if plan.rules and plan.precision == "single":
        joined["weight"] = joined["weight"].astype(np.float32)
    arrays: Arrays = {key: _in_order(joined.pop(key), order) for key in ("i", "j", "weight")}
    delays = delay[:1].copy() if plan.uniform and len(delay) else _in_order(delay, order)
    late = bool(plan.rules) and plan.rules[0].template.delay == "dendritic"
    arrays |= {f"delay_{key}": delays for key in (("transmit", "post") if late else ("pre",))}
    if plan.modulated:
        gains = [gain_row(fused.network, name) for name in plan.projections]
        arrays[RELEASE_ROW] = _in_order(_each(gains, counts), order)
    for position, rows in enumerate(plan.rules):
        arrays |= _rule_arrays(plan, position, rows, counts, order)
    return arrays


def _placed(fused: FusedPlan, name: str) -> dict[str, Array]:
    """The edges of a projection between cells of the groups in which its populations are."""
    edges, projection = connect(fused.network, name), fused.network.projections[name]
    source, target = (fused.placements[end].start for end in (projection.source, projection.target))
    i = edges.i + np.int32(source) if source else edges.i
    j = edges.j + np.int32(target) if target else edges.j
    return {"i": i, "j": j, "weight": edges.weight, "delay": edges.delay}


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _in_order(values: NDArray[Any], order: Ints) -> NDArray[Any]:
    """Values of synapses in an order; equal ones are one number in memory and stay so."""
    return values if values.size and not any(values.strides) else values[order]


def _each(numbers: Sequence[int], counts: Sequence[int]) -> NDArray[np.int32]:
    """The number of its projection for every synapse."""
    if len(set(numbers)) == 1:
        return np.broadcast_to(np.int32(numbers[0]), sum(counts))
    return np.repeat(np.array(numbers, np.int32), counts)


def _rule_arrays(
    plan: SynapseSet, position: int, rows: RuleRows, counts: Sequence[int], order: Ints
) -> Arrays:
    """State of a rule on every synapse of a set where it does not start at 0, and the row that each synapse
    follows.
    """
    numbers = [rows.row(name, position) for name in plan.projections]
    arrays: Arrays = {f"row_{position}": _in_order(_each(numbers, counts), order)}
    for name, entry in rows.template.state.items():
        if entry.initial is not None and entry.initial.quantity.value != 0:
            kind = np.float32 if plan.precision == "single" else np.float64
            equal: Any = np.broadcast_to(kind(entry.initial.quantity.value), len(order))
            arrays[f"{name}_{position}"] = equal
    return arrays
