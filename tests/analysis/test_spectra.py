"""Spectra of signals whose power is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromod.analysis.bands import Band, amplitude, band_pass, phase
from neuromod.analysis.spectra import band_power, multitaper, spectrogram, welch
from tests.analysis.planted import RATE, pink

ESTIMATES = pytest.mark.parametrize("estimate", [welch, multitaper])
NOISE = pink(np.random.default_rng(2), 5)
TIME = np.arange(10_000) / RATE


@ESTIMATES
def test_a_sine_has_half_its_squared_amplitude_as_power(estimate):
    spectrum = estimate(3 * np.sin(2 * np.pi * 7 * TIME), RATE)
    # Leakage of the tapers out of the band is below 1 %.
    assert band_power(spectrum, Band(4, 12)) == pytest.approx(4.5, rel=0.01)


@ESTIMATES
def test_the_power_of_all_frequencies_is_the_variance(estimate):
    values = np.random.default_rng(0).normal(size=100_000)
    # 100 s of white noise: the standard error of the variance is 0.45 %.
    assert band_power(estimate(values, RATE), Band(0.01, 500)) == pytest.approx(1, rel=0.02)


@ESTIMATES
def test_estimates_scatter_as_their_degrees_of_freedom_say(estimate):
    spectrum = estimate(np.random.default_rng(1).normal(size=200_000), RATE)
    power = spectrum.power[5:-5]
    # Relative variance of chi-squared over dof is 2 / dof; its own error over 990 estimates is about 7 %.
    assert power.var() / power.mean() ** 2 == pytest.approx(2 / spectrum.dof, rel=0.25)


@ESTIMATES
@settings(max_examples=15)
@given(scale=st.floats(1e-3, 1e3), offset=st.floats(-100, 100))
def test_power_scales_with_the_square_and_not_with_the_mean(estimate, scale, offset):
    values = NOISE
    before, after = (estimate(part, RATE).power[1:] for part in (values, scale * values + offset))
    assert after == pytest.approx(scale**2 * before, rel=1e-6)


def test_a_known_frequency_distribution_integrates_over_parts_of_bins():
    spectrum = welch(np.random.default_rng(3).normal(size=50_000), RATE)
    whole = band_power(spectrum, Band(4.1, 12.3))
    parts = band_power(spectrum, Band(4.1, 7.77)) + band_power(spectrum, Band(7.77, 12.3))
    assert whole == pytest.approx(parts, rel=1e-12)


def test_a_spectrogram_finds_when_a_rhythm_begins():
    values = np.where(TIME > 5, np.sin(2 * np.pi * 40 * TIME), 0)
    frequencies, times, power = spectrogram(values, RATE)
    row = power[np.argmin(np.abs(frequencies - 40))]
    assert power.shape == (frequencies.size, times.size)
    # Half of a 0.5 s window lies on either side of the middle.
    assert times[np.argmax(row > row.max() / 2)] == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("estimate", [welch, multitaper, spectrogram])
def test_a_signal_shorter_than_a_window_is_refused(estimate):
    with pytest.raises(ValueError, match="window_s: got"):
        estimate(np.zeros(100), RATE)


def test_a_filtered_rhythm_keeps_its_amplitude_and_phase():
    values = 2 * np.cos(2 * np.pi * 7 * TIME)
    inner = slice(1000, -1000)
    assert amplitude(values, RATE, Band(5, 9))[inner] == pytest.approx(2, rel=0.02)
    turned = phase(values, RATE, Band(5, 9)) - 2 * np.pi * 7 * TIME
    assert np.abs(np.angle(np.exp(1j * turned)))[inner].max() < np.radians(1)


@pytest.mark.parametrize("limits", [(0, 4), (4, 4), (9, 5), (1, np.inf), (np.nan, 4)])
def test_a_band_that_is_none_is_refused(limits):
    with pytest.raises(ValueError, match="need positive, ascending frequencies"):
        Band(*limits)


def test_a_band_that_does_not_fit_the_sampling_is_refused():
    with pytest.raises(ValueError, match="half of the sampling rate"):
        band_pass(TIME, RATE, Band(30, 500))
    with pytest.raises(ValueError, match="for the band 1-4 Hz"):
        band_pass(TIME[:1000], RATE, Band(1, 4))
