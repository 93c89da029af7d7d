"""Rates, LFP, modulator levels and weights: `/neuromod/<kind>/<name>/{<variable>,time}`, compressed."""

from __future__ import annotations

import h5py

from neuromod.store.codec import describe_signal
from neuromod.store.layout import SINGLE, SegmentData, Signal, sample_times
from neuromod.store.objects import append, attributes, describe, dimension, group, growing
from neuromod.store.provenance import number_synapses

VALUES = {"rates": "rate", "lfp": "lfp", "modulators": "level", "weights": "weight"}
"""Name of the dataset with the samples, for each kind."""
_WHEN = {"rates": "start of the bin", "lfp": "start of the mean"}


class TraceWriter:
    """Writes one signal; NeXus attributes say how to plot it."""

    def __init__(self, parent: h5py.Group, signal: Signal, order: int, dt: float) -> None:
        self.signal, self.dt = signal, dt
        self.single = signal.kind in SINGLE
        name = VALUES[signal.kind]
        part = group(parent, signal.name)
        axes = ["time"] if self.single else ["time", "synapse"]
        attributes(part, {"NX_class": "NXdata", "signal": name, "axes": axes})
        self.values = growing(part, name, "f8", None if self.single else signal.columns, compressed=True)
        describe_signal(self.values, signal, order)
        self.time = growing(part, "time", "f8", None, compressed=True)
        describe(self.time, "ms", _WHEN.get(signal.kind, "time of the sample"))
        dimension(self.values, 0, self.time)
        if not self.single:
            dimension(self.values, 1, number_synapses(part, signal.columns))

    def append(self, block: SegmentData) -> None:
        """Add the samples of a block."""
        samples = block.signals[self.signal.key]
        append(self.time, sample_times(self.signal, len(self.values), len(samples), self.dt))
        append(self.values, samples[:, 0] if self.single else samples)

    def finish(self, stop: int) -> None:
        """Nothing is left to write."""
