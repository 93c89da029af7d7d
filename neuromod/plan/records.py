"""Whether what an experiment records, and the limits it sets, refer to things that exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from neuromod.config.schema import RecordState
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import PopulationPlan


def check_record(expansion: Expansion, populations: Mapping[str, PopulationPlan]) -> None:
    """Note every reference of `record` to a population, projection or variable that does not exist."""
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
        _check_state(expansion, ("record", "states", k), state, populations)
    _check_repeated(expansion, record.states)
    for k, weights in enumerate(record.weights):
        path = ("record", "weights", k)
        expansion.known(
            (*path, "projection"), weights.projection, expansion.network.projections, "projection"
        )


def check_guards(expansion: Expansion) -> None:
    """Note a limit that would stop every run."""
    if expansion.experiment.guards.rate_limit == 0:
        expansion.refuse(("guards", "rate_limit"), "got 0 Hz, allowed is a positive rate")


def variables_of(population: PopulationPlan) -> list[str]:
    """What can be recorded of a cell: state, receptor state such as `g_ampa`, and parameters."""
    receptors = [
        f"{variable}_{name}"
        for name, plan in population.receptors.items()
        for variable in plan.template.state
    ]
    return [*population.template.state, *receptors, *population.parameters]


def _check_populations(expansion: Expansion, path: KeyPath, names: str | Sequence[str]) -> None:
    if isinstance(names, str):
        return
    for k, name in enumerate(names):
        expansion.known((*path, k), name, expansion.network.populations, "population")


def _check_state(
    expansion: Expansion, path: KeyPath, state: RecordState, populations: Mapping[str, PopulationPlan]
) -> None:
    expansion.known((*path, "population"), state.population, expansion.network.populations, "population")
    plan = populations.get(state.population)
    if plan is None:
        return
    for k, variable in enumerate(state.variables):
        expansion.known((*path, "variables", k), variable, variables_of(plan), f"variable of {plan.name}")
    if isinstance(state.neurons, tuple):
        outside = [number for number in state.neurons if number >= plan.size]
        if outside:
            expansion.refuse(
                (*path, "neurons"),
                f"got the neuron {outside[0]} of {plan.name}, allowed are 0 to {plan.size - 1}",
            )
        if len(set(state.neurons)) < len(state.neurons):
            expansion.refuse((*path, "neurons"), "got a neuron twice, allowed is each one once")


def _check_repeated(expansion: Expansion, states: Sequence[RecordState]) -> None:
    """A report is named by population and variable, so each pair may be recorded once."""
    pairs = Counter((state.population, variable) for state in states for variable in state.variables)
    for (population, variable), count in pairs.items():
        if count > 1:
            expansion.refuse(
                ("record", "states"), f"got {variable} of {population} {count} times, allowed is once"
            )
