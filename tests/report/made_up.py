"""A run that is made up from numbers and has everything that a report shows, under names of one's choice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from neuromod.store.layout import Layout, SegmentData, Signal, SpikeSource
from neuromod.store.provenance import PopulationInfo, ProjectionInfo, Provenance, SynapseIds
from neuromod.store.results import write_results
from neuromod.store.segments import write_segment
from tests.analysis.planted import coupled, pink

SECONDS = 12
STEPS = SECONDS * 10_000
SIZES = {"PYR": 40, "PV": 10, "DA": 5}
RATES_HZ = {"PYR": 4.0, "PV": 12.0, "DA": 5.0}
REGIONS = {"PYR": "hippocampus", "PV": "hippocampus", "DA": "midbrain"}
SYNAPSES = 30

RECORDED = {*SIZES, "dopamine", "DA->PYR"}
"""Names of which something was recorded."""

Rename = Callable[[str], str]


def plain(text: str) -> str:
    """The name as it is."""
    return text


def made_up(folder: Path, name: Rename = plain, *, finished: bool = True) -> Path:
    """A run directory: two fields with theta, of which one has gamma nested in it, a neuromodulator with a
    drive, weights that grow, and two stimuli. `name` is applied to everything that a file may choose.
    """
    layout, data = _recorded(name)
    folder.mkdir()
    write_segment(folder, 0, layout, data)
    if finished:
        write_results(folder, layout, _origin(name))
    return folder


def _signals(name: Rename) -> dict[str, Signal]:
    modulator = name("dopamine") + "_hippocampus"
    weights = name("DA->PYR")
    return {
        "pyr": Signal("lfp", name("PYR"), "lfp", "pA", "LFP proxy", 10, 1),
        "pv": Signal("lfp", name("PV"), "lfp", "pA", "LFP proxy", 10, 1),
        "level": Signal("modulators", modulator, "level", "1", "level", 100, 1),
        "drive": Signal("modulators", modulator, "rho_D1", "1", "drive", 100, 1),
        "weights": Signal("weights", weights, "weight", "nS", "weights", 10_000, SYNAPSES, bounds=(0.0, 1.0)),
    }


def _recorded(name: Rename) -> tuple[Layout, SegmentData]:
    rng = np.random.default_rng(3)
    spikes = {}
    for population, size in SIZES.items():
        steps, ids = np.nonzero(rng.random((STEPS // 10, size)) < RATES_HZ[population] * 1e-3)
        spikes[name(population)] = 10 * steps.astype(np.int64), ids.astype(np.int32)
    signals = _signals(name)
    theta = coupled(rng, SECONDS, jitter=0.0, noise=0.3)
    time = np.arange(STEPS // 100) / 100
    level = 1 + 4 * np.exp(-((time - 5) % SECONDS) / 0.5)
    grown = 0.3 + 0.4 * np.linspace(0, 1, SECONDS)[:, None] * rng.random(SYNAPSES)
    values = {
        "pyr": 100 + 20 * theta,
        "pv": 80 + 10 * np.roll(theta, 20) + 5 * pink(rng, SECONDS),
        "level": level,
        "drive": (level - 1) / (level + 1),
        "weights": grown,
    }
    data = {signal.key: values[key].reshape(-1, signal.columns) for key, signal in signals.items()}
    sources = tuple(SpikeSource(name(population), size) for population, size in SIZES.items())
    return Layout(1e-4, sources, tuple(signals.values())), SegmentData(0, STEPS, spikes, data)


def _origin(name: Rename) -> Provenance:
    rng = np.random.default_rng(7)
    ends = [rng.integers(0, SIZES[end], SYNAPSES, np.int32) for end in ("DA", "PYR")]
    projections = {
        "PYR->PV": ProjectionInfo(name("PYR"), name("PV"), name("ampa"), 200),
        "PV->PYR": ProjectionInfo(name("PV"), name("PYR"), name("gaba"), 400),
        "DA->PYR": ProjectionInfo(name("DA"), name("PYR"), name("ampa"), SYNAPSES),
    }
    return Provenance(
        config_text=f"name: made_up\ndescription: {name('text')}\n",
        resolved_config=json.dumps({"description": name("text")}),
        plan=json.dumps(plan(name)),
        structure_key="0123abcd",
        versions={"neuromod": "0.1.0", "numpy": "2.5"},
        seed=7,
        commit="0123456789ab",
        populations={
            name(population): PopulationInfo(size, name(REGIONS[population]), name("adex"))
            for population, size in SIZES.items()
        },
        projections={name(key): info for key, info in projections.items()},
        synapses={name("DA->PYR"): SynapseIds(*ends)},
        run={"host": name("here"), "started": name("today"), "seconds": 1.5},
    )


def plan(name: Rename = plain) -> dict[str, object]:
    """The plan of the run as a results file has it."""
    targets = {"PYR": [1, 5], "PV": [20, 30]}
    return {
        "name": name("made up"),
        "description": name("two populations"),
        "duration_s": SECONDS,
        "populations": {
            name(key): {
                "target_rate_hz": limits,
                "target_evidence": name("M"),
                "target_source": name("a book"),
            }
            for key, limits in targets.items()
        },
        "projections": {
            name("PYR->PV"): {"sign": "excitatory", "rules": []},
            name("PV->PYR"): {"sign": "inhibitory", "rules": []},
            name("DA->PYR"): {"sign": "excitatory", "rules": [name("stdp")]},
        },
        "modulators": {
            "x": {
                "modulator": name("dopamine"),
                "region": name("hippocampus"),
                "level": 1,
                "held": False,
                "nucleus": name("DA"),
                "receptors": [name("D1")],
            }
        },
        "events": {name("cue"): [2.0, 5.0, 8.0], name("reward"): [5.0]},
        "notices": [name("a remark")],
    }
