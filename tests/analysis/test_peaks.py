"""Peaks above the aperiodic background: found where planted, and not where there is noise only."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromod.analysis.bands import Band
from neuromod.analysis.peaks import background, find_peak
from neuromod.analysis.spectra import multitaper, welch
from tests.analysis.planted import RATE, pink, wandering_phase

THETA, GAMMA = Band(4, 12), Band(30, 90)
ALLOWED = 0.065
"""Share of draws without a rhythm in which a test at 5 % may find one; 1,000 draws have an error of 0.7 %."""


def false_peaks(draws, exponent, band):
    found = 0
    for seed in range(draws):
        spectrum = welch(pink(np.random.default_rng(seed), 10, exponent), RATE)
        found += find_peak(spectrum, band) is not None
    return found


@pytest.mark.parametrize("band", [THETA, GAMMA])
def test_pink_noise_hardly_ever_has_a_peak(band):
    # Of 20 draws at 5 %, more than 4 are found with probability 0.3 %.
    assert false_peaks(20, 1.0, band) <= 4


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("band", [THETA, GAMMA])
def test_the_rate_of_false_peaks_is_nominal(exponent, band):
    found = false_peaks(1000, exponent, band)
    sys.stdout.write(f"false peaks of 1/f^{exponent:g} noise in {band}: {found} of 1000\n")
    assert found <= 1000 * ALLOWED


@pytest.mark.parametrize("estimate", [welch, multitaper])
@pytest.mark.parametrize("hertz", [5.3, 7.0, 9.75, 36.4, 41.2, 62.1])
def test_a_planted_rhythm_is_found_to_half_a_hertz(hertz, estimate):
    rng = np.random.default_rng(11)
    values = pink(rng, 20) + 0.7 * np.cos(wandering_phase(rng, 20, hertz, 0.3))
    peak = find_peak(estimate(values, RATE), THETA if hertz < 20 else GAMMA)
    assert peak is not None
    assert peak.frequency_hz == pytest.approx(hertz, abs=0.5)


def test_the_background_of_planted_noise_is_recovered_under_a_rhythm():
    rng = np.random.default_rng(3)
    values = pink(rng, 60, 1.5) + np.cos(wandering_phase(rng, 60, 7, 1.0))
    # The error of the exponent over two decades of 60 s is about 0.02 (spread of 20 draws).
    assert background(welch(values, RATE)).exponent == pytest.approx(1.5, abs=0.1)


def test_a_rise_that_goes_on_outside_the_band_is_no_peak():
    rng = np.random.default_rng(4)
    values = pink(rng, 20) + 2 * np.cos(wandering_phase(rng, 20, 13, 0.3))
    assert find_peak(welch(values, RATE), THETA) is None


@settings(max_examples=15)
@given(scale=st.floats(1e-3, 1e3))
def test_a_peak_does_not_depend_on_the_unit(scale):
    rng = np.random.default_rng(5)
    values = pink(rng, 10) + np.cos(wandering_phase(rng, 10, 8, 0.3))
    one, other = (find_peak(welch(part, RATE), THETA) for part in (values, scale * values))
    assert other.frequency_hz == pytest.approx(one.frequency_hz, rel=1e-3)
    assert other.height_db == pytest.approx(one.height_db, abs=0.01)


def test_a_constant_signal_has_no_background():
    with pytest.raises(ValueError, match="at which there is power"):
        background(welch(np.ones(10_000), RATE))
