"""Measure one AdEx neuron-step with our exp and random numbers: python benchmarks/neuron_step.py

Builds neuron_step.cpp as a SIMD and as a scalar program with every C++ compiler found, runs each, and prints
nanoseconds per neuron-step (median of 7; 2,000 neurons, 2,000 steps). All builds must end in the same state.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".cpp")
STRICT = [
    "-std=c++17",
    "-O3",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-Wno-unknown-pragmas",
]
BUILDS = {
    "SIMD, native": ["-march=native", "-fopenmp-simd"],
    "SIMD, x86-64-v3 (AVX2)": ["-march=x86-64-v3", "-fopenmp-simd"],
    "SIMD, SSE2": ["-march=x86-64", "-fopenmp-simd"],
    "scalar, native": ["-march=native", "-fno-openmp-simd", "-fno-tree-vectorize"],
}
Row = dict[str, tuple[float, str]]


def measure(compiler: str, flags: list[str], target: Path) -> Row:
    """Variant -> (nanoseconds per neuron-step, sum of the final state as printed)."""
    subprocess.run([compiler, *STRICT, *flags, SOURCE, "-o", target], check=True)
    output = subprocess.run([target], check=True, capture_output=True, text=True).stdout
    rows = (line.split() for line in output.splitlines())
    return {name: (float(time), total) for name, time, total in rows}


def main() -> int:
    """Print the table; 1 if two builds end in different states."""
    compilers = [name for name in ("g++", "clang++", "clang++-14") if shutil.which(name)]
    sums: dict[str, set[str]] = {}
    print(f"{'ns per neuron-step':40}{'no noise':>10}{'noise':>10}{'+ Poisson':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for compiler in compilers:
            for name, flags in BUILDS.items():
                row = measure(compiler, flags, Path(folder) / "neuron_step")
                print(f"{compiler + ', ' + name:40}" + "".join(f"{time:10.2f}" for time, _ in row.values()))
                for variant, (_, total) in row.items():
                    sums.setdefault(variant, set()).add(total)
    same = all(len(totals) == 1 for totals in sums.values())
    print("final states:", "identical in all builds" if same else f"DIFFERENT {sums}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
