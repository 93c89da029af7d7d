"""The small groups that all neurons share: pacemakers, modulator compartments, and the accumulators of
plasticity rules.

Accumulators hold, per plastic projection, R(t) = exp(-(t - t0)/tau) (`retained`) and G(t) = integral of R D
(`integral`) since the last tick t0, where D is the rule's third factor. The modulator level moves after the
accumulators of a step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuromod import reference_math
from neuromod.library.grammar import rename, substitute
from neuromod.library.hoist import names_in
from neuromod.plan.equations import UNIT_NUMBERS
from neuromod.plan.groups import PACEMAKERS, Arrays
from neuromod.plan.network import NetworkPlan, RulePlan
from neuromod.plan.pathways import ACCUMULATORS
from neuromod.plan.structure import GroupStructure, Link, Variable

COMPARTMENTS = "compartments"


def pacemaker_group(network: NetworkPlan) -> GroupStructure:
    """phi' = 2 pi f, wrapped to (-pi, pi]; cells of the same step see cos and sin of the phase at its
    beginning.
    """
    step = repr(2 * np.pi * network.experiment.dt)
    update = (
        "cos_phi = nm_cos(phi)",
        "sin_phi = nm_sin(phi)",
        f"advanced = phi + {step}*frequency",
        f"phi = advanced - {2 * np.pi!r}*int(advanced > {np.pi!r})",
    )
    variables = tuple(Variable(name) for name in ("phi", "cos_phi", "sin_phi", "frequency"))
    return GroupStructure(PACEMAKERS, max(1, len(network.pacemakers)), variables, update=update, order=-1)


def pacemaker_arrays(network: NetworkPlan) -> Arrays:
    """Phases and frequencies; without any pacemaker, one that stands still."""
    plans = list(network.pacemakers.values())
    phi = np.array([plan.phase for plan in plans] or [0.0])
    frequency = np.array([plan.frequency for plan in plans] or [0.0])
    return {
        "phi": phi,
        "cos_phi": reference_math.cos(phi),
        "sin_phi": reference_math.sin(phi),
        "frequency": frequency,
    }


def compartment_group(network: NetworkPlan) -> GroupStructure:
    """Levels relax exactly to their tonic value; pulses are added by the timeline."""
    variables = tuple(Variable(name) for name in ("level", "tonic", "decay"))
    update = ("level = tonic + (level - tonic)*decay",)
    return GroupStructure(COMPARTMENTS, len(network.compartments), variables, update=update, order=1)


def compartment_arrays(network: NetworkPlan) -> Arrays:
    """Levels start at their tonic value."""
    plans = list(network.compartments.values())
    tonic = np.array([plan.level for plan in plans])
    decay = reference_math.exp(-network.experiment.dt / np.array([plan.decay for plan in plans]))
    return {"level": tonic.copy(), "tonic": tonic, "decay": decay}


def accumulator_group(rules: Sequence[RulePlan], dt: float) -> GroupStructure:
    """One row per plastic projection, all of one rule template."""
    template = rules[0].template
    third = substitute(rename(template.third_factor, {"m": "level"}), UNIT_NUMBERS)
    bounds = set(template.bounds)
    used = sorted(names_in(third) & rules[0].parameters.keys() | bounds | _at_spikes(rules[0]))
    variables = [*("integral", "retained", "decay"), *used]
    return GroupStructure(
        ACCUMULATORS,
        len(rules),
        (*(Variable(name) for name in variables), Variable("compartment", dtype="integer")),
        (Link("level", COMPARTMENTS, "level", "compartment"),),
        (f"integral = integral + {dt!r}*retained*({third})", "retained = retained*decay"),
        tick=("integral = 0.0", "retained = 1.0"),
        tick_period=template.rebase,
    )


def _at_spikes(rule: RulePlan) -> set[str]:
    texts = (rule.template.at_pre, rule.template.at_post)
    return set().union(*(names_in(text) & rule.parameters.keys() for text in texts))


def accumulator_arrays(rules: Sequence[RulePlan], network: NetworkPlan) -> Arrays:
    """Parameters of every row, and the compartment it follows."""
    order = list(network.compartments)
    tau = np.array([rule.parameters[rule.template.eligibility] for rule in rules])
    arrays: Arrays = {
        name: np.array([rule.parameters[name] for rule in rules]) for name in rules[0].parameters
    }
    return arrays | {
        "integral": np.zeros(len(rules)),
        "retained": np.ones(len(rules)),
        "decay": reference_math.exp(-network.experiment.dt / tau),
        "compartment": np.array([order.index(f"{rule.modulator}.{rule.region}") for rule in rules], np.int32),
    }
