"""Compartments: one neuromodulator in one region, with its clearance and its receptors there."""

from __future__ import annotations

from collections.abc import Mapping

from neuromod.config.network import Compartment, CompartmentReceptor
from neuromod.config.values import SECOND
from neuromod.library.template import NeuromodulatorTemplate, Receptor
from neuromod.plan.expansion import Expansion
from neuromod.plan.network import CompartmentPlan, ReceptorDrive
from neuromod.units import dimension_noun

TONIC = 1.0
"""Level of quiet waking, where nothing else is given."""


def plan_compartments(expansion: Expansion) -> dict[str, CompartmentPlan]:
    """Every neuromodulator in every region it reaches, by `modulator.region`."""
    regions = {spec.region for spec in expansion.network.populations.values() if spec.region}
    plans = {}
    for modulator, parts in expansion.network.modulators.items():
        template = _template(expansion, modulator, parts)
        for region, spec in parts.items():
            path = ("modulators", modulator, region)
            expansion.known(path, region, regions, "region")
            plans[f"{modulator}.{region}"] = CompartmentPlan(
                modulator=modulator,
                region=region,
                level=TONIC if spec.level is None else spec.level,
                decay=spec.decay if spec.decay is not None else _decay(expansion, path, template),
                receptors=_receptors(expansion, path, spec, template),
            )
    return plans


def _template(
    expansion: Expansion, modulator: str, parts: Mapping[str, Compartment]
) -> NeuromodulatorTemplate | None:
    """Model file of a neuromodulator; one whose compartments say everything needs none."""
    known = modulator in expansion.library.names("neuromodulators")
    if not known and all(spec.decay is not None for spec in parts.values()):
        return None
    return expansion.template(expansion.library.neuromodulator, modulator, ("modulators", modulator))


def _decay(
    expansion: Expansion, path: tuple[str, str, str], template: NeuromodulatorTemplate | None
) -> float:
    """Clearance time constant from the model file of the neuromodulator."""
    _, modulator, region = path
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
    return quantity.value / (expansion.experiment.slow_factor if template.slow else 1.0)


def _receptors(
    expansion: Expansion,
    path: tuple[str, str, str],
    spec: Compartment,
    template: NeuromodulatorTemplate | None,
) -> dict[str, ReceptorDrive]:
    declared = template.receptors if template else {}
    for name in spec.receptors:
        expansion.known((*path, "receptors", name), name, declared, f"receptor of {path[1]}")
    return {
        name: _receptor(entry, spec.receptors.get(name, CompartmentReceptor()))
        for name, entry in declared.items()
    }


def _receptor(entry: Receptor, over: CompartmentReceptor) -> ReceptorDrive:
    return ReceptorDrive(
        K=entry.K.quantity.value if over.K is None else over.K,
        n=entry.n.quantity.value if over.n is None else over.n,
        block=over.block,
    )
