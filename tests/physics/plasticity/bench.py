"""The same plastic synapses in the engine and in the reference: forced cells, listed spikes, listed edges.

A `Bench` is the data of one network: cells PRE and POST that fire only as their spike lists say, and one
projection per `Pathway`. Its `experiment` is a config with models of its own; its `expected` are the weights
of the reference. Benches that differ in numbers only share one compiled program.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

import neuromod
from neuromod.store.reader import Results
from tests.physics.plasticity.brute_force import Outcome, Synapses, simulate
from tests.physics.plasticity.rule import number, read_rule
from tests.physics.plasticity.signals import Modulator, Signals

CELL = {
    "kind": "neuron",
    "title": "Cell that fires as its list says",
    "description": "Takes current, but fires only when `fire` is set.",
    "evidence": "D",
    "parameters": {
        "tau": {"unit": "ms", "default": "20 ms", "description": "membrane time constant"},
        "gL": {"unit": "nS", "default": "10 nS", "description": "leak conductance"},
    },
    "state": {
        "V": {"unit": "mV", "derivative": "(I/gL - V)/tau", "initial": "0 mV"},
        "fire": {"unit": "1"},
    },
    "threshold": "fire > 0.5",
    "reset": ["fire = 0"],
    "replay": True,
}
RECEPTORS = {"nS": "ampa", "pA": "current_exponential", "mV": "delta"}


@dataclass(frozen=True)
class Use:
    """One rule on a pathway, as data of a model file, with the parameters of the projection.

    A shipped rule is found by its name; for all others a file is written.
    """

    name: str
    text: Mapping
    parameters: Mapping[str, str] = field(default_factory=dict)
    modulator: str | None = None
    pacemaker: str | None = None
    tick: str | None = None
    shipped: bool = False


@dataclass(frozen=True)
class Pathway:
    """Synapses under rules: cells (n,), weights (n,) in `unit`, their delay in steps."""

    rules: tuple[Use, ...]
    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    delay: int
    unit: str = "nS"

    def order(self, source: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Where the synapses stand in columns of these cells."""
        place = {pair: k for k, pair in enumerate(zip(source.tolist(), target.tolist(), strict=True))}
        return np.array(
            [place[pair] for pair in zip(self.pre.tolist(), self.post.tolist(), strict=True)], int
        )


@dataclass(frozen=True)
class Bench:
    """Everything that is given: spikes as (step, cell), levels, phases (Hz, rad), pathways by tag."""

    dt: float
    steps: int
    cells: tuple[int, int]
    spikes: tuple[list[tuple[int, int]], list[tuple[int, int]]]
    pathways: Mapping[str, Pathway]
    modulators: Mapping[str, Modulator] = field(default_factory=dict)
    pacemakers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    every: int = 1
    precision: str = "double"
    conductances: bool = False
    """Whether g_ampa of POST is kept as well."""
    record: bool = True
    """Whether weights are kept."""
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def reads(self) -> range:
        """Steps at which weights are sampled."""
        return range(0, self.steps, self.every)

    def experiment(self, folder: Path) -> Path:
        """Write config, models, spikes and edges into an empty folder."""
        _write(folder / "models/neurons/forced.yaml", CELL)
        for use in (use for pathway in self.pathways.values() for use in pathway.rules):
            if not use.shipped:
                _write(folder / f"models/plasticity/{use.name}.yaml", use.text)
        for name, modulator in self.modulators.items():
            _write(folder / f"models/neuromodulators/{name}.yaml", _modulator_text(name, modulator))
        for side, spikes in zip(("PRE", "POST"), self.spikes, strict=True):
            lines = [f"{step * self.dt * 1e3!r},{cell}" for step, cell in spikes]
            (folder / f"{side}.csv").write_text("\n".join(["timestamps,node_ids", *lines]) + "\n")
        for tag, pathway in self.pathways.items():
            self._edges(folder / f"{tag}.h5", pathway)
        _write(folder / "bench.yaml", self._config())
        return folder / "bench.yaml"

    def run(self, folder: Path, backend: str = "cpp") -> Results:
        """The results of the engine."""
        folder.mkdir()
        return neuromod.run(self.experiment(folder), output=folder / "out", backend=backend)

    def weights(self, results: Results, tag: str) -> np.ndarray:
        """Weights (samples, n) of the engine, in the order of the pathway."""
        ids = results.synapses(f"PRE->POST:{tag}")
        return results.weights(f"PRE->POST:{tag}")[1][:, self.pathways[tag].order(ids.source, ids.target)]

    def expected(self, tag: str, *, leap: bool = False, clears: Collection[int] = ()) -> Outcome:
        """The reference, with eligibilities cleared at some steps; its weights are in SI units."""
        pathway = self.pathways[tag]
        scale = number(f"1 {pathway.unit}")
        rules = [
            (
                read_rule(use.text, use.parameters, slow_factor=self.slow_factor, tick=use.tick),
                self._signals(use),
            )
            for use in pathway.rules
        ]
        synapses = Synapses(
            pathway.pre, pathway.post, pathway.weight * scale, np.full(pathway.pre.size, pathway.delay)
        )
        return simulate(rules, synapses, *self.spikes, self.steps, self.reads, leap=leap, clears=clears)

    def expected_weights(self, tag: str, *, leap: bool = False, clears: Collection[int] = ()) -> np.ndarray:
        """Weights (samples, n) of the reference, in the unit of the pathway."""
        return self.expected(tag, leap=leap, clears=clears).rows() / number(f"1 {self.pathways[tag].unit}")

    @property
    def slow_factor(self) -> float:
        """By which slow times are divided."""
        return float(self.extra.get("slow_factor", 60.0))

    def _signals(self, use: Use) -> Signals:
        phase = self.pacemakers[use.pacemaker] if use.pacemaker else None
        return Signals(self.dt, self.modulators, use.modulator, phase)

    def _edges(self, path: Path, pathway: Pathway) -> None:
        with h5py.File(path, "w") as file:
            group = file.create_group("edges/all")
            group["source_node_id"], group["target_node_id"] = pathway.pre, pathway.post
            group["0/syn_weight"] = pathway.weight

    def _config(self) -> dict:
        forced = {"neuron": "forced", "region": "cortex"}
        return {
            "neuromod": 1,
            "name": "bench",
            "models": ["models"],
            "dt": f"{self.dt!r} s",
            "duration": f"{self.steps * self.dt!r} s",
            "precision": self.precision,
            "guards": {"silence": "ignore", "rate_limit": "100000 Hz"},
            "populations": {
                side: forced | {"size": size, "spikes": f"{side}.csv"}
                for side, size in zip(("PRE", "POST"), self.cells, strict=True)
            },
            "projections": {
                f"PRE->POST:{tag}": _projection(tag, pathway, self.dt)
                for tag, pathway in self.pathways.items()
            },
            "modulators": {name: {"cortex": self._compartment(m)} for name, m in self.modulators.items()},
            "pacemakers": {
                name: {"frequency": f"{frequency!r} Hz", "phase": phase}
                for name, (frequency, phase) in self.pacemakers.items()
            },
            "record": self._record(),
        } | dict(self.extra)

    def _record(self) -> dict:
        every = f"{self.every * self.dt!r} s"
        kept: dict[str, object] = {"spikes": "all", "rates": None, "modulators": None}
        if self.record:
            kept["weights"] = [{"projection": f"PRE->POST:{tag}", "every": every} for tag in self.pathways]
        if self.conductances:
            states = {"population": "POST", "variables": ["g_ampa"], "neurons": self.cells[1]}
            kept["states"] = [states | {"every": f"{self.dt!r} s"}]
        return kept

    def _compartment(self, modulator: Modulator) -> dict:
        pulses = [{"at": f"{step * self.dt!r} s", "amount": amount} for step, amount in modulator.pulses]
        return {"level": modulator.tonic, "decay": f"{modulator.decay!r} s", "pulses": pulses}


def _projection(tag: str, pathway: Pathway, dt: float) -> dict:
    blocks = [_block(use) for use in pathway.rules]
    return {
        "receptor": RECEPTORS[pathway.unit],
        "connect": {"edges": f"{tag}.h5"},
        "delay": f"{pathway.delay * dt!r} s",
        "plasticity": blocks[0] | ({"also": blocks[1:]} if len(blocks) > 1 else {}),
    }


def _block(use: Use) -> dict:
    block = {"rule": use.name, "parameters": dict(use.parameters)}
    given = {"modulator": use.modulator, "pacemaker": use.pacemaker, "tick": use.tick}
    return block | {key: value for key, value in given.items() if value is not None}


def _modulator_text(name: str, modulator: Modulator) -> dict:
    receptors = {
        key: {"K": receptor.K, "n": receptor.n, "description": key}
        for key, receptor in modulator.receptors.items()
    }
    return {
        "kind": "neuromodulator",
        "title": name,
        "description": "For tests only.",
        "evidence": "D",
        "decay": {"cortex": "1 s"},
        "receptors": receptors,
    }


def _write(path: Path, data: Mapping) -> None:
    """JSON is YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1))
