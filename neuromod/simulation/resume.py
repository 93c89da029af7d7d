"""Going on with a run: in its directory, or as a branch with other parameters in a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from neuromod.config.fingerprint import RESUMABLE, differences
from neuromod.config.load import LoadedExperiment, load, reload
from neuromod.errors import ConfigError, DamagedDataError
from neuromod.plan.fused import ProgramArrays
from neuromod.simulation.checkpoints import (
    Identity,
    Start,
    is_on_the_way,
    start_from,
    with_held_levels,
)
from neuromod.simulation.execute import Run, run, steps_of
from neuromod.simulation.progress import Progress
from neuromod.simulation.recording import Recorder
from neuromod.simulation.signals import StopRequests
from neuromod.simulation.summary import RunSummary
from neuromod.store.checkpoint import Checkpoint, write_checkpoint
from neuromod.store.continuing import branch, go_back, newest_checkpoint
from neuromod.store.directory import (
    PROVENANCE,
    RESULTS,
    RunDirectory,
    has_begun,
    new_run_directory,
    old_run_directory,
)
from neuromod.store.provenance import Fact, Provenance, read_provenance
from neuromod.store.reader import open_results


def resume(
    directory: Path,
    *,
    settings: Sequence[str] = (),
    fork: Path | None = None,
    at: float | None = None,
    inexact: bool = False,
    backend: str | None = None,
    progress: Progress | None = None,
) -> RunSummary:
    """Go on with the run in a directory, from its newest whole checkpoint, and write its results.

    `settings`: keys of the config that change; only those of `config.fingerprint.RESUMABLE`, unless `fork`
    names a new directory, in which the run goes on with other parameters. `at`: from the last checkpoint at
    or before this time in seconds. `inexact`: continue also a checkpoint of other versions.

    Raises:
        ConfigError: the change is not possible. DamagedDataError: no checkpoint can be used. StorageError:
        there is no run. Otherwise like `execute.run`.
    """
    with StopRequests() as requests, old_run_directory(directory) as held:
        before = read_provenance(directory)
        loaded = _reloaded(directory, before, settings)
        origin = _Origin(held, loaded, inexact=inexact, until=_step(at, loaded))
        if fork is None:
            _refuse_changes(_reloaded(directory, before), loaded)
            work = Run(loaded, requests, backend, progress, origin.continued, _again(before))
            return origin.said(work.complete(held))
        facts: dict[str, Fact] = {"forked_from": str(directory.resolve()), "forked_seed": before.seed}
        work = Run(loaded, requests, backend, progress, origin.forked, facts)
        with new_run_directory(fork, loaded.experiment.name) as origin.target:
            return origin.said(work.complete(origin.target))


def run_or_resume(
    path: Path,
    output: Path,
    *,
    settings: Sequence[str] = (),
    backend: str | None = None,
    progress: Progress | None = None,
) -> RunSummary | None:
    """Run a config in a directory, or go on with the run that it holds; None where its results are complete.

    Raises:
        ConfigError: the directory holds another experiment. Otherwise like `resume`.
    """
    if not has_begun(output):
        return run(path, settings=settings, output=output, backend=backend, progress=progress)
    with StopRequests() as requests, old_run_directory(output) as held:
        loaded = load(path, settings)
        before = read_provenance(output)
        _refuse_changes(_reloaded(output, before), loaded)
        if _is_complete(output, loaded):
            return None
        origin = _Origin(held, loaded)
        work = Run(loaded, requests, backend, progress, origin.continued, _again(before))
        return origin.said(work.complete(held))


class _Origin:
    """The run that is gone on with: finds where, and prepares the directory, or that of a fork (`target`)."""

    def __init__(
        self, held: RunDirectory, loaded: LoadedExperiment, *, inexact: bool = False, until: int | None = None
    ) -> None:
        self.path, self.disk, self.loaded, self.target = held.path, held.disk, loaded, held
        self.inexact, self.until = inexact, until
        self.notices: list[str] = []

    def continued(self, of: Identity, data: ProgramArrays, recorder: Recorder) -> Start | None:
        """The start in the same directory, which then holds nothing that is later."""
        checkpoint = self._newest(recorder)
        if checkpoint is None:
            go_back(self.path, 0, self.disk)
            return None
        start = start_from(checkpoint, of, data, changed=False, inexact=self.inexact)
        self._check_duration(start)
        go_back(self.path, start.segments, self.disk)
        recorder.count(checkpoint.spikes, checkpoint.bins)
        return start

    def forked(self, of: Identity, data: ProgramArrays, recorder: Recorder) -> Start:
        """The start in the directory `target`, which gets what was recorded before."""
        checkpoint = self._newest(recorder)
        if checkpoint is None:
            moment = "" if self.until is None else " at or before that time"
            raise ConfigError(f"{self.path} has no checkpoint{moment} to start a fork from")
        start = start_from(checkpoint, of, data, changed=True, inexact=self.inexact)
        start = with_held_levels(start, recorder.fused, data)
        self._check_duration(start)
        branch(self.path, start.segments, self.target.path, recorder.layout, self.target.disk)
        moved = replace(checkpoint, **vars(of), exact=start.exact, state=start.state)
        write_checkpoint(self.target, moved, disk=self.target.disk)
        recorder.count(checkpoint.spikes, checkpoint.bins)
        return start

    def _newest(self, recorder: Recorder) -> Checkpoint | None:
        """The newest that a run with the advances of this one comes by."""
        fits = partial(is_on_the_way, advances=recorder.fused.network.advances)
        checkpoint, notices = newest_checkpoint(self.path, self.until, fits)
        self.notices += notices
        return checkpoint

    def _check_duration(self, start: Start) -> None:
        experiment = self.loaded.experiment
        if start.step > steps_of(experiment):
            reached = f"the run has come to {start.step * experiment.dt:g} s"
            raise ConfigError(f"duration: got {experiment.duration:g} s, {reached} already")

    def said(self, done: RunSummary) -> RunSummary:
        """The summary with what was noticed while looking for the start."""
        return replace(done, notices=[*self.notices, *done.notices])


def _again(before: Provenance) -> dict[str, Fact]:
    """The circumstances of the run so far, and how often it has gone on."""
    return {**before.run, "resumed": int(before.run.get("resumed", 0)) + 1}


def _step(at: float | None, loaded: LoadedExperiment) -> int | None:
    return None if at is None else int(at / loaded.experiment.dt * (1 + 1e-12))


def _reloaded(directory: Path, before: Provenance, settings: Sequence[str] = ()) -> LoadedExperiment:
    """The experiment of a run, as it was written down when the run began."""
    name = str(directory / PROVENANCE)
    if "config_path" not in before.run:
        raise DamagedDataError(f"{name}: does not say where its config was")
    path = Path(str(before.run["config_path"]))
    return reload(before.resolved_config, before.config_text, path, settings, name=name)


def _refuse_changes(old: LoadedExperiment, new: LoadedExperiment) -> None:
    changed = differences(old.tree, new.tree)
    if changed:
        allowed = ", ".join(RESUMABLE)
        raise ConfigError(
            f"got changes of {', '.join(changed)}, allowed in a run that goes on are changes of {allowed}; "
            "--fork DIR continues with other parameters in a new directory"
        )


def _is_complete(directory: Path, loaded: LoadedExperiment) -> bool:
    """Are there results of the whole duration."""
    if not (directory / RESULTS).exists():
        return False
    with open_results(directory / RESULTS) as results:
        return round(results.duration_ms / results.dt_ms) == steps_of(loaded.experiment)
