"""The CUDA compiler of this machine, and the GPU it compiles for."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from neuromod.program.cpp import Compiler

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


def compile_cuda(compiler: Compiler, source: Path, target: Path, include: tuple[Path, ...]) -> None:
    """Compile and link one .cu file; what the compiler says stands beside the target, in TARGET.log.

    Raises:
        CalledProcessError: the compiler failed.
    """
    command = [compiler.path, *compiler.flags, *(f"-I{folder}" for folder in include)]
    with open(target.with_suffix(".log"), "w") as log:
        subprocess.run(
            [*command, str(source), "-o", str(target)], check=True, stdout=log, stderr=subprocess.STDOUT
        )


def _output(command: list[str]) -> str:
    """What a command prints; nothing when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
