"""Compartments: one neuromodulator in one region, with its release, its clearance and its receptors there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from neuromod.config.network import Compartment, CompartmentReceptor
from neuromod.library.template import NeuromodulatorTemplate, Receptor
from neuromod.plan.expansion import Expansion
from neuromod.plan.manipulations import held
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import CompartmentPlan, ReceptorDrive, ReleasePlan, UptakePlan
from neuromod.plan.populations import scaled
from neuromod.plan.schedules import moves_of

TONIC = 1.0
"""Level of quiet waking, where nothing else is given."""
FASTEST = 0.5
"""Largest share of a low level that uptake may clear in one step."""


def plan_compartments(expansion: Expansion) -> dict[str, CompartmentPlan]:
    """Every neuromodulator in every region it reaches, by `modulator.region`."""
    regions = {spec.region for spec in expansion.network.populations.values() if spec.region}
    states = {entry.state for entry in expansion.experiment.states}
    plans, known = {}, set()
    for modulator, parts in expansion.network.modulators.items():
        template = _template(expansion, modulator, parts)
        known |= set(template.states) if template else set()
        for region, spec in parts.items():
            path = ("modulators", modulator, region)
            expansion.known(path, region, regions, "region")
            plan = _plan(expansion, path, spec, template)
            plans[f"{modulator}.{region}"] = held(expansion, path, spec, plan)
    for name in states - known:
        number = next(k for k, entry in enumerate(expansion.experiment.states) if entry.state == name)
        expansion.known(("states", number, "state"), name, known, "state of the neuromodulators")
    return plans


def _template(
    expansion: Expansion, modulator: str, parts: Mapping[str, Compartment]
) -> NeuromodulatorTemplate | None:
    """Model file of a neuromodulator; one whose compartments say everything needs none."""
    known = modulator in expansion.library.names("neuromodulators")
    if not known and all(spec.decay is not None for spec in parts.values()):
        return None
    return expansion.template(expansion.library.neuromodulator, modulator, ("modulators", modulator))


def _plan(
    expansion: Expansion, path: KeyPath, spec: Compartment, template: NeuromodulatorTemplate | None
) -> CompartmentPlan:
    _, modulator, region = map(str, path)
    speed = expansion.experiment.slow_factor if template and template.slow else 1.0
    rise = spec.rise
    if rise is None and template and template.rise:
        rise = template.rise.quantity.value
    plan = CompartmentPlan(
        modulator=modulator,
        region=region,
        level=TONIC if spec.level is None else spec.level,
        decay=_decay(expansion, path, spec, template) / speed,
        receptors=_receptors(expansion, path, spec, template, speed),
        rise=(rise or 0.0) / speed,
        uptake=_uptake(expansion, path, spec, template, speed),
        dose=spec.dose,
        slow=bool(template and template.slow),
    )
    plan = replace(plan, release=_release(expansion, path, spec, template, plan))
    return moves_of(expansion, path, spec, template, plan)


def _decay(
    expansion: Expansion, path: KeyPath, spec: Compartment, template: NeuromodulatorTemplate | None
) -> float:
    """Clearance time constant, before it is accelerated; 1 s where uptake takes its place."""
    if spec.decay is not None:
        if spec.uptake is not None and expansion.layers.in_experiment((*path, "decay")):
            expansion.refuse((*path, "decay"), "got decay and uptake, allowed is one of the two")
        return spec.decay
    if spec.uptake is not None or template is None:
        return 1.0
    _, modulator, region = path
    if region not in template.decay:
        allowed = ", ".join(sorted(template.decay)) or "none"
        expansion.refuse(
            path, f"got no `decay`, and {modulator} has none for {region} (it has some for: {allowed})"
        )
        return 1.0
    return float(template.decay[str(region)].quantity.value)


def _uptake(
    expansion: Expansion,
    path: KeyPath,
    spec: Compartment,
    template: NeuromodulatorTemplate | None,
    speed: float,
) -> UptakePlan | None:
    if spec.uptake is None:
        return None
    vmax, km = spec.uptake.vmax, spec.uptake.km
    if template and template.uptake:
        vmax = template.uptake.vmax.quantity.value if vmax is None else vmax
        km = template.uptake.km.quantity.value if km is None else km
    at = (*path, "uptake")
    if vmax is None or km is None:
        missing = "vmax" if vmax is None else "km"
        expansion.refuse(at, f"got no `{missing}`, needed because the model file of {path[1]} has no uptake")
        return None
    highest = FASTEST * km / expansion.experiment.dt
    if not 0 < vmax * speed <= highest:
        expansion.refuse(
            at,
            f"got a vmax of {vmax:g} 1/s, allowed is more than 0 and at most {highest / speed:g} 1/s "
            f"with a step of {expansion.experiment.dt * 1e3:g} ms",
        )
        return None
    return UptakePlan(vmax * speed, km)


def _release(
    expansion: Expansion,
    path: KeyPath,
    spec: Compartment,
    template: NeuromodulatorTemplate | None,
    plan: CompartmentPlan,
) -> ReleasePlan | None:
    """Release by a nucleus; settings that need one are refused without it."""
    if spec.nucleus is None:
        for name in ("tonic_rate", "delay", "autoreceptor"):
            if expansion.layers.in_experiment((*path, name)):
                expansion.refuse((*path, name), f"got {name} without `nucleus`, needed is a nucleus")
        return None
    populations = expansion.network.populations
    if not expansion.known((*path, "nucleus"), spec.nucleus, populations, "population"):
        return None
    rate = spec.tonic_rate
    if rate is None and template and template.tonic_rate:
        rate = template.tonic_rate.quantity.value
    if not rate:
        got = "no `tonic_rate`" if rate is None else "a tonic_rate of 0 Hz"
        expansion.refuse(path, f"got {got}, needed is the rate of {spec.nucleus} that gives the level 1")
        return None
    auto = spec.autoreceptor
    if auto and not expansion.known(
        (*path, "autoreceptor", "receptor"), auto.receptor, plan.receptors, f"receptor of {path[1]}"
    ):
        auto = None
    size = scaled(populations[spec.nucleus].size or 1, expansion.experiment.scale)
    expansion.steps((*path, "delay"), spec.delay, "delay")
    names = (auto.receptor, auto.strength) if auto else ("", 0.0)
    return ReleasePlan(spec.nucleus, size, rate, spec.delay, *names)


def _receptors(
    expansion: Expansion,
    path: KeyPath,
    spec: Compartment,
    template: NeuromodulatorTemplate | None,
    speed: float,
) -> dict[str, ReceptorDrive]:
    declared = template.receptors if template else {}
    for name in spec.receptors:
        expansion.known((*path, "receptors", name), name, declared, f"receptor of {path[1]}")
    return {
        name: _receptor(entry, spec.receptors.get(name, CompartmentReceptor()), speed)
        for name, entry in declared.items()
    }


def _receptor(entry: Receptor, over: CompartmentReceptor, speed: float) -> ReceptorDrive:
    messenger = entry.messenger.quantity.value if entry.messenger else 0.0
    return ReceptorDrive(
        K=entry.K.quantity.value if over.K is None else over.K,
        n=entry.n.quantity.value if over.n is None else over.n,
        block=over.block,
        messenger=(messenger if over.messenger is None else over.messenger) / speed,
    )
