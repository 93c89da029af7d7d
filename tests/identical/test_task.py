"""A task in the loop: the same on both backends, and exactly the same after any interruption."""

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.simulation.resume import resume
from neuromod.store.checkpoint import checkpoint_path, checkpoint_paths, read_checkpoint, write_checkpoint
from tests.identical.conftest import Runner, datasets, differing
from tests.identical.test_resume import cut

CONFIG = Path(__file__).with_name("task.yaml")
EVERY = ["checkpoint={every: 57 ms, clock: simulated, keep: 100}", "duration=400 ms"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run that keeps all its checkpoints."""
    directory = tmp_path_factory.mktemp("task") / "whole"
    run(CONFIG, settings=EVERY, output=directory, backend="cpp", progress=Silent())
    return directory


@pytest.fixture
def own(whole: Path, tmp_path: Path) -> Path:
    """A copy of that run."""
    return Path(shutil.copytree(whole, tmp_path / "whole"))


@pytest.mark.timeout(300)
def test_a_task_is_the_same_on_both_backends(simulate: Runner) -> None:
    compiled = simulate("duration=180 ms", config=CONFIG)
    assert differing(compiled, simulate("duration=180 ms", config=CONFIG, backend="runtime")) == []
    assert len(compiled["neuromod/trials/choice"]) == 2
    assert np.all(compiled["neuromod/trials/prediction_error"] != 0)


def test_the_task_has_choices_of_both_kinds(whole: Path) -> None:
    trials = {name: values for name, values in datasets(whole / "results.h5").items() if "/trials/" in name}
    assert set(trials["neuromod/trials/choice"]) == {0, 1}
    assert np.ptp(trials["neuromod/trials/prediction_error"]) > 0.2


@pytest.mark.timeout(300)
def test_a_run_that_was_killed_in_any_phase_of_a_trial_ends_with_the_same_bits(own: Path) -> None:
    expected = datasets(own / "results.h5")
    paths = checkpoint_paths(own)[1:]
    phases = {int(read_checkpoint(path).state["saved.task"][1]): path for path in paths}
    assert len(phases) >= 4
    for path in phases.values():
        done = resume(cut(own, path), backend="cpp", progress=Silent())
        assert differing(expected, datasets(done.results)) == []


@pytest.mark.timeout(300)
def test_the_other_backend_goes_on_in_the_middle_of_a_trial(own: Path) -> None:
    path = checkpoint_paths(own)[1]
    done = resume(cut(own, path), backend="runtime", progress=Silent())
    assert differing(datasets(own / "results.h5"), datasets(done.results)) == []


@pytest.mark.parametrize("part", [slice(0, 3), slice(13, None)])
def test_a_state_without_its_task_gives_another_run(own: Path, part: slice) -> None:
    path = checkpoint_paths(own)[3]
    copy = cut(own, path)
    checkpoint = read_checkpoint(checkpoint_path(copy, int(path.stem)))
    emptied = np.array(checkpoint.state["saved.task"])
    emptied[part] = 0
    vars(checkpoint)["state"] = {**checkpoint.state, "saved.task": emptied}
    write_checkpoint(copy, checkpoint, 100)
    done = resume(copy, backend="cpp", progress=Silent())
    assert differing(datasets(own / "results.h5"), datasets(done.results))


def test_the_schedule_is_in_the_results_before_anything_is_chosen(whole: Path) -> None:
    with h5py.File(whole / "results.h5") as file:
        schedule, trials = file["neuromod/schedule"], file["neuromod/trials"]
        played = len(trials["choice"])
        assert len(schedule["cue"]) == 40 > played
        for name in ("cue", "context", "correct", "block", "event_flash"):
            assert np.array_equal(schedule[name][:played], trials[name][:])
        chosen = [schedule[f"outcome_{choice}"][k] for k, choice in enumerate(trials["choice"])]
        assert np.array_equal(chosen, trials["outcome"][:])
