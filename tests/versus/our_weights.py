"""The weights of the rule `nest_dopamine` in networks with forced spikes: one config for all networks.

A step of ours ends where the time stamp of NEST's spike is: a spike that NEST stamps with t falls into the
step that begins at t - dt. So does a pulse, which arrives at the end of its step.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import neuromod
from tests.versus.nest_weights import Weights
from tests.versus.networks import DURATION, STEP, Network, Train

CELLS = 2
MS_PER_S = 1000.0
TICK = "50 ms"
TARGET_CELL = """
kind: neuron
extends: replay_cell
title: Cell that fires at listed times and can have synapses
description: What arrives moves V, which does nothing.
evidence: D
parameters:
  C: {unit: pF, default: {value: 200 pF, evidence: D}, description: membrane capacitance}
state:
  V: {unit: mV, description: membrane potential, derivative: I/C}
"""


def our_weights(folder: Path, networks: Sequence[Network]) -> Weights:
    """Weights at the presynaptic spikes, one column for each synapse."""
    (folder / "models" / "neurons").mkdir(parents=True, exist_ok=True)
    (folder / "models" / "neurons" / "target_cell.yaml").write_text(TARGET_CELL)
    config = folder / "networks.yaml"
    config.write_text(json.dumps(_config(folder, networks)))
    found: Weights = {}
    with neuromod.run(config, output=folder / "run") as results:
        for number, net in enumerate(networks):
            name = f"PRE{number}->POST{number}"
            ids = results.synapses(name)
            times, weights = results.weights(name)
            rows = {round(time / STEP): k for k, time in enumerate(times.tolist())}
            for column, (i, j) in enumerate(zip(ids.source.tolist(), ids.target.tolist(), strict=True)):
                at = {time: float(weights[rows[round(time / STEP)], column]) for time in net.pre[i]}
                found[number, i, j] = at
    return found


def _config(folder: Path, networks: Sequence[Network]) -> dict[str, object]:
    populations: dict[str, object] = {}
    projections: dict[str, object] = {}
    compartments: dict[str, object] = {}
    sides = (("PRE", "pre", "replay_cell"), ("POST", "post", "target_cell"))
    for number, net in enumerate(networks):
        for side, trains, neuron in ((side, getattr(net, key), neuron) for side, key, neuron in sides):
            name = f"{side}{number}"
            _write_spikes(folder / f"{name}.csv", trains)
            populations[name] = {
                "neuron": neuron,
                "size": CELLS,
                "region": f"region{number}",
                "spikes": f"{name}.csv",
            }
        projections[f"PRE{number}->POST{number}"] = _projection(folder, number, net)
        compartments[f"region{number}"] = _compartment(net)
    return {
        "neuromod": 1,
        "name": "networks",
        "models": ["models"],
        "duration": f"{DURATION} ms",
        "dt": f"{STEP} ms",
        "populations": populations,
        "projections": projections,
        "modulators": {"dopamine": compartments},
        "record": {
            "spikes": "none",
            "rates": None,
            "weights": [{"projection": name, "every": f"{STEP} ms"} for name in projections],
        },
    }


def _write_spikes(path: Path, trains: Sequence[Train]) -> None:
    lines = [f"{time - STEP:.1f} {cell}" for cell, train in enumerate(trains) for time in train]
    path.write_text("\n".join(["timestamps node_ids", *lines]) + "\n")


def _projection(folder: Path, number: int, net: Network) -> dict[str, object]:
    """All pairs, with the weights of the network from an edges file."""
    path = folder / f"edges{number}.h5"
    _write_edges(path, net.weights)
    ms = {name: f"{getattr(net, name)!r} ms" for name in ("tau_plus", "tau_minus", "tau_c")}
    pA = {name: f"{getattr(net, name)!r} pA" for name in ("A_plus", "A_minus")}
    bounds = {"w_min": f"{net.low!r} pA", "w_max": f"{net.high!r} pA"}
    return {
        "receptor": "current_exponential",
        "connect": {"edges": path.name},
        "delay": f"{net.delay} ms",
        "plasticity": {
            "rule": "nest_dopamine",
            "modulator": "dopamine",
            "tick": TICK,
            "parameters": {**ms, **pA, **bounds, "b": net.b * MS_PER_S},
        },
    }


def _write_edges(path: Path, weights: np.ndarray) -> None:
    import h5py

    source, target = np.indices(weights.shape)
    with h5py.File(path, "w") as file:
        group = file.create_group("edges/all")
        group["source_node_id"], group["target_node_id"] = source.ravel(), target.ravel()
        group["edge_type_id"] = np.zeros(weights.size, np.int64)
        group["0/syn_weight"] = weights.ravel()


def _compartment(net: Network) -> dict[str, object]:
    """NEST's n, in 1/s instead of 1/ms, as a level: 0 at first, 1/tau_n more at each dopamine spike."""
    arrivals = Counter(round(time + net.dopamine_delay, 1) for train in net.dopamine for time in train)
    pulses = [
        {"at": f"{time - STEP:.1f} ms", "amount": count * MS_PER_S / net.tau_n}
        for time, count in sorted(arrivals.items())
    ]
    return {"level": 0, "decay": f"{net.tau_n!r} ms", "pulses": pulses}
