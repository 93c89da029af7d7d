"""Merging segments: nothing is lost, boundaries leave no trace, and every object is described."""

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuromod.errors import ConfigError, DamagedDataError, InternalError
from neuromod.store import results
from neuromod.store.blocks import blocks
from neuromod.store.layout import Layout, SpikeSource, milliseconds
from neuromod.store.provenance import SynapseIds
from neuromod.store.results import write_results
from neuromod.store.seal import verify
from tests.store.made_up import (
    DT,
    EDGES,
    LAYOUT,
    NUMBERS,
    SIGNALS,
    SIZES,
    STEPS,
    WEIGHTS,
    cut,
    provenance,
    recording,
    write_file,
    write_segments,
)


def objects(path):
    found = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.__setitem__(name, (type(item), dict(item.attrs))))
    return found


def test_the_bytes_of_the_file_do_not_depend_on_the_segments(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "block_steps", lambda layout: 1_700)
    one = write_file(tmp_path / "one", (0, STEPS)).read_bytes()
    assert one == write_file(tmp_path / "some").read_bytes()
    assert one == write_file(tmp_path / "many", [*range(0, STEPS, 123), STEPS]).read_bytes()


def test_a_later_write_of_the_same_content_gives_the_same_bytes(tmp_path):
    first = write_file(tmp_path / "a", seconds=1.0).read_bytes()
    write_results(tmp_path / "a", LAYOUT, provenance(seconds=1.0))
    assert (tmp_path / "a" / "results.h5").read_bytes() == first


def test_equal_runs_differ_only_below_neuromod_run(tmp_path):
    one = write_file(tmp_path / "one", host="here", seconds=1.0)
    two = write_file(tmp_path / "two", host="elsewhere", seconds=2.0)
    different = {
        name
        for name, (_, attributes) in objects(one).items()
        if str(attributes) != str(objects(two)[name][1]) and "REFERENCE_LIST" not in attributes
    }
    assert different == {"neuromod/run"}
    with h5py.File(one) as a, h5py.File(two) as b:
        names = [name for name, (kind, _) in objects(one).items() if kind is h5py.Dataset]
        assert [name for name in names if not np.array_equal(a[name][()], b[name][()])] == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edges=st.sets(st.integers(1, STEPS - 1), max_size=12),
    steps=st.integers(500, 2 * STEPS),
)
def test_blocks_do_not_depend_on_segments_and_lose_nothing(edges, steps):
    whole = recording()
    expected = list(blocks([whole], LAYOUT, steps))
    found = list(blocks(cut(whole, [0, *sorted(edges), STEPS]), LAYOUT, steps))
    assert [(b.start, b.stop) for b in found] == [(b.start, b.stop) for b in expected]
    for signal in SIGNALS:
        parts = [block.signals[signal.key] for block in found]
        assert [len(part) for part in parts] == [len(block.signals[signal.key]) for block in expected]
        assert np.array_equal(np.concatenate(parts), whole.signals[signal.key])
    for name, (times, ids) in whole.spikes.items():
        assert np.array_equal(np.concatenate([block.spikes[name][0] for block in found]), times)
        assert np.array_equal(np.concatenate([block.spikes[name][1] for block in found]), ids)


def test_a_run_without_any_recording_has_an_empty_file(tmp_path):
    layout = Layout(DT, (), ())
    with h5py.File(write_results(tmp_path, layout, provenance())) as file:
        assert list(file) == ["spikes", "report", "neuromod"]
        assert file["neuromod"].attrs["stop_step"] == 0


def test_spikes_are_sonata(tmp_path):
    with h5py.File(write_file(tmp_path)) as file:
        assert file.attrs["magic"] == 0x0A7A
        assert file.attrs["version"].tolist() == [0, 1]
        steps, ids = recording().spikes["PV"]
        part = file["spikes/PV"]
        assert h5py.check_enum_dtype(part.attrs.get_id("sorting").dtype) == {
            "none": 0,
            "by_id": 1,
            "by_time": 2,
        }
        assert part.attrs["sorting"] == 2
        assert part["timestamps"].attrs["units"] == "ms"
        assert np.array_equal(part["timestamps"][()], steps / 10)
        assert part["node_ids"].dtype == np.uint64
        assert np.array_equal(part["node_ids"][()], ids)
        assert file["spikes/SOM/timestamps"].shape == (0,)


def test_reports_are_sonata(tmp_path):
    with h5py.File(write_file(tmp_path)) as file:
        part = file["report/PC_V"]
        assert part["data"].dtype == np.float32  # SONATA says so, and libsonata reads no other
        assert np.array_equal(part["data"][()], recording().signals["report/PC_V"].astype(np.float32))
        assert part["mapping/node_ids"][()].tolist() == [3, 0, 7]
        assert part["mapping/index_pointers"][()].tolist() == [0, 1, 2, 3]
        assert part["mapping/index_pointers"] == part["mapping/index_pointer"]
        assert (
            part["mapping/element_ids"][()].tolist() == part["mapping/element_pos"][()].tolist() == [0, 0, 0]
        )
        start, stop, interval = part["mapping/time"][()]
        assert (start, interval) == (0.0, 0.5)
        assert stop == pytest.approx(1234.5, abs=1e-9)
        assert part["data"].attrs["units"] == "mV"


def test_sonata_is_uncompressed_and_the_rest_is_compressed(tmp_path):
    with h5py.File(write_file(tmp_path)) as file:
        sonata = [name for name in objects(file.filename) if name.startswith(("spikes", "report"))]
        found = {file[name].compression for name in sonata if isinstance(file[name], h5py.Dataset)}
        assert found == {None}
        for name in ("rates/PC/rate", f"weights/{WEIGHTS}/weight", "lfp/PV/time"):
            data = file["neuromod"][name]
            assert (data.compression, data.shuffle) == ("gzip", True)


def test_every_dataset_has_units_and_a_long_name(tmp_path):
    everything = objects(write_file(tmp_path)).items()
    bare = [
        name for name, (kind, attributes) in everything
        if kind is h5py.Dataset and not {"units", "long_name"} <= attributes.keys()
    ]  # fmt: skip
    assert bare == []


def test_signals_can_be_drawn_by_a_nexus_viewer(tmp_path):
    with h5py.File(write_file(tmp_path)) as file:
        part = file
        while "default" in part.attrs:
            part = part[part.attrs["default"]]
        assert part.name == "/neuromod/lfp/PV"
        assert part.attrs["NX_class"] == "NXdata"
        assert part.attrs["signal"] == "lfp"
        assert part.attrs["axes"].tolist() == ["time"]
        assert part["lfp"].dims[0][0] == part["time"]
        assert np.array_equal(part["time"][:4], [0, 1, 2, 3])


def test_variables_of_one_owner_share_their_axes(tmp_path):
    with h5py.File(write_file(tmp_path)) as file:
        part = file["neuromod/weights"][WEIGHTS]
        assert list(part) == ["synapse", "source", "target", "weight", "time", "c", "stdp.z"]
        for name in ("weight", "c", "stdp.z"):
            assert [part[name].dims[k][0] for k in range(2)] == [part["time"], part["synapse"]]
            key = f"weights/{WEIGHTS}" + ("" if name == "weight" else f".{name}")
            assert np.array_equal(part[name][()], recording().signals[key])
        assert part["time"][()].tolist() == [0, 500, 1000]
        assert tuple(part["synapse"][()]) == NUMBERS
        assert part.attrs["signal"] == "weight"
        assert part.attrs["auxiliary_signals"].tolist() == ["c", "stdp.z"]
        assert [part["weight"].attrs[name] for name in ("valid_min", "valid_max")] == [-100.0, 0.1]
        assert "valid_min" not in part["c"].attrs
        drives = file["neuromod/modulators/dopamine_PFC"]
        assert list(drives) == ["level", "time", "rho_D1"]
        expected = recording().signals["modulators/dopamine_PFC.rho_D1"]
        assert np.array_equal(drives["rho_D1"][()], expected[:, 0])


def test_objects_stand_in_the_order_of_the_layout(tmp_path):
    with h5py.File(write_file(tmp_path)) as file:
        assert list(file["spikes"]) == list(SIZES)
        assert list(file["neuromod"])[:3] == ["config", "resolved_config", "plan"]


def test_the_file_is_sealed(tmp_path):
    path = write_file(tmp_path)
    assert verify(path) == path.stat().st_size


@pytest.mark.parametrize("missing", [0, 3])
def test_a_missing_segment_is_found(missing, tmp_path):
    write_segments(tmp_path, cut(recording(), EDGES))
    (tmp_path / "segments" / f"seg-00000{missing}.h5").unlink()
    with pytest.raises(DamagedDataError, match=f"seg-00000{missing}.h5 is missing"):
        write_results(tmp_path, LAYOUT, provenance())
    assert not (tmp_path / "results.h5").exists()


def test_segments_of_another_run_are_refused(tmp_path):
    write_segments(tmp_path, cut(recording(), EDGES))
    other = Layout(2 * DT, LAYOUT.spikes, LAYOUT.signals)
    with pytest.raises(DamagedDataError, match="does not continue"):
        write_results(tmp_path, other, provenance())


def test_identities_of_the_wrong_number_of_synapses_are_a_bug(tmp_path):
    write_segments(tmp_path, cut(recording(), EDGES))
    few = SynapseIds(np.zeros(2, np.int32), np.zeros(2, np.int32))
    facts = provenance()
    wrong = type(facts)(**(vars(facts) | {"synapses": {WEIGHTS: few}}))
    with pytest.raises(InternalError, match="2 synapses and 30 columns"):
        write_results(tmp_path, LAYOUT, wrong)


def test_recording_something_twice_is_refused():
    with pytest.raises(ConfigError, match="spikes/PC more than once"):
        Layout(DT, (SpikeSource("PC", 1), SpikeSource("PC", 1)), ())


@pytest.mark.parametrize(
    ("dt", "steps", "ms"),
    [
        (1e-4, 3, 0.3),
        (1e-4, 12_345_678_901, 1_234_567_890.1),
        (5e-5, 7, 0.35),
        (2e-3, 3, 6.0),
        (3e-4, 1, 0.3),
    ],
)
def test_times_are_the_decimal_numbers_one_would_write(dt, steps, ms):
    assert float(milliseconds(steps, dt)) == ms
