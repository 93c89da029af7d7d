"""Coherence and phase locking of signals whose relation is known."""

import numpy as np
import pytest

from neuromod.analysis.bands import Band
from neuromod.analysis.circular import difference
from neuromod.analysis.coherence import (
    coherence,
    derangements,
    phase_locking_value,
    shuffled_coherence,
    significance_level,
)
from tests.analysis.planted import RATE, mixed, pink, wandering_phase


@pytest.mark.parametrize("squared", [0.2, 0.5, 0.8])
def test_a_planted_coherence_is_recovered_to_a_twentieth(squared):
    first, second = mixed(np.random.default_rng(0), 200, squared, lag=0.0)
    found = coherence(first, second, RATE)
    band = Band(4, 12).holds(found.frequencies_hz)
    # 300 estimates at 17 frequencies.
    assert found.squared[band].mean() == pytest.approx(squared, abs=0.05)


def test_a_lag_is_a_phase_that_grows_with_frequency():
    """The first is ahead by 10 ms: 28.8 degrees at 8 Hz."""
    found = coherence(*mixed(np.random.default_rng(1), 200, 0.8, lag=0.010), RATE)
    at = np.argmin(np.abs(found.frequencies_hz - 8))
    assert abs(np.degrees(difference(found.phase_rad[at], np.radians(28.8)))) < 10


@pytest.mark.parametrize("seconds", [10, 60])
def test_independent_signals_exceed_the_level_in_one_of_twenty_frequencies(seconds):
    rng = np.random.default_rng(2)
    shares, means = [], []
    for _ in range(20):
        found = coherence(
            rng.normal(size=round(seconds * RATE)), rng.normal(size=round(seconds * RATE)), RATE
        )
        shares.append(np.mean(found.squared[5:-5] > found.level))
        means.append(found.squared[5:-5].mean())
    # 20,000 frequencies of which every third is independent: standard error 0.003.
    assert np.mean(shares) == pytest.approx(0.05, abs=0.01)
    assert np.mean(means) == pytest.approx(1 / found.estimates, rel=0.05)


def test_a_signal_is_coherent_with_itself_at_any_scale():
    values = pink(np.random.default_rng(3), 10)
    assert coherence(values, -3 * values, RATE).squared[1:] == pytest.approx(1)
    assert coherence(values, np.zeros(values.size), RATE).squared == pytest.approx(0)


def test_windows_paired_anew_lose_coherence_but_not_what_is_locked_to_them():
    rng = np.random.default_rng(4)
    common = rng.normal(size=(30, 2000))
    alone = shuffled_coherence(common, common, RATE, rng, 20)[1]
    assert alone[:, 5:].mean() < 0.03
    stimulus = rng.normal(size=2000)
    trials = [stimulus + 0.3 * rng.normal(size=(30, 2000)) for _ in range(2)]
    assert shuffled_coherence(*trials, RATE, rng, 20)[1][:, 5:].mean() > 0.7


def test_the_locking_value_is_one_for_a_fixed_lag_and_small_without_one():
    rng = np.random.default_rng(5)
    phi = wandering_phase(rng, 60, 7, 1.0)
    other = wandering_phase(rng, 60, 7, 1.0)
    band = Band(5, 9)
    assert phase_locking_value(np.cos(phi), 5 * np.cos(phi - 1), RATE, band) > 0.99
    assert phase_locking_value(np.cos(phi), np.cos(other), RATE, band) < 0.4


def test_derangements_leave_nothing_in_place():
    orders = derangements(4, np.random.default_rng(6), 100)
    assert (orders != np.arange(4)).all()
    assert (np.sort(orders) == np.arange(4)).all()
    with pytest.raises(ValueError, match="need two or more"):
        derangements(1, np.random.default_rng(6), 1)


def test_signals_of_other_lengths_are_refused_and_one_estimate_says_nothing():
    with pytest.raises(ValueError, match="need equal ones"):
        coherence(np.zeros(4000), np.zeros(5000), RATE)
    assert significance_level(1) == 1
