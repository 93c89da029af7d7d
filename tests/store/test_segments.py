"""Segments: what goes in comes out, any HDF5 reader can read it, and wrong data are not written."""

import dataclasses
import errno

import h5py
import numpy as np
import pytest

from neuromod.errors import DamagedDataError, InternalError, StorageError
from neuromod.store.seal import write_image
from neuromod.store.segments import SegmentFile, read_segments, segment_path, write_segment
from tests.store.disks import failing
from tests.store.made_up import EDGES, LAYOUT, SIZES, STEPS, cut, recording, write_segments

WHOLE = recording()


def same(one, two):
    equal = [one.start == two.start, one.stop == two.stop, one.spikes.keys() == two.spikes.keys()]
    for name in one.spikes:
        equal += [np.array_equal(a, b) for a, b in zip(one.spikes[name], two.spikes[name], strict=True)]
    return all(equal + [np.array_equal(one.signals[key], two.signals[key]) for key in one.signals])


def test_what_is_written_is_read_back(unfinished):
    read = list(read_segments(unfinished, LAYOUT))
    assert len(read) == len(EDGES) - 1
    assert all(same(a, b) for a, b in zip(read, cut(WHOLE, EDGES), strict=True))
    assert not same(read[0], read[1])


def test_a_segment_says_itself_what_it_holds(unfinished):
    with SegmentFile(segment_path(unfinished, 2)) as segment:
        assert segment.layout == LAYOUT
        assert (segment.start, segment.stop) == EDGES[2:4]


def test_a_segment_is_plain_hdf5(unfinished):
    with h5py.File(unfinished / "segments" / "seg-000003.h5") as file:
        part = cut(WHOLE, EDGES)[3]
        assert file.attrs["dt_s"] == LAYOUT.dt
        assert np.array_equal(file["spikes/PC/step"][()], part.spikes["PC"][0])
        assert np.array_equal(file["signals/report/PC_V/values"][()], part.signals["report/PC_V"])
        assert file["signals/report/PC_V/values"].attrs["units"] == "mV"


def test_a_failed_write_leaves_the_segments_before_it(tmp_path):
    segments = cut(WHOLE, EDGES)
    write_segments(tmp_path, segments[:2])
    with pytest.raises(StorageError, match="no space left"):
        write_segment(tmp_path, 2, LAYOUT, segments[2], failing(1, errno.ENOSPC))
    assert len(list(read_segments(tmp_path, LAYOUT))) == 2


def altered(**changes):
    return dataclasses.replace(WHOLE, **changes)


def with_spikes(steps, ids):
    pair = np.array(steps, np.int64), np.array(ids, np.int32)
    return altered(spikes=WHOLE.spikes | {"PV": pair})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (with_spikes([5, 4], [1, 1]), "not sorted"),
        (with_spikes([5, 5], [2, 1]), "not sorted"),
        (with_spikes([5, 5], [1, 1]), "not sorted"),
        (with_spikes([STEPS], [1]), "out of range"),
        (with_spikes([5], [SIZES["PV"]]), "out of range"),
        (with_spikes([5], [-1]), "out of range"),
        (with_spikes([5, 6], [1]), "steps"),
        (altered(start=-1), "from step -1"),
        (altered(signals=WHOLE.signals | {"lfp/PV": np.zeros((3, 1))}), "lfp/PV"),
        (altered(signals=WHOLE.signals | {"lfp/PV": np.zeros(STEPS // 10)}), "lfp/PV"),
        (altered(signals=WHOLE.signals | {"report/PC_V": np.zeros((STEPS // 5, 4))}), "report/PC_V"),
    ],
)
def test_data_that_contradict_the_layout_are_not_written(data, message, tmp_path):
    with pytest.raises(InternalError, match=message):
        write_segment(tmp_path, 0, LAYOUT, data)
    assert list(tmp_path.iterdir()) == []


def test_a_segment_of_a_later_layout_names_the_version(tmp_path):
    path = tmp_path / "seg-000000.h5"
    path.write_bytes(write_image(lambda file: file.attrs.update({"layout_version": 2})))
    with pytest.raises(DamagedDataError, match="has layout version 2, this release reads 1"):
        SegmentFile(path)


def test_a_sealed_file_that_is_no_segment_is_refused(tmp_path):
    path = tmp_path / "seg-000000.h5"
    path.write_bytes(write_image(lambda file: file.attrs.update({"layout_version": 1})))
    with pytest.raises(DamagedDataError, match="not laid out as neuromod writes its files"):
        SegmentFile(path)
