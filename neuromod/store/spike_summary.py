"""The spikes of a population in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST_SPIKES = 3
"""Spikes that a neuron needs before its intervals have a spread."""


@dataclass(frozen=True)
class SpikeSummary:
    """Spikes of a population. `None`: too few spikes for this number.

    `rate_hz`: mean over neurons and time. `cv_isi`: standard deviation over mean of the inter-spike intervals
    of a neuron, averaged over neurons with at least three spikes.
    """

    population: str
    size: int
    spikes: int
    rate_hz: float | None
    cv_isi: float | None
    first_ms: float | None
    last_ms: float | None


def summarise(
    population: str, size: int, times_ms: NDArray[np.float64], ids: NDArray[np.int64], duration_ms: float
) -> SpikeSummary:
    """Summary of spikes in order of time: times (n,) in ms, local ids (n,)."""
    count = len(times_ms)
    rate = count / (size * duration_ms * 1e-3) if size and duration_ms > 0 else None
    first, last = (float(times_ms[0]), float(times_ms[-1])) if count else (None, None)
    return SpikeSummary(population, size, count, rate, mean_cv(times_ms, ids), first, last)


def mean_cv(times_ms: NDArray[np.float64], ids: NDArray[np.int64]) -> float | None:
    """Mean coefficient of variation of the intervals of the neurons with at least three spikes."""
    if len(ids) < FEWEST_SPIKES:
        return None
    neuron = np.unique(ids, return_inverse=True)[1]
    order = np.argsort(neuron, kind="stable")
    neuron, intervals = neuron[order], np.diff(times_ms[order])
    intervals, neuron = intervals[neuron[1:] == neuron[:-1]], neuron[1:][neuron[1:] == neuron[:-1]]
    n = np.bincount(neuron)
    enough = n >= FEWEST_SPIKES - 1
    if not enough.any():
        return None
    mean = np.bincount(neuron, intervals)[enough] / n[enough]
    deviation = intervals - (np.bincount(neuron, intervals) / np.maximum(n, 1))[neuron]
    variance = np.bincount(neuron, deviation**2)[enough] / n[enough]
    return float(np.mean(np.sqrt(variance) / mean))
