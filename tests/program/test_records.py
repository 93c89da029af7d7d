"""Named arrays survive the way into a file and back; damage is noticed."""

from pathlib import Path

import numpy as np
import pytest

from neuromod.errors import InternalError
from neuromod.program.records import read_records, write_records


def test_arrays_of_every_type_come_back_as_they_were(tmp_path: Path) -> None:
    records = {
        "a.b": np.linspace(0, 1, 7),
        "empty": np.zeros(0),
        "i": np.arange(5, dtype=np.int32),
        "l": np.array([-(2**40)], np.int64),
        "text": "one\ntwo",
    }
    write_records(tmp_path / "f", records)
    back = read_records(tmp_path / "f")
    assert list(back) == list(records)
    assert bytes(back["text"]).decode() == "one\ntwo"
    for name in ("a.b", "empty", "i", "l"):
        assert back[name].dtype == records[name].dtype  # type: ignore[union-attr]  # arrays only
        assert np.array_equal(back[name], records[name])  # type: ignore[arg-type]  # arrays only


@pytest.mark.parametrize("cut", [9, 20, 40])
def test_a_file_that_is_cut_is_refused(tmp_path: Path, cut: int) -> None:
    write_records(tmp_path / "f", {"a": np.arange(10.0), "b": np.arange(10.0)})
    whole = (tmp_path / "f").read_bytes()
    (tmp_path / "f").write_bytes(whole[:-cut])
    with pytest.raises(InternalError, match="truncated"):
        read_records(tmp_path / "f")


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"something else")
    with pytest.raises(InternalError, match="not a file of arrays"):
        read_records(tmp_path / "f")


def test_a_type_that_programs_do_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="float16"):
        write_records(tmp_path / "f", {"a": np.zeros(3, np.float16)})  # type: ignore[dict-item]  # on purpose
