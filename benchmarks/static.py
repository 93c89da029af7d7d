"""CPU time of static networks against hand-written Brian2: python benchmarks/static.py [--repetitions 5]

Two networks, spikes recorded on both sides, one thread, same cells, connections, weights, delays and initial
values: `coba` (4,000 leaky cells with conductance synapses) and `basal_ganglia` (550 cells, OU noise and
Poisson input in every AdEx cell). Plain Brian2 is C++ standalone with its own flags, -ffast-math
included; COBA with the integration method of Brian2's example and with its cheapest one. The CPU time of a
simulated second is that of all processes for 11 s minus those for 1 s, so that loading and preparing cancel.
The variants take turns. Writes results/static.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from measure import CONFIGS, child_cpu, facts, options, plain_brian2, table, verdict, work_directory, write

import neuromod

SHORT, LONG = 1.0, 11.0
"""Simulated seconds of the two runs of a measurement."""
SAME_RATE = 0.05
"""Largest share by which a rate may differ between the two, or they do not simulate the same."""


@dataclass(frozen=True)
class Network:
    """A config, Brian2's integration method for it, and the share of Brian2's CPU time that ours may take."""

    name: str
    method: str
    limit: float


NETWORKS = (
    Network("coba", "exponential_euler", 0.9),
    Network("coba", "euler", 0.9),
    Network("basal_ganglia", "euler", 0.4),
)
Rates = dict[str, float]
Simulate = Callable[[float], Rates]


def ours(network: Network, work: Path) -> Simulate:
    """`neuromod run` as a process; the program is compiled here."""
    os.environ["NEUROMOD_CACHE"] = str(work / "cache")

    def simulate(seconds: float) -> Rates:
        with tempfile.TemporaryDirectory(dir=work) as folder:
            command = [sys.executable, "-m", "neuromod", "run", CONFIGS / f"{network.name}.yaml", "--quiet"]
            subprocess.run([*command, "--duration", f"{seconds} s", "-o", f"{folder}/run"], check=True)
            if seconds == SHORT:
                return {}
            with neuromod.open_results(f"{folder}/run") as results:
                return {name: row.spikes / row.size / seconds for name, row in results.summary().items()}

    simulate(SHORT)
    return simulate


def plain(network: Network, work: Path) -> Simulate:
    """The binary of a plain Brian2 script, made by plain_brian2.py."""
    directory = work / f"brian2_{network.name}_{network.method}"
    made = plain_brian2(CONFIGS / f"{network.name}.yaml", directory, "--method", network.method)
    sizes = made["sizes"]

    def simulate(seconds: float) -> Rates:
        environment = os.environ | {"SECONDS": str(seconds)}
        subprocess.run(["./main"], cwd=directory, env=environment, check=True, stdout=subprocess.DEVNULL)
        found = (directory / "results").glob("_array_spikes_*_N_*")
        counts = {path.name.removeprefix("_array_spikes_").split("_N_")[0]: path for path in found}
        spikes = {name: int(np.fromfile(path, np.int32)[0]) for name, path in counts.items()}
        return {name: spikes[name] / size / seconds for name, size in sizes.items()}

    simulate(SHORT)
    return simulate


Samples = dict[str, list[float]]


def measure(variants: dict[str, Simulate], repetitions: int) -> tuple[Samples, dict[str, Rates]]:
    """CPU seconds per simulated second of every variant in every repetition, and rates in Hz."""
    cpu: Samples = {name: [] for name in variants}
    rates: dict[str, Rates] = {}
    for number in range(repetitions):
        for name, simulate in variants.items():
            short, _ = child_cpu(lambda run=simulate: run(SHORT))
            long, rates[name] = child_cpu(lambda run=simulate: run(LONG))
            cpu[name].append((long - short) / (LONG - SHORT))
            print(f"  {number + 1}/{repetitions} {name}: {cpu[name][-1]:.4f} CPU s/s", flush=True)
    return cpu, rates


def compare(network: Network, work: Path, repetitions: int) -> tuple[bool, list[str]]:
    """Whether the limit is met, and a row for the table."""
    print(network.name, flush=True)
    cpu, rates = measure({"neuromod": ours(network, work), "Brian2": plain(network, work)}, repetitions)
    ratios = sorted(a / b for a, b in zip(cpu["neuromod"], cpu["Brian2"], strict=True))
    ratio = median(ratios)
    differ, worst = max((abs(rates["neuromod"][k] / v - 1), k) for k, v in rates["Brian2"].items() if v > 0.1)
    row = [
        network.name,
        network.method,
        *(f"{median(cpu[name]):.4f}" for name in ("neuromod", "Brian2")),
        f"{ratio:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        f"{network.limit}",
        verdict(ratio, network.limit),
        f"{100 * differ:.1f} % ({worst})" + ("" if differ <= SAME_RATE else " **too much**"),
    ]
    return ratio <= network.limit and differ <= SAME_RATE, row


HEAD = ["network", "Brian2's method", "neuromod", "Brian2", "ratio, median (range)", "limit", "verdict"]
HEAD += ["largest difference of a rate"]


def main() -> int:
    """1 if a limit is missed or two programs do not simulate the same."""
    given = options(__doc__).parse_args()
    with work_directory(given.work) as work:
        met, rows = zip(*(compare(network, work, given.repetitions) for network in NETWORKS), strict=True)
    text = ["# Static networks", *facts(), "", "CPU seconds per simulated second, recording spikes:", ""]
    write("static.md", [*text, *table(HEAD, rows)])
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
