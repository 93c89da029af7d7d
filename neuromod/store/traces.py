"""Rates, LFP, modulators and synapses: `/neuromod/<kind>/<owner>/{<variable>,...,time}`, compressed."""

from __future__ import annotations

import h5py

from neuromod.store.codec import describe_signal
from neuromod.store.layout import MAIN, SINGLE, SegmentData, Signal, sample_times
from neuromod.store.objects import append, attributes, describe, dimension, group, growing
from neuromod.store.provenance import number_synapses

_WHEN = {"rates": "start of the bin", "lfp": "start of the mean"}


class TraceWriter:
    """Writes one signal; NeXus attributes say how to plot it. Signals of one owner share their axes."""

    def __init__(self, parent: h5py.Group, signal: Signal, order: int, dt: float) -> None:
        self.signal, self.dt = signal, dt
        self.single = signal.kind in SINGLE
        part = group(parent, signal.owner)
        columns = None if self.single else signal.columns
        self.values = growing(part, signal.variable, "f8", columns, compressed=True)
        describe_signal(self.values, signal, order)
        self.first = "time" not in part
        if self.first:
            time = growing(part, "time", "f8", None, compressed=True)
            describe(time, "ms", _WHEN.get(signal.kind, "time of the sample"))
        self.time = part["time"]
        dimension(self.values, 0, self.time)
        if not self.single:
            dimension(self.values, 1, number_synapses(part, signal.columns, signal.ids))
        _plottable(part, signal)

    def append(self, block: SegmentData) -> None:
        """Add the samples of a block."""
        samples = block.signals[self.signal.key]
        if self.first:
            append(self.time, sample_times(self.signal, len(self.values), len(samples), self.dt))
        append(self.values, samples[:, 0] if self.single else samples)

    def finish(self, stop: int) -> None:
        """Nothing is left to write."""


def _plottable(part: h5py.Group, signal: Signal) -> None:
    """Say what of an owner is drawn first, and what besides."""
    if signal.variable == MAIN[signal.kind] or "signal" not in part.attrs:
        axes = ["time"] if signal.kind in SINGLE else ["time", "synapse"]
        attributes(part, {"NX_class": "NXdata", "signal": signal.variable, "axes": axes})
        return
    part.attrs["auxiliary_signals"] = [*part.attrs.get("auxiliary_signals", ()), signal.variable]
