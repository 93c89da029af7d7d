"""Peaks of a spectrum above its aperiodic background.

Every spectrum of a network has a maximum in every band. A peak is reported only where the power exceeds what
remains without rhythms, a - log10(k + f^x) in log10 of the density (Donoghue 2020,
doi 10.1038/s41593-020-00744-x), by more than chance and by more than `MIN_HEIGHT_DB`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from neuromod.analysis.bands import Band, Floats
from neuromod.analysis.spectra import Spectrum

FIT = Band(2, 200)
MIN_HEIGHT_DB = 3.0
"""A rhythm at least doubles the background: lower peaks may come from a background of another form."""
SMOOTHING = 0.05
"""Standard deviation, as a share of the frequency, over which a spectrum is smoothed to find a peak."""
PEAK_SHARE = 0.99
"""Frequencies above this quantile of the background's distribution belong to peaks and not to the fit."""
REFITS = 12
KNEE_LIMIT = 50.0


@dataclass(frozen=True)
class Background:
    """Aperiodic power: 10^offset / (knee + f^exponent), in unit^2/Hz; `covariance` (3, 3) of the fitted
    offset, ln(knee) and exponent.
    """

    offset: float
    knee: float
    exponent: float
    covariance: Floats

    def power(self, frequencies_hz: Floats) -> Floats:
        """Density (n,) at frequencies (n,) in Hz."""
        return np.asarray(10**self.offset / (self.knee + frequencies_hz**self.exponent))

    def variance(self, frequency_hz: float) -> float:
        """Of the natural logarithm of the power at a frequency, from the noise of the spectrum."""
        gradient = _gradient(np.array([frequency_hz]), self.knee, self.exponent)[0] * np.log(10)
        return float(gradient @ self.covariance @ gradient)


@dataclass(frozen=True)
class Peak:
    """A rhythm: its frequency, power density there in unit^2/Hz, height above the background, and the chance
    that a spectrum without any rhythm has such a maximum somewhere in the band.
    """

    frequency_hz: float
    power: float
    height_db: float
    p: float


def background(spectrum: Spectrum, fit: Band = FIT) -> Background:
    """Fit of the aperiodic part by least squares in log-log, repeated without the frequencies above it.

    Raises:
        ValueError: fewer than 20 frequencies lie within `fit`, or the signal is constant.
    """
    inside = fit.holds(spectrum.frequencies_hz) & (spectrum.frequencies_hz < spectrum.frequencies_hz[-1])
    frequencies, power = spectrum.frequencies_hz[inside], spectrum.power[inside]
    if frequencies.size < 20 or not (power > 0).all():
        raise ValueError(
            f"got {frequencies.size} frequencies within {fit}, need 20 or more at which there is power"
        )
    half = spectrum.dof / 2
    level = np.log10(power) - (special.digamma(half) - np.log(half)) / np.log(10)
    smooth = _smoothing(frequencies)
    limit = stats.chi2.ppf(PEAK_SHARE, dof := _smoothed_dof(spectrum, smooth)) / dof
    kept = np.ones(frequencies.size, bool)
    for _ in range(REFITS):
        found = _fit(frequencies[kept], level[kept], spectrum)
        below = smooth @ (power / found.power(frequencies)) <= limit
        if below.sum() < 20 or np.array_equal(below, kept):
            break
        kept = below
    return found


def find_peak(
    spectrum: Spectrum, band: Band, aperiodic: Background | None = None, alpha: float = 0.05
) -> Peak | None:
    """The highest peak within a band, or None where nothing rises above the background.

    The ratio of power and background is smoothed over 5 % of the frequency. Its largest local maximum counts
    if chance exceeds it with p < alpha at any frequency of the band (Sidak over all of them; conservative,
    as neighbours are alike; the noise of the background counts too) and it is `MIN_HEIGHT_DB` high. The
    frequency is that of a parabola through three points.

    Raises:
        ValueError: the band has fewer than three frequencies, or as `background`.
    """
    aperiodic = aperiodic or background(spectrum)
    near = slice(1, int(np.searchsorted(spectrum.frequencies_hz[:-1], 1.3 * band.high_hz)))
    frequencies = spectrum.frequencies_hz[near]
    ratio = spectrum.power[near] / aperiodic.power(frequencies)
    smooth = _smoothing(frequencies)
    smoothed = smooth @ ratio
    inside = np.flatnonzero(band.holds(frequencies[1:-1])) + 1
    if inside.size < 3:
        raise ValueError(f"band: got {band}, which holds {inside.size} frequencies, need 3")
    local = inside[(smoothed[inside] >= smoothed[inside - 1]) & (smoothed[inside] > smoothed[inside + 1])]
    if not local.size:
        return None
    top = int(local[np.argmax(smoothed[local])])
    noise = 2 / _smoothed_dof(spectrum, smooth[top : top + 1])[0] + aperiodic.variance(frequencies[top])
    dof = 2 / noise
    p = float(-np.expm1(inside.size * np.log1p(-stats.chi2.sf(dof * smoothed[top], dof))))
    height = float(10 * np.log10(smoothed[top]))
    if p >= alpha or height < MIN_HEIGHT_DB:
        return None
    return Peak(_vertex(frequencies, smoothed, top), float(spectrum.power[near][top]), height, p)


def fundamental(spectrum: Spectrum, peak: Peak, aperiodic: Background) -> Peak | None:
    """The higher peak at a half or a third of the frequency (within 12 %) whose harmonic a peak may be,
    because its cycles are no sines; None where there is none. Errors: as `find_peak`.
    """
    for order in (2, 3):
        middle = peak.frequency_hz / order
        slower = find_peak(spectrum, Band(0.88 * middle, 1.12 * middle), aperiodic)
        if slower and slower.height_db > peak.height_db:
            return slower
    return None


def _fit(frequencies: Floats, level: Floats, spectrum: Spectrum) -> Background:
    """Least squares, each octave with the same weight."""
    weight = 1 / np.sqrt(frequencies)

    def residuals(x: Floats) -> Floats:
        model = np.logaddexp(np.log(_knee(x)), x[2] * np.log(frequencies)) / np.log(10)
        return np.asarray(weight * (level - x[0] + model))

    def jacobian(x: Floats) -> Floats:
        return -weight[:, None] * _gradient(frequencies, _knee(x), x[2])

    start = [float(np.mean(level + np.log10(frequencies))), -5.0, 1.0]
    best = optimize.least_squares(residuals, start, jacobian, method="lm", max_nfev=200).x
    slopes = -jacobian(best)
    inverse = np.linalg.pinv(slopes.T @ slopes, rcond=1e-9, hermitian=True)
    # Neighbouring estimates are alike: their noise counts as often as there are independent ones.
    noise = special.polygamma(1, spectrum.dof / 2) / np.log(10) ** 2 * (2 * spectrum.neighbours.sum() - 1)
    spread = inverse @ (slopes.T * weight**2 * noise) @ slopes @ inverse
    return Background(float(best[0]), _knee(best), float(best[2]), np.asarray(spread))


def _knee(x: Floats) -> float:
    """The knee of fitted numbers. Where there is none its logarithm falls for ever."""
    return float(np.exp(np.clip(x[1], -KNEE_LIMIT, KNEE_LIMIT)))


def _gradient(frequencies: Floats, knee: float, exponent: float) -> Floats:
    """Derivatives (n, 3) of the log10 of the power by offset, ln(knee) and exponent."""
    flat = knee / (knee + frequencies**exponent)
    return np.stack(
        [
            np.ones_like(frequencies),
            -flat / np.log(10),
            -(1 - flat) * np.log(frequencies) / np.log(10),
        ],
        axis=1,
    )


def _smoothing(frequencies: Floats) -> Floats:
    """Weights (n, n): row k is a Gaussian around frequency k, `SMOOTHING` of it wide, of sum 1."""
    distance = (frequencies[None] - frequencies[:, None]) / (SMOOTHING * frequencies[:, None])
    weights = np.exp(-0.5 * np.minimum(distance**2, 9)) * (np.abs(distance) < 3)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _smoothed_dof(spectrum: Spectrum, weights: Floats) -> Floats:
    """Degrees of freedom (rows,) of weighted means of estimates, by their variance (Satterthwaite)."""
    lags = np.arange(-spectrum.neighbours.size + 1, spectrum.neighbours.size)
    correlated = np.zeros_like(weights)
    for lag in lags:
        shifted = np.zeros_like(weights)
        if lag >= 0:
            shifted[:, lag:] = weights[:, : weights.shape[1] - lag]
        else:
            shifted[:, :lag] = weights[:, -lag:]
        correlated += spectrum.neighbours[abs(lag)] * shifted
    return np.asarray(spectrum.dof / (weights * correlated).sum(axis=1))


def _vertex(frequencies: Floats, values: Floats, top: int) -> float:
    """Where the parabola through the logarithms of three neighbours is highest."""
    left, middle, right = np.log(values[top - 1 : top + 2])
    offset = 0.5 * (left - right) / (left - 2 * middle + right)
    return float(frequencies[top] + offset * (frequencies[1] - frequencies[0]))
