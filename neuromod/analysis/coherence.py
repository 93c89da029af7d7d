"""How steadily two rhythms keep their phase difference: coherence and phase-locking value.

Signals are (n,) or (trials, n), both sampled at `rate_hz`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neuromod.analysis.bands import Band, Floats, phase
from neuromod.analysis.spectra import HALF_BANDWIDTH_HZ, WINDOW_S, cut, samples_of, slepian, tapered


@dataclass(frozen=True)
class Coherence:
    """Magnitude-squared coherence (n,) at frequencies (n,) in Hz, and the phase (n,) in rad by which the
    first signal is ahead. `level`: independent signals exceed it at a given frequency with probability alpha.
    `estimates`: windows times tapers; independent signals have a mean coherence of 1 / estimates.
    """

    frequencies_hz: Floats
    squared: Floats
    phase_rad: Floats
    level: float
    estimates: int


def coherence(
    first: ArrayLike,
    second: ArrayLike,
    rate_hz: float,
    window_s: float = WINDOW_S,
    half_bandwidth_hz: float = HALF_BANDWIDTH_HZ,
    alpha: float = 0.05,
) -> Coherence:
    """Multitaper coherence in windows that do not overlap; level after Carter 1987 (doi
    10.1109/PROC.1987.13723): 1 - alpha^(1 / (estimates - 1)).

    Raises:
        ValueError: the shapes differ, the signals are shorter than a window, or the bandwidth leaves no
        taper.
    """
    x, y = _spectra(first, second, rate_hz, window_s, half_bandwidth_hz)
    estimates = x.shape[0] * x.shape[1]
    cross, squared = _squared(x, y)
    frequencies = np.fft.rfftfreq(round(window_s * rate_hz), 1 / rate_hz)
    level = significance_level(estimates, alpha)
    return Coherence(frequencies, squared, np.angle(cross), level, estimates)


def significance_level(estimates: int, alpha: float = 0.05) -> float:
    """Coherence that so many independent estimates of independent signals exceed with probability alpha."""
    return float(1 - alpha ** (1 / (estimates - 1))) if estimates > 1 else 1.0


def shuffled_coherence(
    first: ArrayLike,
    second: ArrayLike,
    rate_hz: float,
    rng: np.random.Generator,
    draws: int = 200,
    window_s: float = WINDOW_S,
    half_bandwidth_hz: float = HALF_BANDWIDTH_HZ,
) -> tuple[Floats, Floats]:
    """Coherence of signals whose windows (or trials) are paired anew: frequencies (n,) and (draws, n).

    What remains is locked to the begin of the windows, such as a common input: not an exchange between the
    two. Raises ValueError as `coherence`, and where there are fewer than two windows.
    """
    x, y = _spectra(first, second, rate_hz, window_s, half_bandwidth_hz)
    values = np.array([_squared(x, y[order])[1] for order in derangements(len(x), rng, draws)])
    return np.fft.rfftfreq(round(window_s * rate_hz), 1 / rate_hz), values


def phase_locking_value(first: ArrayLike, second: ArrayLike, rate_hz: float, band: Band) -> float:
    """Length of the mean vector of the phase difference within a band (Lachaux 1999,
    doi 10.1002/(SICI)1097-0193(1999)8:4<194::AID-HBM4>3.0.CO;2-C): 0 to 1, amplitudes do not matter.

    Positive for independent signals too, the more so the shorter they are. Errors: as `bands.band_pass`.
    """
    turned = phase(first, rate_hz, band) - phase(second, rate_hz, band)
    return float(abs(np.exp(1j * turned).mean()))


def derangements(size: int, rng: np.random.Generator, draws: int) -> NDArray[np.int64]:
    """Orders (draws, size) in which nothing keeps its place.

    Raises:
        ValueError: fewer than two things.
    """
    if size < 2:
        raise ValueError(f"trials: got {size}, need two or more to pair them anew")
    orders = np.empty((draws, size), np.int64)
    for k in range(draws):
        orders[k] = rng.permutation(size)
        while (orders[k] == np.arange(size)).any():
            orders[k] = rng.permutation(size)
    return orders


def _spectra(
    first: ArrayLike, second: ArrayLike, rate_hz: float, window_s: float, half_bandwidth_hz: float
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    if np.shape(first) != np.shape(second):
        raise ValueError(f"got signals of shapes {np.shape(first)} and {np.shape(second)}, need equal ones")
    length = samples_of(first, rate_hz, window_s)
    tapers = slepian(length, rate_hz, half_bandwidth_hz)
    x, y = (tapered(cut(values, length, length), tapers) for values in (first, second))
    return x, y


def _squared(x: NDArray[np.complex128], y: NDArray[np.complex128]) -> tuple[NDArray[np.complex128], Floats]:
    """Cross spectrum and coherence (n,); 0 at frequencies without power."""
    cross = (x * y.conj()).mean(axis=(0, 1))
    power = (np.abs(x) ** 2).mean(axis=(0, 1)) * (np.abs(y) ** 2).mean(axis=(0, 1))
    squared = np.divide(np.abs(cross) ** 2, power, out=np.zeros(power.shape), where=power > 0)
    return cross, squared
