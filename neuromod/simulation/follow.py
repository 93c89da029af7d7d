"""Following a program at work: its chunks become segments, its states checkpoints, its complaints errors."""

from __future__ import annotations

from collections.abc import Callable

from neuromod.errors import InvalidSimulation, Stopped
from neuromod.plan.fused import FusedPlan
from neuromod.program.process import Event, Process
from neuromod.program.records import Array, read_records
from neuromod.simulation.checkpoints import Checkpointer
from neuromod.simulation.progress import Progress
from neuromod.simulation.recording import Recorder
from neuromod.simulation.signals import StopRequests
from neuromod.store.directory import RunDirectory
from neuromod.store.segments import write_segment


class Follower:
    """Holds the conversation with one program until it ends."""

    def __init__(
        self,
        fused: FusedPlan,
        recorder: Recorder,
        checkpointer: Checkpointer,
        directory: RunDirectory,
        progress: Progress,
    ) -> None:
        self.fused, self.recorder, self.checkpointer = fused, recorder, checkpointer
        self.directory, self.progress = directory, progress
        self.dt = fused.network.experiment.dt
        self.complaint = ""
        self.reached = self.segments = 0

    def follow(self, process: Process, requests: StopRequests, steps: int) -> None:
        """Until the program ends.

        Raises:
            Stopped: a request was received. InvalidSimulation: what the program found.
        """
        answers: dict[str, Callable[[Event], None]] = {
            "start": lambda event: self.progress.begin(event.number(0) * self.dt, steps * self.dt),
            "at": lambda event: self.progress.at(event.number(0) * self.dt),
            "invalid": self._complain,
            "runaway": self._complain,
            "chunk": lambda event: self._commit(event, process),
            "saved": lambda event: self._checkpoint(event, process),
        }
        for event in process.events():
            if event.kind in answers:
                answers[event.kind](event)
            if event.kind not in ("chunk", "saved"):
                continue
            if self.complaint:
                raise InvalidSimulation(self.complaint)
            stopping = requests.received is not None and self.reached < steps
            ending = stopping or self.reached == steps
            if event.kind == "chunk" and self.checkpointer.due(self.reached, ending=ending):
                process.save()
            elif stopping:
                process.stop()
            else:
                process.go_on()
        if self.reached < steps:
            raise Stopped(self._stopped())

    def _commit(self, event: Event, process: Process) -> None:
        path = process.directory / f"chunk-{event.number(0)}"
        data = self.recorder.segment(read_records(path))
        write_segment(self.directory, event.number(0), self.recorder.layout, data, self.directory.disk)
        path.unlink()
        self.reached, self.segments = data.stop, event.number(0) + 1
        self.progress.at(data.stop * self.dt)

    def _checkpoint(self, event: Event, process: Process) -> None:
        path = process.directory / f"saved-{event.number(0)}"
        state: dict[str, Array] = read_records(path)
        self.checkpointer.commit(event.number(0), self.segments, state)
        path.unlink()

    def _stopped(self) -> str:
        reached = f"stopped at {self.reached * self.dt:g} s"
        if self.checkpointer.wish is None:
            return (
                f"{reached}; what was recorded is in {self.directory.path} (no state is: checkpoint is null)"
            )
        return f"{reached}; to go on: neuromod resume {self.directory.path}"

    def _complain(self, event: Event) -> None:
        seconds = event.number(2) * self.dt
        self.complaint = (
            self._runaway(event, seconds) if event.kind == "runaway" else self._not_finite(event, seconds)
        )

    def _runaway(self, event: Event, seconds: float) -> str:
        network = self.fused.network
        population = list(network.populations.values())[event.number(0)]
        window = round(0.1 / self.dt) * self.dt
        rate = event.number(1) / (population.size * window)
        limit = population.rate_limit or network.experiment.guards.rate_limit
        return (
            f"{population.name} fires at {rate:.0f} Hz in the 100 ms before {seconds:g} s, "
            f"allowed is {limit:g} Hz (guards.rate_limit, or rate_limit of the population)"
        )

    def _not_finite(self, event: Event, seconds: float) -> str:
        array, index = event.words[0], event.number(1)
        group, _, variable = array.partition(".")
        places = self.fused.placements.items()
        owner = next((n for n, p in places if p.group == group and p.start <= index < p.stop), group)
        first = self.fused.placements[owner].start if owner in self.fused.placements else 0
        where = f"{variable} of {owner}, cell {index - first},"
        return f"{where} is not finite at {seconds:g} s; a smaller dt may help"
