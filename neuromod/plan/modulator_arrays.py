"""What fills the group `modulators`: one number per region for each of its variables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuromod import reference_math
from neuromod.plan.groups import Arrays
from neuromod.plan.modulators import (
    REGIONS,
    autoreceptors,
    columns,
    hill_power,
    modulators,
    owner,
    rows_by,
    used_receptors,
)
from neuromod.plan.network import CompartmentPlan, Floats, NetworkPlan, ReceptorDrive
from neuromod.plan.occupancy import drive, tonic_occupancy
from neuromod.plan.tonic import cleared, resting_level, setting


@dataclass(frozen=True)
class _Row:
    """Numbers of one compartment; the defaults keep a level where it is and release nothing."""

    level: float = 1.0
    tonic: float = 0.0
    tau: float = np.inf
    source: float = 0.0
    vmax: float = 0.0
    km: float = 1.0
    pool: float = 0.0
    tau_pool: float = np.inf
    quantum: float = 0.0


def modulator_arrays(network: NetworkPlan) -> Arrays:
    """Every array of the group at t = 0; a neuromodulator that a region lacks has the level 1 there."""
    arrays: Arrays = {}
    for name in modulators(network):
        plans = list(rows_by(network, name).values())
        arrays |= {f"{key}_{name}": values for key, values in _levels(plans, network.experiment.dt).items()}
        for receptor in autoreceptors(network, name):
            arrays[f"strength_{receptor}"] = np.array([_strength(plan, receptor) for plan in plans])
    for name in used_receptors(network):
        arrays |= _drives(network, name)
    wanted = set(columns(network))
    return {name: values for name, values in arrays.items() if name in wanted}


def held_still(network: NetworkPlan) -> dict[str, NDArray[np.bool_]]:
    """The arrays `group.variable` that say how much of a neuromodulator there is, and which of their entries
    the experiment holds at one level: no state of another run may move them.
    """
    found: dict[str, NDArray[np.bool_]] = {}
    for name in modulators(network):
        plans = rows_by(network, name).values()
        held = np.array([plan is not None and plan.held and plan.trace is None for plan in plans])
        found |= {f"{REGIONS}.{key}_{name}": held for key in ("level", "mid", "pool")}
    return found


def _row(plan: CompartmentPlan | None) -> _Row:
    if plan is None:
        return _Row()
    if plan.held:
        return _Row(level=plan.level)
    level = resting_level(plan)
    numbers = {"level": level, **dict([setting(plan, plan.level)])}
    if plan.uptake is None:
        numbers |= {"tau": plan.decay}
    else:
        numbers |= {"vmax": plan.uptake.vmax, "km": plan.uptake.km}
    if plan.rise:
        numbers |= {"tau_pool": plan.rise}
        numbers |= {"pool": cleared(plan, level) * plan.rise} if plan.release else {}
    return _Row(**numbers)


def _levels(plans: list[CompartmentPlan | None], dt: float) -> dict[str, Floats]:
    """Columns of one neuromodulator, those that it does not use included."""
    rows = [_row(plan) for plan in plans]
    own = {key: np.array([getattr(row, key) for row in rows]) for key in _Row.__dataclass_fields__}
    tau, tau_pool = own.pop("tau"), own.pop("tau_pool")
    clearance, filling = 1.0 / tau, 1.0 / tau_pool
    return own | {
        "mid": own["level"].copy(),
        "release": own["quantum"].copy(),
        "decay": reference_math.exp(-dt / tau),
        "half": reference_math.exp(-0.5 * dt / tau),
        "kept": reference_math.exp(-dt / tau_pool),
        "flow": flow(filling, clearance, dt),
        "half_flow": flow(filling, clearance, 0.5 * dt),
    }


def flow(filling: Floats, clearance: Floats, span: float | Floats) -> Floats:
    """Share of a pool that is in the level after `span` seconds, when the pool empties into it at the rate
    `filling` and it is cleared at the rate `clearance` (1/s): filling (e^-clearance span - e^-filling span) /
    (filling - clearance), also where both are (nearly) equal.
    """
    mean, apart = 0.5 * (filling + clearance) * span, 0.5 * (filling - clearance) * span
    square = apart * apart
    near = 1.0 + square / 6.0 * (1.0 + square / 20.0 * (1.0 + square / 42.0))
    divisor = np.where(np.abs(apart) < 0.1, 1.0, 2.0 * apart)
    far = (reference_math.exp(apart) - reference_math.exp(-apart)) / divisor
    sinh_over = np.where(np.abs(apart) < 0.1, near, far)
    return np.asarray(filling * span * reference_math.exp(-mean) * sinh_over)


def _strength(plan: CompartmentPlan | None, receptor: str) -> float:
    release = plan.release if plan else None
    return release.strength if release and release.autoreceptor == receptor else 0.0


def _drives(network: NetworkPlan, name: str) -> Arrays:
    """Columns of one receptor. A second messenger starts where the first level holds it."""
    plans = list(rows_by(network, owner(network, name)).values())
    found = [plan.receptors.get(name) if plan else None for plan in plans]
    known = next(entry for entry in found if entry is not None)
    entries = [entry or known for entry in found]
    power = hill_power(network, name)
    tonic = np.array([tonic_occupancy(entry, power) for entry in entries])
    levels = [_row(plan).level for plan in plans]
    start = np.array([drive(entry, level, power) for entry, level in zip(entries, levels, strict=True)])
    columns_ = {
        "rho": start,
        "K": np.array([entry.K for entry in entries]),
        "hill": np.array([entry.n for entry in entries]),
        "free": np.array([1.0 - entry.block for entry in entries]),
        "tonic_occupancy": tonic,
        "rise": 1.0 / (1.0 - tonic),
        "fall": 1.0 / tonic,
        "messenger": start.copy(),
        "slow": _kept(entries, network.experiment.dt),
        "half_slow": _kept(entries, 0.5 * network.experiment.dt),
    }
    return {f"{key}_{name}": values for key, values in columns_.items()}


def _kept(entries: list[ReceptorDrive], span: float) -> Floats:
    """What a second messenger keeps of its difference from the drive; nothing where there is none."""
    tau = np.array([entry.messenger for entry in entries])
    return np.where(tau > 0, reference_math.exp(-span / np.where(tau > 0, tau, 1.0)), 0.0)
