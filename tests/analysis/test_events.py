"""Signals around events."""

import numpy as np
import pytest

from neuromod.analysis.events import event_average, event_spectrogram, event_windows
from tests.analysis.planted import RATE

ONSETS = np.arange(1000, 9000, 1000.0)


def test_windows_stand_around_their_events():
    lags, windows = event_windows(np.arange(100.0), RATE, [10, 20], 3, 2)
    assert lags.tolist() == [-3, -2, -1, 0, 1, 2]
    assert windows[:, 3].tolist() == [10, 20]


def test_events_too_near_to_the_ends_are_left_out():
    assert len(event_windows(np.arange(100.0), RATE, [1, 50, 99], 3, 2)[1]) == 1
    assert event_average(np.arange(100.0), RATE, [], 3, 2).events == 0


def test_the_first_sample_may_be_at_any_time():
    assert event_windows(np.arange(100.0), RATE, [1010], 0, 1, start_ms=1000)[1].tolist() == [[10, 11]]


def test_an_average_finds_a_response_in_noise():
    rng = np.random.default_rng(0)
    values = rng.normal(size=10_000)
    for onset in ONSETS.astype(int):
        values[onset + 50 : onset + 60] += 5
    found = event_average(values, RATE, ONSETS, 100, 200)
    inside = (found.lags_ms >= 50) & (found.lags_ms < 60)
    # Eight events: standard error 0.35 at each lag.
    assert found.mean[inside].mean() == pytest.approx(5, abs=0.5)
    assert found.error.mean() == pytest.approx(1 / np.sqrt(8), rel=0.1)


def test_a_spectrogram_around_events_shows_when_a_rhythm_begins():
    time = np.arange(10_000) / RATE
    values = np.where(time % 1 < 0.4, np.sin(2 * np.pi * 40 * time), 0)
    frequencies, lags, power = event_spectrogram(values, RATE, ONSETS, 500, 500, window_s=0.1, step_s=0.02)
    row = power[np.argmin(np.abs(frequencies - 40))]
    assert row[(lags > 50) & (lags < 350)].min() > 100 * row[(lags > -450) & (lags < -100)].max()
    with pytest.raises(ValueError, match="none whose window"):
        event_spectrogram(values, RATE, [], 500, 500)


def test_a_window_without_length_is_refused():
    with pytest.raises(ValueError, match="need two samples or more"):
        event_windows(np.zeros(10), RATE, [5], 0, 0)
