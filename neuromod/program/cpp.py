"""Compiling a program with the C++ compiler of this machine."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from neuromod.errors import BackendError

NATIVE = Path(__file__).parent / "native"
FLAGS = (
    "-std=c++17", "-O3", "-w", "-fopenmp-simd", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
)  # fmt: skip
"""No flag may change a result: every double comes from the operations as written, in order, on every
machine.
"""


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler that works: its path, first version line, and the flags for this machine."""

    path: str
    version: str
    flags: tuple[str, ...]

    @property
    def identity(self) -> str:
        """Everything about it that may change the binary."""
        return "\n".join([self.version, *self.flags, platform.machine(), _cpu()])


@cache
def find_compiler() -> Compiler | None:
    """The compiler named by CXX, else g++, else clang++; None when none is installed."""
    for name in filter(None, (os.environ.get("CXX"), "g++", "clang++")):
        path = shutil.which(name)
        if path is None:
            continue
        shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if shown.returncode == 0:
            march = os.environ.get("NEUROMOD_MARCH", "native")
            flags = (*FLAGS, f"-march={march}") if platform.machine() in ("x86_64", "AMD64") else FLAGS
            return Compiler(path, shown.stdout.partition("\n")[0], flags)
    return None


def compile_program(compiler: Compiler, directory: Path, *, scalar: bool = False) -> None:
    """Compile DIRECTORY/program.cpp into DIRECTORY/program.

    Raises:
        BackendError: the compiler failed; its output is in DIRECTORY/compiler.log.
    """
    source, target, log = directory / "program.cpp", directory / "program", directory / "compiler.log"
    command = [compiler.path, *compiler.flags, *(["-DNM_SCALAR"] if scalar else [])]
    command += [f"-I{directory / 'project'}", f"-I{NATIVE}", str(source), "-o", str(target)]
    with open(log, "w") as output:
        code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    if code != 0 or not target.exists():
        lines = [line for line in log.read_text(errors="replace").splitlines() if "error" in line.lower()]
        first = lines[0] if lines else f"it ended with code {code} and said nothing"
        raise BackendError(f"the C++ compiler {compiler.path} failed: {first}")


def _cpu() -> str:
    """The processor's name, on which the meaning of -march=native depends."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags"))}))
