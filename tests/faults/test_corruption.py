"""Damage of any byte of what a run has left is found, and the checkpoint before it is gone on with."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from neuromod.errors import DamagedDataError
from neuromod.simulation.progress import Silent
from neuromod.simulation.resume import resume
from neuromod.store.checkpoint import checkpoint_path, checkpoint_paths
from neuromod.store.continuing import newest_checkpoint
from neuromod.store.provenance import read_provenance
from neuromod.store.segments import segment_path
from tests.faults.circuit import same
from tests.faults.tape import Stage, Tape, stage
from tests.identical.conftest import datasets

Damage = Callable[[bytes, random.Random], bytes]


def flip(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def zero(content: bytes, chance: random.Random) -> bytes:
    """A block of the size of a sector, where there was not nothing before."""
    blocks = [at for at in range(0, len(content), 512) if any(content[at : at + 512])]
    at = chance.choice(blocks)
    return content[:at] + bytes(len(content[at : at + 512])) + content[at + 512 :]


@pytest.fixture
def left(tape: Tape, tmp_path: Path) -> Path:
    """A run that ended, with the checkpoints of its last two segments."""
    directory = tmp_path / "run"
    shutil.copytree(tape.directory, directory)
    return directory


def reaction(directory: Path, damaged: Path) -> str:
    """What is said about a damaged file: the notice of the checkpoint before it, or the error."""
    if damaged.name == "provenance.h5":
        with pytest.raises(DamagedDataError) as caught:
            read_provenance(directory)
        return str(caught.value)
    found, notices = newest_checkpoint(directory)
    assert found is not None
    assert found.segments == 2
    [notice] = notices
    assert notice.endswith("; going back to the checkpoint before")
    return notice


def undetected(directory: Path, damage: Damage, times: int, seed: int) -> int:
    """How often damage of the checkpoint, its last segment or the provenance is not found and named."""
    chance = random.Random(seed)
    files = [checkpoint_path(directory, 3), segment_path(directory, 2), directory / "provenance.h5"]
    missed = 0
    for number in range(times):
        path = files[number % 3]
        whole = path.read_bytes()
        path.write_bytes(damage(whole, chance))
        missed += str(path) not in reaction(directory, path)
        path.write_bytes(whole)
    print(f"{times} times {damage.__name__}: {missed} undetected")
    return missed


COUNTS = [
    pytest.param(50, 25, 10, id="some"),
    pytest.param(1000, 500, 100, id="many", marks=[pytest.mark.slow, pytest.mark.timeout(1200)]),
]


@pytest.mark.parametrize(("flips", "cuts", "zeros"), COUNTS)
def test_no_damage_is_missed_and_the_checkpoint_before_is_used(
    left: Path, flips: int, cuts: int, zeros: int
) -> None:
    assert undetected(left, flip, flips, 1) == 0
    assert undetected(left, cut, cuts, 2) == 0
    assert undetected(left, zero, zeros, 3) == 0


def test_a_checkpoint_in_place_of_another_is_found(left: Path) -> None:
    shutil.copy(checkpoint_path(left, 2), checkpoint_path(left, 3))
    assert "checkpoint" in reaction(left, checkpoint_path(left, 3))


def test_a_segment_in_place_of_another_is_found(left: Path) -> None:
    shutil.copy(segment_path(left, 1), segment_path(left, 2))
    assert str(segment_path(left, 2)) in reaction(left, segment_path(left, 2))


def test_a_run_goes_on_from_the_checkpoint_before_and_says_which_and_why(
    tape: Tape, left: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(tape, monkeypatch)
    path = checkpoint_path(left, 3)
    path.write_bytes(flip(path.read_bytes(), random.Random(4)))
    done = resume(left, progress=Silent())
    assert f"{path}: damaged" in done.notices[0]
    assert same(tape.results, datasets(done.results))
    assert (path.parent / f"{path.name}.unused").exists()


def test_where_every_checkpoint_is_damaged_nothing_goes_on_and_nothing_is_deleted(
    tape: Tape, left: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage_: Stage = stage(tape, monkeypatch)
    for path in checkpoint_paths(left):
        path.write_bytes(path.read_bytes()[:-5])
    before = contents(left)
    with pytest.raises(DamagedDataError, match="no checkpoint before it can be used") as caught:
        resume(left, progress=Silent())
    assert caught.value.exit_code == 65
    (left / "results.h5").unlink()
    del before[left / "results.h5"]
    with pytest.raises(DamagedDataError):
        stage_.run(left)
    assert contents(left) == before


def contents(directory: Path) -> dict[Path, bytes]:
    files = [path for path in directory.rglob("*") if path.is_file() and path.name != ".lock"]
    return {path: path.read_bytes() for path in files}
