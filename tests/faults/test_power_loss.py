"""Loss of power at any moment of a run, on a device that keeps what it was told to: nothing that was
acknowledged is lost, and there is always something to go on from.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from neuromod.errors import DamagedDataError
from neuromod.simulation import checkpoints, execute
from neuromod.simulation.progress import Silent
from neuromod.simulation.resume import resume
from neuromod.store.checkpoint import checkpoint_paths
from neuromod.store.continuing import newest_checkpoint, tidy
from neuromod.store.directory import RESULTS, RunDirectory, has_begun
from neuromod.store.disk import DISK
from neuromod.store.provenance import read_provenance
from neuromod.store.seal import verify
from neuromod.store.segments import SegmentFile, segment_paths
from tests.faults.circuit import same
from tests.faults.power import Inode, Model, Traced, Tree, write_tree
from tests.faults.tape import Stage, Tape

Promise = dict[str, int]


class Loss(Traced):
    """Looks at every state that a loss of power may leave, after every operation."""

    def __init__(self, root: Path, scratch: Path, model: Model, run: str) -> None:
        super().__init__(root, model)
        self.scratch, self.run = scratch, run
        self.promised: Promise = {}
        self.damaged = False
        self.states: dict[bytes, Tree] = {}

    def after(self) -> None:
        for tree in self.model.trees():
            digest = hashlib.sha256(repr(sorted(self.promised.items())).encode())
            for name, content in sorted(tree.items()):
                digest.update(name.encode() + hashlib.sha256(content or b"").digest())
            if digest.digest() not in self.states:
                self.states[digest.digest()] = tree
                write_tree(self.scratch, tree)
                check(self.scratch / self.run, self.promised, self.damaged)


def check(directory: Path, promised: Promise, damaged: bool) -> None:
    """What was promised is there, and the run can go on; `damaged`: a checkpoint was before."""
    if "begun" not in promised and not has_begun(directory):
        return
    read_provenance(directory)
    tidy(directory)
    segments_follow_each_other(directory)
    checkpoint, notices = newest_checkpoint(directory)
    assert notices == [] or damaged
    assert (checkpoint.segments if checkpoint else 0) >= promised.get("checkpoint", 0)
    if (directory / RESULTS).exists() or "complete" in promised:
        verify(directory / RESULTS)


def segments_follow_each_other(directory: Path) -> None:
    reached = 0
    for path in segment_paths(directory):
        with SegmentFile(path) as segment:
            assert segment.start == reached
            reached = segment.stop


def watch_promises(play: Stage, disk: Loss) -> None:
    """What a run has been told is safe from then on."""

    def acknowledge(module: object, name: str, what: str) -> None:
        write = getattr(module, name)

        def written(directory: RunDirectory, *arguments: object, **keywords: object) -> object:
            done = write(directory, *arguments, **keywords)
            disk.promised[what] = arguments[0].segments if what == "checkpoint" else 1
            disk.after()
            return done

        play.patch.setattr(module, name, written)

    acknowledge(execute, "write_provenance", "begun")
    acknowledge(checkpoints, "write_checkpoint", "checkpoint")
    acknowledge(execute, "write_results", "complete")


def existing(root: Path) -> Model:
    """A model of files that have been there for long."""
    found = {
        str(path.relative_to(root)): Inode(directory=True) if path.is_dir() else _file(path)
        for path in root.rglob("*")
    }
    return Model(dict(found), [], dict(found))


def _file(path: Path) -> Inode:
    content = path.read_bytes()
    return Inode(content, content)


def lose_power(play: Stage, root: Path, run: str) -> Loss:
    scratch = root.with_name("scratch")
    scratch.mkdir()
    disk = Loss(root, scratch, existing(root), run)
    watch_promises(play, disk)
    return disk


def test_a_whole_run_survives(play: Stage, tape: Tape, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    disk = lose_power(play, tmp_path / "root", "deep/run")
    assert same(tape.results, play.run(tmp_path / "root" / "deep" / "run", disk))
    assert disk.promised == {"begun": 1, "checkpoint": 3, "complete": 1}
    print(f"{len(disk.states)} states after a loss of power, 0 lost")
    assert len(disk.states) > 25


def test_a_run_that_goes_back_to_an_older_checkpoint_survives(
    play: Stage, tape: Tape, tmp_path: Path
) -> None:
    directory = tmp_path / "root" / "run"
    directory.parent.mkdir()
    play.run(directory)
    (directory / RESULTS).unlink()
    newest = checkpoint_paths(directory)[0]
    newest.write_bytes(newest.read_bytes()[:-1])
    disk = lose_power(play, tmp_path / "root", "run")
    disk.promised = {"begun": 1}
    disk.damaged = True
    assert same(tape.results, play.run(directory, disk))
    print(f"{len(disk.states)} states after a loss of power, 0 lost")
    assert len(disk.states) > 10


@pytest.mark.parametrize("linked", [True, False])
def test_a_fork_survives(play: Stage, tape: Tape, tmp_path: Path, linked: bool) -> None:
    root = tmp_path / "root"
    root.mkdir()
    play.run(root / "run")
    disk = lose_power(play, root, "fork")
    if not linked:
        disk.link = _refuse
    play.patch.setattr(RunDirectory, "disk", disk)
    done = resume(root / "run", fork=root / "fork", at=0.05, progress=Silent())
    play.patch.setattr(RunDirectory, "disk", DISK)
    assert done.results.parent == root / "fork"
    print(f"{len(disk.states)} states after a loss of power, 0 lost")
    assert len(disk.states) > 10


def _refuse(source: Path, target: Path) -> None:
    raise PermissionError(source, target)


@pytest.mark.parametrize("forgotten", ["content", "names", "names of directories"])
def test_without_waiting_for_the_device_something_is_lost(
    play: Stage, tape: Tape, tmp_path: Path, forgotten: str
) -> None:
    (tmp_path / "root").mkdir()
    disk = lose_power(play, tmp_path / "root", "run")
    sync_directory = disk.sync_directory
    if forgotten == "content":
        disk.sync = lambda _: None
    elif forgotten == "names":
        disk.sync_directory = lambda _: None
    else:
        disk.sync_directory = lambda path: sync_directory(path) if path.name != "run" else None
    with pytest.raises((AssertionError, DamagedDataError, OSError)):
        play.run(tmp_path / "root" / "run", disk)
