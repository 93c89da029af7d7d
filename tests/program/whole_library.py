"""One experiment that uses every neuron, receptor, input, rule and neuromodulator that models/ has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from neuromod.library.registry import Library
from neuromod.library.shipped import open_library
from tests.physics.plasticity.shipped import shipped_use

_DRIVEN = {"poisson": {"receptor": "ampa"}, "poisson_current": {"receptor": "current_exponential"}}
_WEIGHTS = {"nS": "2 nS", "pA": "20 pA", "mV": "0.5 mV"}
_PLASTIC = {"nS": "ampa", "pA": "current_exponential", "mV": "delta"}


def whole_library(folder: Path) -> Path:
    """Write the experiment, of 0.3 s, into a folder; each model is in what its name says."""
    library = open_library()
    spikes = "\n".join(["timestamps,node_ids", *(f"{5 + 7 * k},{k % 6}" for k in range(40))])
    (folder / "listed.csv").write_text(spikes + "\n")
    config = {
        "neuromod": 1,
        "name": "whole_library",
        "duration": "300 ms",
        "seed": 3,
        "guards": {"silence": "ignore", "rate_limit": "1000 Hz"},
        "pacemakers": {"theta": {"frequency": "7 Hz"}},
        "modulators": {
            name: {"cortex": _level(k)} for k, name in enumerate(library.names("neuromodulators"))
        },
        "populations": _populations(library),
        "projections": _projections(library),
        "record": {"spikes": "all", "modulators": {"every": "1 ms"}},
    }
    (folder / "whole_library.yaml").write_text(json.dumps(config, indent=1))
    return folder / "whole_library.yaml"


def _level(number: int) -> dict[str, Any]:
    return {"pulses": [{"at": f"{30 + 20 * number} ms", "amount": 3, "every": "90 ms", "times": 3}]}


def _populations(library: Library) -> dict[str, Any]:
    found: dict[str, Any] = {"SOURCE": _cells("poisson_cell") | {"parameters": {"rate": "40 Hz"}}}
    for name in library.names("neurons"):
        neuron = library.neuron(name)
        found[name] = _cells(name)
        found[name] |= {"spikes": "listed.csv"} if neuron.replay else {}
        found[name] |= {"pacemaker": "theta"} if neuron.pacemaker else {}
        if "I_bias" in neuron.parameters:
            found[name]["parameters"] = {"I_bias": "300 pA"}
    for name in library.names("inputs"):
        drive: dict[str, Any] = {"input": name, **_DRIVEN.get(name, {})}
        found[f"with_{name}"] = _cells("lif") | {"inputs": {"drive": drive}}
    return found


def _cells(neuron: str) -> dict[str, Any]:
    return {"neuron": neuron, "size": 6, "region": "cortex"}


def _projections(library: Library) -> dict[str, Any]:
    found = {}
    for name in library.names("synapses"):
        target = "lif_exact" if name == "delta" else "adex"
        found[f"SOURCE->{target}:{name}"] = _projection(name, _WEIGHTS[library.synapse(name).weight])
    for name in library.names("plasticity"):
        use, unit = shipped_use(name), library.plasticity(name).parameters["w_max"].unit
        given = {"rule": name, "modulator": use.modulator, "pacemaker": use.pacemaker}
        plasticity = {key: value for key, value in given.items() if value is not None}
        found[f"SOURCE->lif:{name}"] = _projection(_PLASTIC[unit], "0.1 " + unit) | {"plasticity": plasticity}
    for name in library.names("neurons"):
        found[f"{name}->izhikevich"] = _projection("ampa", "1 nS")
    return found


def _projection(receptor: str, weight: str) -> dict[str, Any]:
    return {"receptor": receptor, "connect": {"probability": 0.6}, "weight": weight, "delay": "1.5 ms"}
