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
    """A compiler that works: its path, first version line, the flags for this machine, and its language."""

    path: str
    version: str
    flags: tuple[str, ...]
    language: str = "C++"

    @property
    def identity(self) -> str:
        """Everything about it that may change the binary."""
        return "\n".join([self.version, *self.flags, platform.machine(), _cpu()])

    def flags_for(self, scalar: bool) -> list[str]:
        """The flags, and that of a program without vectors where `scalar`."""
        return [*self.flags, *(["-DNM_SCALAR"] if scalar else [])]


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


def compile_program(compiler: Compiler, directory: Path, common: Path, *, scalar: bool = False) -> None:
    """Compile DIRECTORY/program.cpp, and what all programs have in common, into DIRECTORY/program.

    Raises:
        BackendError: the compiler failed; its output is in DIRECTORY/compiler.log.
    """
    words = [f"-I{directory / 'project'}", f"-I{NATIVE}", str(directory / "program.cpp"), str(common)]
    call_compiler(compiler, words, directory, scalar=scalar)


def call_compiler(compiler: Compiler, words: list[str], directory: Path, *, scalar: bool = False) -> None:
    """Let a compiler make DIRECTORY/program; what it says goes to DIRECTORY/compiler.log.

    Raises:
        BackendError: the compiler failed.
    """
    made = directory / "program"
    command = [compiler.path, *compiler.flags_for(scalar), *words, "-o", str(made)]
    code = run_supervised(command, log_of(directory), surroundings(directory), directory)
    require_made(made, code, compiler)


def surroundings(directory: Path) -> dict[str, str]:
    """What the compiler keeps for a moment goes where the program goes, and vanishes with it."""
    return os.environ | {"TMPDIR": str(directory)}


def log_of(directory: Path) -> Path:
    """Where a compiler says what it has to say."""
    return directory / "compiler.log"


def require_made(made: Path, code: int, compiler: Compiler) -> None:
    """Look whether a compiler that ended with `code` made a file.

    Raises:
        BackendError: it did not.
    """
    if code == 0 and made.exists():
        return
    said = log_of(made.parent).read_text(errors="replace").splitlines()
    errors = [line for line in said if "error" in line.lower()]
    first = errors[0] if errors else f"it ended with code {code} and said nothing"
    raise BackendError(f"the {compiler.language} compiler {compiler.path} failed: {first}")


def _cpu() -> str:
    """The processor's name, on which the meaning of -march=native depends."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags"))}))
