"""A config run by neuromod: ours.py FOLDER SECONDS REPORT --config CONFIG [--set KEY=VALUE] [--weights]

The time is that of a run, planning, recording of spikes and writing included, minus that of one of SHORT
seconds: of this process and of the program it starts. With `--weights` the weights before the last step are
kept, and the time says nothing.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from pathlib import Path

import exchange
import numpy as np

from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import Results, open_results

SHORT = 0.1


def all_cpu() -> float:
    """CPU seconds of this process and of those it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return exchange.own_cpu() + children.ru_utime + children.ru_stime


def simulate(given: argparse.Namespace, seconds: float, output: Path) -> float:
    """CPU seconds of one run."""
    settings = [*given.set, f"duration={seconds} s"]
    if given.weights:
        every = f"{seconds - exchange.DT / 1000:.4f} s"
        names = [f"{{projection: {name}, every: {every}}}" for name in ("E->E", "E->I")]
        settings.append(f"record.weights=[{', '.join(names)}]")
    began = all_cpu()
    run(given.config, settings=settings, output=output, progress=Silent())
    return all_cpu() - began


def spike_counts(results: Results) -> np.ndarray:
    """Spikes of every cell, E first."""
    found = ((results.spikes(name)[1], results.size(name)) for name in ("E", "I"))
    return np.concatenate([np.bincount(cells, minlength=size) for cells, size in found])


def main() -> None:
    """Run, report."""
    parser = exchange.arguments(__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--weights", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        simulate(given, SHORT, Path(folder) / "prepare")
        short = simulate(given, SHORT, Path(folder) / "short")
        cpu = simulate(given, given.seconds, Path(folder) / "long") - short
        with open_results(Path(folder) / "long") as results:
            kept = [results.weights(name)[1][-1] for name in ("E->E", "E->I")] if given.weights else None
            counts = spike_counts(results)
    exchange.report(given, cpu, counts, None if kept is None else np.concatenate(kept), True)


if __name__ == "__main__":
    main()
