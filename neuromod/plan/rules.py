"""Plasticity rules on projections, and the compartments whose level they follow."""

from __future__ import annotations

from collections.abc import Mapping

from neuromod.config.network import Compartment, Plasticity
from neuromod.config.values import SECOND
from neuromod.library.template import SynapseTemplate
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import CompartmentPlan, PopulationPlan, RulePlan
from neuromod.plan.parameters import si_parameters
from neuromod.units import dimension_noun, parse_unit

TONIC = 1.0
"""Level of quiet waking, where nothing else is given."""


def plan_compartments(expansion: Expansion) -> dict[str, CompartmentPlan]:
    """Every neuromodulator in every region it reaches, by `modulator.region`."""
    regions = {spec.region for spec in expansion.network.populations.values() if spec.region}
    plans = {}
    for modulator, parts in expansion.network.modulators.items():
        for region, spec in parts.items():
            path = ("modulators", modulator, region)
            expansion.known(path, region, regions, "region")
            decay = spec.decay if spec.decay is not None else _decay(expansion, path, spec)
            level = TONIC if spec.level is None else spec.level
            plans[f"{modulator}.{region}"] = CompartmentPlan(modulator, region, level, decay)
    return plans


def _decay(expansion: Expansion, path: tuple[str, str, str], spec: Compartment) -> float:
    """Clearance time constant from the model file of the neuromodulator."""
    _, modulator, region = path
    template = expansion.template(expansion.library.neuromodulator, modulator, path[:2])
    if template is None:
        return 1.0
    if region not in template.decay:
        allowed = ", ".join(sorted(template.decay)) or "none"
        expansion.refuse(
            path, f"got no `decay`, and {modulator} has none for {region} (it has some for: {allowed})"
        )
        return 1.0
    quantity = template.decay[region].quantity
    if quantity.dimension != SECOND or quantity.value <= 0:
        expansion.refuse(
            path,
            f"got {dimension_noun(quantity.dimension)} as `decay` of {modulator}, allowed is a positive time",
        )
        return 1.0
    return quantity.value


def plan_rule(
    expansion: Expansion,
    name: str,
    spec: Plasticity,
    target: PopulationPlan,
    template: SynapseTemplate,
    compartments: Mapping[str, CompartmentPlan],
) -> RulePlan | None:
    """The rule of the plastic projection `name`; None, and its problems noted, when it cannot be planned."""
    path = ("projections", name, "plasticity")
    region = spec.region or target.region
    for field in ("rule", "modulator"):
        if getattr(spec, field) is None:
            expansion.refuse(path, f"got no `{field}`, needed for a plastic projection")
    if spec.modulator is not None and f"{spec.modulator}.{region}" not in compartments:
        _refuse_modulator(expansion, (*path, "modulator"), spec.modulator, region, compartments)
    rule = None
    if spec.rule is not None:
        rule = expansion.template(expansion.library.plasticity, spec.rule, (*path, "rule"))
    if rule is None or spec.rule is None:
        return None
    parameters = si_parameters(
        expansion, (*path, "parameters"), [spec.parameters], rule.parameters, spec.rule
    )
    wanted = parse_unit(template.weight).dimension
    got = parse_unit(rule.parameters[rule.bounds[0]].unit).dimension
    if got != wanted:
        weights = f"got {spec.rule}, whose weights are {dimension_noun(got)}"
        expansion.refuse((*path, "rule"), f"{weights}, but here they are {dimension_noun(wanted)}")
    low, high = (parameters[bound] for bound in rule.bounds)
    if low > high:
        expansion.refuse(
            (*path, "parameters"),
            f"got {rule.bounds[0]} above {rule.bounds[1]}, allowed is lowest <= highest",
        )
    return RulePlan(spec.rule, rule, parameters, spec.modulator or "", region)


def _refuse_modulator(
    expansion: Expansion,
    path: KeyPath,
    modulator: str,
    region: str,
    compartments: Mapping[str, CompartmentPlan],
) -> None:
    there = [plan.modulator for plan in compartments.values() if plan.region == region]
    if not region:
        expansion.refuse(path, f"got {modulator}, but the target is in no region; name one as `region`")
        return
    allowed = f"allowed are {', '.join(there)}" if there else "there is none"
    expansion.refuse(path, f"got {modulator}, which has no compartment in {region}; {allowed}")
