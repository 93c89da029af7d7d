"""Irregularity, variability and correlation of spike trains.

Times are in ms. `times_ms`: (n_spikes,) float64; `ids`: (n_spikes,) integers from 0 to size - 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def intervals(times_ms: ArrayLike, ids: ArrayLike, size: int) -> list[Floats]:
    """Interspike intervals of each neuron, in ms and in order; empty where there are fewer than two
    spikes.
    """
    order = np.lexsort((np.asarray(times_ms), np.asarray(ids)))
    sorted_times = np.asarray(times_ms, dtype=np.float64)[order]
    sorted_ids = np.asarray(ids, dtype=np.int64)[order]
    bounds = np.searchsorted(sorted_ids, np.arange(1, size))
    return [np.diff(part) for part in np.split(sorted_times, bounds)]


def interval_cv(times_ms: ArrayLike, ids: ArrayLike, size: int, min_spikes: int = 5) -> Floats:
    """Coefficient of variation of the interspike intervals of each neuron: (size,).

    1 for a Poisson train without refractoriness, 0 for a clock; NaN for fewer than `min_spikes` spikes.
    A drifting rate raises it; it is not a measure of irregularity for non-stationary activity (see
    `local_cv`).
    """
    enough = max(min_spikes, 3) - 1
    trains = intervals(times_ms, ids, size)
    return np.array([part.std() / part.mean() if part.size >= enough else np.nan for part in trains])


def local_cv(times_ms: ArrayLike, ids: ArrayLike, size: int, min_spikes: int = 5) -> Floats:
    """CV2 of each neuron, (size,): mean of 2 |b - a| / (a + b) over neighbouring intervals a, b (Holt 1996,
    doi 10.1152/jn.1996.75.5.1806). 1 for a Poisson train, also where its rate drifts slowly; NaN for fewer
    than `min_spikes` spikes.
    """
    enough = max(min_spikes, 3) - 1
    trains = intervals(times_ms, ids, size)
    return np.array(
        [
            np.mean(2 * np.abs(np.diff(part)) / (part[1:] + part[:-1])) if part.size >= enough else np.nan
            for part in trains
        ]
    )


def spike_counts(
    times_ms: ArrayLike, ids: ArrayLike, size: int, start_ms: float, stop_ms: float, window_ms: float
) -> NDArray[np.int64]:
    """Spikes of each neuron in successive windows, (size, windows); a last, partial window is left out.

    Raises:
        ValueError: the window is not positive or not within start and stop.
    """
    if not 0 < window_ms <= (stop_ms - start_ms) * (1 + 1e-12):
        raise ValueError(f"window_ms: got {window_ms:g}, need from 0 to {stop_ms - start_ms:g} ms")
    windows = int((stop_ms - start_ms) / window_ms + 1e-9)
    # A spike at k * dt may stand a rounding error below the edge that it lies on: it goes to the later one.
    at = np.floor((np.asarray(times_ms, np.float64) - start_ms) / window_ms + 1e-9).astype(np.int64)
    inside = (at >= 0) & (at < windows)
    flat = np.asarray(ids, np.int64)[inside] * windows + at[inside]
    return np.bincount(flat, minlength=size * windows).reshape(size, windows)


def fano_factors(counts: ArrayLike) -> Floats:
    """Variance over mean of the counts (size, windows) of each neuron, (size,): 1 for Poisson; NaN for a
    silent neuron or fewer than two windows. It depends on the length of the windows.
    """
    values = np.asarray(counts, np.float64)
    if values.shape[1] < 2:
        return np.full(len(values), np.nan)
    mean = values.mean(axis=1)
    variance = values.var(axis=1, ddof=1)
    return np.asarray(np.divide(variance, mean, out=np.full(len(values), np.nan), where=mean > 0))


def count_correlations(counts: ArrayLike) -> Floats:
    """Pearson correlation (size, size) of the counts (size, windows) of pairs of neurons; NaN with a neuron
    whose count never changes.
    """
    scores = _scores(np.asarray(counts, np.float64))
    return np.asarray(scores @ scores.T)


def mean_count_correlation(counts: ArrayLike) -> float:
    """Mean of `count_correlations` over all pairs of neurons whose counts change, without making the matrix;
    NaN for fewer than two.
    """
    scores = _scores(np.asarray(counts, np.float64))
    scores = scores[~np.isnan(scores[:, 0])] if scores.size else scores
    n = len(scores)
    return float(((scores.sum(axis=0) ** 2).sum() - n) / (n * (n - 1))) if n > 1 else float("nan")


def _scores(values: Floats) -> Floats:
    """Rows without their mean and of unit length; NaN for a constant row."""
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    scores = np.divide(centred, length, out=np.full(values.shape, np.nan), where=length > 1e-12)
    return np.asarray(scores)
