"""Pacemakers: the group of rhythms that phase-locked cells and rules follow."""

from __future__ import annotations

import numpy as np

from neuromod import reference_math
from neuromod.plan.groups import PACEMAKERS, Arrays
from neuromod.plan.network import NetworkPlan
from neuromod.plan.structure import GroupStructure, Variable


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
    return GroupStructure(PACEMAKERS, max(1, len(network.pacemakers)), variables, update=update, order=-2)


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
