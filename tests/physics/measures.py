"""What published results are stated in: rates, irregularity, rhythms, firing patterns. Times in s, rates in
Hz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BIN = 0.5e-3
"""Bins of the population rate (s) in which rhythms of spiking are sought."""
BURST_RATIO = 2.0
MIN_INTERVALS = 5


@dataclass(frozen=True)
class Train:
    """Spikes of a population: times (s, sorted) and the cells that fired (n,), of `size` cells."""

    times: Floats
    cells: Ints
    size: int

    def within(self, start: float, stop: float) -> Train:
        """The spikes in [start, stop)."""
        kept = (self.times >= start) & (self.times < stop)
        return Train(self.times[kept], self.cells[kept], self.size)

    def of(self, first: int, last: int) -> Train:
        """The spikes of cells `first` to `last - 1`, which keep their numbers."""
        kept = (self.cells >= first) & (self.cells < last)
        return Train(self.times[kept], self.cells[kept], last - first)

    def rate(self, start: float, stop: float) -> float:
        """Mean rate per cell in [start, stop)."""
        return float(self.within(start, stop).times.size / self.size / (stop - start))

    def intervals(self) -> list[Floats]:
        """Inter-spike intervals of every cell that fired."""
        order = np.lexsort((self.times, self.cells))
        times, cells = self.times[order], self.cells[order]
        return [np.diff(part) for part in np.split(times, np.flatnonzero(np.diff(cells)) + 1)]


def joined(*trains: Train) -> Train:
    """Several populations as one, their cells numbered one after the other."""
    offsets = np.cumsum([0, *(train.size for train in trains)])
    cells = np.concatenate([train.cells + offset for train, offset in zip(trains, offsets, strict=False)])
    times = np.concatenate([train.times for train in trains])
    order = np.argsort(times, kind="stable")
    return Train(times[order], cells[order], int(offsets[-1]))


def irregularity(train: Train) -> float:
    """Mean coefficient of variation of the intervals, over cells with more than five spikes."""
    return float(
        np.mean([part.std() / part.mean() for part in train.intervals() if part.size >= MIN_INTERVALS])
    )


def spiking_frequency(
    train: Train, start: float, stop: float, lowest: float = 5, highest: float = 400
) -> float:
    """Frequency at which the spectrum of the population rate, smoothed over five bins, is highest."""
    counts = np.histogram(train.times, np.arange(start, stop, BIN))[0]
    frequency = np.fft.rfftfreq(counts.size, BIN)
    power = np.convolve(np.abs(np.fft.rfft(counts - counts.mean())) ** 2, np.full(5, 0.2), "same")
    inside = (frequency > lowest) & (frequency < highest)
    return float(frequency[inside][np.argmax(power[inside])])


def pattern(times: Floats) -> str:
    """Firing pattern of one cell that gets a constant current from t = 0, by these rules in this order.

    Intervals of the second half of the response are late. Late intervals that differ by a factor of two or
    more are a regular burst. A first spike later than two late intervals, and a first interval longer than
    the late ones, are delayed. A late interval of at least 1.5 first ones is an initial burst where one step
    alone, from an interval to the next, is a factor of two or more, otherwise adapting. Anything else is
    tonic.
    """
    intervals = np.diff(times)
    late = intervals[intervals.size // 2 :]
    usual = float(np.median(late))
    if late.max() >= BURST_RATIO * late.min():
        return "regular_burst"
    if times[0] > 2 * usual and intervals[0] > usual:
        return "delayed"
    if usual >= 1.5 * intervals[0]:
        steps = intervals[1:] / intervals[:-1]
        return "initial_burst" if steps.max() >= BURST_RATIO else "adapting"
    return "tonic"
