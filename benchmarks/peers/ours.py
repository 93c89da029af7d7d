"""A config run by neuromod: ours.py FOLDER SECONDS REPORT --config CONFIG [--set KEY=VALUE] [--look]

The time is that of a run, planning, recording of spikes and writing included, minus that of one of SHORT
seconds: of this process and of the program it starts. With `--look` there is no time, but the memory of the
program and, where synapses are plastic, the weights before the last step.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import exchange
import numpy as np
import psutil

from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import Results, open_results

SHORT = 0.1
PLASTIC = ("E->E", "E->I")


class ProgramMemory(Thread):
    """The most memory in bytes that a process started by this one has had, looked at again and again.

    `ru_maxrss` of a child does not do: it counts the time before the child became the program, too.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self.done = 0, Event()

    def run(self) -> None:
        """Until `done` is set."""
        while not self.done.wait(0.01):
            for child in psutil.Process().children():
                with suppress(OSError):
                    lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
                    peak = [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")]
                    self.most = max(self.most, *peak, 0)


def all_cpu() -> float:
    """CPU seconds of this process and of those it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return exchange.own_cpu() + children.ru_utime + children.ru_stime


def simulate(given: argparse.Namespace, seconds: float, output: Path, weights: bool = False) -> float:
    """CPU seconds of one run."""
    settings = [*given.set, f"duration={seconds} s"]
    if weights:
        every = f"{seconds - exchange.DT / 1000:.4f} s"
        names = [f"{{projection: {name}, every: {every}}}" for name in PLASTIC]
        settings.append(f"record.weights=[{', '.join(names)}]")
    began = all_cpu()
    run(given.config, settings=settings, output=output, progress=Silent())
    return all_cpu() - began


def spike_counts(results: Results) -> np.ndarray:
    """Spikes of every cell, E first."""
    found = ((results.spikes(name)[1], results.size(name)) for name in ("E", "I"))
    return np.concatenate([np.bincount(cells, minlength=size) for cells, size in found])


def look(given: argparse.Namespace, folder: Path) -> None:
    """Report memory and weights."""
    memory = ProgramMemory()
    memory.start()
    simulate(given, SHORT, folder / "memory")
    memory.done.set()
    memory.join()
    plastic = not any("plasticity=null" in setting for setting in given.set)
    simulate(given, given.seconds, folder / "long", plastic)
    with open_results(folder / "long") as results:
        kept = [results.weights(name)[1][-1] for name in PLASTIC] if plastic else None
        counts = spike_counts(results)
    exchange.report(given, 0.0, counts, None if kept is None else np.concatenate(kept), memory.most)


def time(given: argparse.Namespace, folder: Path) -> None:
    """Report the CPU time."""
    short = simulate(given, SHORT, folder / "short")
    cpu = simulate(given, given.seconds, folder / "long") - short
    with open_results(folder / "long") as results:
        exchange.report(given, cpu, spike_counts(results), None)


def main() -> None:
    """Run, report."""
    parser = exchange.arguments(__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--look", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        simulate(given, SHORT, Path(folder) / "compiled")
        (look if given.look else time)(given, Path(folder))


if __name__ == "__main__":
    main()
