"""Rates and regularity against trains whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromod.analysis.rates import mean_rates, population_rate, psth, smooth


def test_mean_rates_count_each_neuron_and_keep_silent_ones():
    assert mean_rates([0, 0, 2, 0], size=4, duration_ms=500).tolist() == [6, 0, 2, 0]


def test_mean_rates_refuse_an_empty_duration():
    with pytest.raises(ValueError, match="duration_ms: got 0"):
        mean_rates([0], size=1, duration_ms=0)


def test_a_population_rate_is_spikes_per_neuron_and_second():
    centres, rates = population_rate([1.0, 2.0, 15.0], size=2, start_ms=0, stop_ms=20, bin_ms=10)
    assert centres.tolist() == [5, 15]
    assert rates.tolist() == [100, 50]


@given(step=st.integers(0, 199_999))
def test_a_spike_on_the_edge_of_a_bin_belongs_to_the_bin_that_begins_there(step):
    rates = population_rate([step * 0.1], size=1, start_ms=0, stop_ms=20_000, bin_ms=10)[1]
    assert np.flatnonzero(rates).tolist() == [step // 100]


def test_a_last_bin_that_is_not_whole_is_left_out():
    centres, rates = population_rate([24.0], size=1, start_ms=0, stop_ms=25, bin_ms=10)
    assert centres.size == 2
    assert rates.sum() == 0


def test_spikes_outside_the_window_do_not_count():
    assert population_rate([5.0, 95.0], 1, start_ms=10, stop_ms=90, bin_ms=10)[1].sum() == 0


@pytest.mark.parametrize(("size", "stop", "bin_ms"), [(0, 10, 1), (1, -1, 1), (1, 10, 0)])
def test_a_population_rate_refuses_impossible_arguments(size, stop, bin_ms):
    with pytest.raises(ValueError, match="need a positive size and bin"):
        population_rate([], size, 0, stop, bin_ms)


def test_a_psth_aligns_the_trials_on_their_onsets():
    centres, rows = psth([105.0, 305.0, 312.0], [100, 300], size=1, before_ms=10, after_ms=20, bin_ms=10)
    assert centres.tolist() == [-5, 5, 15]
    assert rows.tolist() == [[0, 100, 0], [0, 100, 100]]


def test_a_psth_without_onsets_has_no_rows():
    assert psth([1.0], [], size=1, before_ms=10, after_ms=10, bin_ms=5)[1].shape == (0, 4)


@given(size=st.integers(1, 60), sigma=st.floats(0, 100))
def test_smoothing_keeps_a_constant_rate_up_to_the_ends(size, sigma):
    assert smooth(np.full(size, 7.0), bin_ms=5, sigma_ms=sigma) == pytest.approx(
        np.full(size, 7.0), rel=1e-12
    )


def test_smoothing_turns_an_impulse_into_a_gaussian():
    impulse = np.zeros(201)
    impulse[100] = 1
    times = (np.arange(201) - 100) * 2.0
    expected = 2.0 * np.exp(-0.5 * (times / 10) ** 2) / (10 * np.sqrt(2 * np.pi))
    # The kernel ends at 4 sigma, where a Gaussian still has 3.4e-4 of its peak.
    assert smooth(impulse, bin_ms=2, sigma_ms=10) == pytest.approx(expected, abs=5e-5)
