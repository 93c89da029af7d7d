"""The runtime backend: Brian2 with numpy, as a process that speaks like a compiled program.

`python -m neuromod.program.runtime STRUCTURE.json INPUTS DIRECTORY`. For machines without a compiler and for
debugging: slow, but the same statements, the same random numbers, the same recording. The caller starts it in
a private directory.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import brian2
import numpy as np
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neuromod.build.network import build
from neuromod.plan.changing import pathway_names
from neuromod.plan.structure import (
    GroupStructure,
    ProgramStructure,
    SynapsesStructure,
    structure_from_json,
)
from neuromod.program.process import INVALID, UNWRITTEN
from neuromod.program.records import Array, read_records, write_records
from neuromod.program.task import Task


def load(structure: ProgramStructure, inputs: Mapping[str, Array]) -> brian2.Network:
    """The network with every array of `inputs` in place."""
    arrays = {
        name.removeprefix("array."): value for name, value in inputs.items() if name.startswith("array.")
    }
    ends = {s.name: [arrays[f"{s.name}.{end}"].astype(np.int32) for end in "ij"] for s in structure.synapses}
    connections = {name: (i, j) for name, (i, j) in ends.items()}
    network = build(structure, connections)
    for name, value in arrays.items():
        owner, _, variable = name.partition(".")
        if variable not in ("i", "j"):
            find_variable(network, owner, variable).set_value(value if len(value) != 1 else value[0])
    return network


def find_variable(network: brian2.Network, owner: str, variable: str) -> ArrayVariable:
    """Variable behind a logical array name."""
    made = network[owner]
    if variable.startswith("delay_"):
        return getattr(made, variable.removeprefix("delay_")).variables["delay"]
    return made.variables[variable]


def find_pathway(network: brian2.Network, name: str) -> brian2.Synapses:
    """Pathway behind the name `SET_KIND`."""
    owner, _, kind = name.rpartition("_")
    return getattr(network[owner], kind)


@dataclass
class Kept:
    """Elements of a live array that are sampled, or averaged, every so many steps."""

    values: NDArray[np.float64]
    every: int
    cells: NDArray[np.int64]
    sum: float = 0.0
    seen: int = 0
    kept: list[NDArray[np.float64]] = field(default_factory=list)

    def take(self) -> NDArray[np.float64]:
        """Everything kept so far, in one row; forgets it."""
        whole = np.concatenate([np.zeros(0), *self.kept])
        self.kept.clear()
        return whole


def limit_ticks(network: brian2.Network, structure: ProgramStructure) -> None:
    """Brian2 runs what happens at intervals at t = 0 too; ours begins after one interval, and some waits
    until it is asked for.
    """
    made = {entry.name: entry for entry in network.sorted_objects}
    owners: list[GroupStructure | SynapsesStructure] = [*structure.groups, *structure.synapses]
    for owner in owners:
        for tick in owner.ticks:
            name, _, variable = tick.asked.partition(".")
            asked = find_variable(network, name, variable) if tick.asked else None
            runner = made[f"{owner.name}_{tick.name}"]
            runner.run = _limited(runner, asked)


def _limited(made: brian2.CodeRunner, asked: ArrayVariable | None) -> Callable[[], None]:
    run = made.run

    def limited() -> None:
        started = made.clock.variables["timestep"].get_value().item() > 0
        if started and (asked is None or np.any(asked.get_value())):
            run()

    return limited


class Run:
    """The same bookkeeping around each step as `native/nm_run.hpp`, in Python."""

    def __init__(
        self,
        network: brian2.Network,
        structure: ProgramStructure,
        inputs: Mapping[str, Array],
        directory: Path,
    ) -> None:
        self.network, self.inputs, self.directory = network, inputs, directory
        self.start, self.stop, self.window = (
            int(inputs[f"run.{name}"][0]) for name in ("start", "stop", "window")
        )
        self.save_every, self.chunk_number = (
            int(inputs[f"run.{name}"][0]) for name in ("save_every", "first_chunk")
        )
        self.chunk_start, self.last_chunk, self.hurry = self.start, time.monotonic(), False
        signal.signal(signal.SIGUSR1, self.hear)
        self.samples = [
            Kept(
                self.values(name),
                int(inputs["record.sample.every"][k]),
                inputs[f"record.sample.cells.{k}"].astype(np.int64),
            )
            for k, name in enumerate(self.lines("record.sample"))
        ]
        spans = inputs["record.mean.range"].reshape(-1, 2)
        self.means = [
            Kept(self.values(name), int(inputs["record.mean.every"][k]), np.arange(*spans[k]))
            for k, name in enumerate(self.lines("record.mean"))
        ]
        watched = [g.name for g in structure.groups if f"record.rows.{g.name}" in inputs]
        self.spaces = {name: network[name].variables["_spikespace"].get_value() for name in watched}
        self.spikes: dict[str, list[tuple[NDArray[np.int32], int]]] = {name: [] for name in watched}
        self.limit = inputs["guard.limit"]
        self.in_bin, self.in_window = np.zeros(len(self.limit), np.int32), np.zeros(len(self.limit), np.int32)
        self.counts: list[NDArray[np.int32]] = []
        names = self.lines("timeline.names")
        self.targets = [self.values(name) for name in names]
        self.pathways = {name: find_pathway(network, name) for name in pathway_names(structure)}
        self.next_change = 0
        self.replay()
        self.task = Task(inputs, self.values) if "task.size" in inputs else None
        if "saved.step" in inputs:
            self.restore()

    def hear(self, *_: object) -> None:
        """A signal: hand over what was recorded as soon as possible."""
        self.hurry = True

    def replay(self) -> None:
        """Timed changes before the first step, but for those that add."""
        steps, flags = self.inputs["timeline.step"], self.inputs["timeline.flags"]
        while self.next_change < len(steps) and steps[self.next_change] < self.start:
            if not int(flags[self.next_change]) & 1:
                self.apply(self.next_change)
            self.next_change += 1

    def restore(self) -> None:
        """Go on from a saved state."""
        for name in self.lines("run.changing"):
            self.values(name)[:] = self.inputs[f"state.{name}"]
        for name, pathway in self.pathways.items():
            wait, synapse = (self.inputs[f"pending.{name}.{part}"] for part in ("wait", "synapse"))
            slots = [synapse[wait == k].tolist() for k in range(int(wait.max(initial=-1)) + 1)]
            pathway.queue._restore_from_full_state((0, slots))
        self.in_bin[:], self.in_window[:] = self.inputs["saved.in_bin"], self.inputs["saved.in_window"]
        for mean, total, seen in zip(
            self.means, self.inputs["saved.mean_sum"], self.inputs["saved.mean_seen"], strict=True
        ):
            mean.sum, mean.seen = float(total), int(seen)

    def save(self, step: int) -> None:
        """Write the state at the beginning of a step."""
        records: dict[str, Array | str] = {"saved.step": np.array([step], np.int64)}
        records |= {f"state.{name}": np.asarray(self.values(name)) for name in self.lines("run.changing")}
        for name, pathway in self.pathways.items():
            now, slots = pathway.queue._full_state()
            later = [slots[(now + k) % len(slots)] for k in range(len(slots))]
            wait = np.repeat(np.arange(len(slots)), [len(slot) for slot in later])
            records[f"pending.{name}.wait"] = wait.astype(np.int32)
            records[f"pending.{name}.synapse"] = np.array([k for slot in later for k in slot], np.int32)
        records["saved.in_bin"], records["saved.in_window"] = self.in_bin, self.in_window
        records["saved.mean_sum"] = np.array([mean.sum for mean in self.means], float)
        records |= {"saved.task": self.task.state} if self.task else {}
        records["saved.mean_seen"] = np.array([mean.seen for mean in self.means], np.int64)
        self.write(f"saved-{step}", records)
        print("saved", step, flush=True)

    def lines(self, name: str) -> list[str]:
        """A text of the inputs, by lines."""
        return bytes(self.inputs[name]).decode().splitlines()

    def values(self, name: str) -> NDArray[np.float64]:
        """The live array behind a logical name."""
        owner, _, variable = name.partition(".")
        live: NDArray[np.float64] = find_variable(self.network, owner, variable).get_value()
        return live

    def before_step(self, step: int) -> None:
        """Everything that happens between two steps; stops the network when it is time."""
        if step > self.start and step % self.window == 0:
            self.check(step)
        if step > self.chunk_start and (step == self.stop or self.due(step)):
            self.check_finite(step, "guard.arrays", "run.changing")
            self.write_chunk(step)
        self.apply_changes(step, early=True)
        for sample in self.samples:
            if step % sample.every == 0:
                sample.kept.append(sample.values[sample.cells])
        self.apply_changes(step)
        if self.task:
            self.task.tick(step)
        if step % 50 == 0:
            print("at", step, flush=True)

    def due(self, step: int) -> bool:
        """Is it time for a chunk."""
        waited = time.monotonic() - self.last_chunk >= self.inputs["run.chunk_seconds"][0]
        wanted = bool(self.save_every) and step % self.save_every == 0
        return self.hurry or wanted or (step % self.window == 0 and bool(waited))

    def apply_changes(self, step: int, early: bool = False) -> None:
        """Timed changes that are due; `early` ones come before the samples of the step."""
        table = self.inputs
        while (
            self.next_change < len(table["timeline.step"])
            and table["timeline.step"][self.next_change] <= step
        ):
            if early and not int(table["timeline.flags"][self.next_change]) & 4:
                break
            self.apply(self.next_change)
            self.next_change += 1

    def apply(self, k: int) -> None:
        """Timed change number `k`."""
        table = self.inputs
        first, last, at = (int(table[f"timeline.{name}"][k]) for name in ("first", "last", "value"))
        flags = int(table["timeline.flags"][k])
        value = table["timeline.pool"][at : at + (last - first if flags & 2 else 1)]
        target = self.targets[int(table["timeline.array"][k])]
        moved = target[first:last] * (flags & 1) + value
        target[first:last] = np.where((moved < 0.0) & bool(flags & 8), 0.0, moved)

    def finish_step(self, step: int) -> None:
        """Count and keep the spikes of a step, accumulate means."""
        for name, space in self.spaces.items():
            cells = space[: space[-1]].copy()
            rows = self.inputs[f"record.rows.{name}"][cells]
            np.add.at(self.in_bin, rows, 1)
            np.add.at(self.in_window, rows, 1)
            self.tell_task(name, cells)
            self.spikes[name].append((cells, step - self.chunk_start))
        for mean in self.means:
            mean.sum += float(np.add.accumulate(mean.values[mean.cells])[-1] / len(mean.cells))
            mean.seen += 1
            if mean.seen == mean.every:
                mean.kept.append(np.array([mean.sum / mean.every]))
                mean.sum, mean.seen = 0.0, 0
        if (step + 1) % int(self.inputs["record.bin"][0]) == 0:
            self.counts.append(self.in_bin.copy())
            self.in_bin[:] = 0

    def tell_task(self, group: str, cells: NDArray[np.int32]) -> None:
        """The task hears the spikes of cells that decide or value."""
        if self.task is None:
            return
        for kind, hear in (("channel", self.task.hear), ("read", self.task.hear_value)):
            if f"task.{kind}.{group}" in self.inputs:
                hear(self.inputs[f"task.{kind}.{group}"][cells])

    def check(self, step: int) -> None:
        """Guards: finite state, no runaway population."""
        self.check_finite(step, "guard.arrays")
        over = np.flatnonzero(self.in_window > self.limit)
        if len(over):
            self.end_invalid(step, f"runaway {over[0]} {self.in_window[over[0]]} {step}")
        self.in_window[:] = 0

    def check_finite(self, step: int, *lists: str) -> None:
        """The arrays of these lists must be finite."""
        for name in (name for names in lists for name in self.lines(names)):
            bad = np.flatnonzero(~np.isfinite(self.values(name)))
            if len(bad):
                self.end_invalid(step, f"invalid {name} {bad[0]} {step}")

    def end_invalid(self, step: int, message: str) -> NoReturn:
        """Say why, hand over what there is, end."""
        print(message, flush=True)
        self.write_chunk(step)
        sys.exit(INVALID)

    def write(self, name: str, records: Mapping[str, Array | str]) -> None:
        """Write a file for the parent, or end with a sentence."""
        try:
            write_records(self.directory / name, records)
        except OSError as error:
            print(f"unwritten {self.directory / name}: {error.strerror}", flush=True)
            sys.exit(UNWRITTEN)

    def write_chunk(self, step: int) -> None:
        """Hand over what was recorded since the last chunk and wait for the answer."""
        records: dict[str, Array | str] = {"span": np.array([self.chunk_start, step], np.int64)}
        for name, parts in self.spikes.items():
            steps = [np.full(len(cells), at, np.int32) for cells, at in parts]
            records[f"spikes.step.{name}"] = np.concatenate([np.zeros(0, np.int32), *steps])
            records[f"spikes.cell.{name}"] = np.concatenate(
                [np.zeros(0, np.int32), *(cells for cells, _ in parts)]
            )
            parts.clear()
        records |= {f"sample.{k}": sample.take() for k, sample in enumerate(self.samples)}
        records |= {f"mean.{k}": mean.take() for k, mean in enumerate(self.means)}
        records |= {"task.rows": self.task.take_rows()} if self.task else {}
        records["counts"] = np.concatenate([np.zeros(0, np.int32), *self.counts])
        self.counts.clear()
        self.write(f"chunk-{self.chunk_number}", records)
        print("chunk", self.chunk_number, self.chunk_start, step, flush=True)
        self.hurry = False
        while (answer := sys.stdin.readline().strip()) == "save":
            self.save(step)
        self.chunk_number, self.chunk_start, self.last_chunk = self.chunk_number + 1, step, time.monotonic()
        if answer != "continue":
            print("end", step, flush=True)
            sys.exit(0)


def main(structure_path: str, inputs_path: str, directory: str) -> None:
    """Run a program from its structure and inputs."""
    structure = structure_from_json(Path(structure_path).read_text())
    inputs = read_records(Path(inputs_path))
    brian2.prefs.codegen.target = "numpy"
    brian2.prefs.codegen.loop_invariant_optimisations = False
    brian2.BrianLogger.log_level_error()
    brian2.defaultclock.dt = structure.dt * brian2.second
    network = load(structure, inputs)
    limit_ticks(network, structure)
    run = Run(network, structure, inputs, Path(directory))

    def step() -> int:
        return int(brian2.defaultclock.variables["timestep"].get_value().item())

    network.t_ = run.start * structure.dt
    network.add(brian2.NetworkOperation(lambda: run.before_step(step()), when="start", order=-1000))
    network.add(brian2.NetworkOperation(lambda: run.finish_step(step()), when="end", order=1000))
    print("start", run.start, flush=True)
    network.run((run.stop - run.start) * structure.dt * brian2.second, namespace={})
    run.before_step(run.stop)
    print("end", run.stop, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
