"""One run from a config file, or from what an earlier run left, to a results file."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from neuromod.analysis.targets import PopulationRate
from neuromod.config.load import LoadedExperiment, load
from neuromod.config.schema import Experiment
from neuromod.errors import ConfigError, InvalidSimulation, Stopped
from neuromod.library.registry import Library
from neuromod.library.shipped import open_library
from neuromod.plan.expand import expand
from neuromod.plan.fused import FusedPlan, ProgramArrays, fuse, program_arrays
from neuromod.plan.network import AdvancePlan
from neuromod.program.process import Process
from neuromod.simulation.backends import (
    Backend,
    choose,
    environment,
    needs_build,
    prepare,
    program_path,
)
from neuromod.simulation.checkpoints import Checkpointer, Identity, Start, identity
from neuromod.simulation.follow import Follower
from neuromod.simulation.inputs import program_inputs
from neuromod.simulation.progress import Progress, default_progress
from neuromod.simulation.provenance import circumstances, provenance
from neuromod.simulation.recording import Recorder
from neuromod.simulation.room import check_memory, check_room
from neuromod.simulation.signals import StopRequests
from neuromod.simulation.silence.advance import advanced
from neuromod.simulation.summary import RunSummary
from neuromod.simulation.task import check_task_state, task_inputs
from neuromod.simulation.trial_log import behaviour_of
from neuromod.simulation.warm_start import first_start
from neuromod.store.continuing import tidy
from neuromod.store.directory import WORK, RunDirectory, new_run_directory
from neuromod.store.provenance import Fact, Provenance, write_provenance
from neuromod.store.results import write_results

FindStart = Callable[[Identity, ProgramArrays, Recorder], Start | None]
"""Where a planned run goes on, after looking at what there is; None: at its beginning."""


@dataclass
class _Timer:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - began


def plan_experiment(loaded: LoadedExperiment) -> FusedPlan:
    """Expanded and fused plan of a config, with the models it names."""
    return fuse(expand(loaded, library_of(loaded)))


def library_of(loaded: LoadedExperiment) -> Library:
    """The shipped models, after the config's own."""
    return open_library([loaded.path.parent / folder for folder in loaded.experiment.models])


def run(
    path: Path,
    *,
    settings: Sequence[str] = (),
    output: Path | None = None,
    backend: str | None = None,
    progress: Progress | None = None,
) -> RunSummary:
    """Run a config file and write its results.

    `output`: directory of the run (default: a new number below runs/<name>). `backend` overrides the
    config's.

    Raises:
        ConfigError: the config is wrong. OutputError: the directory cannot be used. BackendError: no
        compiler, or it failed. InvalidSimulation: NaN, infinity or a runaway population. Stopped: a signal
        asked for it.
    """
    with StopRequests() as requests:
        loaded = load(path, settings)
        work = Run(loaded, requests, backend, progress)
        with new_run_directory(output, loaded.experiment.name) as directory:
            return work.complete(directory)


def build(path: Path, *, settings: Sequence[str] = (), backend: str | None = None) -> tuple[Path, bool]:
    """Compile the program of a config without running it: its path, and whether it was compiled only now.

    The GPU for which `cuda` compiles may be on another machine: see `program.cuda.ARCHITECTURES`.

    Raises:
        ConfigError: the config is wrong, or its backend compiles nothing. BackendError: no compiler, or it
        failed.
    """
    loaded = load(path, settings)
    fused, name = plan_experiment(loaded), backend or loaded.experiment.backend
    if name == "runtime":
        raise ConfigError("backend: got runtime, which compiles nothing; allowed are cpp and cuda")
    name = "cuda" if name == "cuda" else "cpp"
    missing = needs_build(name, fused.structure)
    return program_path(name, fused.structure), missing


def steps_of(experiment: Experiment) -> int:
    """Number of steps of an experiment."""
    return round(experiment.duration / experiment.dt)


def ahead(fused: FusedPlan, start: Start) -> tuple[AdvancePlan, ...]:
    """The advances that a run still makes."""
    return fused.network.advances[len(start.advances) :]


class Run:
    """A run from its plan, which is made at once, to its results in a directory that this process holds."""

    def __init__(
        self,
        loaded: LoadedExperiment,
        requests: StopRequests,
        backend: str | None = None,
        progress: Progress | None = None,
        find_start: FindStart = lambda of, data, recorder: None,
        facts: Mapping[str, Fact] | None = None,
    ) -> None:
        self.loaded, self.requests = loaded, requests
        self.wanted = backend or loaded.experiment.backend
        self.given_progress = progress
        self.find_start, self.facts = find_start, dict(facts or {})
        self.timer = _Timer()
        self.notices: list[str] = []
        with self.timer.phase("plan"):
            self.fused = plan_experiment(loaded)
        self.steps = steps_of(loaded.experiment)

    def complete(self, directory: RunDirectory) -> RunSummary:
        """Simulate what is still to be simulated, and write the results."""
        self.directory = directory
        self.progress = self.given_progress or default_progress()
        try:
            tidy(self.directory)
            with tempfile.TemporaryDirectory(prefix=WORK, dir=self.directory) as private:
                return self._complete(Path(private).resolve())
        finally:
            self.progress.close()

    def _complete(self, private: Path) -> RunSummary:
        fused = self.fused
        with self.timer.phase("plan"):
            name, notice = choose(self.wanted)
            check_memory(fused.network, name)
            data = program_arrays(fused)
            recorder = Recorder(fused, data)
            self.task = task_inputs(fused)
            of = identity(self.loaded, fused, data, self.task)
            start = self.find_start(of, data, recorder)
            start = start or first_start(self.loaded, fused, of, data)
            experiment = self.loaded.experiment
            check_room(self.directory.path, fused.network, experiment.duration - start.step * experiment.dt)
            check_task_state(self.task, start.step, start.state)
            facts = circumstances(name, self.loaded.path) | self.facts
            facts |= {} if start.exact else {"exactness": "equivalent"}
            about = provenance(self.loaded, fused, data, facts)
            write_provenance(self.directory, about, self.directory.disk)
        self.notices += [*filter(None, [notice]), *fused.network.notices]
        built = False
        if start.step < self.steps:
            built = needs_build(name, fused.structure)
            self.progress.phase("compiling" if built else "preparing")
            with self.timer.phase("build"):
                program = prepare(name, fused.structure, private)
            checkpointer = Checkpointer(self.directory, of, recorder, start)
            self._simulate(program, data, recorder, checkpointer, private)
        del data
        return self._finish(recorder, about, name, built)

    def _simulate(
        self,
        program: Backend,
        data: ProgramArrays,
        recorder: Recorder,
        checkpointer: Checkpointer,
        private: Path,
    ) -> None:
        """Stretch by stretch, with the advances between them."""
        follower = Follower(self.fused, data.positions, recorder, checkpointer, self.directory, self.progress)
        for plan in ahead(self.fused, checkpointer.start):
            self._stretch(program, data, follower, plan.step, private)
            self._advance(data, follower, plan)
        self._stretch(program, data, follower, self.steps, private)

    def _stretch(
        self, program: Backend, data: ProgramArrays, follower: Follower, stop: int, private: Path
    ) -> None:
        """Simulate from where the run has come to until the step `stop`."""
        if follower.reached == stop:
            return
        start, save_every = follower.checkpointer.start, follower.checkpointer.steps
        with self.timer.phase("plan"):
            recorder = follower.recorder
            inputs = program_inputs(self.fused, data, self.task, recorder, stop, start, save_every)
        held = (self.directory.lock.descriptor,)
        with (
            self.timer.phase("simulate"),
            Process(program.command, inputs, private, environment(private), held) as process,
            self.requests.finishing(process.hurry, process.abandon),
        ):
            inputs.clear()
            if stop == self.steps:
                data.release()
            follower.follow(process, self.requests, stop, self.steps)

    def _advance(self, data: ProgramArrays, follower: Follower, plan: AdvancePlan) -> None:
        """Let hours pass. A request to stop ends this at once: the run goes on from the state before."""

        def end() -> None:
            raise Stopped(follower.stopped())

        if self.requests.received is not None:
            end()
        self.progress.phase(f"advancing by {plan.duration / 3600:g} h")
        made = (*follower.checkpointer.start.advances, (plan.step, plan.duration))
        with self.timer.phase("advance"), self.requests.finishing(end):
            follower.commit_advance(made, advanced(self.fused, data, plan, follower.state))

    def _finish(self, recorder: Recorder, about: Provenance, backend: str, built: bool) -> RunSummary:
        self.progress.phase("writing")
        with self.timer.phase("write"):
            timings = {f"{phase}_s": seconds for phase, seconds in self.timer.seconds.items()}
            about = replace(about, run={**about.run, **timings})
            results = write_results(self.directory, recorder.layout, about, self.directory.disk)
        rates = recorder.population_rates()
        notices = [*self.notices, *_silent(self.fused, rates)]
        seconds = {"build": 0.0, "simulate": 0.0} | self.timer.seconds
        duration = self.fused.network.experiment.duration
        done = behaviour_of(results, self.fused)
        return RunSummary(
            self.directory.path, results, backend, built, duration, seconds, rates, notices, done
        )


def _silent(fused: FusedPlan, rates: Sequence[PopulationRate]) -> list[str]:
    """Notices about populations without a single spike; an error where the config says so."""
    wanted = fused.network.experiment.guards.silence
    names = ", ".join(rate.population for rate in rates if rate.hz == 0)
    if not names or wanted == "ignore":
        return []
    if wanted == "stop":
        raise InvalidSimulation(f"no spike in {names} (guards.silence: stop); the results are written")
    return [f"no spike in {names}"]
