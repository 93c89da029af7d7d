"""Checkpoints of other versions, and other experiments: refused by name, or gone on with aloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import h5py
import pytest

from neuromod.config.fingerprint import RESUMABLE, differences
from neuromod.config.load import load
from neuromod.config.schema import Experiment
from neuromod.errors import ConfigError, DamagedDataError
from neuromod.simulation.progress import Silent
from neuromod.simulation.resume import resume
from neuromod.store import checkpoint as store
from neuromod.store.checkpoint import checkpoint_path, checkpoint_paths, read_checkpoint, write_checkpoint
from neuromod.store.provenance import read_provenance
from neuromod.store.segments import SegmentFile, segment_path
from tests.conftest import REPOSITORY
from tests.faults.circuit import same
from tests.faults.tape import Stage, Tape
from tests.identical.conftest import CONFIG, datasets

RELEASES = sorted((REPOSITORY / "tests" / "data").glob("checkpoint-*"))


def rewrite(directory: Path, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
    """The newest checkpoint as other versions would have written it."""
    found = read_checkpoint(checkpoint_paths(directory)[0])
    write_checkpoint(directory, replace(found, versions=change(found.versions)))


@pytest.mark.parametrize("package", ["brian2", "numpy", "neuromod"])
def test_a_checkpoint_of_another_version_is_refused_by_name(package: str, play: Stage, begun: Path) -> None:
    rewrite(begun, lambda versions: {**versions, package: "0.0.1"})
    with pytest.raises(ConfigError, match=rf"written by .*{package} 0\.0\.1.*--inexact"):
        resume(begun, progress=Silent())
    assert [path.name for path in checkpoint_paths(begun)] == ["00000002.h5"]


def test_inexact_goes_on_and_the_results_say_so_for_ever(play: Stage, tape: Tape, begun: Path) -> None:
    rewrite(begun, lambda versions: {**versions, "numpy": "0.0.1"})
    done = resume(begun, inexact=True, progress=Silent())
    assert same(tape.results, datasets(done.results))
    for _ in range(2):
        with h5py.File(done.results) as file:
            assert file["neuromod/run"].attrs["exactness"] == "equivalent"
        resume(begun, progress=Silent())


def test_a_checkpoint_of_a_later_release_is_refused_with_what_is_needed(
    play: Stage, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CHECKPOINT_VERSION", 2)
    for path in checkpoint_paths(begun):
        write_checkpoint(begun, read_checkpoint(path))
    monkeypatch.setattr(store, "CHECKPOINT_VERSION", 1)
    with pytest.raises(DamagedDataError, match=r"has checkpoint version 2, this release reads 1; update it"):
        resume(begun, progress=Silent())
    assert [path.name for path in checkpoint_paths(begun)] == ["00000002.h5"]


MUTATIONS = {
    "neuromod": None,
    "name": "name=another",
    "description": "description=another",
    "seed": "seed=6",
    "dt": "dt=0.05 ms",
    "duration": "duration=80 ms",
    "backend": "backend=runtime",
    "regions": "regions=[basal_ganglia]",
    "models": "models=[models]",
    "circuit": "circuit=triad",
    "pacemakers": "pacemakers.theta.phase=0.5",
    "modulators": "modulators.dopamine.striatum.level=2",
    "states": "states=[{at: 10 ms, state: nrem}]",
    "advances": "advances=[{at: 20 ms, duration: 1 h}]",
    "scale": "scale=2",
    "precision": "precision=single",
    "slow_factor": "slow_factor=30",
    "triggers": "triggers={t: {count: {population: CUE, spikes: 9, window: 1 ms}, "
    "release: {dopamine: {striatum: 1}}}}",
    "populations": "populations.CUE.parameters.rate=41 Hz",
    "projections": "projections.CELL->FAST.weight=4 nS",
    "stimuli": "stimuli.cue.value=130 Hz",
    "task": "task={model: bandit, trials: 3}",
    "record": "record.lfp=[]",
    "warm_start": "warm_start=runs/earlier",
    "guards": "guards.rate_limit=600 Hz",
    "checkpoint": "checkpoint.every=30 ms",
}
"""A change of every key of an experiment; None: there is only one value."""


def test_a_change_of_every_key_is_known() -> None:
    assert MUTATIONS.keys() == Experiment.model_fields.keys()


@pytest.mark.parametrize("key", [key for key, change in MUTATIONS.items() if change])
def test_a_changed_key_is_allowed_or_refused_by_its_name(
    key: str, tape: Tape, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if key in RESUMABLE:
        mine, other = (load(CONFIG, settings).tree for settings in ([], [MUTATIONS[key]]))
        assert differences(mine, other) == []
        return
    with pytest.raises(ConfigError, match=rf"got changes of {key}.*--fork"):
        resume(begun, settings=[MUTATIONS[key]], progress=Silent())


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_what_an_earlier_release_wrote_can_be_read(release: Path) -> None:
    found = read_checkpoint(checkpoint_path(release, 1))
    assert (found.step, found.segments, found.dt) == (50, 1, 1e-4)
    assert found.state["saved.step"].tolist() == [50]
    assert {"brian2", "numpy", "neuromod"} <= found.versions.keys()
    with SegmentFile(segment_path(release, 0)) as segment:
        assert (segment.start, segment.stop) == (0, 50)
        steps, cells = segment.data().spikes["CELL"]
        assert len(steps) == len(cells) > 0
    assert read_provenance(release).populations["CELL"].size == 2


def test_there_is_a_release_to_read() -> None:
    assert RELEASES
