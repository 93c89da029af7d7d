"""Irregularity, variability and correlation of spike trains."""

import numpy as np
import pytest

from neuromod.analysis.spike_trains import (
    count_correlations,
    fano_factors,
    interval_cv,
    intervals,
    local_cv,
    mean_count_correlation,
    spike_counts,
)


def test_a_clock_has_no_variation_and_a_poisson_train_has_one():
    clock = np.arange(0, 1000, 10.0)
    poisson = np.cumsum(np.random.default_rng(0).exponential(10, 20_000))
    times, ids = np.concatenate([clock, poisson]), np.repeat([0, 1], [clock.size, poisson.size])
    cv = interval_cv(times, ids, size=3)
    assert cv[0] == pytest.approx(0, abs=1e-12)
    # Standard error of the CV of n exponential intervals is about 1 / sqrt(n) = 0.007.
    assert cv[1] == pytest.approx(1, abs=0.03)
    assert np.isnan(cv[2])


def test_too_few_spikes_give_no_variation():
    assert np.isnan(interval_cv([1.0, 2.0, 4.0, 8.0], [0] * 4, size=1, min_spikes=5)).all()
    assert interval_cv([1.0, 2.0, 4.0], [0] * 3, size=1, min_spikes=3)[0] == pytest.approx(1 / 3)


def test_intervals_are_those_of_each_neuron():
    parts = intervals([5.0, 1.0, 2.0, 4.0], [0, 0, 2, 0], size=3)
    assert [part.tolist() for part in parts] == [[3.0, 1.0], [], []]


def test_a_drifting_rate_raises_the_cv_and_not_the_local_one():
    rng = np.random.default_rng(0)
    means = np.linspace(5, 100, 20_000)
    times = np.cumsum(rng.gamma(4, means / 4))
    ids = np.zeros(times.size, int)
    # Intervals of a gamma process of order 4 have a CV of 0.5; its CV2 is 0.547 by integration (beta law).
    assert interval_cv(times, ids, 1)[0] > 0.7
    assert local_cv(times, ids, 1)[0] == pytest.approx(0.547, abs=0.02)


def test_poisson_counts_have_a_fano_factor_of_one_and_a_clock_of_zero():
    rng = np.random.default_rng(1)
    times = np.concatenate([np.sort(rng.uniform(0, 1e6, 20_000)), np.arange(0, 1e6, 50)])
    ids = np.repeat([0, 1], [20_000, 20_000])
    factors = fano_factors(spike_counts(times, ids, 3, 0, 1e6, 100))
    # Standard error for 10,000 windows is sqrt(2 / 10,000) = 0.014.
    assert factors[0] == pytest.approx(1, abs=0.06)
    assert factors[1] == 0
    assert np.isnan(factors[2])


def test_counts_hold_every_spike_within_the_windows_once():
    counts = spike_counts([0.0, 99.9, 100.0, 250.0, 299.0, 300.0], [0, 0, 0, 1, 1, 1], 2, 0, 320, 100)
    assert counts.tolist() == [[2, 1, 0], [0, 0, 2]]
    with pytest.raises(ValueError, match="window_ms: got 400"):
        spike_counts([], [], 1, 0, 300, 400)


def test_common_spikes_correlate_counts():
    rng = np.random.default_rng(2)
    common = rng.poisson(1.0, 50_000)
    counts = np.array([common + rng.poisson(3.0, 50_000) for _ in range(4)] + [np.zeros(50_000)])
    found = count_correlations(counts)
    # A quarter of the variance is shared; standard error 0.004.
    assert found[0, 1] == pytest.approx(0.25, abs=0.02)
    assert np.isnan(found[4]).all()
    upper = found[:4, :4][np.triu_indices(4, 1)]
    assert mean_count_correlation(counts) == pytest.approx(upper.mean(), rel=1e-9)
    assert np.isnan(mean_count_correlation(counts[3:]))
