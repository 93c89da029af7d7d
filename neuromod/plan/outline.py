"""The plan as plain data: what `neuromod show --json` prints, and what a results file keeps of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from neuromod.config.network import Pulse
from neuromod.config.schema import Stimulus
from neuromod.config.values import Value
from neuromod.plan.estimate import estimate
from neuromod.plan.fused import FusedPlan
from neuromod.plan.network import CompartmentPlan, NetworkPlan, PopulationPlan, ProjectionPlan
from neuromod.plan.task_show import task_data

MAX_EVENTS = 1000
"""Repetitions of one stimulus or pulse that are listed, the first."""
EXCITES_ABOVE = -40e-3
"""A reversal potential (V) above this excites, where cells state no threshold of their own."""


def as_data(fused: FusedPlan) -> dict[str, object]:
    """Everything that `neuromod.plan.show.render` prints and more, for JSON."""
    network = fused.network
    return {
        "name": network.experiment.name,
        "description": network.experiment.description,
        "duration_s": network.experiment.duration,
        "dt_s": network.experiment.dt,
        "seed": network.experiment.seed,
        "populations": {name: _population(fused, plan) for name, plan in network.populations.items()},
        "projections": {name: _projection(network, plan) for name, plan in network.projections.items()},
        "modulators": {name: _compartment(plan) for name, plan in network.compartments.items()},
        "pacemakers": {name: {"frequency_hz": plan.frequency} for name, plan in network.pacemakers.items()},
        "events": dict(_events(network)),
        "rate_limit_hz": network.experiment.guards.rate_limit,
        "advances": [
            {"at_s": step * network.experiment.dt, "biological_s": seconds}
            for step, seconds in ((plan.step, plan.duration) for plan in network.advances)
        ],
        "task": task_data(network.task) if network.task is not None else None,
        "groups": {g.name: [member.name for member in g.members] for g in fused.groups},
        "sets": {s.name: list(s.projections) for s in fused.sets},
        "estimate": vars(estimate(network)) | {},
        "notices": list(network.notices),
        "structure": fused.structure.key,
    }


def sign(network: NetworkPlan, plan: ProjectionPlan) -> str:
    """`excitatory` or `inhibitory`: by the reversal potential of the receptor against the threshold of the
    target, and where the receptor has none, by the weight; empty where a file gives the weights.
    """
    target = network.populations[plan.target]
    receptor = target.receptors.get(plan.receptor)
    reversal = receptor.parameters.get("E") if receptor else None
    if reversal is not None:
        return _named(float(reversal - np.mean(target.parameters.get("VT", EXCITES_ABOVE))))
    weight = plan.spec.weight
    typical = weight.quantity if isinstance(weight, Value) else weight.a if weight else None
    return "" if typical is None or isinstance(typical, str) else _named(typical.value)


def _named(excitation: float) -> str:
    return "excitatory" if excitation > 0 else "inhibitory"


def _population(fused: FusedPlan, plan: PopulationPlan) -> Mapping[str, object]:
    place = fused.placements[plan.name]
    return {
        "size": plan.size,
        "template": plan.template_name,
        "region": plan.region,
        "description": plan.description,
        "channels": int(plan.channel.max(initial=-1)) + 1,
        "inputs": {name: entry.template_name for name, entry in plan.inputs.items()},
        "pacemaker": plan.pacemaker or "",
        "group": place.group,
        "start": place.start,
        "target_rate_hz": plan.target_rate,
        "target_evidence": plan.target_evidence,
        "target_source": plan.target_source,
        "rate_limit_hz": plan.rate_limit,
    }


def _projection(network: NetworkPlan, plan: ProjectionPlan) -> Mapping[str, object]:
    return {
        "source": plan.source,
        "target": plan.target,
        "receptor": plan.receptor,
        "sign": sign(network, plan),
        "synapses": plan.count,
        "delay_s": plan.uniform_delay,
        "rules": [rule.name for rule in plan.rules],
    }


def _compartment(plan: CompartmentPlan) -> Mapping[str, object]:
    return {
        "modulator": plan.modulator,
        "region": plan.region,
        "level": plan.level,
        "held": plan.held,
        "nucleus": plan.release.nucleus if plan.release else "",
        "receptors": list(plan.receptors),
    }


def _events(network: NetworkPlan) -> Iterator[tuple[str, list[float]]]:
    """When (s) each stimulus and each train of pulses begins, as far as that is within the run."""
    experiment = network.experiment
    for name, spec in experiment.stimuli.items():
        yield name, _onsets(spec, spec.start, experiment.duration)
    for modulator, regions in experiment.modulators.items():
        for region, compartment in regions.items():
            plan = network.compartments[f"{modulator}.{region}"]
            onsets = [t for p in compartment.pulses for t in _onsets(p, p.at, experiment.duration)]
            if onsets and not plan.held:
                yield f"{modulator} in {region}", sorted(onsets)[:MAX_EVENTS]


def _onsets(spec: Stimulus | Pulse, first: float, duration: float) -> list[float]:
    repetitions = min(spec.times, MAX_EVENTS)
    onsets = (first + k * (spec.every or 0.0) for k in range(repetitions))
    return [onset for onset in onsets if onset < duration]
