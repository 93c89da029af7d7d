"""Spikes and reports as SONATA, the way libsonata and BMTK read it: uncompressed, chunked, times in ms."""

from __future__ import annotations

import h5py
import numpy as np
from numpy.typing import NDArray

from neuromod.store.codec import describe_signal
from neuromod.store.layout import SegmentData, Signal, SpikeSource, milliseconds, sample_times
from neuromod.store.objects import append, array, attributes, describe, dimension, group, growing

MAGIC = 0x0A7A
VERSION = (0, 1)
SORTING = {"none": 0, "by_id": 1, "by_time": 2}


def mark_root(file: h5py.File) -> None:
    """The attributes by which a SONATA file is known."""
    attributes(file, {"magic": np.uint32(MAGIC), "version": np.array(VERSION, np.uint32)})


class SpikeWriter:
    """`/spikes/<population>/{timestamps,node_ids}`."""

    def __init__(self, parent: h5py.Group, source: SpikeSource, dt: float) -> None:
        self.source, self.dt = source, dt
        part = group(parent, source.population)
        part.attrs.create("sorting", SORTING["by_time"], dtype=h5py.enum_dtype(SORTING, basetype="u1"))
        part.attrs["size"] = source.size
        elements = int(np.clip(1 << (64 * source.size - 1).bit_length(), 1024, 65536))
        self.times = growing(part, "timestamps", "f8", None, compressed=False, elements=elements)
        self.ids = growing(part, "node_ids", "u8", None, compressed=False, elements=elements)
        describe(self.times, "ms", "start of the step in which the threshold was crossed")
        describe(self.ids, "1", f"neuron of {source.population}, from 0")
        dimension(self.ids, 0, self.times)

    def append(self, block: SegmentData) -> None:
        """Add the spikes of a block."""
        steps, ids = block.spikes[self.source.population]
        append(self.times, milliseconds(steps, self.dt))
        append(self.ids, ids.astype(np.uint64))

    def finish(self, stop: int) -> None:
        """Nothing is left to write."""


class ReportWriter:
    """`/report/<population>_<variable>/{data,mapping}`, with coordinates `sample_time` and `neuron`.

    The data are float32, as SONATA defines them: libsonata reads no others.
    """

    def __init__(self, parent: h5py.Group, signal: Signal, order: int, dt: float) -> None:
        self.signal, self.dt = signal, dt
        part = group(parent, signal.name)
        attributes(part, {"NX_class": "NXdata", "signal": "data", "axes": ["sample_time", "neuron"]})
        self.data = growing(part, "data", "f4", signal.columns, compressed=False)
        describe_signal(self.data, signal, order)
        self.time = describe(
            growing(part, "sample_time", "f8", None, compressed=False), "ms", "time of the sample"
        )
        ids = np.array(signal.ids, np.uint64)
        neuron = array(part, "neuron", ids, "1", f"neuron of {signal.owner}, from 0", compressed=False)
        dimension(self.data, 0, self.time)
        dimension(self.data, 1, neuron)
        self.mapping = group(part, "mapping")
        self._map(ids)

    def _map(self, ids: NDArray[np.uint64]) -> None:
        """Every neuron has one element: element 0 at position 0."""
        columns = len(ids)
        nodes = array(self.mapping, "node_ids", ids, "1", "neuron of each column", compressed=False)
        pointers = np.arange(columns + 1, dtype=np.uint64)
        first = array(
            self.mapping, "index_pointers", pointers, "1", "first column of each neuron", compressed=False
        )
        first.make_scale("index_pointers")
        self.mapping["index_pointer"] = first
        elements = np.zeros(columns, np.uint32), np.zeros(columns, np.float32)
        for name, values in zip(("element_ids", "element_pos"), elements, strict=True):
            column = array(
                self.mapping,
                name,
                values,
                "1",
                "part of the neuron: point neurons have one",
                compressed=False,
            )
            dimension(column, 0, nodes)

    def append(self, block: SegmentData) -> None:
        """Add the samples of a block."""
        samples = block.signals[self.signal.key]
        append(self.time, sample_times(self.signal, len(self.data), len(samples), self.dt))
        append(self.data, samples)

    def finish(self, stop: int) -> None:
        """Write the time axis, whose end is known only now."""
        every = float(milliseconds(self.signal.every, self.dt))
        start = float(milliseconds(self.signal.first, self.dt))
        axis = np.array([start, _end(start, every, len(self.data)), every])
        array(
            self.mapping, "time", axis, "ms", "start, stop and interval of the samples", compressed=False
        ).make_scale("time")


def _end(start: float, every: float, samples: int) -> float:
    """Stop of the time axis; BMTK computes the number of samples as `int((stop - start) / every)`."""
    stop = start + samples * every
    while int((stop - start) / every) < samples:
        stop = float(np.nextafter(stop, np.inf))
    return stop
