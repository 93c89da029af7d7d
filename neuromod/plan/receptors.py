"""Receptors and inputs of a population: which it needs, and their parameters there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from neuromod.config.network import Input
from neuromod.library.dimensions import dimension_of
from neuromod.library.grammar import FUNCTIONS, RANDOM, parse_expression
from neuromod.library.template import InputTemplate, Parameter, StateVariable, SynapseTemplate
from neuromod.plan.expansion import Expansion
from neuromod.plan.network import InputPlan, PopulationPlan, ReceptorPlan
from neuromod.plan.parameters import si_parameters
from neuromod.plan.populations import takes_current
from neuromod.units import dimension_noun, parse_unit


def with_receptors(expansion: Expansion, population: PopulationPlan, used: Collection[str]) -> PopulationPlan:
    """The population with its inputs, and the receptors that these and its projections (`used`) act on."""
    spec = expansion.network.populations[population.name]
    planned = {name: plan_input(expansion, population, name, entry) for name, entry in spec.inputs.items()}
    inputs = {name: plan for name, plan in planned.items() if plan is not None}
    wanted = dict.fromkeys([*used, *(plan.receptor for plan in inputs.values() if plan.receptor)])
    path = ("populations", population.name, "receptors")
    for name in spec.receptors:
        unused = name not in wanted and expansion.layers.in_experiment((*path, name))
        known = expansion.template(expansion.library.synapse, name, (*path, name)) is not None
        if unused and known:
            expansion.refuse(
                (*path, name), "got a receptor that no projection or input of this population uses"
            )
    receptors = {name: plan_receptor(expansion, population.name, name) for name in wanted}
    found = {name: plan for name, plan in receptors.items() if plan is not None}
    return replace(population, inputs=inputs, receptors=found)


def plan_receptor(expansion: Expansion, population: str, name: str) -> ReceptorPlan | None:
    """A receptor with the parameters it has on this population."""
    path = ("populations", population, "receptors", name)
    template = expansion.template(expansion.library.synapse, name, path)
    if template is None:
        return None
    given = expansion.network.populations[population].receptors.get(name, {})
    return ReceptorPlan(name, template, si_parameters(expansion, path, [given], template.parameters, name))


def plan_input(expansion: Expansion, population: PopulationPlan, name: str, spec: Input) -> InputPlan | None:
    """A drive; None, and its problems noted, when it cannot be planned."""
    path = ("populations", population.name, "inputs", name)
    if spec.input is None:
        expansion.refuse(path, "got no `input`, needed is the name of an input template")
        return None
    template = expansion.template(expansion.library.input, spec.input, (*path, "input"))
    if template is None:
        return None
    parameters = si_parameters(
        expansion, (*path, "parameters"), [spec.parameters], template.parameters, spec.input
    )
    message = _misplaced(population, spec, template)
    if message:
        expansion.refuse(path, message)
        return None
    receptor = None
    if spec.receptor is not None:
        receptor = expansion.template(expansion.library.synapse, spec.receptor, (*path, "receptor"))
        if receptor is None:
            return None
    message = _unlike(population, spec, template, receptor) if template.jump is not None else ""
    if message:
        expansion.refuse(path, message)
    return InputPlan(name, spec.input, template, spec.receptor, parameters)


def _misplaced(population: PopulationPlan, spec: Input, template: InputTemplate) -> str:
    """Why a population cannot have this input, empty when it can."""
    if template.jump is None and spec.receptor is not None:
        return f"got a receptor, but {spec.input} is a current and needs none"
    if template.current is not None and not takes_current(population.template):
        return f"got a current into {population.template_name} cells, which are spike sources without input"
    if template.jump is not None and spec.receptor is None and "V" not in population.template.state:
        return f"got no `receptor`, needed is the receptor that {spec.input} acts on"
    return ""


def _unlike(
    population: PopulationPlan, spec: Input, template: InputTemplate, receptor: SynapseTemplate | None
) -> str:
    """Why a jump does not fit what it moves: the receptor's first variable, or V; empty when it fits."""
    if receptor is not None and not receptor.state:
        return f"got the receptor {spec.receptor}, which has no state that {spec.input} could act on"
    target, unit = (
        ("V", population.template.state["V"].unit)
        if receptor is None
        else next(
            (f"{variable} of {spec.receptor}", state.unit) for variable, state in receptor.state.items()
        )
    )
    declared: dict[str, Parameter | StateVariable] = {**template.parameters, **template.state}
    jump = parse_expression(str(template.jump), known={*declared, "t", "dt"}, functions=FUNCTIONS | RANDOM)
    got = dimension_of(jump, {name: parse_unit(entry.unit).dimension for name, entry in declared.items()})
    wanted = parse_unit(unit).dimension
    if got == wanted:
        return ""
    hint = "; name the receptor it acts on" if receptor is None else ""
    jumps = f"got {spec.input}, whose jumps are {dimension_noun(got)}"
    return f"{jumps}, but {target} is {dimension_noun(wanted)}{hint}"
