"""A run that dies before any operation of its disk, and again while it goes on, ends with the same bits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from neuromod.store.checkpoint import checkpoint_paths
from neuromod.store.directory import WORK
from neuromod.store.disk import DISK
from neuromod.store.segments import segment_path
from tests.faults.circuit import same
from tests.faults.tape import Stage, Tape
from tests.store.disks import Watched

State = frozenset[str]
INSIDE = ("write", "truncate", "sync", "sync_directory")
"""Operations that change no name."""
_PASSING = re.compile(r"\.[0-9a-f]{8}\.tmp$")


def state_of(directory: Path) -> State:
    """What a killed run leaves: names alone say it, as every file under its own name is whole."""
    names = [str(path.relative_to(directory)) for path in directory.rglob("*")]
    return frozenset(_PASSING.sub(".tmp", name) for name in names if not name.startswith((WORK, ".lock")))


class Deaths:
    """Every state in which a run may be killed, and then one that goes on from there, without end."""

    def __init__(self, play: Stage, tape: Tape, folder: Path) -> None:
        self.play, self.tape, self.folder = play, tape, folder
        self.found: dict[State, Path] = {}
        self.points, self.last = 0, ""

    def look(self, directory: Path) -> None:
        """The run may have died here: keep a copy unless there is one."""
        state = state_of(directory) if directory.is_dir() else frozenset()
        if state not in self.found:
            self.found[state] = self.folder / f"state{len(self.found)}"
            if directory.is_dir():
                shutil.copytree(directory, self.found[state], ignore=shutil.ignore_patterns(".lock"))

    def explore(self, first: Path | None = None) -> None:
        """From every state there is a way to the right results."""
        self.look(first or self.folder / "none")
        gone_on: set[State] = set()
        while rest := self.found.keys() - gone_on:
            state = next(iter(rest))
            gone_on.add(state)
            directory = self.folder / "run"
            if self.found[state].exists():
                shutil.copytree(self.found[state], directory)
            self.last = ""
            assert same(self.tape.results, self.play.run(directory, Watched(self.before))), sorted(state)
            self.look(directory)
            shutil.rmtree(directory)

    def before(self, _: int, operation: str) -> None:
        """The run may die before this operation."""
        self.points += 1
        if self.last not in INSIDE:
            self.look(self.folder / "run")
        self.last = operation


def test_a_run_that_is_played_back_is_the_run(play: Stage, tape: Tape, tmp_path: Path) -> None:
    disk = Watched(lambda *_: None)
    assert same(tape.results, play.run(tmp_path / "run", disk))
    assert disk.trace[:2] == ["make_directory", "sync_directory"]
    assert disk.trace.count("make_directory") == 3
    # Provenance, three segments, three checkpoints, results; the oldest checkpoint goes.
    assert disk.trace.count("rename") == disk.trace.count("sync") == 8
    assert disk.trace.count("remove") == 1


def test_a_run_may_die_anywhere_again_and_again(play: Stage, tape: Tape, tmp_path: Path) -> None:
    deaths = Deaths(play, tape, tmp_path)
    deaths.explore()
    print(f"{deaths.points} points of death in {len(deaths.found)} states, all went on to the same results")
    assert len(deaths.found) > 25


def test_a_run_may_die_anywhere_while_it_goes_back_to_an_older_checkpoint(
    play: Stage, tape: Tape, tmp_path: Path
) -> None:
    left = tmp_path / "left"
    play.run(left, DISK)
    (left / "results.h5").unlink()
    newest = checkpoint_paths(left)[0]
    newest.write_bytes(newest.read_bytes()[:-1])
    deaths = Deaths(play, tape, tmp_path)
    deaths.explore(left)
    assert frozenset({"checkpoints/00000003.h5.unused"}) <= max(deaths.found, key=len)
    print(f"{deaths.points} points of death in {len(deaths.found)} states, all went on to the same results")


def test_what_lies_behind_the_checkpoint_goes(play: Stage, tape: Tape, tmp_path: Path) -> None:
    left = tmp_path / "left"
    play.run(left)
    (left / "results.h5").unlink()
    shutil.copy(segment_path(left, 2), segment_path(left, 3))
    assert same(tape.results, play.run(left))
    assert not segment_path(left, 3).exists()
