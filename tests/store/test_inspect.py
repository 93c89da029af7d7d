"""What `inspect` shows of a file or a run directory."""

import json

import pytest

from neuromod.errors import DamagedDataError, StorageError
from neuromod.store.inspect import as_data, render, tree
from tests.store.made_up import SIZES, WEIGHTS, recording


def test_the_tree_has_a_line_per_object_with_shape_type_and_unit(finished):
    lines = tree(finished)
    count = len(recording().spikes["PC"][0])
    assert lines[:3] == [
        "spikes/",
        "  PC/",
        f"    timestamps  [{count}] float64, ms  start of the step in which the threshold was crossed",
    ]
    assert f"      weight  [3, 30] float64, nS  weights of {WEIGHTS}" in lines


def test_the_text_has_a_row_per_population(finished):
    text = render(finished)
    assert "(complete)" in text
    assert "1234.5 ms simulated in steps of 0.1 ms" in text
    assert "seed 7" in text
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.split()[:1]}
    for name, size in SIZES.items():
        assert rows[name][:2] == [str(size), str(len(recording().spikes[name][0]))]
    assert rows["SOM"][2:] == ["0", "-", "-", "-"]


def test_an_unfinished_run_shows_its_state_and_its_last_segment(unfinished):
    text = render(unfinished)
    assert "unfinished" in text
    assert "signals/" in text
    assert as_data(unfinished)["provenance"] is None


def test_the_data_are_plain_and_complete(finished):
    data = json.loads(json.dumps(as_data(finished)))
    assert [row["population"] for row in data["populations"]] == list(SIZES)
    assert data["finished"] is True
    assert data["provenance"]["projections"][WEIGHTS]["count"] == 30
    assert {"key": "lfp/PV", "unit": "pA", "long_name": "LFP proxy", "columns": 1, "every_ms": 1.0} in data[
        "signals"
    ]
    paths = [entry["path"] for entry in data["objects"]]
    assert "/report/PC_V/mapping/index_pointers" in paths


@pytest.mark.parametrize("show", [tree, render, as_data])
def test_damage_and_absence_are_errors(show, finished, tmp_path):
    path = tmp_path / "results.h5"
    path.write_bytes(finished.read_bytes()[:-1])
    with pytest.raises(DamagedDataError):
        show(path)
    with pytest.raises(StorageError):
        show(tmp_path / "none.h5")
