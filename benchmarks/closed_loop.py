"""How fast a closed loop runs: python benchmarks/closed_loop.py [--repetitions 3] [--without-brian2]

`bandit`: 450 AdEx cells with 12,800 plastic synapses learn a two-armed bandit (configs/bandit.yaml).
`triad`: the full circuit of 2,126 cells plays context-by-cue choice with all four modulators in the loop
(configs/triad.yaml). Plasticity is on, and the spikes of all cells are recorded. Times real time:
simulated seconds per CPU second of all processes, for a long run less a short one, so that planning and
preparing cancel; `whole` is the long run with everything, its program compiled before. Beside it the
same bandit as idiomatic Brian2 (peers/brian2_bandit.py), in runtime mode because of its
network_operation, over two trials. The variants take turns. Writes results/closed_loop.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from measure import child_cpu, facts, options, table, work_directory, write

import neuromod

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
PEER = Path(__file__).with_name("peers") / "brian2_bandit.py"
TRIAL = 1.1
"""Simulated seconds of a trial of both tasks."""
BRIAN2_TRIALS = 2
SAME_RATE = 0.1
"""Largest share by which the mean rate of a population may differ over so few trials."""


@dataclass(frozen=True)
class Loop:
    """A config, trials of its short and its long run, and the times real time that are required."""

    name: str
    short: int
    long: int
    required: float


LOOPS = (Loop("bandit", 2, 22, 12.0), Loop("triad", 2, 12, 2.5))


@dataclass
class Measured:
    """CPU seconds of the short and the long runs, in turn; rates (Hz) of the last short one."""

    short: list[float]
    long: list[float]
    rates: dict[str, float]

    def times_real_time(self, loop: Loop) -> list[float]:
        """Of every repetition, sorted."""
        seconds = (loop.long - loop.short) * TRIAL
        return sorted(seconds / (b - a) for a, b in zip(self.short, self.long, strict=True))

    def whole(self, loop: Loop) -> float:
        """Times real time of the long run with all that is done before and after it."""
        return loop.long * TRIAL / median(self.long)


def simulate(loop: Loop, trials: int, work: Path) -> tuple[float, dict[str, float]]:
    """CPU seconds of `neuromod run` over so many trials, and rates (Hz)."""
    seconds = trials * TRIAL
    with tempfile.TemporaryDirectory(dir=work) as folder:
        command = [sys.executable, "-m", "neuromod", "run", CONFIGS / f"{loop.name}.yaml", "--quiet"]
        command += ["--set", "record.spikes=all", "--duration", f"{seconds:g} s", "-o", f"{folder}/run"]
        cpu, _ = child_cpu(lambda: subprocess.run(command, check=True, stderr=subprocess.DEVNULL))
        with neuromod.open_results(f"{folder}/run") as results:
            return cpu, {name: row.spikes / row.size / seconds for name, row in results.summary().items()}


def compile_time(loop: Loop, work: Path) -> float:
    """CPU seconds in which the program is generated and compiled."""
    command = [
        sys.executable,
        "-m",
        "neuromod",
        "run",
        CONFIGS / f"{loop.name}.yaml",
        "--build-only",
        "--quiet",
    ]
    cold, _ = child_cpu(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    warm, _ = child_cpu(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    return cold - warm


def brian2(work: Path, target: str) -> dict[str, float | dict[str, float]]:
    """What the peer reports about a stretch of trials."""
    report = work / "brian2.json"
    arguments = [CONFIGS / "bandit.yaml", str(BRIAN2_TRIALS * TRIAL), report, "--target", target]
    subprocess.run([sys.executable, PEER, *arguments], check=True)
    found: dict[str, float | dict[str, float]] = json.loads(report.read_text())
    return found


def measure(loop: Loop, repetitions: int, work: Path) -> Measured:
    """Short and long runs of a loop in turn."""
    found = Measured([], [], {})
    for number in range(repetitions):
        cpu, found.rates = simulate(loop, loop.short, work)
        found.short.append(cpu)
        found.long.append(simulate(loop, loop.long, work)[0])
        last = (loop.long - loop.short) * TRIAL / (found.long[-1] - cpu)
        print(f"  {loop.name} {number + 1}/{repetitions}: {last:.2f} x real time", flush=True)
    return found


def row(loop: Loop, found: Measured, compiled: float) -> tuple[bool, list[str]]:
    """Whether a loop is as fast as required, and its row."""
    times = found.times_real_time(loop)
    met = median(times) >= loop.required
    cells = f"{median(times):.1f} ({times[0]:.1f} to {times[-1]:.1f})"
    verdict = "met" if met else "**missed**"
    return met, [
        loop.name,
        cells,
        f"{loop.required:g}",
        verdict,
        f"{found.whole(loop):.1f}",
        f"{compiled:.1f}",
    ]


def peer_lines(
    found: Measured, peer: dict[str, float | dict[str, float]], target: str
) -> tuple[bool, list[str]]:
    """Whether Brian2 simulated the same, and what is said of it."""
    ours = 1 / median(found.times_real_time(LOOPS[0]))
    theirs = peer["cpu"] / (BRIAN2_TRIALS * TRIAL)
    rates: dict[str, float] = peer["rates"]
    differ, worst = max((abs(found.rates[k] / v - 1), k) for k, v in rates.items())
    mean = np.mean([abs(found.rates[k] / v - 1) for k, v in rates.items()])
    lines = [
        f"Idiomatic Brian2 ({target}) takes {theirs:.2f} CPU s per simulated s of the bandit, ours",
        f"{ours:.4f}: **{theirs / ours:.0f} times** as much, without what either compiles. To start, to",
        f"generate its code, and to compile it where its cache was empty took {peer['preparing']:.0f} CPU s.",
        "",
        f"Rates of the populations over {BRIAN2_TRIALS} trials differ by {100 * mean:.1f} % on average,",
        f"at most by {100 * differ:.1f} % ({worst}).",
    ]
    return bool(mean <= SAME_RATE), lines


HEAD = ["loop", "times real time: median (range)", "required", "verdict", "whole run", "compiling (CPU s)"]


def main() -> int:
    """1 if a loop is slower than required, or Brian2 does not simulate the same."""
    parser = options(__doc__)
    parser.add_argument("--without-brian2", action="store_true", help="leave Brian2 out")
    parser.add_argument("--target", choices=("cython", "numpy"), default="cython", help="of Brian2")
    given = parser.parse_args()
    with work_directory(given.work) as work:
        os.environ["NEUROMOD_CACHE"] = str(work / "cache")
        compiled = [compile_time(loop, work) for loop in LOOPS]
        found = [measure(loop, given.repetitions, work) for loop in LOOPS]
        peer = None if given.without_brian2 else brian2(work, given.target)
    met, rows = zip(*map(row, LOOPS, found, compiled), strict=True)
    same, lines = (
        (True, ["Brian2 was left out."]) if peer is None else peer_lines(found[0], peer, given.target)
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    text = ["# Closed loops", *facts(), f"- load of the machine at the end (1, 5, 15 min): {load}", ""]
    write("closed_loop.md", [*text, *table(HEAD, rows), "", *lines])
    return 0 if all(met) and same else 1


if __name__ == "__main__":
    sys.exit(main())
