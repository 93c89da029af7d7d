"""Plasticity rules on projections, and the signals that they follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from neuromod.config.network import Plasticity, PlasticityRule
from neuromod.library.check_plasticity import LEVEL, PHASE, drives_of, uses
from neuromod.library.template import PlasticityTemplate, SynapseTemplate
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import CompartmentPlan, PopulationPlan, RulePlan
from neuromod.plan.parameters import si_parameters
from neuromod.plan.traces import SHORTEST
from neuromod.units import dimension_noun, parse_unit


def plan_rules(
    expansion: Expansion,
    name: str,
    spec: Plasticity,
    target: PopulationPlan,
    receptor: SynapseTemplate,
    compartments: Mapping[str, CompartmentPlan],
) -> tuple[RulePlan, ...]:
    """The rules of the plastic projection `name`, in order; those that cannot be planned are left out and
    their problems noted.
    """
    path = ("projections", name, "plasticity")
    blocks: list[tuple[KeyPath, PlasticityRule]] = [(path, spec)]
    blocks += [((*path, "also", number), block) for number, block in enumerate(spec.also)]
    planned = [_plan_rule(expansion, at, block, target, receptor, compartments) for at, block in blocks]
    rules = [rule for rule in planned if rule is not None]
    return _joined(expansion, path, rules) if len(rules) == len(planned) else ()


def _plan_rule(
    expansion: Expansion,
    path: KeyPath,
    spec: PlasticityRule,
    target: PopulationPlan,
    receptor: SynapseTemplate,
    compartments: Mapping[str, CompartmentPlan],
) -> RulePlan | None:
    if spec.rule is None:
        expansion.refuse(path, "got no `rule`, needed for a plastic projection")
        return None
    template = expansion.template(expansion.library.plasticity, spec.rule, (*path, "rule"))
    if template is None:
        return None
    region = spec.region or target.region
    _check_signals(expansion, path, spec, template, region, compartments)
    parameters = si_parameters(
        expansion, (*path, "parameters"), [spec.parameters], template.parameters, spec.rule
    )
    for key, entry in template.parameters.items():
        if entry.slow:
            parameters[key] /= expansion.experiment.slow_factor
    _check_numbers(expansion, path, spec.rule, template, parameters, receptor)
    tick = spec.tick if spec.tick is not None else template.tick
    steps = max(1, round(tick / expansion.experiment.dt))
    rule = RulePlan(
        name=spec.rule,
        template=template,
        parameters=parameters,
        modulator=spec.modulator or "",
        region=region if region in {plan.region for plan in compartments.values()} else "",
        pacemaker=spec.pacemaker or "",
        tick=steps * expansion.experiment.dt,
    )
    _check_tick(expansion, path, rule)
    return rule


def _check_signals(
    expansion: Expansion,
    path: KeyPath,
    spec: PlasticityRule,
    template: PlasticityTemplate,
    region: str,
    compartments: Mapping[str, CompartmentPlan],
) -> None:
    """The modulator, receptors and pacemaker that a rule names must be there, and no others be given."""
    there = {plan.modulator: plan for plan in compartments.values() if plan.region == region}
    if uses(template, LEVEL):
        if spec.modulator is None:
            expansion.refuse(path, f"got no `modulator`, needed because {spec.rule} follows a level")
        elif spec.modulator not in there:
            _refuse_modulator(expansion, (*path, "modulator"), spec.modulator, region, list(there))
    elif spec.modulator is not None:
        expansion.refuse((*path, "modulator"), f"got a modulator, but {spec.rule} follows no single level")
    known = {receptor for plan in there.values() for receptor in plan.receptors}
    for receptor in drives_of(template):
        if receptor not in known:
            expansion.refuse(
                (*path, "rule"),
                f"got {spec.rule}, which follows the receptor {receptor}, but no neuromodulator in "
                f"{region or 'no region'} binds to it; add a compartment of one that does",
            )
    if uses(template, *PHASE):
        pacemakers = expansion.network.pacemakers
        if spec.pacemaker is None:
            expansion.refuse(path, f"got no `pacemaker`, needed because {spec.rule} follows a phase")
        else:
            expansion.known((*path, "pacemaker"), spec.pacemaker, pacemakers, "pacemaker")
    elif spec.pacemaker is not None:
        expansion.refuse((*path, "pacemaker"), f"got a pacemaker, but {spec.rule} follows no phase")


def _check_numbers(
    expansion: Expansion,
    path: KeyPath,
    rule: str,
    template: PlasticityTemplate,
    parameters: Mapping[str, float],
    receptor: SynapseTemplate,
) -> None:
    """Weights of the right kind, bounds in order, time constants positive."""
    wanted = parse_unit(receptor.weight).dimension
    got = parse_unit(template.parameters[template.bounds[0]].unit).dimension
    if got != wanted:
        weights = f"got {rule}, whose weights are {dimension_noun(got)}"
        expansion.refuse((*path, "rule"), f"{weights}, but here they are {dimension_noun(wanted)}")
    low, high = (parameters[bound] for bound in template.bounds)
    if low > high:
        bounds = template.bounds
        expansion.refuse(
            (*path, "parameters"), f"got {bounds[0]} above {bounds[1]}, allowed is lowest <= highest"
        )
    for name in dict.fromkeys(entry.tau for entry in template.eligibility.values()):
        if parameters[name] <= 0:
            expansion.refuse(
                (*path, "parameters", name), f"got {parameters[name]:g} s, allowed is a positive time"
            )
    for name in dict.fromkeys(trace.tau for trace in template.traces.values()):
        if parameters[name] < SHORTEST:
            expansion.refuse(
                (*path, "parameters", name), f"got {parameters[name]:g} s, allowed is at least {SHORTEST:g} s"
            )


def _check_tick(expansion: Expansion, path: KeyPath, rule: RulePlan) -> None:
    """Between two ticks an eligibility must not fade so far that its sums lose digits."""
    for entry in rule.template.eligibility.values():
        tau = rule.parameters[entry.tau]
        if 0 < tau < rule.tick:
            expansion.refuse(
                path,
                f"got {entry.tau} = {tau:g} s with a tick of {rule.tick:g} s, allowed is a tick of at most "
                f"{entry.tau}; set `tick`",
            )


def _joined(expansion: Expansion, path: KeyPath, rules: Sequence[RulePlan]) -> tuple[RulePlan, ...]:
    """Rules of one projection share delay, tick and bounds: the narrowest bounds hold for all."""
    for what, values in (
        ("delay", {rule.template.delay for rule in rules}),
        ("tick", {f"{rule.tick:g} s" for rule in rules}),
    ):
        if len(values) > 1:
            found = " and ".join(sorted(values))
            expansion.refuse(path, f"got rules with a {what} of {found} on one projection, allowed is one")
    low = max(rule.parameters[rule.template.bounds[0]] for rule in rules)
    high = min(rule.parameters[rule.template.bounds[1]] for rule in rules)
    if low > high and len(rules) > 1:
        expansion.refuse(path, "got rules whose bounds exclude each other, allowed are bounds that overlap")
    return tuple(replace(rule, bounds=(low, high)) for rule in rules)


def _refuse_modulator(
    expansion: Expansion, path: KeyPath, modulator: str, region: str, there: Sequence[str]
) -> None:
    if not region:
        expansion.refuse(path, f"got {modulator}, but the target is in no region; name one as `region`")
        return
    allowed = f"allowed are {', '.join(there)}" if there else "there is none"
    expansion.refuse(path, f"got {modulator}, which has no compartment in {region}; {allowed}")
