"""Time from a config to the first simulated step, against plain Brian2: python benchmarks/build.py

The circuit is `triad` (2,006 neurons) at rest, for a GPU with its task. Cold: the CPU time of the whole
command for one step, from an empty cache, imports, planning, code generation, compilation and writing of
the results included; for Brian2 code generation and its own makefile alone. Warm: the wall time of the
whole command for one step, the second time and after changes, with the bytecode of the package kept as pip
does. A compiler that notes every call stands in for the real one, and a package called brian2 that ends the
process for the real Brian2, so that no warm run can use it. For a GPU, whether there is one or not: the
same of `--build-only`. Writes results/build.md and results/build_cuda.md; `--only cuda` or `--only cpp` one
of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from measure import child_cpu, facts, options, plain_brian2, table, verdict, work_directory, write

from neuromod.errors import BackendError
from neuromod.program.cuda import ARCHITECTURES, cuda_compiler

COLD_LIMIT, CUDA_LIMIT, WARM_LIMIT = 10.0, 60.0, 2.0
"""CPU seconds from an empty cache for the processor and for a GPU, and seconds afterwards."""
CONFIG = Path(__file__).parents[1] / "configs" / "triad_rest.yaml"
WITH_TASK = CONFIG.with_name("triad.yaml")
STEP = ["--duration", "0.1 ms"]
CHANGES = {
    "nothing": [],
    "a parameter": ["--set", "populations.CA1_PYR.parameters.gL=9 nS"],
    "the seed": ["--seed", "2"],
    "the number of synapses": ["--set", "projections.PFC_PYR->STN.connect={in_degree: 12}"],
    "the duration": ["--duration", "0.3 ms"],
}


@dataclass(frozen=True)
class Command:
    """`neuromod run` of the circuit, with a cache and a compiler of its own."""

    work: Path

    @property
    def compilations(self) -> int:
        """How often the compiler was started."""
        log = self.work / "compiler.log"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def run(self, *arguments: str, without_brian2: bool = False) -> None:
        """Simulate; the results are removed."""
        environment = os.environ | {"NEUROMOD_CACHE": str(self.work / "cache"), "CXX": str(self.work / "c++")}
        if without_brian2:
            environment["PYTHONPATH"] = str(self.work / "nothing")
        command = [sys.executable, "-m", "neuromod", "run", CONFIG, "--quiet", *arguments]
        subprocess.run([*command, "-o", self.work / "run"], env=environment, check=True)
        shutil.rmtree(self.work / "run")


def command(work: Path) -> Command:
    """The command, with an empty cache."""
    shutil.rmtree(work / "cache", ignore_errors=True)
    compiler = os.environ.get("CXX", "g++")
    (work / "c++").write_text(f'#!/bin/sh\necho "$@" >> "{work}/compiler.log"\nexec {compiler} "$@"\n')
    (work / "c++").chmod(0o755)
    (work / "nothing").mkdir(exist_ok=True)
    (work / "nothing" / "brian2.py").write_text("raise SystemExit('Brian2 was imported')\n")
    return Command(work)


def plain(work: Path) -> float:
    """CPU seconds of plain Brian2 for the same circuit, planning of the network by us not counted."""
    seconds = plain_brian2(CONFIG, work / "brian2_triad")
    return float(seconds["generation"] + seconds["make"])


def cold(work: Path, repetitions: int) -> list[float]:
    """CPU seconds from an empty cache, sorted."""
    return sorted(child_cpu(lambda: command(work).run(*STEP))[0] for _ in range(repetitions))


def another(work: Path, repetitions: int) -> list[float]:
    """CPU seconds where another program was compiled before, sorted."""
    ours, found = command(work), []
    ours.run(*STEP)
    for _ in range(repetitions):
        shutil.rmtree(work / "cache" / "programs")
        found.append(child_cpu(lambda: ours.run(*STEP))[0])
    return sorted(found)


def warm(work: Path, repetitions: int) -> list[tuple[str, float, int]]:
    """What was changed, median of the seconds to the end of a run of one step, and compiler calls."""
    ours = command(work)
    ours.run(*STEP)
    rows = []
    for change, arguments in CHANGES.items():
        before, seconds = ours.compilations, []
        for _ in range(repetitions):
            began = time.perf_counter()
            ours.run(*STEP, *arguments, without_brian2=True)
            seconds.append(time.perf_counter() - began)
        rows.append((change, median(seconds), ours.compilations - before))
    return rows


def cuda(work: Path, repetitions: int) -> bool:
    """Whether the triad with its task is built for a GPU within the limits; writes the results."""
    os.environ.setdefault(ARCHITECTURES, "90")
    words = [
        sys.executable,
        "-m",
        "neuromod",
        "run",
        WITH_TASK,
        "--build-only",
        "--backend",
        "cuda",
        "--quiet",
    ]
    environment = os.environ | {"NEUROMOD_CACHE": str(work / "cuda")}
    found, again = [], []
    for _ in range(repetitions):
        shutil.rmtree(work / "cuda", ignore_errors=True)
        found.append(child_cpu(lambda: subprocess.run(words, env=environment, check=True))[0])
    for _ in range(max(repetitions, 5)):
        began = time.perf_counter()
        subprocess.run(words, env=environment, check=True)
        again.append(time.perf_counter() - began)
    rows = [
        ["from an empty cache", "CPU s", *_measured(found, CUDA_LIMIT)],
        ["the second time", "s", *_measured(again, WARM_LIMIT)],
    ]
    made_for = f"{cuda_compiler().version.splitlines()[-1]}, {ARCHITECTURES}={os.environ[ARCHITECTURES]}"
    lines = [
        "# The triad with its task, compiled for a GPU",
        *facts(),
        f"- compiled, not run: {made_for}",
        "",
    ]
    lines += table(
        [
            "`neuromod run configs/triad.yaml --backend cuda --build-only`",
            "",
            "median and range",
            "limit",
            "",
        ],
        rows,
    )
    write("build_cuda.md", lines)
    return median(found) <= CUDA_LIMIT and median(again) <= WARM_LIMIT


def _measured(values: list[float], limit: float) -> list[str]:
    middle = median(values)
    return [
        f"{middle:.2f} ({min(values):.2f} to {max(values):.2f})",
        f"{limit:g}",
        verdict(middle, limit),
    ]


def cpp(work: Path, repetitions: int) -> bool:
    """Whether everything is within the limits with C++; writes the results."""
    theirs = plain(work)
    ours, later = cold(work, repetitions), another(work, repetitions)
    changes = warm(work, repetitions)
    middle = median(ours)
    first = [
        [name, f"{median(found):.1f} ({found[0]:.1f} to {found[-1]:.1f})", f"{median(found) / theirs:.3f}"]
        for name, found in (("neuromod, its first program", ours), ("neuromod, another program", later))
    ]
    first.append(["Brian2", f"{theirs:.1f}", "1"])
    rows = [
        [change, f"{seconds:.2f}", str(calls), "**compiled**" if calls else verdict(seconds, WARM_LIMIT)]
        for change, seconds, calls in changes
    ]
    lines = [
        "# From a config to the first step",
        *facts(),
        "",
        f"From an empty cache, limit {COLD_LIMIT} CPU s: {verdict(middle, COLD_LIMIT)}. Median and range.",
    ]
    lines += ["", *table(["triad, 2,006 neurons", "CPU s", "ratio"], first), ""]
    lines += [f"With a compiled program, after a change, limit {WARM_LIMIT} s, no compiler, no Brian2:", ""]
    write("build.md", [*lines, *table(["changed", "s", "compiler calls", "verdict"], rows)])
    return middle <= COLD_LIMIT and all(row[-1] == "met" for row in rows)


PARTS = {"cpp": cpp, "cuda": cuda}


def main() -> int:
    """1 if a limit is missed, 2 without a compiler for what was asked."""
    parser = options(__doc__)
    parser.add_argument("--only", choices=PARTS, help="measure this part alone")
    given = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    wanted = [given.only] if given.only else list(PARTS)
    try:
        with work_directory(given.work) as work:
            met = [PARTS[name](work, given.repetitions) for name in wanted]
    except BackendError as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
