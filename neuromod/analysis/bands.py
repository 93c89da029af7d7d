"""Frequency bands, and the phase and amplitude of a signal within one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

Floats = NDArray[np.float64]
ORDER = 3
MIN_CYCLES = 3
"""A recording must hold as many cycles of the lowest frequency of a band, or its edges are all there is."""


@dataclass(frozen=True)
class Band:
    """Frequencies from `low_hz` to `high_hz`.

    Raises:
        ValueError: they are not positive and ascending.
    """

    low_hz: float
    high_hz: float

    def __post_init__(self) -> None:
        if not 0 < self.low_hz < self.high_hz < np.inf:
            raise ValueError(
                f"band: got {self.low_hz:g} to {self.high_hz:g} Hz, need positive, ascending frequencies"
            )

    def __str__(self) -> str:
        return f"{self.low_hz:g}-{self.high_hz:g} Hz"

    def holds(self, frequencies_hz: ArrayLike) -> NDArray[np.bool_]:
        """Which frequencies lie within the band, its ends included."""
        frequencies = np.asarray(frequencies_hz)
        return np.asarray((frequencies >= self.low_hz) & (frequencies <= self.high_hz))


def band_pass(values: ArrayLike, rate_hz: float, band: Band) -> Floats:
    """Butterworth filter of order 3, forwards and backwards, so without delay: (..., n), in the unit of
    `values`; time is the last axis.

    Raises:
        ValueError: the band reaches the Nyquist frequency, or fewer than three of its slowest cycles are
        there.
    """
    samples = np.asarray(values, dtype=np.float64)
    if band.high_hz >= rate_hz / 2:
        raise ValueError(f"band: got {band}, need less than {rate_hz / 2:g} Hz, half of the sampling rate")
    if samples.shape[-1] * band.low_hz < MIN_CYCLES * rate_hz:
        have = samples.shape[-1] / rate_hz
        raise ValueError(f"got {have:g} s, need {MIN_CYCLES / band.low_hz:.3g} s for the band {band}")
    sections = signal.butter(ORDER, [band.low_hz, band.high_hz], "band", fs=rate_hz, output="sos")
    return np.asarray(signal.sosfiltfilt(sections, samples))


def analytic(values: ArrayLike, rate_hz: float, band: Band) -> NDArray[np.complex128]:
    """Analytic signal (..., n) within a band: its angle is the phase, 0 at the peak of a cycle, its modulus
    the amplitude. Errors: as `band_pass`.
    """
    return np.asarray(signal.hilbert(band_pass(values, rate_hz, band)))


def phase(values: ArrayLike, rate_hz: float, band: Band) -> Floats:
    """Phase (..., n) in rad, from -pi to pi; 0 at the peak, +-pi at the trough."""
    return np.angle(analytic(values, rate_hz, band))


def amplitude(values: ArrayLike, rate_hz: float, band: Band) -> Floats:
    """Amplitude (..., n) in the unit of `values`: the envelope of the filtered signal."""
    return np.abs(analytic(values, rate_hz, band))
