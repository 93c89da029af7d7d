"""pandas: tables straight from the datasets, without any reader between."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def spikes(raw):
    """One row per spike: population, time, cell."""
    tables = {
        name: pd.DataFrame({"time_ms": part["timestamps"][()], "cell": part["node_ids"][()]})
        for name, part in raw["spikes"].items()
    }
    return pd.concat(tables, names=["population"]).reset_index(level="population")


@pytest.fixture(scope="module")
def summary(results):
    return pd.DataFrame([vars(row) for row in results.summary().values()]).set_index("population")


def test_counts_and_first_and_last_spikes_are_those_of_the_summary(spikes, summary):
    found = spikes.groupby("population")["time_ms"].agg(["count", "min", "max"]).reindex(summary.index)
    assert found["count"].fillna(0).tolist() == summary["spikes"].tolist()
    pd.testing.assert_series_equal(found["min"], summary["first_ms"], check_names=False, check_exact=True)
    pd.testing.assert_series_equal(found["max"], summary["last_ms"], check_names=False, check_exact=True)


def test_rates_from_the_table_of_populations_are_those_of_the_summary(spikes, raw, summary):
    table = raw["neuromod/populations"]
    names = table["population"].asstr()[()]
    size = pd.Series(table["size"][()], index=names)
    seconds = raw["neuromod"].attrs["stop_step"] * raw["neuromod"].attrs["dt_s"]
    counts = spikes["population"].value_counts().reindex(names, fill_value=0)
    assert size.tolist() == summary["size"].tolist()
    assert (counts / size / seconds).tolist() == pytest.approx(summary["rate_hz"].tolist(), rel=1e-12)


def test_irregularity_by_grouping_is_that_of_the_summary(spikes, summary):
    by_cell = spikes.groupby(["population", "cell"])["time_ms"]
    intervals = by_cell.diff().groupby([spikes["population"], spikes["cell"]])
    cv = (intervals.std(ddof=0) / intervals.mean())[by_cell.count() >= 3]
    found = cv.groupby("population").mean().reindex(summary.index)
    assert found.tolist() == pytest.approx(summary["cv_isi"].tolist(), rel=1e-12, nan_ok=True)


def test_a_report_becomes_a_table_with_a_column_per_neuron(raw, results):
    part = raw["report/CELL_V"]
    table = pd.DataFrame(part["data"][()], index=part["sample_time"][()], columns=part["neuron"][()])
    times, values = results.report("CELL", "V")
    assert table.columns.tolist() == [7, 0, 41]
    assert table.loc[100.0:250.0, 41].tolist() == values[(times >= 100) & (times <= 250), 2].tolist()


def test_weights_become_a_table_with_a_column_per_synapse(raw, results):
    part = raw["neuromod/weights/CUE->CELL"]
    pairs = pd.MultiIndex.from_arrays([part["source"][()], part["target"][()]], names=["source", "target"])
    table = pd.DataFrame(part["weight"][()], index=part["time"][()], columns=pairs)
    ids = results.synapses("CUE->CELL")
    _, weights = results.weights("CUE->CELL")
    onto_cell = table.xs(3, axis=1, level="target")
    assert onto_cell.shape[1] == 8  # the in-degree of the config
    assert np.array_equal(onto_cell, weights[:, ids.target == 3])
    assert onto_cell.columns.tolist() == ids.source[ids.target == 3].tolist()
