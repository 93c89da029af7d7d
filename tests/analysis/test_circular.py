"""Statistics of angles against definitions and simulations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from neuromod.analysis.circular import (
    circular_mean,
    concentration,
    difference,
    permutation_test,
    rayleigh,
    resultant_length,
    watson_williams,
)

ANGLES = st.lists(st.floats(-10, 10), min_size=2, max_size=30)


@given(angles=ANGLES, turn=st.floats(-10, 10))
def test_turning_all_angles_turns_the_mean_and_nothing_else(angles, turn):
    length = resultant_length(angles)
    turned = np.array(angles) + turn
    assert resultant_length(turned) == pytest.approx(length, abs=1e-9)
    if length > 1e-3:
        assert difference(circular_mean(turned), circular_mean(angles) + turn) == pytest.approx(0, abs=1e-6)
        assert rayleigh(turned) == pytest.approx(rayleigh(angles), rel=1e-6, abs=1e-12)


def test_the_mean_of_angles_around_pi_is_pi_and_not_zero():
    assert abs(circular_mean([np.pi - 0.1, -np.pi + 0.1])) == pytest.approx(np.pi)


def test_opposite_angles_have_no_mean():
    assert np.isnan(circular_mean([0, np.pi]))
    assert np.isnan(circular_mean([]))
    assert np.isnan(rayleigh([]))


@pytest.mark.parametrize("n", [10, 50])
def test_the_rayleigh_test_is_nominal_for_uniform_angles(n):
    rng = np.random.default_rng(0)
    found = np.mean([rayleigh(rng.uniform(0, 2 * np.pi, n)) <= 0.05 for _ in range(4000)])
    # Standard error 0.0034.
    assert found == pytest.approx(0.05, abs=0.011)


def test_the_rayleigh_test_agrees_with_brute_force():
    rng = np.random.default_rng(1)
    angles = rng.vonmises(0, 0.6, 20)
    draws = np.abs(np.exp(1j * rng.uniform(0, 2 * np.pi, (100_000, 20))).mean(axis=1))
    # Standard error of the share is at most 0.0016, the approximation is good to 0.001.
    assert rayleigh(angles) == pytest.approx(np.mean(draws >= resultant_length(angles)), abs=0.006)


@given(kappa=st.floats(0.01, 100))
def test_a_concentration_is_that_of_its_length(kappa):
    assert concentration(special.i1e(kappa) / special.i0e(kappa)) == pytest.approx(kappa, rel=1e-6)


@pytest.mark.parametrize("test", ["watson_williams", "permutation"])
def test_directions_are_told_apart_and_equal_ones_are_not(test):
    rng = np.random.default_rng(2)

    def p(shift):
        groups = [rng.vonmises(0, 3, 40), rng.vonmises(shift, 3, 40)]
        return watson_williams(groups)[1] if test == "watson_williams" else permutation_test(groups, rng, 200)

    assert p(0.8) < 0.01
    equal = np.mean([p(0.0) <= 0.05 for _ in range(200)])
    # Standard error 0.015.
    assert equal <= 0.1


def test_watson_williams_matches_a_t_test_for_narrow_groups():
    rng = np.random.default_rng(3)
    one, other = rng.normal(0, 0.05, 30), rng.normal(0.02, 0.05, 30)
    # On a small arc angles are numbers; F of two groups is t squared.
    assert watson_williams([one, other])[1] == pytest.approx(stats.ttest_ind(one, other).pvalue, rel=0.02)


def test_groups_without_a_direction_are_refused():
    rng = np.random.default_rng(4)
    groups = [rng.uniform(0, 2 * np.pi, 50) for _ in range(2)]
    with pytest.raises(ValueError, match="mean vector length"):
        watson_williams(groups)
    with pytest.raises(ValueError, match="two or more groups"):
        permutation_test([[1.0], []], rng)
