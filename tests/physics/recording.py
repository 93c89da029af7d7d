"""Validation configs run the way a user runs them, and what came out as plain arrays."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neuromod.config.load import load
from neuromod.config.schema import Record
from neuromod.library.shipped import configs_root
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import Results, open_results
from tests.physics.measures import Floats, Train


@dataclass(frozen=True)
class Recording:
    """Spikes and LFP of one run, by population, and its weights, by projection: times (n,) in s and values
    (n, synapses); `channels` of k cells each are numbered in the order of the cells.
    """

    trains: Mapping[str, Train]
    lfp: Mapping[str, Floats]
    weights: Mapping[str, tuple[Floats, Floats]]
    kept: Mapping[tuple[str, str], Floats]
    """What was kept with the weights: (projection, variable) -> values (n, synapses)."""

    def rates(self, start: float, stop: float) -> dict[str, float]:
        """Mean rate of every population in [start, stop)."""
        return {name: train.rate(start, stop) for name, train in self.trains.items()}


def config(name: str) -> Path:
    """File of a validation config."""
    return configs_root() / "validation" / f"{name}.yaml"


def record(name: str, seed: int = 0, settings: Sequence[str] = ()) -> Recording:
    """Run a validation config with a seed and read its results; nothing is left on disk."""
    return record_file(config(name), seed, settings)


def record_file(path: Path, seed: int = 0, settings: Sequence[str] = ()) -> Recording:
    """Run a config with a seed and read its results; nothing is left on disk."""
    with tempfile.TemporaryDirectory(prefix="neuromod-validation-") as folder:
        summary = run(
            path,
            settings=[f"seed={seed}", *settings],
            output=Path(folder) / "run",
            progress=Silent(),
        )
        with open_results(summary.directory) as results:
            return _read(results, load(path).experiment.record)


def _read(results: Results, kept: Record) -> Recording:
    trains = {}
    for name, size in results.populations.items():
        times, cells = results.spikes(name)
        trains[name] = Train(times * 1e-3, cells.astype(np.int64), size)
    weights, beside = {}, {}
    for entry in kept.weights:
        times, values = results.weights(entry.projection)
        weights[entry.projection] = (times * 1e-3, values)
        for variable in entry.variables:
            beside[entry.projection, variable] = results.weights(entry.projection, variable)[1]
    return Recording(trains, {name: results.lfp(name)[1] for name in kept.lfp}, weights, beside)
