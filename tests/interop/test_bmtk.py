"""The Brain Modeling Toolkit finds spikes and reports."""

import numpy as np
import pytest
from bmtk.utils.reports.compartment import CompartmentReport
from bmtk.utils.reports.spike_trains import SpikeTrains
from bmtk.utils.reports.spike_trains.core import SortOrder

POPULATIONS = ["CUE", "CELL", "FAST", "QUIET"]
REPORTS = ["CELL_V", "CELL_w", "FAST_V"]


@pytest.fixture(scope="module")
def trains(path):
    return SpikeTrains.from_sonata(path)


@pytest.fixture(scope="module")
def reports(path):
    return CompartmentReport(path)


def test_every_population_is_there_by_name(trains, results):
    assert trains.populations == POPULATIONS
    assert len(trains) == sum(row.spikes for row in results.summary().values())


@pytest.mark.parametrize("name", POPULATIONS)
def test_spikes_are_equal(name, trains, results):
    times, ids = results.spikes(name)
    frame = trains.to_dataframe(populations=name)
    assert trains.units(name) == "ms"
    assert trains.n_spikes(name) == len(times)
    assert np.array_equal(frame["timestamps"], times)
    assert np.array_equal(frame["node_ids"], ids)
    assert frame["population"].tolist() == [name] * len(times)
    assert np.array_equal(trains.node_ids(name), np.unique(ids))


@pytest.mark.parametrize("name", ["CUE", "CELL", "FAST"])
def test_the_spikes_of_a_neuron_are_equal(name, trains, results):
    times, ids = results.spikes(name)
    for cell in range(results.size(name)):
        assert np.array_equal(trains.get_times(cell, name), times[ids == cell])
    chosen = times[(ids == 1) & (times >= 100.0) & (times <= 600.0)]
    assert np.array_equal(trains.get_times(1, name, time_window=(100.0, 600.0)), chosen)


# Not by `spikes(sort_order=by_time)`: bmtk looks there for the first spike of every population, and QUIET has
# none (IndexError). `to_dataframe` sorts in place, which pandas 3.1 warns of.
@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame:pandas.errors.Pandas4Warning")
def test_spikes_of_all_populations_come_in_order_of_time(trains, results):
    frame = trains.to_dataframe(sort_order=SortOrder.by_time)
    everything = np.sort(np.concatenate([results.spikes(name)[0] for name in POPULATIONS]))
    assert np.array_equal(frame["timestamps"], everything)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_equal(name, reports, results, raw):
    owner, variable = name.split("_")
    signal = next(signal for signal in results.signals if signal.key == f"report/{name}")
    times, values = results.report(owner, variable)
    report = reports[name]
    assert reports.populations == REPORTS
    assert (report.units(), report.variable()) == (signal.unit, variable)
    assert report.node_ids().tolist() == list(signal.ids)
    assert np.array_equal(report.data(), raw[f"report/{name}/data"])
    assert np.array_equal(report.data(), values)
    # Not by `time_trace`: bmtk stretches it to the stop, which lies one interval after the last sample.
    assert report.n_steps() == len(times)
    moments = report.tstart() + report.dt() * np.arange(report.n_steps())
    assert np.allclose(moments, times, rtol=0, atol=1e-9)


def test_the_samples_of_one_neuron_in_some_time_are_equal(reports, results):
    times, values = results.report("CELL", "V")  # of neurons 7, 0, 41
    chosen = reports.data(node_id=41, population="CELL_V", time_window=(100.0, 250.0))
    assert np.array_equal(chosen[:, 0], values[(times >= 100.0) & (times < 250.0), 2])


def test_a_neuron_is_one_element(reports):
    report = reports["CELL_V"]
    assert [report.n_elements(cell) for cell in (7, 0, 41)] == [1, 1, 1]
    assert report.element_ids().tolist() == report.element_pos().tolist() == [0, 0, 0]
    assert report.index_pointer().tolist() == [0, 1, 2, 3]
