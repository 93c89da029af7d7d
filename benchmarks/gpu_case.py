"""One case of benchmarks/gpu.py in a process of its own: gpu_case.py run|build CASE FILE [OPTION...]

`run` makes the network while `build`, a process beside it, compiles the programs; then, alone on the
card, it runs the network there and on one core, and compares the two. What is found is in FILE, as JSON,
as soon as it is known.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any  # JSON of several kinds

import numpy as np
from measure import child_cpu, own_cpu
from traffic import event_bytes, step_bytes

from neuromod.config.load import load
from neuromod.plan.fused import FusedPlan, program_arrays
from neuromod.program.cache import obtain
from neuromod.program.cuda import free_bytes
from neuromod.program.process import Process
from neuromod.program.records import Array, read_records
from neuromod.simulation.checkpoints import Start
from neuromod.simulation.execute import plan_experiment
from neuromod.simulation.inputs import program_inputs
from neuromod.simulation.recording import Recorder
from neuromod.simulation.task import task_inputs

ROOT = Path(__file__).resolve().parents[1]
Found = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A config with how it is run; `compared`: on the processor, too. Goals: times slower than real time at
    most, times faster than one core and share of the bandwidth bound at least.
    """

    config: str
    steps: int
    compared: bool = False
    settings: tuple[str, ...] = ()
    slower: float | None = None
    faster: float | None = None
    share: float | None = None


CASES = {
    "triad_20k": Case("configs/large/triad_20k.yaml", 5000, compared=True),
    "triad_200k": Case("configs/large/triad_200k.yaml", 3000, compared=True, faster=30),
    "triad_1m": Case("configs/large/triad_1m.yaml", 3000, slower=10, share=0.3),
    "triad_1e9": Case("configs/large/triad_1e9.yaml", 2000, slower=20, share=0.3),
    "quickstart": Case("configs/quickstart.yaml", 5000, compared=True),
}


@dataclass
class Ran:
    """What a program handed over: chunks, moments of their ends, seconds before, bytes on the card."""

    chunks: list[dict[str, Array]]
    marks: list[tuple[int, float]]
    load_s: float
    card_bytes: int | None = None

    @property
    def step_s(self) -> float:
        """Seconds per step, without the first window where there are several."""
        (first, began), (last, ended) = self.marks[1 if len(self.marks) > 2 else 0], self.marks[-1]
        return (ended - began) / (last - first)


def planned(case: Case) -> FusedPlan:
    """Plan of a case, without its arrays."""
    return plan_experiment(load(ROOT / case.config, case.settings))


def run_program(command: Sequence[str], inputs: dict[str, Array | str], folder: Path, once: bool) -> Ran:
    """Run a program to its end; with `once` nobody needs the inputs any more."""
    folder.mkdir()
    before, began = free_bytes(), time.perf_counter()
    counts = folder / "counts"
    ran = Ran([], [], 0.0)
    with Process(command, inputs, folder, os.environ | {"NM_EMULATE_COUNT": str(counts)}) as process:
        if once:
            inputs.clear()
        for event in process.events():
            now = time.perf_counter()
            if event.kind == "start":
                ran.marks.append((0, now))
                ran.load_s = now - began
                after = free_bytes()
                ran.card_bytes = None if before is None or after is None else before - after
            if event.kind == "chunk":
                ran.chunks.append(read_records(folder / f"chunk-{event.number(0)}"))
                ran.marks.append((int(ran.chunks[-1]["span"][1]), now))
                process.go_on()
    if counts.exists():  # of the emulation
        ran.card_bytes = int(counts.read_text().split()[3])
    return ran


def difference(a: list[dict[str, Array]], b: list[dict[str, Array]]) -> str:
    """What differs between two runs."""
    names = {n for x, y in zip(a, b, strict=True) for n in x if x[n].tobytes() != y[n].tobytes()}
    real = sorted(name for name in names if not name.startswith("mean"))
    return " ".join(real) if real else "means, by rounding" if names else "nothing"


def inputs_of(fused: FusedPlan, steps: int) -> tuple[dict[str, Array | str], dict[str, int]]:
    """What a program is handed, with a chunk at the end of each window; how many synapses each set has."""
    data = program_arrays(fused)
    inputs = program_inputs(fused, data, task_inputs(fused), Recorder(fused, data), steps, Start())
    inputs["run.chunk_seconds"] = np.array([0.0])
    inputs["record.bin"] = np.array([min(100, steps)], np.int64)
    return inputs, {s.name: len(data.arrays[f"{s.name}.i"]) for s in fused.structure.synapses}


def spikes_of(fused: FusedPlan, chunks: Sequence[Mapping[str, Array]]) -> dict[str, float]:
    """Spikes per step of each population, over all whole bins of the chunks."""
    names = list(fused.network.populations)
    counts = np.concatenate([chunk["counts"].reshape(-1, len(names)) for chunk in chunks])
    steps = sum(int(chunk["span"][1] - chunk["span"][0]) for chunk in chunks)
    return dict(zip(names, counts.sum(axis=0, dtype=np.int64) / steps, strict=True))


def events_of(fused: FusedPlan, synapses: Mapping[str, int], spikes: Mapping[str, float]) -> dict[str, float]:
    """Per step: events of synapses, those that change a plastic one, and bytes that must be moved.

    A spike counts for as many synapses as a cell of its population has on average.
    """
    structures = {s.name: s for s in fused.structure.synapses}
    populations = fused.network.populations
    events = updates = 0.0
    moved = step_bytes(fused.structure, synapses)
    for plan in fused.sets:
        arriving, returning = event_bytes(fused.structure, structures[plan.name])
        for name in plan.projections:
            projection = fused.network.projections[name]
            sent = spikes[projection.source] * projection.count / populations[projection.source].size
            back = spikes[projection.target] * projection.count / populations[projection.target].size
            back = back if structures[plan.name].on_post else 0.0
            events += sent
            updates += sent + back if projection.rules else 0.0
            moved += sent * arriving + back * returning
    return {"events": events, "updates": updates, "bytes": moved}


def run(case: Case, given: Namespace) -> Found:
    """Everything that is measured of a case."""
    steps = given.steps or case.steps
    builder = subprocess.Popen([sys.executable, __file__, "build", *sys.argv[2:]])
    began = time.perf_counter()
    fused = planned(case)
    made = time.perf_counter()
    inputs, synapses = inputs_of(fused, steps)
    count = sum(synapses.values())
    found: Found = {
        "cells": sum(group.size for group in fused.structure.groups), "synapses": count,
        "plastic": sum(synapses[s.name] for s in fused.sets if s.rules), "steps": steps,
        "plan_s": made - began, "construction_s": time.perf_counter() - made,
        "host_bytes_per_synapse": _own_peak() / count,
    }  # fmt: skip
    if builder.wait():
        sys.exit(1)  # it has said why
    found |= json.loads(_built(given.file).read_text())
    _write(given.file, found)
    with tempfile.TemporaryDirectory(dir=given.work) as folder, _alone(given.lock):
        found |= _runs(case, fused, inputs, synapses, given, Path(folder))
    return found


def _runs(
    case: Case, fused: FusedPlan, inputs: dict[str, Any], synapses: dict[str, int], given: Namespace, at: Path
) -> Found:
    compared = case.compared and not given.alone
    program = _emulated(fused, at) if given.emulate else obtain(fused.structure, cuda=True)
    on_card = run_program([str(program)], inputs, at / "cuda", once=not compared)
    found = _of_card(fused, synapses, on_card, given.bandwidth)
    if not compared:
        return found
    _write(given.file, json.loads(given.file.read_text()) | found)
    on_core = run_program([str(obtain(fused.structure))], inputs, at / "cpp", once=True)
    return found | {
        "cpp_step_us": 1e6 * on_core.step_s,
        "cpp_load_s": on_core.load_s,
        "faster_than_cpp": on_core.step_s / on_card.step_s,
        "differs_from_cpp_in": difference(on_card.chunks, on_core.chunks),
    }


@contextmanager
def _alone(lock: Path | None) -> Iterator[None]:
    """Until the end nobody else uses the card or is timed."""
    with open(lock or os.devnull, "a") as file:
        if lock:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _of_card(fused: FusedPlan, synapses: Mapping[str, int], ran: Ran, bandwidth: float | None) -> Found:
    late = ran.chunks[1:] or ran.chunks
    spikes = spikes_of(fused, late)
    per_step = events_of(fused, synapses, spikes)
    found: Found = {
        "load_s": ran.load_s, "step_us": 1e6 * ran.step_s,
        "slower_than_real_time": ran.step_s / fused.structure.dt,
        "simulated_s_per_s": fused.structure.dt / ran.step_s, "spikes_per_step": sum(spikes.values()),
        "events_per_s": per_step["events"] / ran.step_s,
        "plastic_updates_per_s": per_step["updates"] / ran.step_s,
        "bytes_per_step": per_step["bytes"], "moved_gb_per_s": 1e-9 * per_step["bytes"] / ran.step_s,
    }  # fmt: skip
    if ran.card_bytes is not None:
        found["card_bytes_per_synapse"] = ran.card_bytes / max(1, sum(synapses.values()))
    if bandwidth:
        found["share_of_bandwidth"] = found["moved_gb_per_s"] / bandwidth
    return found


def _emulated(fused: FusedPlan, folder: Path) -> Path:
    """The program for the GPU as C++, on the processor: shows what this script computes, not how fast."""
    sys.path.insert(0, str(ROOT))
    from tests.program.emulation import emulated  # needs pytest, which a benchmark does not

    return emulated(fused.structure, folder)


def _own_peak() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def build(case: Case, given: Namespace) -> Found:
    """Seconds of building the programs of a case, one after the other."""
    fused = planned(case)
    kinds = ([] if given.emulate else ["cuda"]) + (["cpp"] if case.compared and not given.alone else [])
    found: Found = {}
    for kind in kinds:
        began, own = time.perf_counter(), own_cpu()
        cpu, _ = child_cpu(partial(obtain, fused.structure, cuda=kind == "cuda"))
        found[f"{kind}_build_s"] = time.perf_counter() - began
        found[f"{kind}_build_cpu_s"] = cpu + own_cpu() - own
    return found


def _built(file: Path) -> Path:
    """Where `build` leaves what it found."""
    return file.with_suffix(".build")


def _write(file: Path, found: Found) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1))
    part.replace(file)


def main() -> None:
    """Measure one case."""
    parser = ArgumentParser(description="One case of benchmarks/gpu.py.")
    parser.add_argument("what", choices=("run", "build"))
    parser.add_argument("case", choices=CASES)
    parser.add_argument("file", type=Path)
    parser.add_argument("--bandwidth", type=float, help="GB/s that the card copies, read and written")
    parser.add_argument("--steps", type=int, help="instead of those of the case")
    parser.add_argument("--alone", action="store_true", help="not on the processor")
    parser.add_argument("--emulate", action="store_true", help="no GPU: its program on the processor")
    parser.add_argument("--lock", type=Path, help="file to hold while the card is used")
    parser.add_argument("--work", type=Path, help="folder for what the programs read and write")
    given = parser.parse_args()
    if given.what == "build":
        _write(_built(given.file), build(CASES[given.case], given))
    else:
        _write(given.file, run(CASES[given.case], given))


if __name__ == "__main__":
    main()
