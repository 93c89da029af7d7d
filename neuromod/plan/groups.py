"""One physical group of neurons: its members, its statements, and the arrays that fill its variables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neuromod.errors import ConfigError, Problem
from neuromod.library.hoist import evaluate, names_in
from neuromod.library.template import InputTemplate, SynapseTemplate
from neuromod.plan.draws import Known, sample, spread_of
from neuromod.plan.equations import FREE_AT, Composer, GroupEquations, presence
from neuromod.plan.features import Features, InputSlot, group_name, input_slots
from neuromod.plan.network import InputPlan, NetworkPlan, Numbers, PopulationPlan
from neuromod.plan.seeds import population_hash, stream
from neuromod.plan.structure import GroupStructure, Link, Variable, VariableKind
from neuromod.plan.task_plan import task_values
from neuromod.units import parse_unit

POISSON_TAIL = 1e-6
MAX_POISSON_TERMS = 64
PACEMAKERS = "pacemakers"
Arrays = dict[str, NDArray[np.float64] | NDArray[np.int32]]


@dataclass(frozen=True)
class Placement:
    """Where a population sits: elements [start, stop) of a group."""

    group: str
    start: int
    stop: int


@dataclass(frozen=True)
class FusedGroup:
    """A physical group: members in order, their features, statements, and which variables have one value per
    neuron; `varied` are those where neurons of one member may differ.
    """

    name: str
    members: tuple[PopulationPlan, ...]
    features: Features
    equations: GroupEquations
    arrays: frozenset[str]
    varied: frozenset[str]

    @property
    def size(self) -> int:
        """Number of elements."""
        return sum(member.size for member in self.members)

    @property
    def parameters(self) -> list[str]:
        """Base names and hoisted constants that the statements read, in a fixed order."""
        equations = self.equations
        base = set(base_values(self.members[0], self.members, self.features))
        return [
            *sorted(equations.used & base),
            *(name for name in equations.constants if name in equations.used),
        ]

    @property
    def random(self) -> bool:
        """Do the statements draw random numbers."""
        return bool(self.equations.used & {"cell"})


def fuse_group(
    network: NetworkPlan,
    name: str,
    members: Sequence[PopulationPlan],
    features: Features,
    gains: Mapping[str, Mapping[str, float]],
) -> FusedGroup:
    """Compose the statements of a group and decide which of its variables are one number for all.

    `gains`: member -> the largest value of every factor and shift that its group follows.
    """
    own = [set(input_slots(member).values()) for member in members]
    flagged = {slot.suffix for slot in features.inputs if any(slot not in slots for slots in own)}
    changing = _changing(network, members)
    composer = Composer(members[0].template, features, network.experiment.dt, changing, flagged)
    equations = composer.compose()
    arrays = _array_names(
        members, equations, composer.base, set(changing) | {presence(suffix) for suffix in flagged}
    )
    varied = _varied_names(members, equations, changing)
    group = FusedGroup(name, tuple(members), features, equations, arrays, varied)
    return _with_poisson_terms(group, changing, gains)


def _changing(network: NetworkPlan, members: Sequence[PopulationPlan]) -> dict[str, float]:
    """Parameters that the timeline or a task moves (names in the group), with the largest value of each."""
    changing: dict[str, float] = {}
    by_name = {member.name: member for member in members}
    values: list[tuple[str, str, Numbers]] = [(c.owner, c.variable, c.value) for c in network.timeline]
    if network.task is not None:
        moved = task_values(network.task).items()
        values += [(*key, value) for key, given in moved for value in given]
    for owner, variable, value in values:
        if owner in by_name:
            name = group_name(by_name[owner], variable)
            changing[name] = max(changing.get(name, -np.inf), float(np.max(value)))
    return changing


def _array_names(
    members: Sequence[PopulationPlan],
    equations: GroupEquations,
    base: Collection[str],
    always: Collection[str],
) -> frozenset[str]:
    """Variables with one value per neuron. Depends on which parameters are set, never on their values."""
    arrays = set(always)
    for member in members:
        arrays |= {key for key, value in member.parameters.items() if isinstance(value, np.ndarray)}
    if len(members) > 1:
        arrays |= set().union(*(member.explicit for member in members))
        arrays |= {name for name in base if name not in members[0].parameters}
    return frozenset(arrays | {name for name, text in equations.constants.items() if names_in(text) & arrays})


def _varied_names(
    members: Sequence[PopulationPlan], equations: GroupEquations, changing: Collection[str]
) -> frozenset[str]:
    """Variables that may differ between neurons of one member."""
    varied = set(changing)
    for member in members:
        varied |= {key for key, value in member.parameters.items() if isinstance(value, np.ndarray)}
    return frozenset(varied | {name for name, text in equations.constants.items() if names_in(text) & varied})


def base_values(
    member: PopulationPlan, members: Sequence[PopulationPlan], features: Features
) -> dict[str, Numbers]:
    """SI value of every base name of a group for one member; what it lacks is taken from a member that has
    it.
    """
    values: dict[str, Numbers] = dict(member.parameters)
    for name in features.receptors:
        owner = next(m for m in (member, *members) if name in m.receptors)
        values |= {f"{key}_{name}": value for key, value in owner.receptors[name].parameters.items()}
    for slot in features.inputs:
        plan = _input_at(slot, [member])
        values[presence(slot.suffix)] = float(plan is not None)
        plan = plan or _input_at(slot, members)
        if plan is not None:
            values |= {f"{key}_{slot.suffix}": value for key, value in plan.parameters.items()}
    return values


def _input_at(slot: InputSlot, members: Sequence[PopulationPlan]) -> InputPlan | None:
    found = (
        member.inputs[key]
        for member in members
        for key, other in input_slots(member).items()
        if other == slot
    )
    return next(found, None)


def _with_poisson_terms(
    group: FusedGroup, changing: Mapping[str, float], gains: Mapping[str, Mapping[str, float]]
) -> FusedGroup:
    """Give the Poisson draws as many compared terms as their largest mean needs."""
    largest = 0.0
    for member in group.members:
        values = base_values(member, group.members, group.features)
        values |= {key: np.maximum(values[key], top) for key, top in changing.items() if key in values}
        values |= gains[member.name]
        means = [float(np.max(evaluate(mean, values))) for mean in group.equations.poisson_means]
        largest = max(largest, *means, 0.0)
    terms = _poisson_terms(largest)
    if terms is None:
        names = ", ".join(member.name for member in group.members)
        raise ConfigError(
            Problem(
                f"got a Poisson input with a mean of {largest:.3g} spikes per step in one of {names}, "
                "allowed is at most 30; use a smaller dt, or fewer and larger spikes"
            )
        )
    update = [line.replace("poisson_at(", f"poisson{terms}_at(") for line in group.equations.update]
    return replace(group, equations=replace(group.equations, update=update))


def _poisson_terms(mean: float) -> int | None:
    """Smallest power of two, at least 4, beyond which the distribution has less than `POISSON_TAIL`."""
    terms, probability = 0, float(np.exp(-mean))
    tail = 1.0 - probability
    while tail > POISSON_TAIL:
        terms += 1
        if terms > MAX_POISSON_TERMS:
            return None
        probability *= mean / terms
        tail -= probability
    return max(4, 1 << (terms - 1).bit_length()) if terms else 4


def group_structure(group: FusedGroup) -> GroupStructure:
    """The compiled part of a group."""
    equations = group.equations
    variables = [Variable(name) for name in equations.state]
    variables += [Variable(name, _kind(group, name)) for name in group.parameters]
    if group.random:
        variables += [Variable("seed", "shared", "integer")]
        variables += [Variable("population", "part", "integer"), Variable("cell", dtype="integer")]
    links: tuple[Link, ...] = ()
    if group.members[0].template.pacemaker:
        variables.append(Variable("pacemaker", "part", "integer"))
        links = tuple(Link(name, PACEMAKERS, name, "pacemaker") for name in ("cos_phi", "sin_phi"))
    return GroupStructure(
        group.name,
        group.size,
        tuple(variables),
        links,
        tuple(equations.update),
        equations.threshold,
        tuple(equations.reset),
        parts=tuple(np.cumsum([0, *(member.size for member in group.members[:-1])]).tolist()),
    )


def _kind(group: FusedGroup, name: str) -> VariableKind:
    if name not in group.arrays:
        return "shared"
    return "array" if name in group.varied else "part"


def group_arrays(group: FusedGroup, network: NetworkPlan) -> Arrays:
    """Every array of a group by variable name, at t = 0."""
    parts = [_member_arrays(group, member, network) for member in group.members]
    arrays: Arrays = {}
    for name in parts[0]:
        whole = (
            name in group.arrays
            or name in group.equations.state
            or name in ("population", "cell", "pacemaker")
        )
        arrays[name] = np.concatenate([part[name] for part in parts]) if whole else parts[0][name][:1]
    return arrays


def _member_arrays(group: FusedGroup, member: PopulationPlan, network: NetworkPlan) -> Arrays:
    values = base_values(member, group.members, group.features)
    arrays: Arrays = {}
    for name in group.parameters:
        text = group.equations.constants.get(name, name)
        arrays[name] = np.broadcast_to(np.asarray(evaluate(text, values), float), member.size)
    features = group.features
    start = {FREE_AT: -1.0}
    for kept in (features.transmitters, features.cells, features.traces):
        start |= {entry.name: entry.initial for entry in kept}
    initial = {**member.initial, **_drive_state(group, member, network.experiment.seed)}
    for name in group.equations.state:
        arrays[name] = np.asarray(initial.get(name, np.full(member.size, start.get(name, 0.0))), float)
    if group.random:
        arrays["seed"] = np.array([network.experiment.seed], np.int32)
        arrays["population"] = np.full(member.size, population_hash(member.name), np.int32)
        arrays["cell"] = np.arange(member.size, dtype=np.int32)
    if member.template.pacemaker:
        row = list(network.pacemakers).index(member.pacemaker) if member.pacemaker else 0
        arrays["pacemaker"] = np.full(member.size, row, np.int32)
    return arrays


def _drive_state(group: FusedGroup, member: PopulationPlan, seed: int) -> dict[str, NDArray[np.float64]]:
    """Initial state of a member's inputs and receptors, by its name in the group."""
    slots = input_slots(member)
    owners: list[tuple[str, str, InputTemplate | SynapseTemplate, Mapping[str, float]]] = [
        *((key, slots[key].suffix, plan.template, plan.parameters) for key, plan in member.inputs.items()),
        *((key, key, plan.template, plan.parameters) for key, plan in member.receptors.items()),
    ]
    drawn = {}
    for key, suffix, template, values in owners:
        names = {n: Known(values[n], parse_unit(p.unit).dimension) for n, p in template.parameters.items()}
        for variable, state in template.state.items():
            if state.initial is not None:
                spread = spread_of(state.initial, parse_unit(state.unit).dimension, names)
                rng = stream(seed, f"{member.name}/initial/{key}.{variable}")
                drawn[f"{variable}_{suffix}"] = sample(rng, spread, member.size)
    return drawn
