"""The program cache under compilers that fail, hang, are killed, and are started many at once."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from neuromod.errors import BackendError
from neuromod.plan.structure import GroupStructure, ProgramStructure, Variable
from neuromod.program import cache
from neuromod.program.cpp import Compiler, find_compiler

TINY = ProgramStructure(
    1e-4,
    (
        GroupStructure(
            "cell0", 3, (Variable("V"),), update=("V = V + 1.0",), threshold="V > 5.0", reset=("V = 0.0",)
        ),
    ),
    (),
)
WORDS = 'echo "$@" >> "$(dirname "$0")/words"'
OBTAIN = """
import sys
from pathlib import Path
from neuromod.plan.structure import structure_from_json
from neuromod.program.cache import obtain
print(obtain(structure_from_json(Path(sys.argv[1]).read_text())))
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEUROMOD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def compiler(tmp_path: Path) -> Compiler:
    found = find_compiler()
    assert found is not None
    return found


def wrapper(folder: Path, compiler: Compiler, line: str) -> Path:
    """A compiler that first does `line` (not for --version) and notes each call."""
    path = folder / "wrapped"
    note = f'[ "$1" = --version ] || {{ echo call >> {folder}/calls; {line}; }}'
    path.write_text(f'#!/bin/sh\n{note}\nexec {compiler.path} "$@"\n')
    path.chmod(0o755)
    return path


def compiled(folder: Path) -> list[str]:
    """Names of the files that a compiler that notes its words was given, the last of each call."""
    calls = (folder / "words").read_text().splitlines()
    return [Path(next(w for w in reversed(call.split()) if w.endswith(".cpp"))).name for call in calls]


def start(folder: Path, compiler: Path) -> subprocess.Popen[str]:
    (folder / "structure.json").write_text(TINY.to_json())
    return subprocess.Popen(
        [sys.executable, "-c", OBTAIN, str(folder / "structure.json")],
        env=os.environ | {"CXX": str(compiler)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def built(root: Path) -> list[Path]:
    return [entry for entry in (root / "programs").iterdir() if cache.is_built(entry)]


def test_eight_processes_at_once_build_a_program_once(root: Path, tmp_path: Path, compiler: Compiler) -> None:
    wrapped = wrapper(tmp_path, compiler, WORDS)
    processes = [start(tmp_path, wrapped) for _ in range(8)]
    paths = {process.communicate()[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0] * 8
    assert len(paths) == 1
    assert compiled(tmp_path) == ["nm_common.cpp", "program.cpp"]
    assert len(built(root)) == 1


def test_what_programs_have_in_common_is_compiled_once(
    root: Path, tmp_path: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", str(wrapper(tmp_path, compiler, WORDS)))
    find_compiler.cache_clear()
    try:
        cache.obtain(TINY)
        cache.obtain(replace(TINY, dt=2e-4))
    finally:
        find_compiler.cache_clear()
    assert compiled(tmp_path) == ["nm_common.cpp", "program.cpp", "program.cpp"]
    assert len(list((root / "common").iterdir())) == 1


def test_a_killed_build_leaves_nothing_that_is_used_and_the_next_one_succeeds(
    root: Path, tmp_path: Path, compiler: Compiler
) -> None:
    hanging = wrapper(tmp_path, compiler, "sleep 60")
    process = start(tmp_path, hanging)
    while not (tmp_path / "calls").exists():
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert built(root) == []
    after = start(tmp_path, wrapper(tmp_path, compiler, ":"))
    out, _ = after.communicate()
    assert after.returncode == 0
    assert Path(out.strip()).is_file()


def test_a_compiler_that_fails_is_reported_with_its_first_error_and_leaves_no_entry(
    root: Path, tmp_path: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = wrapper(tmp_path, compiler, "echo 'x.cpp:1: error: no luck today' >&2; exit 1")
    monkeypatch.setenv("CXX", str(failing))
    find_compiler.cache_clear()
    try:
        with pytest.raises(BackendError, match="no luck today"):
            cache.obtain(TINY)
    finally:
        find_compiler.cache_clear()
    assert built(root) == []
    assert not list((root / "programs").glob("building-*"))


def test_another_compiler_or_code_path_is_another_program(compiler: Compiler) -> None:
    other = Compiler(compiler.path, compiler.version + " patched", compiler.flags)
    keys = {
        cache.program_key(TINY, compiler, False),
        cache.program_key(TINY, compiler, True),
        cache.program_key(TINY, other, False),
    }
    assert len(keys) == 3


def entry(root: Path, name: str, size: int, age: float) -> Path:
    path = root / "programs" / name
    path.mkdir(parents=True)
    (path / "program").write_bytes(b"x" * size)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_the_cache_forgets_the_programs_used_longest_ago(root: Path) -> None:
    paths = [entry(root, f"p{age}", 100, age * 1000.0) for age in range(4)]
    cache.trim(root, limit=250)
    assert [path.exists() for path in paths] == [True, True, False, False]


def test_what_killed_builds_left_is_removed_when_it_is_old(root: Path) -> None:
    old, new = (root / "programs" / f"building-{name}" for name in ("old", "new"))
    for path, age in ((old, 2 * cache.STALE_SECONDS), (new, 1.0)):
        path.mkdir(parents=True)
        os.utime(path, (time.time() - age, time.time() - age))
    cache.trim(root)
    assert (old.exists(), new.exists()) == (False, True)


def test_clearing_returns_the_bytes_freed(root: Path) -> None:
    entry(root, "p", 1234, 0.0)
    assert cache.clear() == 1234
    assert not (root / "programs").exists()


def test_a_preference_file_of_the_user_is_never_read(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".brian").mkdir(parents=True)
    evil = f"core.outdated_dependency_error = open({str(tmp_path / 'pwned')!r}, 'w') is None\n"
    for path in (home / ".brian" / "user_preferences", tmp_path / "brian_preferences"):
        path.write_text(evil)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)
    assert cache.obtain(TINY).is_file()
    assert not (tmp_path / "pwned").exists()


def test_the_compiler_is_asked_for_its_version_once_until_it_changes(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROMOD_CACHE", str(tmp_path / "cache"))
    log, compiler = tmp_path / "log", tmp_path / "c++"

    def install(version):
        compiler.write_text(f'#!/bin/sh\necho called >> "{log}"\necho "{version}"\n')
        compiler.chmod(0o755)

    def version():
        find_compiler.cache_clear()
        return find_compiler().version

    monkeypatch.setenv("CXX", str(compiler))
    install("first")
    assert [version(), version()] == ["first", "first"]
    assert log.read_text() == "called\n"
    install("second one")
    assert version() == "second one"
    find_compiler.cache_clear()
