"""Compiled programs are kept and shared: one directory per program, complete or absent.

The key covers the structure, the code that turns it into a program, the version of Brian2, the compiler and
its flags. A program is built in a private directory and renamed into place, so that a killed compiler leaves
nothing that is used; a lock per key lets parallel runs wait for one build instead of doing it again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from neuromod.errors import BackendError
from neuromod.plan.structure import ProgramStructure
from neuromod.program.common import common_part, common_parts
from neuromod.program.cpp import Compiler, compile_program, find_compiler
from neuromod.program.cuda import compile_cuda, cuda_compiler
from neuromod.program.location import cache_root
from neuromod.program.supervised import run_supervised
from neuromod.store.disk import storage_failures

LIMIT_BYTES = 2 * 1024**3
STALE_SECONDS = 86_400.0
_PACKAGE = Path(__file__).parent.parent


def obtain(structure: ProgramStructure, *, scalar: bool = False, cuda: bool = False) -> Path:
    """Path of the compiled program, for the processor or the GPU; built now if it is not in the cache.

    Raises:
        BackendError: there is no compiler or no GPU, or code generation or compilation failed.
    """
    compiler = cuda_compiler() if cuda else find_compiler()
    if compiler is None:
        named = os.environ.get("CXX")
        which = f"CXX names {named}, which is none that works" if named else "g++ or clang++, or CXX"
        raise BackendError(f"no C++ compiler was found ({which}); install one, or use --backend runtime")
    root = cache_root()
    entry = root / "programs" / program_key(structure, compiler, scalar)
    if not is_built(entry):
        with storage_failures("write to the program cache", root):
            (root / "programs").mkdir(parents=True, exist_ok=True)
            with _lock(root / "programs" / f".{entry.name}.lock"):
                if not is_built(entry):
                    _build(structure, compiler, entry, scalar, cuda)
        trim(root)
    with suppress(OSError):
        # The cache may belong to somebody else: it is not told then that the program is in use.
        os.utime(entry)
    return entry / "program"


def is_cached(structure: ProgramStructure, *, cuda: bool = False) -> bool:
    """Would `obtain` return without building."""
    compiler = cuda_compiler() if cuda else find_compiler()
    return compiler is not None and is_built(
        cache_root() / "programs" / program_key(structure, compiler, False)
    )


def is_built(entry: Path) -> bool:
    """Is the program there; a renamed directory is complete."""
    return (entry / "program").is_file()


def program_key(structure: ProgramStructure, compiler: Compiler, scalar: bool) -> str:
    """Name of a program in the cache."""
    parts = [structure.key, _code_digest(), version("brian2"), compiler.identity, str(scalar)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@cache
def _code_digest() -> str:
    """Digest of the code that makes programs: a change there is a new program."""
    folders = [_PACKAGE / "build", _PACKAGE / "program"]
    files = [
        f for folder in folders for f in sorted(folder.rglob("*")) if f.suffix in (".py", ".hpp", ".cpp")
    ]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _build(structure: ProgramStructure, compiler: Compiler, entry: Path, scalar: bool, cuda: bool) -> None:
    directory = Path(tempfile.mkdtemp(prefix="building-", dir=entry.parent))
    try:
        (directory / "structure.json").write_text(structure.to_json())
        with common_part(compiler, directory, scalar=scalar) as common:
            generate(directory, "cuda" if cuda else "cpp")
            if cuda:
                compile_cuda(compiler, directory, common())
            else:
                compile_program(compiler, directory, common(), scalar=scalar)
        shutil.rmtree(directory / "project")
        os.rename(directory, entry)
    except BackendError as error:
        raise BackendError(f"{error}; all that was said is in {_keep_logs(directory, entry)}") from error
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _keep_logs(directory: Path, entry: Path) -> Path:
    """The last log of a build that failed, beside the programs."""
    logs = [log for name in ("compiler.log", "generator.log") if (log := directory / name).exists()]
    return logs[0].replace(entry.with_suffix(".log"))


def generate(directory: Path, language: str = "cpp") -> None:
    """Let Brian2 write the C++ or CUDA text for DIRECTORY/structure.json, in a process and a home directory
    of its own.
    """
    private = directory / "private"
    private.mkdir()
    environment = os.environ | {"PYTHONHASHSEED": "0", "HOME": str(private)}
    command = [sys.executable, "-P", "-m", "neuromod.program.generate"]
    command += [str(directory / "structure.json"), str(directory), language]
    log = directory / "generator.log"
    code = run_supervised(command, log, environment, private)
    shutil.rmtree(private, ignore_errors=True)
    if code != 0:
        last = (log.read_text(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise BackendError(f"code generation by Brian2 failed: {last}")


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock; the system releases it when the process ends, however it ends."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def trim(root: Path, limit: int = LIMIT_BYTES) -> None:
    """Remove the programs used longest ago beyond `limit` bytes, and what killed builds left behind."""
    folder = root / "programs"
    now = time.time()
    for left in folder.glob("building-*"):
        if now - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    entries = sorted(
        (e for e in folder.iterdir() if is_built(e)), key=lambda e: e.stat().st_mtime, reverse=True
    )
    total = 0
    for entry in entries:
        total += size_of(entry)
        if total > limit:
            shutil.rmtree(entry, ignore_errors=True)


def size_of(path: Path) -> int:
    """Bytes of all files below a directory; 0 if there is none."""
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def clear() -> int:
    """Remove everything that was compiled; returns the bytes freed."""
    folders = [cache_root() / "programs", common_parts()]
    freed = sum(size_of(folder) for folder in folders if folder.exists())
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return freed
