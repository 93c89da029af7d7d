"""Reading results: the numbers that went in, the same whether the run has finished or not."""

import dataclasses
import shutil

import numpy as np
import pytest

from neuromod.errors import ConfigError, DamagedDataError, StorageError
from neuromod.store.provenance import write_provenance
from neuromod.store.reader import open_results
from neuromod.store.segments import segment_path, write_segment
from tests.store.made_up import (
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
    write_segments,
)

WHOLE = recording()


@pytest.fixture(params=["finished", "unfinished"])
def results(request):
    with open_results(request.getfixturevalue(request.param)) as opened:
        yield opened


def test_spikes_are_those_that_were_recorded(results):
    assert dict(results.populations) == SIZES
    for name in SIZES:
        times, ids = results.spikes(name)
        assert times.dtype == np.float64
        assert ids.dtype == np.int64
        assert np.array_equal(times, WHOLE.spikes[name][0] / 10)
        assert np.array_equal(ids, WHOLE.spikes[name][1])


def test_signals_are_those_that_were_recorded(results):
    assert results.signals == SIGNALS
    for signal in SIGNALS:
        times, samples = results.signal(signal.key)
        expected = WHOLE.signals[signal.key]
        if signal.kind == "report":
            expected = expected.astype(np.float32)
        assert np.array_equal(samples.reshape(expected.shape), expected)
        assert np.array_equal(times, (signal.first + signal.every * np.arange(len(expected))) / 10)


def test_each_kind_has_its_method_and_shape(results):
    assert results.lfp("PV")[1].shape == (1234,)
    assert results.rates("PC")[1].shape == (12,)
    assert results.modulator("dopamine_PFC")[0][:2].tolist() == [10.0, 40.0]
    assert results.report("PC", "V")[1].shape == (2469, 3)
    assert results.weights(WEIGHTS)[1].shape == (3, 30)
    assert results.weights(WEIGHTS, "c")[1].shape == (3, 30)
    assert results.drive("dopamine_PFC", "D1")[0][:2].tolist() == [10.0, 40.0]


def test_times_of_the_run(results):
    assert results.duration_ms == STEPS / 10
    assert results.dt_ms == 0.1
    assert results.size("PV") == 10


def test_summary_counts_spikes(results):
    summary = results.summary()
    assert [row.spikes for row in summary.values()] == [len(WHOLE.spikes[name][0]) for name in SIZES]
    assert summary["PV"].rate_hz == pytest.approx(80, rel=0.1)
    assert summary["SOM"].rate_hz == 0
    assert summary["SOM"].cv_isi is summary["SOM"].first_ms is None


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r: r.spikes("PVX"), r"population: got PVX, recorded are PC, PV, SOM; did you mean"),
        (lambda r: r.size("CA1"), "population: got CA1"),
        (lambda r: r.lfp("PC"), "lfp: got PC, recorded are PV"),
        (lambda r: r.report("PC", "W"), "report: got PC_W"),
        (lambda r: r.signal("weights"), "signal: got weights"),
        (lambda r: r.drive("dopamine_PFC", "D2"), "variable of dopamine_PFC: got rho_D2, recorded are level"),
        (
            lambda r: r.drive("serotonin_PFC", "D1"),
            "modulators: got serotonin_PFC, recorded are dopamine_PFC",
        ),
        (lambda r: r.weights("PV->PC"), "weights: got PV->PC, recorded are PC->PV:fast"),
        (
            lambda r: r.weights(WEIGHTS, "d"),
            "variable of PC->PV:fast: got d, recorded are weight, c, stdp.z",
        ),
        (lambda r: r.modulator("serotonin"), "modulators: got serotonin, recorded are dopamine_PFC"),
    ],
)
def test_a_name_that_was_not_recorded_is_refused_with_those_that_were(ask, message, results):
    with pytest.raises(ConfigError, match=message):
        ask(results)


def same_provenance(one, two):
    plain = [
        dataclasses.replace(p, synapses={}, populations=dict(p.populations), run=dict(p.run))
        for p in (one, two)
    ]
    return plain[0] == plain[1] and all(
        np.array_equal(getattr(one.synapses[WEIGHTS], end), getattr(two.synapses[WEIGHTS], end))
        for end in ("source", "target")
    )


def test_provenance_is_read_back(finished):
    with open_results(finished) as results:
        assert results.has_provenance
        assert same_provenance(results.provenance(), provenance())
        assert np.array_equal(results.synapses(WEIGHTS).source, provenance().synapses[WEIGHTS].source)
        assert results.synapses(WEIGHTS).numbers == NUMBERS


def test_a_directory_opens_its_results_file(finished):
    with open_results(str(finished.parent)) as results:
        assert results.finished
        assert results.path == finished


def test_a_run_under_way_shows_what_is_committed_at_that_moment(tmp_path):
    segments = cut(WHOLE, EDGES)
    write_segments(tmp_path, segments[:3])
    with open_results(tmp_path) as early:
        write_segments(tmp_path, segments)
        assert not early.finished
        assert early.duration_ms == EDGES[3] / 10
        assert early.spikes("PC")[0].max() < EDGES[3] / 10
        assert early.lfp("PV")[1].shape == (EDGES[3] // 10,)
    with open_results(tmp_path) as late:
        assert late.duration_ms == STEPS / 10


def test_a_run_under_way_has_provenance_once_it_is_written(tmp_path):
    write_segments(tmp_path, cut(WHOLE, EDGES)[:1])
    with open_results(tmp_path) as results:
        assert not results.has_provenance
        with pytest.raises(StorageError, match=r"provenance\.h5"):
            results.provenance()
        write_provenance(tmp_path, provenance())
        assert same_provenance(results.provenance(), provenance())


def test_a_temporary_file_of_a_killed_writer_is_not_seen(tmp_path):
    write_segments(tmp_path, cut(WHOLE, EDGES)[:2])
    (tmp_path / "segments" / ".seg-000002.h5.0a1b2c3d.tmp").write_bytes(b"half")
    with open_results(tmp_path) as results:
        assert results.duration_ms == EDGES[2] / 10


@pytest.mark.parametrize(
    "damage", [lambda image: image[:-1], lambda image: image[:2000] + b"?" + image[2001:]]
)
def test_a_damaged_segment_is_named_and_never_used(damage, tmp_path):
    write_segments(tmp_path, cut(WHOLE, EDGES))
    path = segment_path(tmp_path, 2)
    path.write_bytes(damage(path.read_bytes()))
    with (
        open_results(tmp_path) as results,
        pytest.raises(DamagedDataError, match=r"seg-000002\.h5: damaged"),
    ):
        results.spikes("PC")


def test_a_segment_of_another_run_is_refused(tmp_path):
    write_segments(tmp_path / "a", cut(WHOLE, EDGES))
    other = dataclasses.replace(LAYOUT, dt=2e-4)
    (tmp_path / "b").mkdir()
    strange = write_segment(tmp_path / "b", 1, other, cut(WHOLE, EDGES)[1])
    shutil.copy(strange, segment_path(tmp_path / "a", 1))
    with open_results(tmp_path / "a") as results, pytest.raises(DamagedDataError, match="same run"):
        results.spikes("PC")


@pytest.mark.parametrize("name", ["empty", "none.h5"])
def test_nothing_to_read_is_one_sentence(name, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(StorageError) as caught:
        open_results(tmp_path / name)
    assert name in str(caught.value)
