"""CPU time of child processes, repeated in turn, and a description of the machine: what all benchmarks here share.

The CPU time of a simulation is that of the whole child process for a long run minus that for a short run of the same
binary, so that loading and preparing cancel. Variants take turns within each repetition, so that a busy moment of the
machine meets all of them; medians and minima are given.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).parent / "results"
CONFIGS = Path(__file__).parent / "configs"
SHORT, LONG = 1.0, 11.0
"""Simulated seconds of the two runs of a measurement."""


@dataclass
class Samples:
    """CPU seconds per simulated second of one variant, one entry per repetition, and rates in Hz by population."""

    cpu: list[float] = field(default_factory=list)
    rates: Mapping[str, float] = field(default_factory=dict)

    @property
    def middle(self) -> float:
        """Median over the repetitions."""
        return median(self.cpu)

    @property
    def lowest(self) -> float:
        """Minimum over the repetitions."""
        return min(self.cpu)


def children_cpu() -> float:
    """CPU seconds (user and system) of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def own_cpu() -> float:
    """CPU seconds of this process so far, its start included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


Simulate = Callable[[float], Mapping[str, float]]
"""Simulates this many seconds in one child process that has ended on return; gives rates by population."""


def in_turn(variants: Mapping[str, Simulate], repetitions: int) -> dict[str, Samples]:
    """CPU time of every variant: in each repetition each of them runs SHORT and LONG seconds."""
    samples = {name: Samples() for name in variants}
    for number in range(repetitions):
        for name, simulate in variants.items():
            began = children_cpu()
            simulate(SHORT)
            middle = children_cpu()
            rates = simulate(LONG)
            cpu = (children_cpu() - middle) - (middle - began)
            samples[name].cpu.append(cpu / (LONG - SHORT))
            samples[name].rates = rates
            print(f"  {number + 1}/{repetitions} {name}: {samples[name].cpu[-1]:.4f} CPU s/s", flush=True)
    return samples


def paired_ratio(ours: Samples, theirs: Samples) -> float:
    """Median over repetitions of our time divided by theirs in the same repetition."""
    return median(a / b for a, b in zip(ours.cpu, theirs.cpu, strict=True))


def largest_difference(rates: Mapping[str, float], other: Mapping[str, float]) -> tuple[str, float]:
    """Population whose rates differ most, and the difference as a share of `other`."""
    differences = {name: abs(rates[name] / other[name] - 1.0) for name in other if other[name] > 0}
    worst = max(differences, key=differences.__getitem__)
    return worst, differences[worst]


def facts() -> list[str]:
    """Lines for a results file: command, date, machine and versions."""
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    packages = ", ".join(f"{name} {version(name)}" for name in ("brian2", "numpy"))
    return [
        f"- command: `{command}`",
        f"- date: {datetime.now(UTC):%Y-%m-%d}",
        f"- machine: {_cpu_model()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end, {platform.system()}",
        f"- versions: Python {platform.python_version()}, {packages}, {compiler_version()}",
    ]


def compiler_version() -> str:
    """First line that the C++ compiler says about itself."""
    command = [os.environ.get("CXX", "g++"), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("\n")[0]


def _cpu_model() -> str:
    text = Path("/proc/cpuinfo").read_text()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    width = "AVX-512" if "avx512f" in text else "AVX2" if "avx2" in text else "no AVX"
    return f"{names[0] if names else platform.processor()} ({width})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def verdict(value: float, limit: float) -> str:
    """`met` when the value is at most the limit."""
    return "met" if value <= limit else "**missed**"


def write(name: str, lines: Sequence[str]) -> None:
    """Write benchmarks/results/NAME and print it."""
    RESULTS.mkdir(exist_ok=True)
    text = "\n".join(lines) + "\n"
    (RESULTS / name).write_text(text)
    print(text)


def options(description: str) -> argparse.ArgumentParser:
    """A command line parser with what all benchmarks understand."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--work", type=Path, required=True, help="empty or reused directory for programs and Brian2 projects"
    )
    parser.add_argument(
        "--skip-plain", action="store_true", help="reuse the Brian2 projects and numbers that are in --work"
    )
    parser.add_argument("--repetitions", type=int, default=5)
    return parser
