"""The results file of a finished run: all segments in one HDF5 file, under logical names (see docs/results.md).

Content does not depend on where segments began: datasets are filled piece by piece, chunked by fixed sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from neuromod.store.atomic import commit_file
from neuromod.store.directory import RunDirectory
from neuromod.store.layout import LAYOUT_VERSION, Layout, SegmentData, Signal
from neuromod.store.segments import read_segments

SONATA_MAGIC = 0x0A7A
ROWS_PER_CHUNK = 65_536
_SORTING = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")
_PACKED = {"compression": "gzip", "compression_opts": 4, "shuffle": True}


@dataclass(frozen=True)
class Provenance:
    """Where results come from. `run` holds all that may differ between equal runs: times, host, durations.

    `populations`, `projections`: one mapping of plain values each. `synapses`: projection -> (source, target) ids of the
    synapses whose weights are recorded, in the order of the weights' columns.
    """

    config_text: str
    resolved_config: str
    plan: str
    structure: str
    seed: int
    versions: Mapping[str, str]
    commit: str = ""
    populations: Mapping[str, Mapping[str, str | int | float]] = field(default_factory=dict)
    synapses: Mapping[str, tuple[NDArray[np.int32], NDArray[np.int32]]] = field(default_factory=dict)
    run: Mapping[str, str | int | float] = field(default_factory=dict)


def write_results(directory: RunDirectory, layout: Layout, provenance: Provenance) -> Path:
    """Merge the segments of a run into its results file and commit it.

    Raises:
        DamagedDataError: a segment is damaged or missing. StorageError: writing failed.
    """

    def fill(file: h5py.File) -> None:
        writer = _Writer(file, layout, provenance)
        for data in read_segments(directory.path, layout):
            writer.append(data)
        writer.finish()

    commit_file(directory.results, fill)
    return directory.results


class _Writer:
    def __init__(self, file: h5py.File, layout: Layout, provenance: Provenance) -> None:
        self.file, self.layout, self.provenance = file, layout, provenance
        self.dt_ms = layout.dt * 1e3
        self.steps = 0
        file.attrs["magic"] = np.uint32(SONATA_MAGIC)
        file.attrs["version"] = np.array([0, 1], np.uint32)
        file.attrs["layout"] = LAYOUT_VERSION
        file.attrs["default"] = "neuromod"
        for source in layout.spikes:
            self._create_spikes(source.population)
        self.datasets = {signal.key: self._create(signal) for signal in layout.signals}

    def _create_spikes(self, population: str) -> None:
        group = self.file.create_group(f"spikes/{population}", track_order=True)
        group.attrs.create("sorting", 2, dtype=_SORTING)
        for name, dtype, unit in (("timestamps", "f8", "ms"), ("node_ids", "u8", None)):
            made = group.create_dataset(name, (0,), dtype, maxshape=(None,), chunks=(ROWS_PER_CHUNK,))
            if unit:
                made.attrs["units"] = unit
            made.attrs["long_name"] = "time of the step in which V crossed" if unit else "local id of the neuron"

    def _create(self, signal: Signal) -> h5py.Dataset:
        if signal.kind == "report":
            return self._create_report(signal)
        single = signal.columns == 1
        path = f"neuromod/{signal.kind}/{signal.owner}"
        name = {"weights": "weight", "rates": "rate", "lfp": "lfp", "modulators": "level"}[signal.kind]
        group = self.file.create_group(path, track_order=True)
        rows = max(1, ROWS_PER_CHUNK // signal.columns)
        shape, largest = ((0,), (None,)) if single else ((0, signal.columns), (None, signal.columns))
        chunks = (rows,) if single else (rows, signal.columns)
        made = group.create_dataset(name, shape, "f8", maxshape=largest, chunks=chunks, **_PACKED)
        _describe(made, signal.unit, signal.long_name)
        group.attrs["NX_class"], group.attrs["signal"] = "NXdata", name
        group.attrs["axes"] = ["time"] if single else ["time", "synapse"]
        if signal.owner in self.provenance.synapses:
            for end, ids in zip(("source", "target"), self.provenance.synapses[signal.owner], strict=True):
                _describe(group.create_dataset(end, data=ids, **_PACKED), "1", f"local id of the {end} neuron")
        return made

    def _create_report(self, signal: Signal) -> h5py.Dataset:
        group = self.file.create_group(f"report/{signal.owner}_{signal.variable}", track_order=True)
        rows = max(1, ROWS_PER_CHUNK // signal.columns)
        shape, chunks = (0, signal.columns), (rows, signal.columns)
        made = group.create_dataset("data", shape, "f4", maxshape=(None, signal.columns), chunks=chunks)
        _describe(made, signal.unit, f"{signal.long_name} of {signal.owner}")
        mapping = group.create_group("mapping", track_order=True)
        mapping["node_ids"] = np.array(signal.ids, np.uint64)
        mapping["index_pointers"] = np.arange(signal.columns + 1, dtype=np.uint64)
        mapping["index_pointer"] = mapping["index_pointers"]
        mapping["element_ids"] = np.zeros(signal.columns, np.uint32)
        mapping["element_pos"] = np.full(signal.columns, 0.5)
        return made

    def append(self, data: SegmentData) -> None:
        """Add one segment."""
        for population, (steps, ids) in data.spikes.items():
            group = self.file[f"spikes/{population}"]
            _extend(group["timestamps"], steps * self.dt_ms)
            _extend(group["node_ids"], ids.astype(np.uint64))
        for signal in self.layout.signals:
            values = data.signals[signal.key]
            target = self.datasets[signal.key]
            _extend(target, values[:, 0] if target.ndim == 1 else values)
        self.steps = data.stop

    def finish(self) -> None:
        """Time axes, then everything about where the results come from."""
        for signal in self.layout.signals:
            data = self.datasets[signal.key]
            step = signal.every * self.dt_ms
            start = signal.first * self.dt_ms
            if signal.kind == "report":
                times = np.array([start, start + len(data) * step, step])
                made = data.parent["mapping"].create_dataset("time", data=times)
                made.attrs["units"] = "ms"
            else:
                made = data.parent.create_dataset("time", data=start + np.arange(len(data)) * step, **_PACKED)
                _describe(made, "ms", "beginning of the interval" if signal.kind in ("rates", "lfp") else "time")
                made.make_scale("time")
                data.dims[0].attach_scale(made)
        self._provenance()

    def _provenance(self) -> None:
        p = self.provenance
        root = self.file.require_group("neuromod")
        root.attrs["NX_class"] = "NXentry"
        for name, text, what in (
            ("config", p.config_text, "config file as it was read"),
            ("resolved_config", p.resolved_config, "config after composition, JSON"),
            ("plan", p.plan, "resolved plan, JSON"),
        ):
            root.create_dataset(name, data=text).attrs["long_name"] = what
        root.attrs["seed"], root.attrs["structure"], root.attrs["commit"] = p.seed, p.structure, p.commit
        root.attrs["dt_ms"], root.attrs["duration_ms"] = self.dt_ms, self.steps * self.dt_ms
        versions = root.create_group("versions", track_order=True)
        versions.attrs.update(dict(p.versions))
        populations = root.create_group("populations", track_order=True)
        for name, facts in p.populations.items():
            populations.create_group(name).attrs.update(dict(facts))
        root.create_group("run", track_order=True).attrs.update(dict(p.run))


def _describe(dataset: h5py.Dataset, unit: str, long_name: str) -> None:
    dataset.attrs["units"], dataset.attrs["long_name"] = unit, long_name


def _extend(dataset: h5py.Dataset, values: NDArray[np.float64] | NDArray[np.uint64]) -> None:
    if len(values):
        start = len(dataset)
        dataset.resize(start + len(values), axis=0)
        dataset[start:] = values
