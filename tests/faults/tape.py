"""A program that plays back what a real one said, so that a run needs no process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from neuromod.plan.fused import FusedPlan, ProgramArrays
from neuromod.program.process import Event, Process
from neuromod.program.records import Array, read_records, write_records
from neuromod.simulation import execute, resume
from neuromod.simulation.backends import Backend
from neuromod.simulation.progress import Silent
from neuromod.store.directory import RunDirectory
from neuromod.store.disk import DISK, Disk, storage_failures
from tests.identical.conftest import CONFIG, Datasets, datasets

SETTINGS = (
    "duration=75 ms",
    "checkpoint={every: 25 ms, clock: simulated}",
    "record.states=[]",
)
Records = dict[str, Array]


@dataclass
class Tape:
    """Chunks in order as (start, stop, records), the states saved between them, and the results."""

    chunks: list[tuple[int, int, Records]] = field(default_factory=list)
    states: dict[int, Records] = field(default_factory=dict)
    results: Datasets = field(default_factory=dict)
    directory: Path = Path()


def record(directory: Path) -> Tape:
    """Run the real program once and keep what it hands over."""
    tape = Tape(directory=directory)

    class Recording(Process):
        def events(self) -> Iterator[Event]:
            for event in super().events():
                if event.kind == "chunk":
                    records = read_records(self.directory / f"chunk-{event.words[0]}")
                    tape.chunks.append((event.number(1), event.number(2), records))
                if event.kind == "saved":
                    tape.states[event.number(0)] = read_records(self.directory / f"saved-{event.words[0]}")
                yield event

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execute, "Process", Recording)
        resume.run_or_resume(CONFIG, directory, settings=SETTINGS, progress=Silent())
    tape.results = datasets(directory / "results.h5")
    assert [stop for _, stop, _ in tape.chunks] == list(tape.states) == [250, 500, 750]
    return tape


class Playing:
    """A process that begins anywhere between two chunks of a tape, and says what is on it."""

    tape: Tape

    def __init__(
        self,
        command: Sequence[str],
        inputs: Mapping[str, Array | str],
        directory: Path,
        environment: Mapping[str, str],
        descriptors: Sequence[int] = (),
    ) -> None:
        self.directory, self.answer = directory, ""
        self.at, self.number = (int(inputs[f"run.{name}"][0]) for name in ("start", "first_chunk"))
        for name, array in self.tape.states.get(self.at, {}).items():
            assert np.array_equal(inputs[name], array), name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def events(self) -> Iterator[Event]:
        for start, stop, records in self.tape.chunks:
            if start < self.at:
                continue
            self.write(f"chunk-{self.number}", records)
            yield Event("chunk", (str(self.number), str(start), str(stop)))
            while self.answer == "save":
                self.write(f"saved-{stop}", self.tape.states[stop])
                yield Event("saved", (str(stop),))
            if self.answer == "stop":
                return
            self.number += 1

    def write(self, name: str, records: Records) -> None:
        """A program that cannot write a file says so."""
        with storage_failures("write", self.directory / name):
            write_records(self.directory / name, records)

    def save(self) -> None:
        self.answer = "save"

    def go_on(self) -> None:
        self.answer = "continue"

    def stop(self) -> None:
        self.answer = "stop"

    def hurry(self) -> None:
        pass

    def abandon(self) -> None:
        pass


@dataclass
class Stage:
    """Where runs are played back: no process, no compiler, read and planned once."""

    patch: pytest.MonkeyPatch

    def run(self, directory: Path, disk: Disk = DISK) -> Datasets:
        """Begin the run in a directory, or go on with it, on this disk; the results."""
        self.patch.setattr(RunDirectory, "disk", disk)
        try:
            resume.run_or_resume(CONFIG, directory, settings=SETTINGS, progress=Silent())
        finally:
            self.patch.setattr(RunDirectory, "disk", DISK)
        return datasets(directory / "results.h5")


def stage(tape: Tape, patch: pytest.MonkeyPatch) -> Stage:
    """Replace what takes long."""
    patch.setattr(execute, "Process", type("Playing", (Playing,), {"tape": tape}))
    patch.setattr(execute, "needs_build", lambda *_: False)
    patch.setattr(execute, "prepare", lambda *_: Backend("cpp", ("played back",)))
    patch.setattr(execute, "plan_experiment", _once(execute.plan_experiment))
    arrays = _once(execute.program_arrays)

    def own_arrays(fused: FusedPlan) -> ProgramArrays:
        """A run lets go of the arrays that it has handed over."""
        return replace(arrays(fused), arrays=dict(arrays(fused).arrays))

    patch.setattr(execute, "program_arrays", own_arrays)
    patch.setattr("neuromod.simulation.provenance._commit", lambda: "")
    for module in (execute, resume):
        patch.setattr(module, "load", _once(module.load))
    return Stage(patch)


def _once[T](work: Callable[..., T]) -> Callable[..., T]:
    """The first answer, again and again: all runs of a stage have one plan."""
    answers: list[T] = []

    def answer(*question: object) -> T:
        if not answers:
            answers.append(work(*question))
        return answers[0]

    return answer
