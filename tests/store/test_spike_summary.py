"""Summaries of spikes, against numbers worked out by hand."""

import numpy as np
import pytest

from neuromod.store.spike_summary import mean_cv, summarise


def summary(times, ids, size=4, duration_ms=1_000.0):
    return summarise("PC", size, np.array(times, float), np.array(ids, int), duration_ms)


def test_rate_is_per_neuron_and_second():
    row = summary([1.0, 2.0, 500.0], [0, 1, 1], size=2, duration_ms=500)
    assert (row.spikes, row.rate_hz, row.first_ms, row.last_ms) == (3, 3.0, 1.0, 500.0)


def test_no_spikes_have_a_rate_of_zero_and_no_times():
    row = summary([], [])
    assert (row.spikes, row.rate_hz, row.cv_isi, row.first_ms, row.last_ms) == (0, 0.0, None, None, None)


def test_nothing_simulated_has_no_rate():
    assert summary([], [], duration_ms=0).rate_hz is None


def test_a_clock_has_no_variation():
    assert mean_cv(np.arange(0, 100, 10.0), np.zeros(10, int)) == pytest.approx(0)


def test_variation_is_the_mean_over_neurons_with_enough_spikes():
    times = np.array([0.0, 0.0, 1.0, 10.0, 4.0, 20.0, 9.0])
    ids = np.array([7, 3, 7, 3, 7, 3, 900_000_000])
    assert mean_cv(times, ids) == pytest.approx((0.5 + 0.0) / 2)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_spikes_have_no_variation(count):
    assert mean_cv(np.arange(count) * 1.0, np.zeros(count, int)) is None


def test_spikes_of_different_neurons_make_no_intervals():
    assert mean_cv(np.arange(6.0), np.arange(6)) is None


def test_a_poisson_train_has_a_variation_of_one():
    times = np.cumsum(np.random.default_rng(5).exponential(10, 20_000))
    assert mean_cv(times, np.zeros(20_000, int)) == pytest.approx(1, abs=0.03)
