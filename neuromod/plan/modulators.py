"""The group `modulators`: one row per region, one set of columns per neuromodulator and receptor.

In each step `mid` is the level half-way through the step, the drives `rho` are those of `mid`, and then the
level moves by the whole step. Whatever follows a level or a drive in this step sees a constant.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from neuromod import reference_math
from neuromod.library.check_plasticity import drives_of
from neuromod.plan.groups import Arrays
from neuromod.plan.network import CompartmentPlan, NetworkPlan, ReceptorDrive
from neuromod.plan.structure import GroupStructure, Variable

REGIONS = "modulators"
LOWEST, HIGHEST = 1e-9, 1e9
"""Levels are limited to this range where a logarithm is taken."""
_LEVEL = ("level", "mid", "tonic", "decay", "half")
_DRIVE = ("rho", "K", "hill", "free", "tonic_occupancy", "rise", "fall")


def regions(network: NetworkPlan) -> list[str]:
    """Regions with any compartment, in the order of the rows."""
    return list(dict.fromkeys(plan.region for plan in network.compartments.values()))


def region_row(network: NetworkPlan, region: str) -> int:
    """Row of a region in the group."""
    return regions(network).index(region)


def modulators(network: NetworkPlan) -> list[str]:
    """Neuromodulators with any compartment, in the order of the columns."""
    return list(dict.fromkeys(plan.modulator for plan in network.compartments.values()))


def used_receptors(network: NetworkPlan) -> list[str]:
    """Receptors whose drive a rule, an effect or the recording follows, in the order of the columns."""
    rules = [rule for projection in network.projections.values() for rule in projection.rules]
    wanted = {name for rule in rules for name in drives_of(rule.template)}
    wanted |= {effect.receptor for effect in network.effects}
    record = network.experiment.record.modulators
    if record is not None and not isinstance(record.drives, str):
        wanted |= set(record.drives)
    known = [name for plan in network.compartments.values() for name in plan.receptors]
    return [name for name in dict.fromkeys(known) if name in wanted]


def modulator_group(network: NetworkPlan) -> GroupStructure:
    """Levels relax exactly to their tonic value; pulses are added by the timeline."""
    update = []
    for name in modulators(network):
        update.append(f"mid_{name} = tonic_{name} + (level_{name} - tonic_{name})*half_{name}")
    for name in used_receptors(network):
        update += _drive(name, _owner(network, name))
    for name in modulators(network):
        update.append(f"level_{name} = tonic_{name} + (level_{name} - tonic_{name})*decay_{name}")
    names = [f"{part}_{name}" for name in modulators(network) for part in _LEVEL]
    names += [f"{part}_{name}" for name in used_receptors(network) for part in _DRIVE]
    variables = tuple(Variable(name) for name in names)
    return GroupStructure(REGIONS, len(regions(network)), variables, update=tuple(update), order=-2)


def _owner(network: NetworkPlan, receptor: str) -> str:
    """The neuromodulator that binds to a receptor."""
    return next(plan.modulator for plan in network.compartments.values() if receptor in plan.receptors)


def _drive(receptor: str, modulator: str) -> list[str]:
    """Hill occupancy of the free receptors, and the signed drive."""
    limited = f"clip(mid_{modulator}, {LOWEST!r}, {HIGHEST!r})"
    bound, excess = f"bound_{receptor}", f"excess_{receptor}"
    return [
        f"{bound} = exp(hill_{receptor}*log({limited}/K_{receptor}))",
        f"{excess} = free_{receptor}*({bound}/(1.0 + {bound})) - tonic_occupancy_{receptor}",
        f"rho_{receptor} = positive({excess})*rise_{receptor} - positive(-{excess})*fall_{receptor}",
    ]


def tonic_occupancy(K: float, n: float) -> float:
    """Occupancy at the level 1, by the operations that the program uses, so that its drive is exactly 0."""
    bound = reference_math.exp(n * reference_math.log(np.array([1.0 / K])))
    return float((bound / (1.0 + bound))[0])


def modulator_arrays(network: NetworkPlan) -> Arrays:
    """Levels start at their tonic value; where a region lacks a neuromodulator, it stays at 1."""
    rows = regions(network)
    arrays: Arrays = {}
    for name in modulators(network):
        plans = [network.compartments.get(f"{name}.{region}") for region in rows]
        levels = np.array([plan.level if plan else 1.0 for plan in plans])
        taus = np.array([plan.decay if plan else 1.0 for plan in plans])
        dt = network.experiment.dt
        arrays |= {
            f"level_{name}": levels.copy(),
            f"mid_{name}": levels.copy(),
            f"tonic_{name}": levels,
            f"decay_{name}": reference_math.exp(-dt / taus),
            f"half_{name}": reference_math.exp(-0.5 * dt / taus),
        }
    for name in used_receptors(network):
        owner = _owner(network, name)
        found = [_receptor(network.compartments.get(f"{owner}.{region}"), name) for region in rows]
        known = next(entry for entry in found if entry is not None)
        arrays |= _drive_arrays(name, [entry or known for entry in found])
    return arrays


def _receptor(plan: CompartmentPlan | None, name: str) -> ReceptorDrive | None:
    return plan.receptors.get(name) if plan else None


def _drive_arrays(name: str, entries: list[ReceptorDrive]) -> Arrays:
    tonic = np.array([tonic_occupancy(entry.K, entry.n) for entry in entries])
    columns: Mapping[str, np.ndarray] = {
        "rho": np.zeros(len(entries)),
        "K": np.array([entry.K for entry in entries]),
        "hill": np.array([entry.n for entry in entries]),
        "free": np.array([1.0 - entry.block for entry in entries]),
        "tonic_occupancy": tonic,
        "rise": 1.0 / (1.0 - tonic),
        "fall": 1.0 / tonic,
    }
    return {f"{key}_{name}": values for key, values in columns.items()}
