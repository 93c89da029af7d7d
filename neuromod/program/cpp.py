"""Compiling a program with the C++ compiler of this machine."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from neuromod.errors import BackendError
from neuromod.program.location import cache_root
from neuromod.program.supervised import run_supervised

NATIVE = Path(__file__).parent / "native"
FLAGS = (
    "-std=c++17", "-O2", "-w", "-fopenmp-simd", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
)  # fmt: skip
"""No flag may change a result: every double comes from the operations as written, in order, on every
machine.
"""

_WIDEST = ("-mprefer-vector-width=512",)
"""Where there are such vectors: a step of neurons waits for memory, which they ask for in whole lines."""


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
    """The compiler named by CXX; where nothing is named g++, else clang++. None when there is none."""
    named = os.environ.get("CXX")
    for name in (named,) if named else ("g++", "clang++"):
        path = shutil.which(name)
        if path is None:
            continue
        version = _version(path)
        if version is not None:
            march = os.environ.get("NEUROMOD_MARCH", "native")
            intel = platform.machine() in ("x86_64", "AMD64")
            return Compiler(path, version, (*FLAGS, *_WIDEST, f"-march={march}") if intel else FLAGS)
    return None


def _version(path: str) -> str | None:
    """First line that a compiler says about itself; None when it does not start.

    It is asked once and its answer kept, for as long as its file stays the same.
    """
    file = Path(path).resolve()
    now = file.stat()
    digest = hashlib.sha256(f"{file} {now.st_size} {now.st_mtime_ns}".encode()).hexdigest()[:32]
    known = cache_root() / "compilers" / digest
    try:
        return known.read_text()
    except (OSError, ValueError):
        pass
    shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    if shown.returncode != 0:
        return None
    version = shown.stdout.partition("\n")[0]
    _keep(known, version)
    return version


def _keep(path: Path, text: str) -> None:
    """Write a file at once or, where that is not possible, not at all."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.write_text(text)
        new.replace(path)


def compile_program(compiler: Compiler, directory: Path, *, scalar: bool = False) -> None:
    """Compile DIRECTORY/program.cpp into DIRECTORY/program.

    Raises:
        BackendError: the compiler failed; its output is in DIRECTORY/compiler.log.
    """
    command = [compiler.path, *compiler.flags, *(["-DNM_SCALAR"] if scalar else [])]
    command += [f"-I{directory / 'project'}", f"-I{NATIVE}", str(directory / "program.cpp")]
    call_compiler(command, directory, "C++")


def call_compiler(command: list[str], directory: Path, language: str) -> None:
    """Let a compiler make DIRECTORY/program; what it says goes to DIRECTORY/compiler.log.

    Raises:
        BackendError: the compiler failed.
    """
    target, log = directory / "program", directory / "compiler.log"
    # What the compiler keeps for a moment goes where the program goes, and vanishes with it.
    surroundings = os.environ | {"TMPDIR": str(directory)}
    code = run_supervised([*command, "-o", str(target)], log, surroundings, directory)
    if code != 0 or not target.exists():
        lines = [line for line in log.read_text(errors="replace").splitlines() if "error" in line.lower()]
        first = lines[0] if lines else f"it ended with code {code} and said nothing"
        raise BackendError(f"the {language} compiler {command[0]} failed: {first}")


def _cpu() -> str:
    """The processor's name, on which the meaning of -march=native depends."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags"))}))
