"""One network twice: hours passed at once, and the same hours step by step without any spike.

Cells fire only as they are told. The rules stand side by side on projections of their own, levels are away
from rest when the silence begins, and what is recorded is compared from its end on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import neuromod
from neuromod.store.reader import Results
from tests.physics.plasticity.bench import CELL

DT, AT, FACTOR = 1e-3, 1.0, 60.0
PRE, POST = 6, 4


def spikes(seed: int, cells: int, pairs: int) -> str:
    """Bursts in the first 0.95 s, as a file of a replay population."""
    random = np.random.default_rng(seed)
    steps = random.choice(np.arange(20, 950), size=(cells, pairs), replace=True)
    rows = sorted({(int(step), cell) for cell in range(cells) for step in steps[cell]})
    return "\n".join(["timestamps,node_ids", *(f"{step * DT * 1e3!r},{cell}" for step, cell in rows)]) + "\n"


def plastic(rule: Mapping[str, object]) -> dict[str, object]:
    """A projection of all pairs under a rule."""
    return {
        "receptor": "ampa",
        "connect": {"all_to_all": True},
        "weight": "0.35 nS",
        "delay": "2 ms",
        "plasticity": rule,
    }


PROJECTIONS = {
    "tag": plastic({"rule": "tag_capture", "parameters": {"A_plus": "0.03 nS"}}),
    "modulated": plastic({"rule": "tag_capture_modulated", "parameters": {"A_plus": "0.03 nS"}}),
    "scaling": plastic({"rule": "scaling", "parameters": {"rate": 0.001}}),
    "reward": plastic({"rule": "reward_stdp", "modulator": "dopamine"}),
    "both": plastic({"rule": "hippocampus", "also": [{"rule": "heterosynaptic"}]}),
}
KEPT = {"tag": ["z", "transmitted"], "modulated": ["z"], "scaling": [], "reward": [], "both": []}
CELLS = ["cell_tag_capture_p", "cell_tag_capture_modulated_p"]
PULSES = {
    "dopamine": [{"at": "0.2 s", "amount": 4}, {"at": "0.999 s", "amount": 3}],
    "noradrenaline": [{"at": "0.9 s", "amount": 2}],
    "acetylcholine": [{"at": "0.95 s", "amount": 1}],
    "cortisol": [{"at": "0.5 s", "amount": 30}],
}


def experiment(folder: Path, duration: float, extra: Mapping[str, object]) -> Path:
    """Write the config into an empty folder."""
    tags = list(PROJECTIONS)
    (folder / "models/neurons").mkdir(parents=True)
    (folder / "models/neurons/forced.yaml").write_text(json.dumps(CELL))
    for seed, (name, cells) in enumerate((("PRE", PRE), ("POST", POST))):
        (folder / f"{name}.csv").write_text(spikes(seed, cells, 25))
    cell = {"neuron": "forced", "region": "hippocampus"}
    config = {
        "neuromod": 1,
        "name": "advancing",
        "models": ["models"],
        "dt": f"{DT!r} s",
        "duration": f"{duration!r} s",
        "slow_factor": FACTOR,
        "guards": {"rate_limit": "100000 Hz", "silence": "ignore"},
        "populations": {
            "PRE": cell | {"size": PRE, "spikes": "PRE.csv"},
            "POST": cell | {"size": POST, "spikes": "POST.csv"},
        },
        "projections": {f"PRE->POST:{tag}": PROJECTIONS[tag] for tag in tags},
        "modulators": {name: {"hippocampus": {"pulses": given}} for name, given in PULSES.items()},
        "record": {
            "rates": None,
            "weights": [
                {"projection": f"PRE->POST:{tag}", "variables": KEPT[tag], "every": "1 s"} for tag in tags
            ],
            "states": [
                {"population": "POST", "variables": [name], "every": "1 s", "neurons": POST} for name in CELLS
            ],
            "modulators": {"every": "1 s", "drives": ["D1", "beta", "MR", "GR", "M1"]},
        },
    }
    path = folder / "advancing.yaml"
    path.write_text(json.dumps(config | dict(extra)))
    return path


def recorded(results: Results, moment: float) -> dict[str, np.ndarray]:
    """Everything that is sampled, at a moment (s)."""
    found = {}
    for signal in results.signals:
        times, values = results.signal(signal.key)
        found[signal.key] = np.atleast_1d(values[int(np.argmin(abs(times - moment * 1e3)))])
    return found


def run_both(folder: Path, hours: float, **more: object) -> tuple[Results, Results, float]:
    """Results with the hours passed at once and step by step, and the hours in simulated seconds."""
    span = hours * 3600 / FACTOR
    advances = {"advances": [{"at": f"{AT!r} s", "duration": f"{hours!r} h"}]}
    found = []
    for name, seconds, extra in (("once", AT + 3, advances), ("stepped", AT + span + 3, {})):
        path = experiment(folder / name, seconds, extra | more)
        found.append(neuromod.run(path, output=folder / name / "out"))
    return found[0], found[1], span
