"""Compiling a program with the CUDA compiler of this machine, for its GPU."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

from neuromod.errors import BackendError
from neuromod.program.cpp import NATIVE, Compiler, call_compiler

FLAGS = (
    "-std=c++17", "-O3", "-w", "-fmad=false", "--extended-lambda",
    "-Xcompiler=-O3,-ffp-contract=off,-fno-math-errno,-fno-trapping-math",
)  # fmt: skip
"""As for C++, no flag may change a result: without `-fmad=false` products and sums would be contracted."""
ARCHITECTURES = "NEUROMOD_CUDA_ARCH"
"""Variable with the compute capabilities to compile for, such as `80,90`, instead of that of the GPU here."""
_USUAL = "/usr/local/cuda/bin/nvcc"
_WHEELS = Path(sysconfig.get_path("purelib")) / "nvidia" / "cu13"
"""Where the packages of the extra `cuda` lie."""


@cache
def find_nvcc(architectures: tuple[str, ...]) -> Compiler | None:
    """The compiler named by NVCC, else nvcc, else the one in the usual place, else that of the extra `cuda`;
    None when there is none. `architectures`: as nvcc calls them (`sm_90`), for all of which it compiles.
    """
    for name in filter(None, (os.environ.get("NVCC"), "nvcc", _USUAL, str(_WHEELS / "bin" / "nvcc"))):
        path = shutil.which(name)
        version = _output([path, "--version"]) if path else ""
        if path and version:
            # The packages keep the libraries where nvcc does not look by itself.
            libraries = [f"-L{_WHEELS / 'lib'}"] if Path(path).is_relative_to(_WHEELS) else []
            return Compiler(path, version, (*FLAGS, *libraries, *_targets(architectures)), "CUDA")
    return None


def _targets(architectures: tuple[str, ...]) -> list[str]:
    """Options of nvcc. For several cards the program also carries what later ones can translate."""
    if len(architectures) == 1:
        return [f"-arch={architectures[0]}"]
    numbers = [name.removeprefix("sm_") for name in architectures]
    made = [f"-gencode=arch=compute_{number},code=sm_{number}" for number in numbers]
    return [*made, f"-gencode=arch=compute_{numbers[-1]},code=compute_{numbers[-1]}"]


@cache
def gpu_architecture() -> str | None:
    """Name of the first GPU's architecture, as nvcc calls it (`sm_90`); None when there is no GPU."""
    capability = _first_gpu("compute_cap")
    return f"sm_{capability.replace('.', '')}" if capability else None


def free_bytes() -> int | None:
    """Memory that is free on the first GPU; None when it is not known."""
    free = _first_gpu("memory.free", "--format=csv,noheader,nounits")
    return int(free) << 20 if free.isdigit() else None


def require_gpu() -> None:
    """Look whether a program for the GPU could run here.

    Raises:
        BackendError: there is no GPU, or no compiler for it.
    """
    if gpu_architecture() is None:
        raise BackendError("no NVIDIA GPU was found (nvidia-smi shows none); use --backend cpp")
    cuda_compiler()


def cuda_compiler() -> Compiler:
    """The compiler for the GPU of this machine, or for what NEUROMOD_CUDA_ARCH names.

    Raises:
        BackendError: there is neither, or no compiler.
    """
    architectures = _architectures()
    if not architectures:
        raise BackendError(
            "no NVIDIA GPU was found (nvidia-smi shows none); use --backend cpp, or name what to compile for "
            f"with {ARCHITECTURES}=90"
        )
    compiler = find_nvcc(architectures)
    if compiler is None:
        raise BackendError(
            "no CUDA compiler was found (nvcc, or NVCC); install CUDA 13, or "
            "pip install 'neuromod-sim[cuda]', or use --backend cpp"
        )
    return compiler


def _architectures() -> tuple[str, ...]:
    named = os.environ.get(ARCHITECTURES)
    if named is None:
        found = gpu_architecture()
        return (found,) if found else ()
    numbers = [word.strip().replace(".", "") for word in named.split(",")]
    if not all(number.isdecimal() and 2 <= len(number) <= 3 for number in numbers):
        raise BackendError(f"{ARCHITECTURES}: got {named!r}, allowed are compute capabilities such as 80,90")
    return tuple(f"sm_{number}" for number in sorted(set(numbers), key=int))


def compile_cuda(compiler: Compiler, directory: Path, common: Path) -> None:
    """Compile DIRECTORY/program.cu, and what all programs have in common, into DIRECTORY/program.

    Raises:
        BackendError: the compiler failed; its output is in DIRECTORY/compiler.log.
    """
    call_compiler(compiler, [f"-I{NATIVE}", str(directory / "program.cu"), str(common)], directory)


def _first_gpu(what: str, form: str = "--format=csv,noheader") -> str:
    """What nvidia-smi says of the first GPU that a program would use; nothing when there is none."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return ""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    chosen = [f"--id={visible.partition(',')[0]}"] if visible else []
    if visible is not None and not visible.strip():
        return ""
    return _output([command, *chosen, f"--query-gpu={what}", form]).partition("\n")[0].strip()


def _output(command: list[str]) -> str:
    """What a command prints; nothing when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
