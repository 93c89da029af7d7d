"""What this machine offers: Python, packages, a C++ compiler that works, SIMD, a GPU, space."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from neuromod.program.cache import size_of
from neuromod.program.cpp import Compiler, find_compiler
from neuromod.program.cuda import find_nvcc
from neuromod.program.location import cache_root

PACKAGES = (
    "brian2",
    "h5py",
    "matplotlib",
    "numpy",
    "psutil",
    "pydantic",
    "rich",
    "ruamel.yaml",
    "scipy",
    "typer",
)
SIMD = ("sse4_2", "avx", "avx2", "fma", "avx512f", "neon", "asimd")
PROGRAM = """#include <cmath>
#include <cstdio>
int main(int n, char **) { std::printf("%.3f", std::sqrt(8.0 + n)); }
"""
ANSWER = "3.000"
TIMEOUT_S = 60
DRIVER = 580
"""First driver of NVIDIA that runs programs of CUDA 13."""


@dataclass(frozen=True)
class Finding:
    """One probed thing. `missing`: neuromod needs it; `absent`: optional and not here."""

    subject: str
    state: Literal["ok", "missing", "absent"]
    text: str


def examine() -> list[Finding]:
    """Every probe's finding, in the order to read them."""
    probes: tuple[Callable[[], Finding], ...] = (
        _python,
        _packages,
        _compiler,
        _simd,
        _cuda_toolkit,
        _gpu,
        _memory,
        _disk,
        _cache,
    )
    return [probe() for probe in probes]


def _python() -> Finding:
    return Finding("Python", "ok", f"{platform.python_version()} ({sys.executable})")


def _packages() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", "missing", f"{', '.join(missing)}: install neuromod-sim again")
    return Finding("packages", "ok", ", ".join(found))


def _compiler() -> Finding:
    compiler = find_compiler()
    if compiler is None:
        return Finding("C++ compiler", "missing", "install g++ or clang++, or name one with CXX")
    problem = try_compiler(compiler)
    shown = f"{compiler.version} ({compiler.path})"
    if problem:
        return Finding("C++ compiler", "missing", f"{shown} does not work: {problem}")
    return Finding("C++ compiler", "ok", shown)


def try_compiler(compiler: Compiler) -> str | None:
    """Compile and run three lines with the flags of a simulation; what went wrong, or None."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "try.cpp"), Path(folder, "try")
        source.write_text(PROGRAM)
        made = run_quietly([compiler.path, *compiler.flags, str(source), "-o", str(program)])
        if made.returncode:
            lines = [line for line in made.stdout.splitlines() if "error" in line.lower()]
            return lines[0] if lines else f"it ended with code {made.returncode}"
        ran = run_quietly([str(program)])
        return None if ran.stdout == ANSWER else "the program that it made does not run"


def run_quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command with its output kept as text; one that cannot start or hangs has code 127."""
    try:
        return subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 127, stdout=str(error))


def _simd() -> Finding:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    flags = {flag for line in lines if line.startswith(("flags", "Features")) for flag in line.split()}
    known = [flag for flag in SIMD if flag in flags]
    simd = " ".join(known) or "SIMD flags not known"
    return Finding("processor", "ok", f"{platform.machine()}, cores: {os.cpu_count() or 1}, {simd}")


def _cuda_toolkit() -> Finding:
    nvcc = find_nvcc(("sm_90",))
    if nvcc is None:
        text = "no nvcc, needed only for --backend cuda: pip install 'neuromod-sim[cuda]', or install CUDA 13"
        return Finding("CUDA toolkit", "absent", text)
    release = [line for line in nvcc.version.splitlines() if "release" in line] or [nvcc.version]
    problem = try_cuda_compiler(nvcc)
    if problem:
        return Finding(
            "CUDA toolkit", "absent", f"{nvcc.path} does not work: {problem}; name another with NVCC"
        )
    return Finding("CUDA toolkit", "ok", f"{release[0].strip()} ({nvcc.path})")


def try_cuda_compiler(compiler: Compiler) -> str | None:
    """Compile an empty program for a GPU; what went wrong, or None."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "try.cu")
        source.write_text("__global__ void nothing() {}\nint main() { return 0; }\n")
        made = run_quietly([compiler.path, *compiler.flags, str(source), "-o", str(Path(folder, "try"))])
    return None if made.returncode == 0 else (made.stdout.strip().splitlines() or ["it says nothing"])[0]


def _gpu() -> Finding:
    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    shown = run_quietly(query)
    if shown.returncode or not shown.stdout.strip():
        text = "nvidia-smi shows no NVIDIA GPU, needed only for --backend cuda: install its driver"
        return Finding("GPU", "absent", text)
    cards = [[part.strip() for part in line.split(",")] for line in shown.stdout.strip().splitlines()]
    text = "; ".join(", ".join(card) for card in cards)
    driver = cards[0][1].partition(".")[0] if len(cards[0]) > 1 else ""
    if driver.isdigit() and int(driver) < DRIVER:
        return Finding("GPU", "absent", f"{text}: CUDA 13 needs the driver {DRIVER} or newer")
    return Finding("GPU", "ok", text)


def _memory() -> Finding:
    import psutil

    memory = psutil.virtual_memory()
    return Finding("memory", "ok", f"{size_text(memory.available)} free of {size_text(memory.total)}")


def _disk() -> Finding:
    disk = shutil.disk_usage(Path.cwd())
    return Finding("disk", "ok", f"{size_text(disk.free)} free of {size_text(disk.total)} in {Path.cwd()}")


def _cache() -> Finding:
    root = cache_root()
    held = size_of(root) if root.exists() else 0
    return Finding("program cache", "ok", f"{size_text(held)} in {root}")


def size_text(size: float) -> str:
    """`3.4 GB`; powers of 1000."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
