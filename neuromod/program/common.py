"""What all programs have in common (`native/nm_common.cpp`), compiled once for a compiler and its flags."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from neuromod.program.cpp import NATIVE, Compiler, log_of, require_made, surroundings
from neuromod.program.location import cache_root
from neuromod.program.supervised import start_supervised


@contextmanager
def common_part(compiler: Compiler, directory: Path, *, scalar: bool = False) -> Iterator[Callable[[], Path]]:
    """Starts to compile it in DIRECTORY where it is not kept; what this gives waits until it is there, and
    says where. Of two that compile it at the same time the later one is kept.

    Raises:
        BackendError: when it is waited for, if the compiler failed; its output is in DIRECTORY/compiler.log.
    """
    kept = common_parts() / f"{_key(compiler, scalar)}.o"
    if kept.is_file():
        yield lambda: kept
        return
    made = directory / "common.o"
    command = [
        compiler.path,
        *compiler.flags_for(scalar),
        "-c",
        str(NATIVE / "nm_common.cpp"),
        "-o",
        str(made),
    ]
    with (
        open(log_of(directory), "wb") as log,
        start_supervised(command, log, surroundings(directory), directory) as process,
    ):

        def finished() -> Path:
            require_made(made, process.wait(), compiler)
            kept.parent.mkdir(parents=True, exist_ok=True)
            return made.replace(kept)

        yield finished


def common_parts() -> Path:
    """Where they are kept."""
    return cache_root() / "common"


def _key(compiler: Compiler, scalar: bool) -> str:
    return hashlib.sha256(f"{_native_digest()}\n{compiler.identity}\n{scalar}".encode()).hexdigest()[:32]


@cache
def _native_digest() -> str:
    digest = hashlib.sha256()
    for file in sorted(NATIVE.iterdir()):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()
