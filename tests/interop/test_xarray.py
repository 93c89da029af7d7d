"""xarray opens the whole file as one tree; dimension scales become coordinates and units stay."""

import h5py
import numpy as np
import pytest
import xarray

TRACES = [
    ("neuromod/rates/CUE", "rate", "Hz", "CUE"),
    ("neuromod/rates/CELL", "rate", "Hz", "CELL"),
    ("neuromod/lfp/CELL", "lfp", "pA", "CELL"),
    ("neuromod/modulators/dopamine_striatum", "level", "1", "dopamine_striatum"),
    ("neuromod/modulators/dopamine_striatum", "rho_D1", "1", "dopamine_striatum"),
]


@pytest.fixture(scope="module")
def tree(path):
    with xarray.open_datatree(path, engine="h5netcdf", decode_times=False) as opened:
        yield opened


@pytest.mark.parametrize(("group", "name", "unit", "owner"), TRACES)
def test_a_trace_has_its_time_and_its_unit(group, name, unit, owner, tree, raw):
    trace = tree[f"{group}/{name}"]
    assert trace.dims == ("time",)
    assert np.array_equal(trace.values, raw[f"{group}/{name}"])
    assert np.array_equal(trace.time.values, raw[f"{group}/time"])
    assert (trace.attrs["units"], trace.time.attrs["units"]) == (unit, "ms")
    assert trace.attrs["owner"] == owner


def test_weights_have_a_time_and_a_synapse(tree, results):
    part = tree["neuromod/weights/CUE->CELL"]
    times, weights = results.weights("CUE->CELL")
    weight = part["weight"]
    assert weight.dims == ("time", "synapse")
    assert np.array_equal(weight.values, weights)
    assert np.array_equal(weight.time.values, times)
    assert weight.synapse.values.tolist() == list(range(weights.shape[1]))
    assert (weight.attrs["units"], weight.time.attrs["units"]) == ("nS", "ms")
    ids = results.synapses("CUE->CELL")
    assert part["source"].dims == part["target"].dims == ("synapse",)
    assert np.array_equal(part["source"].values, ids.source)
    assert np.array_equal(part["target"].values, ids.target)


def test_eligibilities_stand_beside_the_weights(tree, results):
    part = tree["neuromod/weights/CUE->CELL"].to_dataset()
    times, values = results.weights("CUE->CELL", "c")
    assert np.abs(values).max() > 0
    assert np.array_equal(part.c.values, values)
    assert part.c.dims == part.weight.dims
    assert part.c.attrs["units"] == "nS"
    assert np.array_equal(part.c.time.values, times)
    bounds = [part.weight.attrs[name] for name in ("valid_min", "valid_max")]
    assert bounds == [0.0, 1.4]


def test_weights_are_selected_by_time_and_by_target(tree, results):
    data = tree["neuromod/weights/CUE->CELL"].to_dataset().set_coords(["source", "target"])
    found = data.weight.sel(time=500.0).where(data.target == 3, drop=True)
    times, weights = results.weights("CUE->CELL")
    target = results.synapses("CUE->CELL").target
    assert np.array_equal(found.values, weights[times == 500.0][0, target == 3])


@pytest.mark.parametrize("name", ["CELL_V", "CELL_w", "FAST_V"])
def test_a_report_has_a_time_and_a_neuron(name, tree, results):
    times, values = results.report(*name.split("_"))
    data = tree[f"report/{name}/data"]
    assert data.dims == ("sample_time", "neuron")
    assert np.array_equal(data.values, values)
    assert np.array_equal(data.sample_time.values, times)
    first = data.sel(neuron=0).values
    ids = next(signal.ids for signal in results.signals if signal.key == f"report/{name}")
    assert np.array_equal(first, values[:, ids.index(0)])


def test_spikes_are_cells_over_time(tree, results):
    for name in results.populations:
        times, ids = results.spikes(name)
        cells = tree[f"spikes/{name}/node_ids"]
        assert np.array_equal(cells.values, ids)
        assert np.array_equal(cells.timestamps.values, times)


def test_sizes_are_found_by_name(tree, results):
    # Text of fixed length reaches xarray as bytes, whatever its character set: netCDF has no such type.
    sizes = tree["neuromod/populations"].to_dataset()["size"]
    named = sizes.assign_coords(population=sizes.population.astype(str))
    assert {str(name): int(named.sel(population=name)) for name in named.population.values} == dict(
        results.populations
    )


def test_every_dataset_of_the_file_is_there_with_its_unit_and_its_name(tree, raw):
    datasets = []
    raw.visititems(lambda name, item: datasets.append(name) if isinstance(item, h5py.Dataset) else None)
    assert len(datasets) > 60
    for name in datasets:
        found, wanted = tree[name], raw[name]
        assert found.shape == wanted.shape
        described = {key: found.attrs[key] for key in ("units", "long_name")}
        assert described == {key: wanted.attrs[key] for key in ("units", "long_name")}
