"""Signals around events: windows, averages and spectrograms. Times are in ms, `rate_hz` in Hz."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from neuromod.analysis.bands import Floats
from neuromod.analysis.spectra import spectrogram


@dataclass(frozen=True)
class EventAverage:
    """Mean (n,) and its standard error (n,) of a signal at lags (n,) in ms after `events` events; NaN where
    there are too few.
    """

    lags_ms: Floats
    mean: Floats
    error: Floats
    events: int


def event_windows(
    values: ArrayLike,
    rate_hz: float,
    onsets_ms: ArrayLike,
    before_ms: float,
    after_ms: float,
    start_ms: float = 0.0,
) -> tuple[Floats, Floats]:
    """The signal (n,), whose first sample is at `start_ms`, around each onset, taken at the nearest sample.

    Returns lags (m,) in ms and windows (events, m). Events whose window is not within the signal are left
    out.

    Raises:
        ValueError: the window has no length.
    """
    samples = np.asarray(values, np.float64)
    before, after = round(before_ms * 1e-3 * rate_hz), round(after_ms * 1e-3 * rate_hz)
    if before + after < 1:
        raise ValueError(f"window: got {-before_ms:g} to {after_ms:g} ms, need two samples or more")
    at = np.rint((np.asarray(onsets_ms, np.float64) - start_ms) * 1e-3 * rate_hz).astype(np.int64)
    at = at[(at >= before) & (at + after < samples.size)]
    offsets = np.arange(-before, after + 1)
    lags: Floats = np.asarray(offsets * 1e3 / rate_hz)
    return lags, np.asarray(samples[at[:, None] + offsets])


def event_average(
    values: ArrayLike,
    rate_hz: float,
    onsets_ms: ArrayLike,
    before_ms: float,
    after_ms: float,
    start_ms: float = 0.0,
) -> EventAverage:
    """Mean of a signal around events, in its unit. Errors: as `event_windows`."""
    lags, windows = event_windows(values, rate_hz, onsets_ms, before_ms, after_ms, start_ms)
    nothing = np.full(lags.size, np.nan)
    count = len(windows)
    mean = windows.mean(axis=0) if count else nothing
    error = windows.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else nothing
    return EventAverage(lags, mean, error, count)


def event_spectrogram(
    values: ArrayLike,
    rate_hz: float,
    onsets_ms: ArrayLike,
    before_ms: float,
    after_ms: float,
    start_ms: float = 0.0,
    window_s: float = 0.5,
    step_s: float = 0.05,
) -> tuple[Floats, Floats, Floats]:
    """Mean spectrogram around events: frequencies (f,) in Hz, lags (t,) in ms, density (f, t) in unit^2/Hz.

    Raises:
        ValueError: no event has its whole window within the signal, or the window is shorter than `window_s`.
    """
    lags, windows = event_windows(values, rate_hz, onsets_ms, before_ms, after_ms, start_ms)
    if not len(windows):
        raise ValueError("onsets_ms: got none whose window is within the signal")
    parts = [spectrogram(window, rate_hz, window_s, step_s) for window in windows]
    frequencies, times, _ = parts[0]
    return frequencies, lags[0] + 1e3 * times, np.mean([power for *_, power in parts], axis=0)
