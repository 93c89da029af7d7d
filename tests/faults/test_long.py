"""A run of 10,000 segments needs no more memory and no more open files at its end than at its beginning."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from neuromod.store.segments import segment_path
from tests.faults.circuit import PATIENCE, processes_of, start

SEGMENTS = 10_000
WARM = 1_000
ALLOWED = 1.01
LOOK_S = 3.0


def resident(pid: int) -> int:
    """Memory of a process in kB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def most_open_files(pid: int) -> int:
    """During some segments: while one is written, a file or two more are open."""
    most, end = 0, time.monotonic() + LOOK_S
    while time.monotonic() < end:
        most = max(most, len(list(Path(f"/proc/{pid}/fd").iterdir())))
    return most


def look(directory: Path, parent: int) -> dict[str, tuple[int, int]]:
    [program] = [pid for pid in processes_of(directory) if pid != parent]
    return {
        name: (resident(pid), most_open_files(pid))
        for name, pid in (("parent", parent), ("program", program))
    }


def await_segment(directory: Path, number: int, limit: float) -> None:
    deadline = time.monotonic() + limit
    while not segment_path(directory, number).exists():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_segments_need_no_more_memory_or_files_than_one_thousand(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    process = start(
        directory, "checkpoint={every: 1 ms, clock: simulated}", "duration=1000 s", "record.weights=[]"
    )
    await_segment(directory, WARM, 20 * PATIENCE)
    early = look(directory, process.pid)
    await_segment(directory, SEGMENTS, 50 * PATIENCE)
    late = look(directory, process.pid)
    process.terminate()
    process.communicate()
    print(f"(kB, files) after {WARM} segments {early}, after {SEGMENTS} {late}")
    assert process.returncode == 75
    for name in early:
        assert late[name][0] <= ALLOWED * early[name][0]
        assert late[name][1] <= early[name][1]
