"""Compiling a program with the CUDA compiler of this machine, for its GPU."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from neuromod.errors import BackendError
from neuromod.program.cpp import NATIVE, Compiler, call_compiler

FLAGS = (
    "-std=c++17", "-O3", "-w", "-fmad=false", "--extended-lambda",
    "-Xcompiler=-O3,-ffp-contract=off,-fno-math-errno,-fno-trapping-math",
)  # fmt: skip
"""As for C++, no flag may change a result: without `-fmad=false` products and sums would be contracted."""
_USUAL = "/usr/local/cuda/bin/nvcc"


@cache
def find_nvcc(architecture: str) -> Compiler | None:
    """The compiler named by NVCC, else nvcc, else the one in the usual place; None when there is none."""
    for name in filter(None, (os.environ.get("NVCC"), "nvcc", _USUAL)):
        path = shutil.which(name)
        if path is not None:
            version = _output([path, "--version"])
            if version:
                return Compiler(path, version, (*FLAGS, f"-arch={architecture}"))
    return None


@cache
def gpu_architecture() -> str | None:
    """Name of the first GPU's architecture, as nvcc calls it (`sm_90`); None when there is no GPU."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return None
    shown = _output([command, "--query-gpu=compute_cap", "--format=csv,noheader"])
    capability = shown.partition("\n")[0].strip()
    return f"sm_{capability.replace('.', '')}" if capability else None


def cuda_compiler() -> Compiler:
    """The compiler for the GPU of this machine.

    Raises:
        BackendError: there is no GPU, or no compiler for it.
    """
    architecture = gpu_architecture()
    if architecture is None:
        raise BackendError("no NVIDIA GPU was found (nvidia-smi shows none); use --backend cpp")
    compiler = find_nvcc(architecture)
    if compiler is None:
        raise BackendError(
            "no CUDA compiler was found (nvcc, or NVCC); install CUDA 13, or use --backend cpp"
        )
    return compiler


def compile_cuda(compiler: Compiler, directory: Path) -> None:
    """Compile DIRECTORY/program.cu into DIRECTORY/program.

    Raises:
        BackendError: the compiler failed; its output is in DIRECTORY/compiler.log.
    """
    source = str(directory / "program.cu")
    call_compiler([compiler.path, *compiler.flags, f"-I{NATIVE}", source], directory, "CUDA")


def _output(command: list[str]) -> str:
    """What a command prints; nothing when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
