"""An interrupted run gives what an uninterrupted one gives, to the last bit."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.simulation.resume import resume
from neuromod.store.checkpoint import checkpoint_path, checkpoint_paths, read_checkpoint, write_checkpoint
from tests.identical.conftest import CONFIG, Datasets, datasets, differing

TRIAD = Path(__file__).parents[2] / "configs" / "quickstart.yaml"
EVERY = "checkpoint={every: 41.3 ms, clock: simulated, keep: 100}"


def whole(tmp_path: Path, *settings: str, backend: str = "cpp", config: Path = CONFIG) -> Path:
    """The directory of an uninterrupted run that keeps all its checkpoints."""
    directory = tmp_path / "whole"
    run(config, settings=[EVERY, *settings], output=directory, backend=backend, progress=Silent())
    return directory


def cut(directory: Path, checkpoint: Path) -> Path:
    """The same run, killed just after a checkpoint, with segments that it could not know of."""
    copy = directory.parent / f"cut{checkpoint.stem}"
    shutil.copytree(directory, copy)
    (copy / "results.h5").unlink()
    for later in checkpoint_paths(directory):
        if later.name > checkpoint.name:
            (copy / "checkpoints" / later.name).unlink()
    return copy


def resumed(directory: Path, backend: str = "cpp") -> Datasets:
    return datasets(resume(directory, backend=backend, progress=Silent()).results)


@pytest.mark.parametrize(("backend", "duration", "cuts"), [("cpp", "300 ms", 7), ("runtime", "60 ms", 1)])
def test_a_run_that_was_killed_anywhere_ends_with_the_same_bits(
    backend: str, duration: str, cuts: int, tmp_path: Path
) -> None:
    directory = whole(tmp_path, f"duration={duration}", backend=backend)
    expected = datasets(directory / "results.h5")
    assert len(expected["spikes/CELL/timestamps"]) > 0
    earlier = checkpoint_paths(directory)[1:]
    assert len(earlier) == cuts
    assert [differing(expected, resumed(cut(directory, path), backend)) for path in earlier] == [[]] * cuts


def test_a_run_that_is_cut_again_and_again_ends_with_the_same_bits(tmp_path: Path) -> None:
    directory = tmp_path / "pieces"
    settings = ["duration=60 ms"]
    run(CONFIG, settings=settings, output=directory, progress=Silent())
    for milliseconds in (61, 150, 233, 300):
        done = resume(directory, settings=[f"duration={milliseconds} ms"], progress=Silent())
    run(CONFIG, output=tmp_path / "whole", progress=Silent())
    assert differing(datasets(tmp_path / "whole" / "results.h5"), datasets(done.results)) == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_full_circuit_that_learns_may_be_cut_anywhere(tmp_path: Path) -> None:
    """Hippocampus, prefrontal cortex and basal ganglia with plasticity, dopamine, delays and noise."""
    settings = ["duration=1800 ms", "checkpoint.every=71.3 ms"]
    directory = whole(tmp_path, *settings, config=TRIAD)
    expected = datasets(directory / "results.h5")
    weights = expected["neuromod/weights/CUE->MSN_D1/weight"]
    assert np.any(weights[-1] != weights[0])
    for path in random.Random(20).sample(checkpoint_paths(directory)[1:], 20):
        copy = cut(directory, path)
        assert differing(expected, resumed(copy)) == [], path.name
        shutil.rmtree(copy)


@pytest.mark.slow
def test_the_full_circuit_may_be_cut_again_and_again(tmp_path: Path) -> None:
    directory, chance = tmp_path / "pieces", random.Random(0)
    moments = [*sorted(chance.sample(range(10, 1800), 5)), 1800]
    run(TRIAD, settings=[f"duration={moments[0]} ms"], output=directory, progress=Silent())
    for milliseconds in moments[1:]:
        done = resume(directory, settings=[f"duration={milliseconds} ms"], progress=Silent())
    run(TRIAD, settings=["duration=1800 ms"], output=tmp_path / "whole", progress=Silent())
    assert differing(datasets(tmp_path / "whole" / "results.h5"), datasets(done.results)) == []


def test_a_checkpoint_of_one_backend_is_continued_by_the_other_to_the_last_bit(tmp_path: Path) -> None:
    directory = whole(tmp_path, "duration=160 ms")
    middle = checkpoint_paths(directory)[2]
    assert differing(datasets(directory / "results.h5"), resumed(cut(directory, middle), "runtime")) == []


def test_a_fork_without_a_change_ends_with_the_same_bits(tmp_path: Path) -> None:
    directory = whole(tmp_path)
    fork = tmp_path / "fork"
    done = resume(directory, fork=fork, at=0.2, progress=Silent())
    assert differing(datasets(directory / "results.h5"), datasets(done.results)) == []
    with h5py.File(done.results) as file:
        assert file["neuromod/run"].attrs["forked_from"] == str(directory.resolve())


def test_a_fork_differs_only_after_it_began(tmp_path: Path) -> None:
    directory = whole(tmp_path)
    changes = ["populations.FAST.parameters.I_bias=400 pA"]
    done = resume(directory, fork=tmp_path / "fork", at=0.2, settings=changes, progress=Silent())
    times, expected = (
        found["spikes/FAST/timestamps"] for found in map(datasets, (done.results, directory / "results.h5"))
    )
    begin = 1e3 * read_checkpoint(checkpoint_paths(tmp_path / "fork")[-1]).step * 1e-4
    assert 150 < begin <= 200
    assert np.array_equal(times[times < begin], expected[expected < begin])
    assert np.sum(times >= begin) > 1.2 * np.sum(expected >= begin)


def _without(directory: Path, drop: str) -> list[str]:
    """What differs after a part of the saved state was replaced by nothing."""
    path = checkpoint_paths(directory)[4]
    copy = cut(directory, path)
    checkpoint = read_checkpoint(checkpoint_path(copy, int(path.stem)))
    found = [name for name in checkpoint.state if drop in name]
    assert found, drop
    assert any(np.any(checkpoint.state[name]) for name in found), drop
    empty = {
        name: checkpoint.state[name][:0] if name.startswith("pending") else 0 * checkpoint.state[name]
        for name in found
    }
    vars(checkpoint)["state"] = {**checkpoint.state, **empty}
    write_checkpoint(copy, checkpoint, 100)
    changed = differing(datasets(directory / "results.h5"), resumed(copy))
    shutil.rmtree(copy)
    return changed


def test_the_state_of_another_moment_gives_another_run(tmp_path: Path) -> None:
    directory = whole(tmp_path)
    path, other = checkpoint_paths(directory)[4:6]
    copy = cut(directory, path)
    here, there = read_checkpoint(path), read_checkpoint(other)
    vars(here)["state"] = {**there.state, "saved.step": here.state["saved.step"]}
    write_checkpoint(copy, here, 100)
    assert differing(datasets(directory / "results.h5"), resumed(copy))


@pytest.mark.parametrize(
    "drop",
    [
        "pending.",
        "state.adex0.noise_ou0",
        "state.ampa_reward_stdp6.c_0",
        "trace_late",
        "row_integral",
        "in_bin",
    ],
)
def test_a_state_without_one_of_its_parts_gives_another_run(drop: str, tmp_path: Path) -> None:
    assert _without(whole(tmp_path), drop)
