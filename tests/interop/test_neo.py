"""neo holds the spikes and traces, and elephant finds the numbers of the summary in them."""

import neo
import numpy as np
import pytest
import quantities as pq
from elephant.statistics import cv, isi, mean_firing_rate, time_histogram

# elephant still passes `copy` to quantities, which has had no effect since quantities 0.16 and warns.
pytestmark = pytest.mark.filterwarnings(
    "ignore:The 'copy' argument in Quantity is deprecated:quantities.QuantitiesDeprecationWarning"
)
POPULATIONS = ["CUE", "CELL", "FAST", "QUIET"]
ROUNDING = 1e-12
"""Relative: the same sums in another order."""


@pytest.fixture(scope="module", params=POPULATIONS)
def population(request, results):
    """Name, and one train per neuron."""
    times, ids = results.spikes(request.param)
    cells = range(results.size(request.param))
    trains = [neo.SpikeTrain(times[ids == k], units="ms", t_stop=results.duration_ms) for k in cells]
    return request.param, trains


def test_trains_hold_the_times_as_they_are(population, results):
    name, trains = population
    times, ids = results.spikes(name)
    for cell, train in enumerate(trains):
        assert np.array_equal(train.magnitude, times[ids == cell])
        assert train.t_stop == results.duration_ms * pq.ms


def test_the_mean_rate_is_that_of_the_summary(population, results):
    name, trains = population
    rates = [float(mean_firing_rate(train).rescale("Hz")) for train in trains]
    assert np.mean(rates) == pytest.approx(results.summary()[name].rate_hz, rel=ROUNDING)


def test_rates_in_bins_are_the_recorded_rates(population, results):
    name, trains = population
    starts, rates = results.rates(name)
    found = time_histogram(trains, bin_size=20 * pq.ms, output="rate")
    assert np.array_equal(found.times.rescale("ms").magnitude, starts)
    assert np.allclose(found.rescale("Hz").magnitude[:, 0], rates, rtol=ROUNDING, atol=0)


def test_the_irregularity_is_that_of_the_summary(population, results):
    name, trains = population
    found = [cv(isi(train)) for train in trains if len(train) >= 3]
    expected = results.summary()[name].cv_isi
    if expected is None:
        assert found == []
    else:
        assert np.mean(found) == pytest.approx(expected, rel=ROUNDING)


def test_a_report_becomes_an_analogue_signal(results):
    times, values = results.report("CELL", "V")
    signal = neo.AnalogSignal(values, units="mV", sampling_period=1 * pq.ms)
    assert np.array_equal(signal.magnitude, values)
    assert np.allclose(signal.times.rescale("ms").magnitude, times, rtol=ROUNDING, atol=0)  # kept in s
