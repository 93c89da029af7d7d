"""Hostile HDF5 files, offered to everything that reads one: nothing foreign is read, and each ends soon."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.fuzz.hostile_hdf5 import RESULTS, SONATA
from tests.store.test_guarded import HOSTILE

MOST_MIB = 200
HARMLESS = {
    ("rates_that_unpack_to_400_megabytes", "inspect"),
    ("rates_that_unpack_to_400_megabytes", "inspect --json"),
    ("a_circle_of_groups", "open_results"),
    ("a_circle_of_groups", "plot"),
    ("a_circle_of_groups", "report"),
}
"""What reads the file without coming to the hostile part, or finds nothing wrong in it."""
CONFIGS = {"spikes file", "edges", "mean_clamp"}
FEW = [
    "spikes_that_unpack_to_800_megabytes",
    "a_link_to_the_bait",
    "data_in_the_bait",
    "a_name_that_drives_the_terminal",
    "spikes_that_are_not_finite",
]
Found = list[Any]  # decoded JSON: [file, reader, exit code or fault, lines, MiB, touched]


def offered(base: Path, *names: str) -> dict[str, Any]:
    """The report of the worker."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.hdf5_worker", str(base), *names],
        cwd=REPOSITORY,
        check=False,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


def check(report: dict[str, Any]) -> None:
    """No file did anything that is not allowed."""
    assert report["control"] == ["bait.h5"]
    assert not [name for name in report["left"] if "pwned" in name]
    assert {(name, reader) for name, reader, code, *_ in report["found"] if code == 0} <= HARMLESS
    for name, reader, code, lines, mib, touched in report["found"]:
        assert touched == [], (name, reader)
        assert mib <= MOST_MIB, (name, reader, mib)
        if code != 0:
            assert code in ({2} if reader in CONFIGS else {65}), (name, reader, code, lines)
            assert len(lines) == 1, (name, reader, lines)
            assert lines[0].isprintable(), (name, reader, lines)


def test_some_hostile_files_are_refused_in_one_sentence(tmp_path: Path) -> None:
    report = offered(tmp_path, *FEW)
    assert len(report["found"]) == 8 * len(FEW)
    check(report)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_hostile_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    report = offered(tmp_path)
    check(report)
    files = {name for name, *_ in report["found"]}
    assert len(files) >= len(RESULTS) + len(SONATA) + len(HOSTILE)
    most = max(mib for *_, mib, _ in report["found"])
    print(f"{len(files)} hostile files, {len(report['found'])} readings, at most {most} MiB, 0 foreign reads")  # noqa: T201 - for the record


def test_there_are_at_least_30_of_them() -> None:
    assert len(RESULTS) + len(SONATA) >= 30
