"""The file of an analysis: sealed, described, replaced as a whole, and shown by `inspect`."""

import json

import h5py
import numpy as np
import pytest
import xarray

from neuromod.errors import DamagedDataError, StorageError
from neuromod.store.analysis import (
    Column,
    Origin,
    Table,
    about_analysis,
    digest_of_results,
    is_analysis,
    results_of,
    write_analysis,
)
from neuromod.store.inspect import as_data, render
from tests.store.made_up import write_file

TABLES = [
    Table(
        "fields",
        (Column("field", ["A", "B"], "1", "field"), Column("mi", np.array([0.1, np.nan]), "1", "MI")),
    ),
    Table(
        "comodulogram/A",
        (
            Column("slow", np.array([4.0, 5.0]), "Hz", "phase"),
            Column("fast", np.array([30.0, 40.0, 50.0]), "Hz", "amplitude", ("fast",)),
            Column("mi", np.ones((2, 3)), "1", "MI", ("slow", "fast")),
        ),
        {"threshold": 0.2},
    ),
]
ORIGIN = Origin("ab" * 32, "0123abcd", 7)


def written(path, tables=TABLES, origin=ORIGIN):
    return write_analysis(path, tables, origin, {"surrogates": 200, "theta": "4-12 Hz"}, {"neuromod": "0.1"})


def test_an_analysis_says_of_what_it_is_and_how_it_was_made(tmp_path):
    about = about_analysis(written(tmp_path / "analysis.h5"))
    assert about == {
        "results_sha256": ORIGIN.digest,
        "structure_key": "0123abcd",
        "seed": 7,
        "parameters": {"surrogates": 200, "theta": "4-12 Hz"},
        "versions": {"neuromod": "0.1"},
    }


def test_every_dataset_is_described_and_has_its_coordinates(tmp_path):
    with h5py.File(written(tmp_path / "analysis.h5")) as file:
        items = []
        file.visititems(lambda _, item: items.append(item) if isinstance(item, h5py.Dataset) else None)
        assert all({"units", "long_name"} <= set(item.attrs) for item in items)
        assert [scale[0].name for scale in file["rhythms/comodulogram/A/mi"].dims] == [
            "/rhythms/comodulogram/A/slow",
            "/rhythms/comodulogram/A/fast",
        ]
        assert file["rhythms/comodulogram/A"].attrs["threshold"] == 0.2


def test_xarray_opens_the_whole_file(tmp_path):
    path = written(tmp_path / "analysis.h5")
    with xarray.open_datatree(path, engine="h5netcdf", decode_times=False) as tree:
        assert tree["rhythms/comodulogram/A/mi"].sel(slow=4, fast=50).item() == 1


def test_only_the_group_run_differs_between_analyses_of_equal_runs(tmp_path):
    one = written(tmp_path / "one.h5")
    other = written(tmp_path / "other.h5", origin=Origin("cd" * 32, "0123abcd", 7))
    assert one.read_bytes() != other.read_bytes()
    differing = {key for key in about_analysis(one) if about_analysis(one)[key] != about_analysis(other)[key]}
    assert differing == {"results_sha256"}
    assert written(tmp_path / "again.h5").read_bytes() == one.read_bytes()


def test_a_damaged_analysis_is_noticed(tmp_path):
    path = written(tmp_path / "analysis.h5")
    image = bytearray(path.read_bytes())
    image[len(image) // 2] ^= 1
    path.write_bytes(image)
    with pytest.raises(DamagedDataError, match="seal does not hold"):
        about_analysis(path)


def test_inspect_shows_an_analysis(tmp_path):
    path = written(tmp_path / "other_name.h5")
    text = render(path)
    assert "(analysis)" in text
    assert "parameters: surrogates 200, theta 4-12 Hz" in text
    assert "      slow  [2] float64, Hz  phase" in text
    assert json.loads(json.dumps(as_data(path)))["seed"] == 7


def test_inspect_of_a_run_says_whether_its_analysis_is_of_these_results(tmp_path):
    results = write_file(tmp_path)
    copy = tmp_path / "copy.h5"
    copy.write_bytes(results.read_bytes())
    assert (is_analysis(results), is_analysis(copy), is_analysis(tmp_path)) == (False, False, False)
    written(tmp_path / "analysis.h5")
    assert "analysis of OTHER results" in render(tmp_path)
    written(tmp_path / "analysis.h5", origin=Origin(digest_of_results(results), "0123abcd", 7))
    assert "analysis of these results" in render(tmp_path)
    (tmp_path / "analysis.h5").write_bytes(b"nothing")
    assert "analysis that cannot be used" in render(tmp_path)


def test_a_run_that_has_not_finished_has_nothing_to_analyse(tmp_path):
    with pytest.raises(StorageError, match=r"no results.h5 yet; neuromod resume .* finishes the run"):
        results_of(tmp_path)
