"""Spikes and phases: consistency against its definition, and planted locking."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromod.analysis.bands import Band, phase
from neuromod.analysis.circular import difference
from neuromod.analysis.locking import (
    lock,
    pairwise_consistency,
    phases_at,
    shuffled_consistency,
    spike_field_coherence,
)
from tests.analysis.planted import RATE, pink, wandering_phase


def locked_spikes(rng, phi, preferred, kappa, rate_hz):
    """Times in ms of spikes whose chance follows a von Mises function of the phase."""
    chance = np.exp(kappa * np.cos(phi - preferred))
    return np.flatnonzero(rng.random(phi.size) < chance / chance.mean() * rate_hz / RATE) * 1e3 / RATE


@given(phases=st.lists(st.floats(-10, 10), min_size=2, max_size=25))
def test_consistency_is_the_mean_cosine_of_all_pairs(phases):
    expected = np.mean([np.cos(a - b) for a, b in combinations(phases, 2)])
    assert pairwise_consistency(phases) == pytest.approx(expected, abs=1e-9)


def test_consistency_does_not_depend_on_the_number_of_spikes():
    rng = np.random.default_rng(0)
    few = np.mean([pairwise_consistency(rng.vonmises(0, 1, 5)) for _ in range(4000)])
    many = pairwise_consistency(rng.vonmises(0, 1, 100_000))
    # Squared length for kappa 1 is 0.1993; the standard error of the mean of 4,000 is 0.005.
    assert few == pytest.approx(0.1993, abs=0.02)
    assert many == pytest.approx(0.1993, abs=0.01)


@pytest.mark.parametrize("preferred", [-2.5, 0.0, 1.5])
def test_planted_locking_is_found_with_its_phase(preferred):
    rng = np.random.default_rng(1)
    phi = wandering_phase(rng, 60, 7, 1.0)
    times = locked_spikes(rng, phi, preferred, 1.0, 20)
    field = np.cos(phi) + 0.2 * pink(rng, 60)
    found = lock(phases_at(times, phase(field, RATE, Band(5, 9)), 0, RATE))
    assert abs(np.degrees(difference(found.phase_rad, preferred))) < 10
    # I1(1) / I0(1) = 0.446; 1,200 spikes have an error of 0.02, the noise of the field takes a little.
    assert found.length == pytest.approx(0.446, abs=0.06)
    assert found.p < 1e-6


def test_spikes_without_preference_are_not_locked():
    rng = np.random.default_rng(2)
    phi = wandering_phase(rng, 60, 7, 1.0)
    found = lock(phases_at(np.sort(rng.uniform(0, 60_000, 500)), phi, 0, RATE))
    assert found.p > 0.05
    assert abs(found.consistency) < 0.01


def test_other_trials_show_what_comes_from_their_beginning():
    rng = np.random.default_rng(3)
    phi = wandering_phase(rng, 200, 7, 3.0).reshape(200, -1)
    spikes = [np.flatnonzero(rng.random(1000) < 0.02 * (1 + np.cos(trial))) for trial in phi]
    own = pairwise_consistency(np.concatenate([t[s] for t, s in zip(phi, spikes, strict=True)]))
    other = shuffled_consistency(phi, spikes, rng, 20)
    assert own == pytest.approx(0.25, abs=0.03)
    assert abs(other).max() < 0.02
    same = np.tile(2 * np.pi * 7 * np.arange(1000) / RATE, (200, 1))
    spikes = [np.flatnonzero(rng.random(1000) < 0.02 * (1 + np.cos(trial))) for trial in same]
    assert shuffled_consistency(same, spikes, rng, 5).mean() == pytest.approx(0.25, abs=0.03)


def test_phases_between_samples_take_the_shorter_way():
    assert phases_at([0.5], [np.pi - 0.1, -np.pi + 0.1], 0, RATE) == pytest.approx(-np.pi, abs=1e-9)
    assert phases_at([-1, 5], [0.0, 0.1], 0, RATE).size == 0


def test_spikes_are_coherent_with_the_field_they_follow_at_its_frequency():
    rng = np.random.default_rng(4)
    phi = wandering_phase(rng, 60, 7, 0.5)
    times = locked_spikes(rng, phi, 0, 2.0, 50)
    found = spike_field_coherence(times, np.cos(phi) + 0.1 * pink(rng, 60), 0, RATE)
    assert found.squared[found.frequencies_hz == 7][0] > 0.8
    away = (found.frequencies_hz > 100) & (found.frequencies_hz < 400)
    assert found.squared[away].mean() == pytest.approx(1 / found.estimates, rel=0.2)


def test_too_few_spikes_have_no_number():
    assert np.isnan(pairwise_consistency([1.0]))
    assert np.isnan(lock([]).length)
    with pytest.raises(ValueError, match="need as many"):
        shuffled_consistency(np.zeros((2, 5)), [[1]], np.random.default_rng(0))
