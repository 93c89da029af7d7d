"""Which program computes a structure: a binary for the processor or the GPU, or Brian2 with numpy."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from neuromod.plan.structure import ProgramStructure
from neuromod.program.cache import is_cached, obtain
from neuromod.program.cpp import find_compiler
from neuromod.program.cuda import require_gpu

COMPILED = ("cpp", "cuda")


@dataclass(frozen=True)
class Backend:
    """A backend by name, and the command that runs a program on it."""

    name: str
    command: tuple[str, ...]
    notice: str = ""


def choose(wanted: str) -> tuple[str, str]:
    """(backend, notice): `auto` is cpp where there is a compiler, else runtime.

    Raises:
        BackendError: `cuda`, and no GPU.
    """
    if wanted == "cuda":
        require_gpu()
    if wanted != "auto":
        return wanted, ""
    if find_compiler() is not None:
        return "cpp", ""
    return "runtime", "no C++ compiler was found: running on the slow runtime backend (Brian2 with numpy)"


def needs_build(name: str, structure: ProgramStructure) -> bool:
    """Will `prepare` compile something."""
    return name in COMPILED and not is_cached(structure, cuda=name == "cuda")


def prepare(name: str, structure: ProgramStructure, directory: Path) -> Backend:
    """Make the program ready; on `cpp` and `cuda` this compiles it unless it is in the cache."""
    if name in COMPILED:
        return Backend(name, (str(program_path(name, structure)),))
    path = directory / "structure.json"
    path.write_text(structure.to_json())
    return Backend(name, (sys.executable, "-P", "-m", "neuromod.program.runtime", str(path)))


def program_path(name: str, structure: ProgramStructure) -> Path:
    """The binary of a compiled backend, compiled now unless it is in the cache."""
    return obtain(structure, cuda=True) if name == "cuda" else obtain(structure)


def environment(directory: Path) -> dict[str, str]:
    """Variables of a program's process: Brian2 finds no preference file of the user."""
    return os.environ | {"HOME": str(directory), "PYTHONHASHSEED": "0"}
