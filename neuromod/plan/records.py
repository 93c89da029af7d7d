"""Whether what an experiment records, and the limits it sets, refer to things that exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from neuromod.config.schema import RecordState, RecordWeights
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import CompartmentPlan, PopulationPlan, ProjectionPlan
from neuromod.plan.rule_variables import cell_variables, synapse_variables
from neuromod.plan.terminals import CELL


def check_record(
    expansion: Expansion,
    populations: Mapping[str, PopulationPlan],
    projections: Mapping[str, ProjectionPlan],
    compartments: Mapping[str, CompartmentPlan],
) -> None:
    """Note every reference of `record` to something that does not exist in the network."""
    record = expansion.experiment.record
    for field, names in (("spikes", record.spikes), ("lfp", record.lfp)):
        _check_populations(expansion, ("record", field), names)
    if record.rates is not None:
        _check_populations(expansion, ("record", "rates", "populations"), record.rates.populations)
    for name in record.lfp:
        plan = populations.get(name)
        if plan is not None and not any(receptor.template.lfp for receptor in plan.receptors.values()):
            expansion.refuse(("record", "lfp"), f"got {name}, none of whose receptors counts in the LFP")
    for k, state in enumerate(record.states):
        _check_state(expansion, ("record", "states", k), state, populations, projections)
    _check_repeated(expansion, record.states)
    for k, weights in enumerate(record.weights):
        _check_weights(expansion, ("record", "weights", k), weights, projections)
    _once(expansion, ("record", "weights"), [weights.projection for weights in record.weights])
    _check_drives(expansion, compartments)


def check_guards(expansion: Expansion) -> None:
    """Note a limit that would stop every run."""
    if expansion.experiment.guards.rate_limit == 0:
        expansion.refuse(("guards", "rate_limit"), "got 0 Hz, allowed is a positive rate")


def variables_of(population: PopulationPlan, projections: Mapping[str, ProjectionPlan]) -> list[str]:
    """What can be recorded of a cell: state, receptor state such as `g_ampa`, variables that plasticity rules
    keep on it such as `cell_tag_capture_p`, and parameters.
    """
    receptors = [
        f"{variable}_{name}"
        for name, plan in population.receptors.items()
        for variable in plan.template.state
    ]
    rules = cell_variables(population.name, projections.values())
    return [*population.template.state, *receptors, *rules, *population.parameters]


def _check_populations(expansion: Expansion, path: KeyPath, names: str | Sequence[str]) -> None:
    if isinstance(names, str):
        return
    for k, name in enumerate(names):
        expansion.known((*path, k), name, expansion.network.populations, "population")


def _check_state(
    expansion: Expansion,
    path: KeyPath,
    state: RecordState,
    populations: Mapping[str, PopulationPlan],
    projections: Mapping[str, ProjectionPlan],
) -> None:
    expansion.known((*path, "population"), state.population, expansion.network.populations, "population")
    plan = populations.get(state.population)
    if plan is None:
        return
    for k, variable in enumerate(state.variables):
        if variable.startswith(CELL) and any(map(_broken, projections.values())):
            continue
        allowed = variables_of(plan, projections)
        expansion.known((*path, "variables", k), variable, allowed, f"variable of {plan.name}")
    if isinstance(state.neurons, tuple):
        outside = [number for number in state.neurons if number >= plan.size]
        if outside:
            expansion.refuse(
                (*path, "neurons"),
                f"got the neuron {outside[0]} of {plan.name}, allowed are 0 to {plan.size - 1}",
            )
        if len(set(state.neurons)) < len(state.neurons):
            expansion.refuse((*path, "neurons"), "got a neuron twice, allowed is each one once")


def _check_weights(
    expansion: Expansion, path: KeyPath, weights: RecordWeights, projections: Mapping[str, ProjectionPlan]
) -> None:
    name = weights.projection
    expansion.known((*path, "projection"), name, expansion.network.projections, "projection")
    plan = projections.get(name)
    if plan is None or _broken(plan):
        return
    allowed = synapse_variables(plan)
    for k, variable in enumerate(weights.variables):
        expansion.known((*path, "variables", k), variable, allowed, f"variable of the rules of {name}")
    _once(expansion, (*path, "variables"), weights.variables)
    if isinstance(weights.synapses, tuple):
        _once(expansion, (*path, "synapses"), weights.synapses)
        connect = plan.spec.connect
        exact = connect is not None and connect.probability is None
        outside = [number for number in weights.synapses if exact and number >= plan.count]
        if outside:
            allowed_ones = f"allowed are 0 to {plan.count - 1:.0f}"
            expansion.refuse((*path, "synapses"), f"got the synapse {outside[0]} of {name}, {allowed_ones}")


def _broken(plan: ProjectionPlan) -> bool:
    """Whether rules of a projection could not be planned: what they keep is unknown then."""
    return plan.spec.plasticity is not None and not plan.rules


def _check_drives(expansion: Expansion, compartments: Mapping[str, CompartmentPlan]) -> None:
    """Receptors whose drive is recorded must be those of some neuromodulator in the network."""
    modulators = expansion.experiment.record.modulators
    if modulators is None or isinstance(modulators.drives, str):
        return
    path = ("record", "modulators", "drives")
    there = dict.fromkeys(name for plan in compartments.values() for name in plan.receptors)
    for k, name in enumerate(modulators.drives):
        expansion.known((*path, k), name, there, "receptor")
    _once(expansion, path, modulators.drives)


def _once(expansion: Expansion, path: KeyPath, entries: Sequence[object]) -> None:
    for entry, count in Counter(entries).items():
        if count > 1:
            expansion.refuse(path, f"got {entry} {count} times, allowed is once")


def _check_repeated(expansion: Expansion, states: Sequence[RecordState]) -> None:
    """A report is named by population and variable, so each pair may be recorded once."""
    pairs = Counter((state.population, variable) for state in states for variable in state.variables)
    for (population, variable), count in pairs.items():
        if count > 1:
            expansion.refuse(
                ("record", "states"), f"got {variable} of {population} {count} times, allowed is once"
            )
