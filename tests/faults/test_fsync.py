"""A device that fails to keep what it was given: one sentence, nothing harmed, and the run can go on."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from neuromod.errors import OutputError, StorageError
from neuromod.store.checkpoint import read_checkpoint
from neuromod.store.seal import verify
from tests.faults.circuit import same
from tests.faults.tape import Stage, Tape
from tests.store.disks import Watched

SYNCS = ("sync", "sync_directory")


class FailingOnce(Watched):
    """The n-th wait for the device fails."""

    def __init__(self, at: int) -> None:
        self.waits, self.at = 0, at
        super().__init__(self.fail)

    def fail(self, _: int, operation: str) -> None:
        if operation in SYNCS:
            self.waits += 1
            if self.waits == self.at + 1:
                raise OSError(errno.EIO, "Input/output error")


def waits_of_a_run(play: Stage, directory: Path) -> int:
    disk = FailingOnce(10_000)
    play.run(directory, disk)
    return disk.waits


def test_every_failed_sync_of_a_run_is_one_sentence_and_the_run_goes_on(
    play: Stage, tape: Tape, tmp_path: Path
) -> None:
    waits = waits_of_a_run(play, tmp_path / "all")
    assert waits > 15
    for at in range(waits):
        directory = tmp_path / f"run{at}"
        with pytest.raises((StorageError, OutputError), match="input/output error") as caught:
            play.run(directory, FailingOnce(at))
        assert caught.value.exit_code == (73 if at == 0 else 74)
        assert "\n" not in str(caught.value)
        nothing_is_harmed(directory)
        assert same(tape.results, play.run(directory))
    print(f"{waits} failed syncs, 0 harmed")


def nothing_is_harmed(directory: Path) -> None:
    """Every file under its own name is whole."""
    assert not list(directory.rglob("*.tmp"))
    for path in directory.rglob("*.h5"):
        verify(path)
    for path in directory.glob("checkpoints/*.h5"):
        assert read_checkpoint(path).segments == int(path.stem)
