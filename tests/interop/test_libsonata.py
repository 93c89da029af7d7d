"""libsonata, the reader of the Blue Brain and Open Brain tools, finds spikes and reports."""

import libsonata
import numpy as np
import pytest

POPULATIONS = ["CUE", "CELL", "FAST", "QUIET"]
REPORTS = ["CELL_V", "CELL_w", "FAST_V"]


@pytest.fixture(scope="module")
def spikes(path):
    return libsonata.SpikeReader(path)


@pytest.fixture(scope="module", params=[libsonata.ElementReportReader, libsonata.SomaReportReader])
def reports(request, path):
    return request.param(path)


def neurons(frame):
    """Node ids of the columns; the reader of elements gives pairs of node and element."""
    return [int(entry) if np.ndim(entry) == 0 else int(entry[0]) for entry in frame.ids]


def test_every_population_is_there_by_name(spikes):
    assert sorted(spikes.get_population_names()) == sorted(POPULATIONS)


@pytest.mark.parametrize("name", POPULATIONS)
def test_spikes_are_equal(name, spikes, results):
    times, ids = results.spikes(name)
    population = spikes[name]
    assert (population.time_units, population.sorting) == ("ms", "by_time")
    assert population.get() == list(zip(ids.tolist(), times.tolist(), strict=True))
    arrays = population.get_dict()
    assert np.array_equal(arrays["timestamps"], times)
    assert np.array_equal(arrays["node_ids"], ids)
    assert arrays["node_ids"].dtype == np.uint64


@pytest.mark.parametrize("name", ["CUE", "CELL", "FAST"])
def test_the_spikes_of_some_neurons_in_some_time_are_equal(name, spikes, results):
    times, ids = results.spikes(name)
    chosen = np.isin(ids, [1, 5]) & (times >= 100.0) & (times <= 600.0)
    expected = list(zip(ids[chosen].tolist(), times[chosen].tolist(), strict=True))
    assert len(expected) > 1
    assert spikes[name].get(node_ids=[1, 5], tstart=100.0, tstop=600.0) == expected


def test_every_report_is_there_by_name(reports):
    assert reports.get_population_names() == REPORTS


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_equal(name, reports, results, raw):
    owner, variable = name.split("_")
    signal = next(signal for signal in results.signals if signal.key == f"report/{name}")
    times, values = results.report(owner, variable)
    report = reports[name]
    assert (report.time_units, report.data_units) == ("ms", signal.unit)
    assert report.get_node_ids() == list(signal.ids)
    frame = report.get()
    assert np.array_equal(frame.data, raw[f"report/{name}/data"])
    assert np.array_equal(frame.data, values)
    assert frame.data.dtype == np.float32
    assert neurons(frame) == list(signal.ids)
    # libsonata adds the interval up sample by sample, so its times are off by rounding. Once that exceeds its
    # 1e-6 ms (about a million samples every 0.3 ms) it asks for one sample too many, unless `tstop` is given.
    interval = times[1] - times[0]
    assert np.array_equal(frame.times, np.cumsum([0.0, *[interval] * (len(times) - 1)]))
    assert np.allclose(frame.times, times, rtol=0, atol=1e-9)


def test_the_span_of_a_report_ends_after_its_last_sample(reports, results):
    assert reports["CELL_V"].times == (0.0, 800.0, 1.0)
    start, stop, interval = reports["FAST_V"].times
    samples = len(results.report("FAST", "V")[0])
    assert (start, interval) == (0.0, 0.3)
    assert stop == pytest.approx(samples * 0.3, abs=1e-9)


def test_part_of_a_report_is_equal(reports, results):
    times, values = results.report("CELL", "V")  # of neurons 7, 0, 41
    frame = reports["CELL_V"].get(node_ids=[41, 7], tstart=100.0, tstop=250.0)
    inside = (times >= 100.0) & (times <= 250.0)
    assert neurons(frame) == [41, 7]
    assert np.array_equal(frame.times, times[inside])
    assert np.array_equal(frame.data, values[inside][:, [2, 0]])


def test_every_tenth_sample_of_a_report_is_equal(reports, results):
    times, values = results.report("CELL", "w")
    frame = reports["CELL_w"].get(tstride=10)
    assert np.array_equal(frame.times, times[::10])
    assert np.array_equal(frame.data, values[::10])
