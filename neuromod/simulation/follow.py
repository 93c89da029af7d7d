"""Following a program at work: its chunks become segments, its states checkpoints, its complaints errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from neuromod.errors import InvalidSimulation, Stopped
from neuromod.plan.fused import FusedPlan
from neuromod.program.process import Event, Process
from neuromod.program.records import Array, read_records
from neuromod.simulation import complaints
from neuromod.simulation.checkpoints import Checkpointer, Start
from neuromod.simulation.complaints import Positions
from neuromod.simulation.progress import Progress
from neuromod.simulation.recording import Recorder
from neuromod.simulation.signals import StopRequests
from neuromod.store.advances import Advances
from neuromod.store.directory import RunDirectory
from neuromod.store.disk import in_folder
from neuromod.store.segments import write_segment


class Follower:
    """Holds the conversation with one program until it ends."""

    def __init__(
        self,
        fused: FusedPlan,
        positions: Positions,
        recorder: Recorder,
        checkpointer: Checkpointer,
        directory: RunDirectory,
        progress: Progress,
    ) -> None:
        self.fused, self.positions = fused, positions
        self.recorder, self.checkpointer = recorder, checkpointer
        self.directory, self.progress = directory, progress
        self.dt = fused.network.experiment.dt
        self.complaint = ""
        self.reached, self.segments = checkpointer.start.step, checkpointer.start.segments
        self.state: Mapping[str, Array] = checkpointer.start.state

    def follow(self, process: Process, requests: StopRequests, steps: int, whole: int) -> None:
        """Until the program has come to `steps`. Where the `whole` run has more, its last state is saved.

        Raises:
            Stopped: a request was received. InvalidSimulation: what the program found.
        """
        answers: dict[str, Callable[[Event], None]] = {
            "start": lambda event: self.progress.begin(event.number(0) * self.dt, whole * self.dt),
            "at": lambda event: self.progress.at(event.number(0) * self.dt),
            "invalid": self._not_finite,
            "runaway": self._runaway,
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
            wanted = self.checkpointer.due(self.reached, ending=ending) or (self.reached == steps < whole)
            if event.kind == "chunk" and wanted:
                process.save()
            elif stopping:
                process.stop()
            else:
                process.go_on()
        if self.reached < steps:
            raise Stopped(self.stopped())

    def commit_advance(self, made: Advances, state: Mapping[str, Array]) -> None:
        """A segment without steps and a checkpoint: hours have passed, and this is the state after them."""
        nothing = self.recorder.nothing(self.reached)
        write_segment(self.directory, self.segments, self.recorder.layout, nothing, self.directory.disk)
        self.segments += 1
        start = Start(self.reached, self.segments, state, self.checkpointer.start.exact, made)
        self.checkpointer.start, self.state = start, {}
        self.checkpointer.commit(self.reached, self.segments, state)

    def _commit(self, event: Event, process: Process) -> None:
        path = in_folder(process.directory, f"chunk-{event.number(0)}")
        data = self.recorder.segment(read_records(path))
        write_segment(self.directory, event.number(0), self.recorder.layout, data, self.directory.disk)
        path.unlink()
        self.reached, self.segments = data.stop, event.number(0) + 1
        self.progress.at(data.stop * self.dt)

    def _checkpoint(self, event: Event, process: Process) -> None:
        path = in_folder(process.directory, f"saved-{event.number(0)}")
        state: dict[str, Array] = read_records(path)
        self.checkpointer.commit(event.number(0), self.segments, state)
        self.state = state
        path.unlink()

    def stopped(self) -> str:
        """Where the run was stopped, and how to go on."""
        reached = f"stopped at {self.reached * self.dt:g} s"
        if self.checkpointer.wish is None:
            return (
                f"{reached}; what was recorded is in {self.directory.path} (no state is: checkpoint is null)"
            )
        return f"{reached}; to go on: neuromod resume {self.directory.path}"

    def _runaway(self, event: Event) -> None:
        self.complaint = complaints.runaway(self.fused, event, self.dt)

    def _not_finite(self, event: Event) -> None:
        self.complaint = complaints.not_finite(self.fused, self.positions, event, self.dt)
