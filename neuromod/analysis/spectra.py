"""Power spectra of regularly sampled signals: Welch, multitaper, spectrogram, band power.

Signals are (n,) float64 or (trials, n), sampled at `rate_hz`; frequencies are in Hz, densities in
unit^2/Hz of the signal's unit, one-sided. Every window loses its mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

from neuromod.analysis.bands import Band, Floats

WINDOW_S = 2.0
HALF_BANDWIDTH_HZ = 1.0
HANN_OVERLAP = 1 / 6
"""Correlation of the estimates from two Hann windows that overlap by half."""


@dataclass(frozen=True)
class Spectrum:
    """Power density (n,) at frequencies (n,), each estimate distributed as chi-squared with `dof` degrees of
    freedom about the truth; `neighbours[k]`: correlation of estimates k frequencies apart, for white noise.
    """

    frequencies_hz: Floats
    power: Floats
    dof: float
    neighbours: Floats


def welch(values: ArrayLike, rate_hz: float, window_s: float = WINDOW_S) -> Spectrum:
    """Mean over Hann windows that overlap by half (Welch 1967, doi 10.1109/TAU.1967.1161901).

    Raises:
        ValueError: the signal is shorter than a window.
    """
    length = samples_of(values, rate_hz, window_s)
    pieces = cut(values, length, length // 2)
    taper = signal.windows.hann(length, sym=False)[None]
    power = _density(tapered(pieces, taper), rate_hz).mean(axis=(0, 1))
    count = len(pieces)
    dof = 2 * count / (1 + 2 * HANN_OVERLAP**2 * (count - 1) / count)
    return Spectrum(np.fft.rfftfreq(length, 1 / rate_hz), power, dof, neighbours(taper))


def multitaper(
    values: ArrayLike,
    rate_hz: float,
    window_s: float = WINDOW_S,
    half_bandwidth_hz: float = HALF_BANDWIDTH_HZ,
) -> Spectrum:
    """Mean over Slepian tapers and over windows that do not overlap (Thomson 1982,
    doi 10.1109/PROC.1982.12433). A line is spread over +-`half_bandwidth_hz`.

    Raises:
        ValueError: the signal is shorter than a window, or the bandwidth leaves no taper.
    """
    length = samples_of(values, rate_hz, window_s)
    tapers = slepian(length, rate_hz, half_bandwidth_hz)
    pieces = cut(values, length, length)
    power = _density(tapered(pieces, tapers), rate_hz).mean(axis=(0, 1))
    dof = 2.0 * len(pieces) * len(tapers)
    return Spectrum(np.fft.rfftfreq(length, 1 / rate_hz), power, dof, neighbours(tapers))


def band_power(spectrum: Spectrum, band: Band) -> float:
    """Integral of the density over a band, in unit^2: the variance of the signal within it.

    Raises:
        ValueError: the band is not within the spectrum.
    """
    frequencies = spectrum.frequencies_hz
    if band.high_hz > frequencies[-1]:
        raise ValueError(f"band: got {band}, the spectrum ends at {frequencies[-1]:g} Hz")
    inner = frequencies[(frequencies > band.low_hz) & (frequencies < band.high_hz)]
    points = np.concatenate([[band.low_hz], inner, [band.high_hz]])
    return float(np.trapezoid(np.interp(points, frequencies, spectrum.power), points))


def spectrogram(
    values: ArrayLike, rate_hz: float, window_s: float = 0.5, step_s: float = 0.05
) -> tuple[Floats, Floats, Floats]:
    """Density in Hann windows moved by `step_s`: frequencies (f,) in Hz, centres (t,) in s after the first
    sample, and power (f, t) in unit^2/Hz.

    Raises:
        ValueError: the signal is shorter than a window.
    """
    length = samples_of(values, rate_hz, window_s)
    step = max(1, round(step_s * rate_hz))
    pieces = cut(values, length, step)
    power = _density(tapered(pieces, signal.windows.hann(length, sym=False)[None]), rate_hz)[:, 0]
    times: Floats = np.asarray((np.arange(len(pieces)) * step + (length - 1) / 2) / rate_hz)
    return np.fft.rfftfreq(length, 1 / rate_hz), times, power.T


def samples_of(values: ArrayLike, rate_hz: float, window_s: float) -> int:
    """Samples of a window; of two at least.

    Raises:
        ValueError: the signal is shorter.
    """
    length, have = round(window_s * rate_hz), np.shape(values)[-1]
    if not 2 <= length <= have:
        raise ValueError(f"window_s: got {window_s:g} s, the signal lasts {have / rate_hz:g} s")
    return length


def cut(values: ArrayLike, length: int, step: int) -> Floats:
    """Windows (k, length) that begin every `step` samples, of every trial; what is left at the end is not
    used.
    """
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(values, np.float64), length, axis=-1)
    return np.asarray(windows[..., ::step, :]).reshape(-1, length)


def slepian(length: int, rate_hz: float, half_bandwidth_hz: float) -> Floats:
    """The tapers (k, length) that keep their power within the bandwidth: 2 NW - 1 of them.

    Raises:
        ValueError: the bandwidth leaves no taper.
    """
    product = half_bandwidth_hz * length / rate_hz
    if product < 1:
        raise ValueError(
            f"half_bandwidth_hz: got {half_bandwidth_hz:g}, need {rate_hz / length:g} or more for this window"
        )
    return np.asarray(signal.windows.dpss(length, product, Kmax=max(1, round(2 * product) - 1)))


def tapered(pieces: Floats, tapers: Floats) -> NDArray[np.complex128]:
    """Fourier transforms (windows, tapers, frequencies) of windows without their mean, under tapers of unit
    energy.
    """
    centred = pieces - pieces.mean(axis=-1, keepdims=True)
    unit = tapers / np.sqrt((tapers**2).sum(axis=-1, keepdims=True))
    return np.asarray(np.fft.rfft(centred[:, None, :] * unit[None], axis=-1))


def neighbours(tapers: Floats) -> Floats:
    """Correlation (k,) of estimates 0, 1, ... frequencies apart, down to where it vanishes."""
    unit = tapers / np.sqrt((tapers**2).sum(axis=-1, keepdims=True))
    reach = min(unit.shape[1] // 2, 64)
    overlap = np.array([[np.abs(np.fft.fft(a * b)[:reach]) ** 2 for a in unit] for b in unit])
    correlation = overlap.sum(axis=(0, 1)) / len(unit)
    return np.asarray(correlation[: np.flatnonzero(correlation > 1e-3)[-1] + 1])


def _density(transforms: NDArray[np.complex128], rate_hz: float) -> Floats:
    """One-sided: the power at negative frequencies is added to that at positive ones."""
    return 2 * np.abs(transforms) ** 2 / rate_hz
