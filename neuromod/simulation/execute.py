"""One run from a config file to a results file."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from neuromod.config.load import LoadedExperiment, load
from neuromod.config.schema import Experiment
from neuromod.errors import InvalidSimulation, Stopped
from neuromod.library.registry import Library
from neuromod.library.shipped import open_library
from neuromod.plan.expand import expand
from neuromod.plan.fused import FusedPlan, fuse, program_arrays
from neuromod.program.process import Event, Process
from neuromod.program.records import read_records
from neuromod.simulation.backends import choose, environment, needs_build, prepare
from neuromod.simulation.inputs import program_inputs
from neuromod.simulation.progress import Progress, default_progress
from neuromod.simulation.provenance import circumstances, provenance
from neuromod.simulation.recording import Recorder
from neuromod.simulation.signals import StopRequests
from neuromod.simulation.summary import PopulationRate, RunSummary
from neuromod.store.directory import RunDirectory, new_run_directory
from neuromod.store.provenance import write_provenance
from neuromod.store.results import write_results
from neuromod.store.segments import write_segment


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
    timer = _Timer()
    with timer.phase("plan"):
        loaded = load(path, settings)
        fused = plan_experiment(loaded)
    backend = backend or fused.network.experiment.backend
    with new_run_directory(output, fused.network.experiment.name) as directory:
        progress = progress or default_progress()
        try:
            return _run(loaded, fused, directory, backend, progress, timer)
        finally:
            progress.close()


def _run(
    loaded: LoadedExperiment,
    fused: FusedPlan,
    directory: RunDirectory,
    wanted: str,
    progress: Progress,
    timer: _Timer,
) -> RunSummary:
    name, notice = choose(wanted)
    built = needs_build(name, fused.structure)
    facts = circumstances(name)
    with tempfile.TemporaryDirectory(prefix="neuromod-") as folder:
        private = Path(folder)
        progress.phase("compiling" if built else "preparing")
        with timer.phase("build"):
            program = prepare(name, fused.structure, private)
        with timer.phase("plan"):
            data = program_arrays(fused)
            recorder = Recorder(fused, data)
            steps = steps_of(fused.network.experiment)
            inputs = program_inputs(fused, data, recorder, steps)
            about = provenance(loaded, fused, data, facts)
            write_provenance(directory.path, about)
        simulation = _Simulation(fused, recorder, directory, progress)
        surroundings = environment(private)
        with (
            timer.phase("simulate"),
            StopRequests() as requests,
            Process(program.command, inputs, private, surroundings) as process,
        ):
            del inputs, data
            simulation.follow(process, requests, steps)
    progress.phase("writing")
    with timer.phase("write"):
        timings = {f"{phase}_s": seconds for phase, seconds in timer.seconds.items()}
        about = replace(about, run={**facts, **timings})
        results = write_results(directory.path, recorder.layout, about)
    rates = recorder.population_rates()
    notices = [*filter(None, [notice]), *fused.network.notices, *_silent(fused, rates)]
    duration = fused.network.experiment.duration
    return RunSummary(directory.path, results, name, built, duration, dict(timer.seconds), rates, notices)


def _silent(fused: FusedPlan, rates: Sequence[PopulationRate]) -> list[str]:
    """Notices about populations without a single spike; an error where the config says so."""
    wanted = fused.network.experiment.guards.silence
    names = ", ".join(rate.population for rate in rates if rate.hz == 0)
    if not names or wanted == "ignore":
        return []
    if wanted == "stop":
        raise InvalidSimulation(f"no spike in {names} (guards.silence: stop); the results are written")
    return [f"no spike in {names}"]


def steps_of(experiment: Experiment) -> int:
    """Number of steps of an experiment."""
    return round(experiment.duration / experiment.dt)


class _Simulation:
    """Follows a program: commits its chunks as segments, reports, and turns its complaints into errors."""

    def __init__(
        self, fused: FusedPlan, recorder: Recorder, directory: RunDirectory, progress: Progress
    ) -> None:
        self.fused, self.recorder, self.directory, self.progress = fused, recorder, directory, progress
        self.dt = fused.network.experiment.dt

    def follow(self, process: Process, requests: StopRequests, steps: int) -> None:
        """Until the program ends."""
        reached = 0
        for event in process.events():
            if event.kind == "start":
                self.progress.begin(event.number(0) * self.dt, steps * self.dt)
            elif event.kind == "at":
                self.progress.at(event.number(0) * self.dt)
            elif event.kind == "chunk":
                reached = event.number(2)
                self._commit(event.number(0), process)
                if requests.received and reached < steps:
                    process.stop()
                else:
                    process.go_on()
            elif event.kind in ("invalid", "runaway"):
                raise InvalidSimulation(self._complaint(event))
        if reached < steps:
            raise Stopped(
                f"stopped at {reached * self.dt:g} s; what was recorded is in {self.directory.path}"
            )

    def _commit(self, number: int, process: Process) -> None:
        path = process.directory / f"chunk-{number}"
        data = self.recorder.segment(read_records(path))
        write_segment(self.directory.path, number, self.recorder.layout, data)
        path.unlink()
        self.progress.at(data.stop * self.dt)

    def _complaint(self, event: Event) -> str:
        seconds = event.number(2) * self.dt
        if event.kind == "runaway":
            population = list(self.fused.network.populations.values())[event.number(0)]
            window = round(0.1 / self.dt) * self.dt
            rate = event.number(1) / (population.size * window)
            limit = population.rate_limit or self.fused.network.experiment.guards.rate_limit
            return (
                f"{population.name} fires at {rate:.0f} Hz in the 100 ms before {seconds:g} s, "
                f"allowed is {limit:g} Hz (guards.rate_limit, or rate_limit of the population)"
            )
        array, index = event.words[0], event.number(1)
        group, _, variable = array.partition(".")
        places = self.fused.placements.items()
        owner = next((n for n, p in places if p.group == group and p.start <= index < p.stop), group)
        first = self.fused.placements[owner].start if owner in self.fused.placements else 0
        where = f"{variable} of {owner}, cell {index - first},"
        return f"{where} is not finite at {seconds:g} s; a smaller dt may help"
