"""Firing rates, from arrays of spike times and neuron ids.

Times are in ms, rates in Hz. `times_ms`: (n_spikes,) float64, ascending; `ids`: (n_spikes,) integers from 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def mean_rates(ids: ArrayLike, size: int, duration_ms: float) -> Floats:
    """Mean rate of each neuron over the whole duration: (size,) Hz, 0 for a silent neuron."""
    if duration_ms <= 0:
        raise ValueError(f"duration_ms: got {duration_ms:g}, need a positive number")
    return np.bincount(np.asarray(ids, dtype=np.int64), minlength=size) / (duration_ms * 1e-3)


def population_rate(
    times_ms: ArrayLike, size: int, start_ms: float, stop_ms: float, bin_ms: float
) -> tuple[Floats, Floats]:
    """Spikes per neuron and second in bins [start, start + bin), ...; a last, partial bin is left out.

    Returns (n_bins,) centres in ms and (n_bins,) rates in Hz.
    """
    if size < 1 or bin_ms <= 0 or stop_ms < start_ms:
        raise ValueError(
            f"got size {size}, bin_ms {bin_ms:g}, window {start_ms:g} to {stop_ms:g} ms;"
            " need a positive size and bin, and a window that does not end before it starts"
        )
    count = int((stop_ms - start_ms) / bin_ms + 1e-9)
    centres = start_ms + bin_ms * (np.arange(count, dtype=np.float64) + 0.5)
    # A spike at k * dt may stand a rounding error below the edge that it lies on: it goes to the later bin.
    positions = np.floor((np.asarray(times_ms, dtype=np.float64) - start_ms) / bin_ms + 1e-9).astype(np.int64)
    inside = positions[(positions >= 0) & (positions < count)]
    rates = np.bincount(inside, minlength=count) / (size * bin_ms * 1e-3)
    return centres, rates


def psth(
    times_ms: ArrayLike, onsets_ms: ArrayLike, size: int, before_ms: float, after_ms: float, bin_ms: float
) -> tuple[Floats, Floats]:
    """Peri-stimulus time histogram, one row per onset; the trial mean is `rows.mean(axis=0)`.

    Returns (n_bins,) bin centres relative to the onset in ms and (n_onsets, n_bins) rates in Hz.
    """
    times = np.asarray(times_ms, dtype=np.float64)
    count = int((before_ms + after_ms) / bin_ms + 1e-9)
    rows = [
        population_rate(times - onset, size, -before_ms, after_ms, bin_ms)[1]
        for onset in np.asarray(onsets_ms, dtype=np.float64)
    ]
    centres = -before_ms + bin_ms * (np.arange(count, dtype=np.float64) + 0.5)
    return centres, np.array(rows).reshape(len(rows), count)


def smooth(rates: ArrayLike, bin_ms: float, sigma_ms: float) -> Floats:
    """Gaussian smoothing of (n_bins,) rates; near the ends the kernel is cut and its weights sum to 1 again.

    A constant rate stays constant up to the ends; not causal: onsets appear earlier by about sigma.
    """
    values = np.asarray(rates, dtype=np.float64)
    if 8 * sigma_ms < bin_ms or not values.size:
        return values.copy()  # neighbours would weigh less than 1e-13
    reach = int(np.ceil(4 * sigma_ms / bin_ms))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * bin_ms / sigma_ms) ** 2)
    inner = slice(reach, reach + values.size)
    weight = np.convolve(np.ones_like(values), kernel)[inner]
    return np.asarray(np.convolve(values, kernel)[inner] / weight)
