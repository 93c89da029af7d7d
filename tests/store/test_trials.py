"""The log of trials: the same whatever the segments, readable while a run goes on, refused when damaged."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromod.errors import ConfigError, DamagedDataError
from neuromod.store.layout import Column, Layout, SegmentData, Table
from neuromod.store.reader import open_results
from neuromod.store.results import write_results
from neuromod.store.segments import write_segment
from neuromod.store.trials import get_rows
from tests.store.made_up import provenance

CUE = Column("cue", "1", "what it is about", whole=True, labels=("left", "right"))
TABLE = Table(
    (
        Column("trial", "1", "number", whole=True),
        CUE,
        Column("latency", "ms", "time to the choice; NaN: none"),
    )
)
LAYOUT = Layout(1e-4, (), (), TABLE)
ROWS = np.array([[0, 1, 250.0], [1, 0, np.nan], [2, 1, 31.5], [3, 1, 20.25]])
SCHEDULE = {CUE: np.array([1, 0, 1, 1, 0], np.int32)}


def written(directory: Path, *ends: int) -> Path:
    """A run whose segments end after so many trials."""
    directory.mkdir()
    for number, (first, last) in enumerate(zip((0, *ends), ends, strict=False)):
        data = SegmentData(100 * number, 100 * (number + 1), {}, {}, ROWS[first:last])
        write_segment(directory, number, LAYOUT, data)
    return directory


def merged(directory: Path) -> Path:
    return write_results(directory, LAYOUT, replace(provenance(), synapses={}, schedule=SCHEDULE))


def test_the_log_of_a_finished_and_of_an_unfinished_run_is_the_same(tmp_path: Path) -> None:
    directory = written(tmp_path / "run", 1, 1, 4)
    with open_results(directory) as early:
        before = early.trials()
    with open_results(merged(directory)) as results:
        after, schedule = results.trials(), results.schedule()
    assert list(before) == list(after) == ["trial", "cue", "latency"]
    for log in (before, after):
        assert log["trial"].tolist() == [0, 1, 2, 3]
        assert log["cue"].tolist() == ["right", "left", "right", "right"]
        assert np.array_equal(log["latency"], ROWS[:, 2], equal_nan=True)
    assert schedule["cue"].tolist() == ["right", "left", "right", "right", "left"]


def test_where_segments_ended_does_not_show(tmp_path: Path) -> None:
    one = merged(written(tmp_path / "one", 0, 3, 4)).read_bytes()
    assert one == merged(written(tmp_path / "two", 2, 2, 4)).read_bytes()


def test_a_run_that_ended_before_a_trial_did_has_an_empty_log(tmp_path: Path) -> None:
    with open_results(merged(written(tmp_path / "run", 0))) as results:
        assert [len(column) for column in results.trials().values()] == [0, 0, 0]


def test_a_run_without_a_task_has_no_log(finished: Path) -> None:
    with open_results(finished) as results:
        for read in (results.trials, results.schedule):
            with pytest.raises(ConfigError, match="recorded is none"):
                read()


def test_columns_of_different_lengths_are_no_table(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "damaged.h5", "w") as file:
        for order, (name, length) in enumerate((("trial", 3), ("cue", 2))):
            file.create_dataset(f"trials/{name}", data=np.zeros(length)).attrs["order"] = order
        with pytest.raises(DamagedDataError, match="is not a table"):
            get_rows(file["trials"])
