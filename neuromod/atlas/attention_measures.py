"""Measures of answers to two stimuli of a trial, and of what was learned about them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuromod.store.reader import Results


def answer(results: Results, *, population: str, at_s: float, window_s: float = 0.3, last: int = 20) -> float:
    """Rate of a population, in Hz, in a window `at_s` after the begin of each of the last trials."""
    begins = np.asarray(results.trials()["begin"], np.float64)
    if last > begins.size:
        return float("nan")
    times, _ = results.spikes(population)
    first = begins[-last:] + at_s * 1e3
    spikes = np.searchsorted(times, first + window_s * 1e3) - np.searchsorted(times, first)
    return float(spikes.mean() / (window_s * results.size(population)))


def answer_ratio(
    results: Results, *, population: str, at_s: float, to_s: float, window_s: float = 0.3, last: int = 20
) -> float:
    """Rate (`answer`) at one moment of the last trials as a multiple of that at another."""
    one, other = (
        answer(results, population=population, at_s=moment, window_s=window_s, last=last)
        for moment in (at_s, to_s)
    )
    return one / other if other > 0 else float("nan")


def source_weight_ratio(
    results: Results, *, projection: str, channels: int, channel: int = 0, other: int = 1
) -> float:
    """Mean last weight of synapses from one channel of the source as a multiple of those from another."""
    weights = results.weights(projection)[1][-1]
    one, beside = (float(weights[_from(results, projection, channels) == k].mean()) for k in (channel, other))
    return one / beside if beside > 0 else float("nan")


def _from(results: Results, projection: str, channels: int) -> NDArray[np.int64]:
    """Channel of the source of each synapse."""
    population = results.provenance().projections[projection].source
    size = results.provenance().populations[population].size
    source = np.asarray(results.synapses(projection).source, np.int64)
    return source // (size // channels)
