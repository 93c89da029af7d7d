"""The network of a config as arrays for the peers: planned by us, so that all simulate the same one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import exchange
import numpy as np

from neuromod.config.load import load
from neuromod.plan.connectivity import connect
from neuromod.plan.expand import expand
from neuromod.plan.network import NetworkPlan
from neuromod.simulation.execute import library_of

MS, MV, PA, NS = 1e-3, 1e-3, 1e-12, 1e-9


def planned(config: Path, settings: Sequence[str]) -> exchange.Network:
    """Cells, drives, first voltages, pulses and connections of `plasticity.yaml` or one that extends it."""
    loaded = load(config, settings)
    plan = expand(loaded, library_of(loaded))
    cells = [plan.populations[name] for name in ("E", "I")]
    return exchange.Network(
        numbers=_numbers(plan),
        drive=np.concatenate([np.broadcast_to(p.parameters["I_bias"], p.size) for p in cells]) / PA,
        voltage=np.concatenate([p.initial["V"] for p in cells]) / MV,
        pulses=np.array([c.step * plan.experiment.dt / MS for c in plan.timeline if c.add]).round(6),
        plastic=_pairs(plan, "E"),
        static=_pairs(plan, "I"),
    )


def _numbers(plan: NetworkPlan) -> exchange.Numbers:
    cell, projection = plan.populations["E"], plan.projections["E->E"]
    p, rule = cell.parameters, projection.rules[0].parameters
    compartment = next(iter(plan.compartments.values()))
    return exchange.Numbers(
        excitatory=cell.size,
        tau_m=_one(p["tau_m"]) / MS,
        leak=_one(p["gL"]) / NS,
        rest=_one(p["EL"]) / MV,
        threshold=_one(p["VT"]) / MV,
        reset=_one(p["Vr"]) / MV,
        refractory=_one(p["tref"]) / MS,
        tau_excitatory=cell.receptors["current_exponential"].parameters["tau"] / MS,
        tau_inhibitory=cell.receptors["current_inhibitory"].parameters["tau"] / MS,
        delay=_one(projection.uniform_delay) / MS,
        weight=_one(np.unique(connect(plan, "E->E").weight)) / PA,
        inhibition=_one(np.unique(connect(plan, "I->E").weight)) / PA,
        highest=rule["w_max"] / PA,
        A_plus=rule["A_plus"] / PA,
        A_minus=rule["A_minus"] / PA,
        tau_plus=rule["tau_plus"] / MS,
        tau_c=rule["tau_c"] / MS,
        tau_dopamine=compartment.decay / MS,
        increment=next(change.value for change in plan.timeline if change.add) * rule["eta"],
    )


def _one(value: object) -> float:
    """A single number; a spread one has no place in `Numbers`."""
    return round(float(np.asarray(value).item()), 15)


def _pairs(plan: NetworkPlan, source: str) -> np.ndarray:
    """Pairs of cells (n, 2) of both projections of a population, E onto E before E onto I."""
    first = {"E": 0, "I": plan.populations["E"].size}
    parts = [(target, connect(plan, f"{source}->{target}")) for target in ("E", "I")]
    i = np.concatenate([edges.i for _, edges in parts]) + first[source]
    j = np.concatenate([edges.j + first[target] for target, edges in parts])
    return np.stack([i, j], axis=1).astype(np.int32)
