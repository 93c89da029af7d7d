"""A disk that is full, for real or by a limit: one sentence, nothing harmed, and the run goes on when there
is room again.
"""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from neuromod.errors import StorageError
from neuromod.program.process import Process
from neuromod.simulation import execute
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.continuing import newest_checkpoint
from tests.faults.circuit import complete, same, start
from tests.faults.tape import SETTINGS, Stage, Tape
from tests.faults.test_fsync import nothing_is_harmed
from tests.identical.conftest import CONFIG, Datasets


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """This process cannot make larger files."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("sizes", [8, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])])
def test_a_limit_of_file_sizes_is_met_anywhere_without_harm(
    sizes: int, play: Stage, tape: Tape, begun: Path, tmp_path: Path
) -> None:
    largest = max(path.stat().st_size for path in tape.directory.rglob("*.h5"))
    chance, failed = random.Random(sizes), 0
    for number in range(sizes):
        directory = tmp_path / f"run{number}"
        shutil.copytree(begun, directory)
        with (
            largest_file(chance.randrange(64, largest)),
            pytest.raises(StorageError, match=r"cannot \w+ .*: file too large") as caught,
        ):
            play.run(directory)
        failed += 1
        assert caught.value.exit_code == 74
        nothing_is_harmed(directory)
        checkpoint, notices = newest_checkpoint(directory)
        assert checkpoint is not None
        assert checkpoint.segments >= 2
        assert notices == []
        assert same(tape.results, play.run(directory))
        shutil.rmtree(directory)
    print(f"{failed} limits, 0 harmed")


@pytest.mark.parametrize("backend", ["cpp", "runtime"])
def test_a_program_that_cannot_write_is_a_storage_error(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Limited(Process):
        """A program that has been unable to write since before it began."""

        def __init__(self, command: Sequence[str], *rest: Any, **keywords: Any) -> None:
            super().__init__(["prlimit", "--fsize=100", *command], *rest, **keywords)

    monkeypatch.setattr(execute, "Process", Limited)
    with pytest.raises(StorageError, match=r"cannot write .*/chunk-0.*: [Ff]ile too large") as caught:
        run(CONFIG, settings=SETTINGS, output=tmp_path / "run", backend=backend, progress=Silent())
    assert caught.value.exit_code == 74


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting a small file system is refused: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full_stops_the_run_which_goes_on_on_a_larger_one(
    small_disk: Path, expected: Datasets
) -> None:
    directory = small_disk / "run"
    process = start(directory)
    said = process.communicate()[1]
    assert process.returncode == 74, said
    assert said.count("\n") == 1
    assert "no space left on device" in said.lower()
    nothing_is_harmed(directory)
    assert newest_checkpoint(directory)[1] == []
    assert not list(directory.glob(".work-*"))
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    assert same(expected, complete(directory))


def test_a_run_that_needs_more_than_is_free_is_refused_before_it_is_computed(
    play: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**6, 10**6, 500))
    with pytest.raises(StorageError, match=r"needs about [\d.]+ kB on disk, 500 B are free in") as caught:
        play.run(tmp_path / "run")
    assert caught.value.exit_code == 74
    assert not list((tmp_path / "run").glob("segments"))
