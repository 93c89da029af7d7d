"""pynapple takes what `open_results` gives. It counts in s, rounded to 1 ns."""

import numpy as np
import pynapple as nap
import pytest


@pytest.fixture(scope="module")
def support(results):
    return nap.IntervalSet(0, results.duration_ms, time_units="ms")


def seconds(times_ms):
    return np.round(times_ms / 1e3, 9)


@pytest.mark.parametrize("name", ["CUE", "CELL", "FAST"])
def test_the_short_way_gives_the_trains_of_the_neurons_that_fired(name, results, support):
    times, ids = results.spikes(name)
    group = nap.Tsd(t=times, d=ids, time_units="ms", time_support=support).to_tsgroup()
    assert list(group.index) == np.unique(ids).tolist()
    for cell in group.index:
        assert np.array_equal(group[cell].t, seconds(times[ids == cell]))


@pytest.mark.parametrize("name", ["CUE", "CELL", "FAST", "QUIET"])
def test_a_group_of_all_neurons_has_the_rate_of_the_summary(name, results, support):
    times, ids = results.spikes(name)
    size = results.size(name)
    trains = {cell: nap.Ts(times[ids == cell], time_units="ms") for cell in range(size)}
    group = nap.TsGroup(trains, time_support=support)
    assert len(group) == size
    counts = np.bincount(ids, minlength=size)
    assert np.array_equal(group.rates, counts / (results.duration_ms / 1e3))
    assert np.mean(group.rates) == pytest.approx(results.summary()[name].rate_hz, rel=1e-12)


def test_a_report_becomes_a_frame(results, support):
    times, values = results.report("CELL", "V")
    frame = nap.TsdFrame(t=times, d=values, time_units="ms", time_support=support, columns=[7, 0, 41])
    assert np.array_equal(frame.t, seconds(times))
    assert np.array_equal(frame.loc[41].values, values[:, 2])


def test_the_level_of_a_modulator_can_be_read_at_every_spike(results, support):
    at, level = results.modulator("dopamine_striatum")
    times, _ = results.spikes("CELL")
    spikes = nap.Ts(times, time_units="ms", time_support=support)
    dopamine = nap.Tsd(t=at, d=level, time_units="ms", time_support=support)
    before = level[np.searchsorted(at, times, side="right") - 1]
    assert np.array_equal(spikes.value_from(dopamine, mode="before").values, before)
