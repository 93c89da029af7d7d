"""Paired statistics against scipy, enumeration and numbers worked out by hand."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from neuromod.analysis.statistics import (
    cliffs_delta,
    equivalence,
    holm,
    holm_factors,
    median_interval,
    signed_rank,
)

WITHOUT_TIES = [0.3, -0.1, 0.7, 1.2, -0.4, 0.9, 2.5, 0.2]


@pytest.mark.parametrize(("side", "alternative"), [("more", "greater"), ("less", "less")])
def test_without_ties_the_signed_rank_test_is_that_of_scipy(side, alternative):
    expected = stats.wilcoxon(WITHOUT_TIES, alternative=alternative, method="exact").pvalue
    assert signed_rank(WITHOUT_TIES, side) == pytest.approx(expected, rel=1e-12)


def test_with_ties_and_zeros_it_is_the_share_of_all_assignments_of_signs():
    values = np.array([0.1, 0.1, -0.1, 0.2, 0.0, 0.2, 0.3])
    ranks = stats.rankdata(np.abs(values[values != 0]))
    found = ranks[values[values != 0] > 0].sum()
    sums = [ranks[np.array(signs)].sum() for signs in product([False, True], repeat=ranks.size)]
    assert signed_rank(values, "more") == pytest.approx(np.mean(np.array(sums) >= found), rel=1e-12)


def test_twelve_pairs_that_all_agree_have_the_smallest_p_there_is():
    assert signed_rank(np.ones(12), "more") == pytest.approx(2**-12)
    assert signed_rank(np.ones(12), "less") == 1


def test_pairs_without_a_difference_and_unknown_ones_say_nothing():
    assert signed_rank(np.zeros(12), "more") == 1
    assert np.isnan(signed_rank([1.0, np.nan], "more"))
    assert all(np.isnan(median_interval([1.0, np.nan])))
    assert np.isnan(cliffs_delta([1.0, np.nan], [0.0]))


def test_equivalence_needs_values_away_from_both_limits():
    around = np.linspace(-0.1, 0.1, 12)
    assert equivalence(around, -0.5, 0.5) == pytest.approx(2**-12)
    assert equivalence(around, -0.5, 0.02) > 0.05
    assert equivalence(around + 1, -0.5, 0.5) == 1


def test_the_interval_of_a_median_covers_it_in_nineteen_of_twenty_samples():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        low, high = median_interval(rng.normal(size=12), draws=500)
        covered += low <= 0 <= high
    assert 0.88 <= covered / 200 <= 1


def test_cliffs_delta_counts_pairs():
    assert cliffs_delta([2, 3], [0, 1]) == 1
    assert cliffs_delta([0, 1], [2, 3]) == -1
    assert cliffs_delta([1, 2], [1, 2]) == 0
    assert cliffs_delta([1, 4], [2, 3]) == 0
    assert cliffs_delta([3, 4], [3, 1]) == 0.75


def test_holm_steps_down_and_counts_what_is_not_known_yet():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([2**-12], 30) == pytest.approx([30 / 4096])
    assert holm([0.01, 0.001], 30) == pytest.approx([0.29, 0.03])
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]


def test_factors_of_holm_are_those_of_the_place_also_where_p_comes_to_more_than_1():
    assert holm_factors([0.21, 0.0002, 0.9], 30) == pytest.approx([29, 30, 28])
    assert holm_factors([0.01, 0.01, float("nan")], 30) == pytest.approx([30, 30, 28])
    assert holm_factors([0, 0.5], 30) == [30, 29]
