"""Coupling of phase and amplitude: planted, absent, and on a clock."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromod.analysis.bands import Band, amplitude, phase
from neuromod.analysis.circular import difference
from neuromod.analysis.coupling import (
    amplitude_shares,
    bin_centres,
    comodulogram,
    couple,
    modulation_index,
    shifted,
)
from tests.analysis.planted import RATE, coupled, pink, true_index, wandering_phase

SLOW, FAST = Band(5, 9), Band(30, 90)


def coupling_of(values, seed=0, **options):
    phases, amplitudes = phase(values, RATE, SLOW), amplitude(values, RATE, FAST)
    return couple(phases, amplitudes, RATE, np.random.default_rng(seed), **options)


@pytest.mark.parametrize("depth", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("preferred", [-2.0, 0.4, 3.0])
def test_a_planted_coupling_is_recovered(depth, preferred):
    """The index to 10 %, the phase to 10 degrees; the truth is integrated, not computed by our function."""
    values = coupled(np.random.default_rng(1), 30, depth=depth, preferred=preferred)
    found = coupling_of(values)
    assert found.index == pytest.approx(true_index(depth), rel=0.1)
    assert abs(np.degrees(difference(found.preferred_rad, preferred))) < 10
    assert found.p == pytest.approx(1 / 201)


def false_couplings(draws):
    """Noise with a theta and a gamma rhythm that know nothing of each other."""
    found = 0
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        theta = np.cos(wandering_phase(rng, 10, 7, 1.0))
        found += coupling_of(theta + pink(rng, 10), seed=seed).p <= 0.05
    return found


def test_independent_rhythms_hardly_ever_seem_coupled():
    # Of 20 draws at 5 %, more than 4 are found with probability 0.3 %.
    assert false_couplings(20) <= 4


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_rate_of_false_couplings_is_nominal():
    found = false_couplings(1000)
    sys.stdout.write(f"couplings of independent rhythms: {found} of 1000 at p <= 0.05\n")
    # Nominal 50; the standard error of 1,000 draws is 7. A test may be cautious, so there is no lower bound.
    assert found <= 65


def test_coupling_to_a_clock_is_found_by_pieces_and_not_by_one_shift():
    """Why pieces are the default: shifted as a whole, the amplitude meets other cycles as it met its own."""
    values = coupled(np.random.default_rng(2), 20, jitter=0.0)
    assert coupling_of(values).p < 0.02
    assert coupling_of(values, cuts=1).p > 0.05


def test_one_cut_is_a_shift_around_the_end():
    order = next(shifted(5000, RATE, np.random.default_rng(0), 2, cuts=1))
    shift = int(order[0])
    assert 1000 <= shift <= 4000
    assert np.array_equal(order, np.roll(np.arange(5000), -shift))


@settings(max_examples=20)
@given(samples=st.integers(3000, 40_000), seed=st.integers(0, 1000))
def test_surrogates_hold_every_sample_once_and_are_never_the_signal_itself(samples, seed):
    for order in shifted(samples, RATE, np.random.default_rng(seed), 3):
        assert np.array_equal(np.sort(order), np.arange(samples))
        assert not np.array_equal(order, np.arange(samples))


def test_the_index_is_zero_for_equal_shares_and_one_for_a_single_bin():
    assert modulation_index(np.full(18, 1 / 18)) == pytest.approx(0, abs=1e-12)
    assert modulation_index(np.eye(18)[3]) == pytest.approx(1)


@settings(max_examples=20)
@given(scale=st.floats(1e-6, 1e6), turn=st.integers(0, 17))
def test_the_index_knows_neither_the_unit_nor_where_a_cycle_begins(scale, turn):
    rng = np.random.default_rng(3)
    phases = rng.uniform(-np.pi, np.pi, 5000)
    amplitudes = 1 + 0.5 * np.cos(phases)
    one = modulation_index(amplitude_shares(phases, amplitudes))
    other = modulation_index(amplitude_shares(phases + turn * 2 * np.pi / 18, scale * amplitudes))
    # A sample at the edge of a bin may fall into its neighbour after the turn.
    assert other == pytest.approx(one, rel=1e-2)


def test_shares_are_means_and_not_sums():
    phases = np.repeat(bin_centres(), np.arange(1, 19))
    assert amplitude_shares(phases, np.ones(phases.size)) == pytest.approx(np.full(18, 1 / 18))


def test_a_comodulogram_is_largest_where_the_coupling_was_planted():
    # Without noise a band that holds a side band alone is modulated most of all.
    values = coupled(np.random.default_rng(4), 20, slow=6.0, fast=70.0, noise=0.5)
    slow, fast = np.arange(3, 12), np.arange(40, 111, 10)
    found = comodulogram(values, RATE, np.random.default_rng(0), slow, fast)
    row, column = np.unravel_index(np.argmax(found.index), found.index.shape)
    assert (slow[row], fast[column]) == (6, 70)
    assert found.index[row, column] > found.threshold


def test_bands_that_filter_the_modulation_away_are_refused():
    with pytest.raises(ValueError, match="need twice 10 Hz"):
        comodulogram(np.zeros(10_000), RATE, np.random.default_rng(0), [5, 10], [50], amplitude_width_hz=15)


def test_too_short_a_signal_has_no_surrogates():
    with pytest.raises(ValueError, match="need 3 s and 2"):
        couple(np.zeros(2000), np.ones(2000), RATE, np.random.default_rng(0), bins=1)
