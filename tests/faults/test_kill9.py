"""Kill -9 of a run, of its program, or of both, at random moments: the same command again ends with the same
bits.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from neuromod.store.continuing import newest_checkpoint
from neuromod.store.segments import segment_numbers
from tests.faults.circuit import (
    await_that,
    complete,
    kill,
    processes_of,
    same,
    saved,
    start,
)
from tests.identical.conftest import Datasets

VICTIMS = ("parent", "program", "group")


def live_and_be_killed(directory: Path, chance: random.Random) -> str:
    """Go on with the run, and kill it at any moment or soon after it has saved something; who was killed."""
    before, late = saved(directory), chance.random() < 0.7
    process = start(directory)
    if late:
        await_that(lambda: saved(directory) > before or process.poll() is not None)
    time.sleep(chance.uniform(0, 0.15 if late else 1.5))
    reached, whom = saved(directory), chance.choice(VICTIMS)
    if process.poll() is not None:
        whom = "nobody"
    kill(process, whom if whom != "nobody" else "parent", directory)
    said = process.communicate()[1]
    assert process.returncode in (0, -9, 69), said
    await_that(lambda: not processes_of(directory), "an orphan is left")
    lost_at_most_one_interval(directory, reached)
    return whom if process.returncode else "nobody"


def lost_at_most_one_interval(directory: Path, reached: int) -> None:
    """The newest checkpoint seen alive is whole, and no more than one segment lies behind the newest."""
    checkpoint, notices = newest_checkpoint(directory)
    assert notices == []
    last = checkpoint.segments if checkpoint else -1
    assert last >= reached
    assert len(segment_numbers(directory)) - max(last, 0) in (0, 1)


def kill_often(folder: Path, expected: Datasets, kills: int, seed: int) -> Counter[str]:
    """Runs that are killed, so many times in all; each ends with the expected results."""
    chance, killed, runs = random.Random(seed), Counter[str](), 0
    while killed.total() - killed["nobody"] < kills:
        directory = folder / f"run{runs}"
        while not (directory / "results.h5").exists():
            killed[live_and_be_killed(directory, chance)] += 1
            if killed.total() - killed["nobody"] >= kills:
                break
        assert same(expected, complete(directory))
        shutil.rmtree(directory)
        runs += 1
        print(f"kills {dict(killed)} of {runs} runs: 0 lost, 0 mismatches, no orphan", flush=True)
    return killed


def test_runs_that_are_killed_end_with_the_same_bits(expected: Datasets, tmp_path: Path) -> None:
    kill_often(tmp_path, expected, 6, seed=9)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_500_kills_lose_nothing(expected: Datasets, tmp_path: Path) -> None:
    killed = kill_often(tmp_path, expected, 500, seed=500)
    assert all(killed[whom] > 100 for whom in VICTIMS)
