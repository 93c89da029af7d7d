"""The same experiment on the processor and on the GPU: is every spike the same, and what does a step cost.

bench_backends.py OUTPUT [SCALE...]: the quickstart (all mechanisms at once) with all sizes multiplied. Prints
a table and writes it as OUTPUT/backends.json. One process on one core against one GPU; the time of a step is
that between two window boundaries of a run, without loading and compiling.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from neuromod.config.load import load
from neuromod.plan.fused import FusedPlan, program_arrays
from neuromod.program.cache import obtain
from neuromod.program.process import Process
from neuromod.program.records import read_records
from neuromod.simulation.checkpoints import Start
from neuromod.simulation.execute import plan_experiment, steps_of
from neuromod.simulation.inputs import program_inputs
from neuromod.simulation.recording import Recorder
from neuromod.simulation.task import task_inputs

CONFIG = Path(__file__).parents[2] / "configs" / "quickstart.yaml"
SCALES = (1.0, 10.0, 100.0)
DURATIONS = {1.0: "4 s", 10.0: "0.6 s", 100.0: "0.2 s"}


def run(program: Path, inputs: dict, folder: Path) -> tuple[list[dict], float, float]:
    """(chunks, seconds from the start of the steps to the end, seconds before)."""
    folder.mkdir()
    found, began, first = [], time.perf_counter(), 0.0
    with Process([str(program)], inputs, folder, os.environ) as process:
        for event in process.events():
            if event.kind == "start":
                first = time.perf_counter()
            if event.kind == "chunk":
                last = time.perf_counter()
                found.append(read_records(folder / f"chunk-{event.number(0)}"))
                process.go_on()
    return found, last - first, first - began


def same(a: list[dict], b: list[dict]) -> str:
    """What differs between two runs."""
    names = [n for x, y in zip(a, b, strict=True) for n in x if x[n].tobytes() != y[n].tobytes()]
    real = [n for n in names if not n.startswith("mean")]
    return "nothing" if not names else "means, by rounding" if not real else " ".join(sorted(set(real)))


def planned(scale: float) -> FusedPlan:
    """Plan of the experiment, without its arrays."""
    return plan_experiment(load(CONFIG, [f"scale={scale}", f"duration={DURATIONS.get(scale, '0.2 s')}"]))


def built(plan: FusedPlan, cuda: bool) -> float:
    """Seconds that the program takes to build, beside the other programs."""
    began = time.perf_counter()
    obtain(plan.structure, cuda=cuda)
    return time.perf_counter() - began


def measure(scale: float, fused: FusedPlan) -> dict[str, object]:
    """One row of the table."""
    began = time.perf_counter()
    data = program_arrays(fused)
    steps = steps_of(fused.network.experiment)
    inputs = program_inputs(fused, data, task_inputs(fused), Recorder(fused, data), steps, Start())
    inputs["run.chunk_seconds"] = np.array([1e9])
    inputs["run.chunk_values"] = np.array([1 << 40], np.int64)
    planned = time.perf_counter() - began
    synapses = sum(len(data.arrays[f"{s.name}.i"]) for s in fused.structure.synapses)
    row: dict[str, object] = {"scale": scale, "cells": sum(g.size for g in fused.structure.groups)}
    row |= {"synapses": synapses, "steps": steps, "plan_s": planned}
    results = {}
    for name in ("cpp", "cuda"):
        program = obtain(fused.structure, cuda=name == "cuda")
        with tempfile.TemporaryDirectory() as folder:
            results[name], seconds, before = run(program, inputs, Path(folder, "a"))
            if name == "cuda":
                again, seconds, before = run(program, inputs, Path(folder, "b"))
                row["cuda_twice_differs_in"] = same(results[name], again)
        row |= {f"{name}_us_per_step": 1e6 * seconds / steps, f"{name}_load_s": before}
    row["spikes"] = sum(len(v) for c in results["cpp"] for n, v in c.items() if n.startswith("spikes.cell"))
    row["cpp_and_cuda_differ_in"] = same(results["cpp"], results["cuda"])
    row["faster"] = row["cpp_us_per_step"] / row["cuda_us_per_step"]
    row["cuda_real_time"] = 1e6 * fused.structure.dt / row["cuda_us_per_step"]
    return row


def main(output: str, *scales: str) -> None:
    plans = {scale: planned(scale) for scale in map(float, scales or SCALES)}
    with ThreadPoolExecutor() as pool:
        builds = [pool.submit(built, plan, cuda) for plan in plans.values() for cuda in (False, True)]
    seconds = [build.result() for build in builds]
    print("built in", " ".join(f"{s:.1f}" for s in seconds), "s: C++ and CUDA of each size, all at once")
    rows = []
    for scale, plan in plans.items():
        rows.append(measure(scale, plan))
        print(" ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in rows[-1].items()))
        sys.stdout.flush()
        Path(output, "backends.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
