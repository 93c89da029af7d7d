"""Measures of what inputs at the phases of a fast rhythm come to, and of the window that the rhythm leaves.

Inputs at n phases all around a cycle are the populations NAME_0 to NAME_(n-1), each with a projection of its
own onto one target.
"""

from __future__ import annotations

import math

import numpy as np

from neuromod.atlas.weight_measures import amplitude, weight_change
from neuromod.store.reader import Floats, Results

DROPPED_MS = 1000
"""Begin of a run that is left out of counts of spikes."""
LONGEST_MS = 100
"""Lag up to which coincidences are counted."""


def cycle_gain(
    results: Results, *, inputs: str, beside: str, target: str, phases: int, turn: float = 0
) -> float:
    """Change of the weights of inputs at the best phase, as a multiple of the mean change of the inputs
    `beside`. The best phase is where the cosine that fits the changes at all phases is highest; `turn`
    degrees away from it, where that is given.
    """
    changes, other = (_changes(results, name, target, phases) for name in (inputs, beside))
    if not other.mean():
        return math.nan
    return float((changes.mean() + amplitude(changes) * math.cos(math.radians(turn))) / other.mean())


def coincidence_width(results: Results, *, population: str) -> float:
    """Width of the lags around 0, in ms, at which two spikes of a population come more often than by chance,
    which is at the square of the mean rate. NaN where even those of the same millisecond do not, or where
    those up to 0.1 s apart all do.
    """
    times, _ = results.spikes(population)
    counts = np.histogram(times, np.arange(DROPPED_MS, int(results.duration_ms) + 1))[0].astype(np.float64)
    excess = _pairs(counts) / counts.mean() ** 2 - 1 if counts.any() else np.zeros(1)
    beyond = np.flatnonzero(excess < 0)
    if not beyond.size or beyond[0] == 0:
        return math.nan
    last = beyond[0] - 1
    return float(2 * (last + excess[last] / (excess[last] - excess[last + 1])))


def _changes(results: Results, name: str, target: str, phases: int) -> Floats:
    """`weight_change` of the inputs at each phase."""
    names = [f"{name}_{phase}->{target}" for phase in range(phases)]
    return np.array([weight_change(results, projection=projection) for projection in names])


def _pairs(counts: Floats) -> Floats:
    """Mean number of pairs of spikes 0, 1, ... ms apart; a spike is no pair with itself."""
    lags = range(min(LONGEST_MS, counts.size - 1) + 1)
    pairs = [float(np.mean(counts[: counts.size - lag] * counts[lag:])) for lag in lags]
    return np.array([pairs[0] - counts.mean(), *pairs[1:]])
