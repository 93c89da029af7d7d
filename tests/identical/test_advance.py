"""Hours that pass at once belong to a run like its steps: cut anywhere, on every backend, the same bits."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromod.errors import Stopped
from neuromod.simulation import execute
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.simulation.resume import resume
from neuromod.store.checkpoint import Checkpoint, checkpoint_paths, read_checkpoint
from neuromod.store.reader import open_results
from tests.identical.conftest import CONFIG, Datasets, datasets, differing

EVERY = "checkpoint={every: 71.3 ms, clock: simulated, keep: 100}"
TAGGED = (
    "projections.CUE->CELL.plasticity.also=[{rule: tag_capture, tick: 10 ms}]",
    "projections.CUE->CELL.plasticity.tick=10 ms",
    "slow_factor=3600",
)
SETTINGS = [EVERY, "advances=[{at: 150.1 ms, duration: 30 min}, {at: 220 ms, duration: 2 h}]", *TAGGED]
AT = (1501, 2200)


def whole(tmp_path: Path, *more: str, backend: str = "cpp") -> Path:
    """The directory of an uninterrupted run that keeps all its checkpoints."""
    directory = tmp_path / f"whole_{backend}"
    run(CONFIG, settings=[*SETTINGS, *more], output=directory, backend=backend, progress=Silent())
    return directory


def kept(directory: Path) -> list[Checkpoint]:
    """The checkpoints of a run in their order."""
    return [read_checkpoint(path) for path in reversed(checkpoint_paths(directory))]


def cut(directory: Path, number: int) -> Path:
    """The same run, killed just after its checkpoint of that number, with segments that it could not know."""
    copy = directory.parent / f"cut{number}"
    shutil.copytree(directory, copy)
    (copy / "results.h5").unlink()
    for later in list(reversed(checkpoint_paths(copy)))[number + 1 :]:
        later.unlink()
    return copy


def continued(directory: Path, *settings: str, backend: str = "cpp") -> Datasets:
    return datasets(resume(directory, settings=settings, backend=backend, progress=Silent()).results)


@pytest.mark.slow
def test_both_backends_give_the_same_bits_and_go_on_with_each_other_s_state(tmp_path: Path) -> None:
    directory = whole(tmp_path)
    expected = datasets(directory / "results.h5")
    other = whole(tmp_path, backend="runtime")
    assert differing(expected, datasets(other / "results.h5")) == []
    after = next(k for k, entry in enumerate(kept(directory)) if entry.advances)
    assert differing(expected, continued(cut(directory, after), backend="runtime")) == []


def test_a_run_that_was_killed_before_between_and_after_ends_with_the_same_bits(tmp_path: Path) -> None:
    directory = whole(tmp_path)
    expected = datasets(directory / "results.h5")
    found = kept(directory)
    moments = [(entry.step, len(entry.advances)) for entry in found]
    assert moments == [
        (713, 0), (1426, 0), (1501, 0), (1501, 1), (2139, 1), (2200, 1), (2200, 2), (2852, 2), (3000, 2),
    ]  # fmt: skip
    for number in range(len(found) - 1):
        assert differing(expected, continued(cut(directory, number))) == [], moments[number]


def test_an_advance_that_is_stopped_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = datasets(whole(tmp_path) / "results.h5")

    def stopped(*_: object) -> None:
        raise Stopped("in the middle of the hours")

    with monkeypatch.context() as patch:
        patch.setattr(execute, "advanced", stopped)
        with pytest.raises(Stopped):
            run(CONFIG, settings=SETTINGS, output=tmp_path / "cut", progress=Silent())
    assert [entry.advances for entry in kept(tmp_path / "cut")][-1] == ()
    assert differing(expected, continued(tmp_path / "cut")) == []


def test_where_no_state_is_kept_the_hours_pass_all_the_same(tmp_path: Path) -> None:
    directory = whole(tmp_path)
    done = run(
        CONFIG, settings=[*SETTINGS[1:], "checkpoint=null"], output=tmp_path / "none", progress=Silent()
    )
    weights = "neuromod/weights/CUE->CELL/weight"
    one, two = datasets(directory / "results.h5")[weights], datasets(done.results)[weights]
    assert np.array_equal(one, two)
    assert not checkpoint_paths(tmp_path / "none")


def test_a_run_made_longer_makes_an_advance_that_lies_in_the_new_part(tmp_path: Path) -> None:
    expected = datasets(whole(tmp_path) / "results.h5")
    directory = tmp_path / "pieces"
    run(CONFIG, settings=[*SETTINGS, "duration=221 ms"], output=directory, progress=Silent())
    assert differing(expected, continued(directory, "duration=300 ms")) == []


def test_a_fork_with_another_duration_goes_back_to_before_that_advance(tmp_path: Path) -> None:
    directory = whole(tmp_path)
    setting = "advances=[{at: 150.1 ms, duration: 30 min}, {at: 220 ms, duration: 8 h}]"
    done = resume(directory, fork=tmp_path / "fork", settings=[setting], progress=Silent())
    fresh = run(CONFIG, settings=[*SETTINGS, setting], output=tmp_path / "fresh", progress=Silent())
    assert differing(datasets(fresh.results), datasets(done.results)) == []
    assert kept(tmp_path / "fork")[0].step == AT[1]
    weights = "neuromod/weights/CUE->CELL/weight"
    one, two = (datasets(path)[weights] for path in (directory / "results.h5", done.results))
    assert np.array_equal(one[:11], two[:11])
    assert np.abs(one[11] - two[11]).max() > 1e-3


def test_the_results_say_when_hours_passed(tmp_path: Path) -> None:
    directory = whole(tmp_path)
    with h5py.File(directory / "results.h5") as file:
        table = file["neuromod/advances"]
        assert table["step"][()].tolist() == list(AT)
        assert table["time"][()].tolist() == [150.1, 220.0]
        assert table["duration"][()].tolist() == [1800.0, 7200.0]
    with open_results(directory) as results:
        assert results.advances() == ((150.1, 1800.0), (220.0, 7200.0))
        assert results.duration_ms == 300.0
