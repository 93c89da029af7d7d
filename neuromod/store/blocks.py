"""Segments cut again into blocks of a fixed number of steps: where a segment ended leaves no trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from neuromod.store.layout import Layout, SegmentData

TARGET_BYTES = 8 << 20
ASSUMED_RATE_HZ = 20.0

Arrays = list[NDArray[np.generic]]


def block_steps(layout: Layout) -> int:
    """Steps of a block that holds about 8 MiB; a function of the layout alone."""
    sampled = sum(8 * signal.columns / signal.every for signal in layout.signals)
    spikes = sum(16 * source.size * ASSUMED_RATE_HZ * layout.dt for source in layout.spikes)
    return max(1, min(1 << 31, int(TARGET_BYTES / (sampled + spikes + 1e-3))))


def blocks(segments: Iterable[SegmentData], layout: Layout, steps: int) -> Iterator[SegmentData]:
    """The data of consecutive segments in blocks of `steps` steps; the last block is what remains.

    A block that ends at step E has the spikes before E, and the samples whose whole interval lies before E
    and that no earlier block had. Which data are in which block thus never depends on where a segment ended.
    """
    pending = _Pending(layout)
    for segment in segments:
        pending.add(segment)
        while pending.stop - pending.start >= steps:
            yield pending.take(pending.start + steps, last=False)
    yield pending.take(pending.stop, last=True)


class _Pending:
    """Data that have been read and not yet given out."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.start = self.stop = 0
        self.spikes: dict[str, tuple[Arrays, Arrays]] = {
            source.population: ([], []) for source in layout.spikes
        }
        self.signals: dict[str, Arrays] = {signal.key: [] for signal in layout.signals}
        self.given = dict.fromkeys(self.signals, 0)
        self.trials: Arrays = []

    def add(self, segment: SegmentData) -> None:
        """Put a segment behind what is there."""
        for population, (steps, ids) in self.spikes.items():
            new = segment.spikes[population]
            steps.append(new[0])
            ids.append(new[1])
        for key, samples in self.signals.items():
            samples.append(segment.signals[key])
        self.trials.append(segment.trials)
        self.stop = segment.stop

    def take(self, stop: int, *, last: bool) -> SegmentData:
        """What belongs before step `stop`; with `last` everything."""
        spikes, signals = {}, {}
        for population, (steps, ids) in self.spikes.items():
            times, cells = _joined(steps, np.empty(0, np.int64)), _joined(ids, np.empty(0, np.int32))
            cut = int(np.searchsorted(times, stop))
            spikes[population] = times[:cut].astype(np.int64), cells[:cut].astype(np.int32)
            steps[:], ids[:] = [times[cut:]], [cells[cut:]]
        for signal in self.layout.signals:
            waiting = self.signals[signal.key]
            samples = _joined(waiting, np.empty((0, signal.columns)))
            cut = len(samples) if last else signal.complete(stop) - self.given[signal.key]
            self.given[signal.key] += cut
            signals[signal.key] = samples[:cut].astype(np.float64)
            waiting[:] = [samples[cut:]]
        block = SegmentData(self.start, stop, spikes, signals, self._rows(last=last))
        self.start = stop
        return block

    def _rows(self, *, last: bool) -> NDArray[np.float64]:
        """All trials with the last block: they are few."""
        width = len(self.layout.trials.columns) if self.layout.trials else 0
        parts = self.trials if last and width else []
        return np.concatenate([np.zeros((0, width)), *(part.reshape(-1, width) for part in parts)])


def _joined(parts: Arrays, empty: NDArray[np.generic]) -> NDArray[np.generic]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else empty
