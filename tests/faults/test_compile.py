"""Compilers that are not there, fail or are killed: 69, the first error, where the rest is, a clean cache."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from neuromod.program.cpp import find_compiler
from tests.faults.circuit import await_that, processes_of, start


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command on cpp with an empty cache in this environment."""
    chosen = os.environ | {"NEUROMOD_CACHE": str(folder / "cache")} | environment
    process = start(folder / "run", "backend=cpp", env=chosen)
    said = process.communicate()[1]
    assert said.count("\n") == 1, said
    return subprocess.CompletedProcess([], process.returncode, "", said)


def compiler(folder: Path, line: str) -> str:
    """A compiler that does something else."""
    path = folder / "compiler"
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo made up 1.0 && exit\n{line}\n')
    path.chmod(0o755)
    return str(path)


def programs(cache: Path) -> list[Path]:
    return [*cache.glob("programs/*/program"), *cache.glob("programs/building-*")]


def test_a_compiler_that_only_fails_is_named(tmp_path: Path, cache: Path) -> None:
    done = run(tmp_path, CXX="/bin/false")
    assert done.returncode == 69
    assert "CXX names /bin/false" in done.stderr
    assert programs(cache) == []


def test_without_a_compiler_it_is_said_what_to_install(tmp_path: Path, cache: Path) -> None:
    done = run(tmp_path, PATH=str(tmp_path), CXX="")
    assert done.returncode == 69
    assert "no C++ compiler was found (g++ or clang++, or CXX); install one" in done.stderr


def test_the_first_error_is_said_and_the_log_is_kept(tmp_path: Path, cache: Path) -> None:
    failing = compiler(tmp_path, "echo 'a note'; echo 'x.cpp:1: error: first'; echo 'error: second'; exit 1")
    done = run(tmp_path, CXX=failing)
    assert done.returncode == 69
    assert "failed: x.cpp:1: error: first; all that was said is in " in done.stderr
    [log] = cache.glob("programs/*.log")
    assert str(log) in done.stderr
    assert log.read_text().splitlines() == ["a note", "x.cpp:1: error: first", "error: second"]
    assert programs(cache) == []


@pytest.mark.slow
def test_a_killed_compiler_leaves_nothing_that_is_used(tmp_path: Path, cache: Path) -> None:
    done = run(tmp_path, CXX=compiler(tmp_path, "kill -9 $$"))
    assert done.returncode == 69
    assert "it ended with code 137" in done.stderr
    assert programs(cache) == []


@pytest.mark.slow
def test_a_full_temporary_folder_does_not_matter(tmp_path: Path, cache: Path) -> None:
    made = tmp_path / "temporary-folder"
    known = find_compiler()
    assert known is not None
    run(tmp_path, CXX=compiler(tmp_path, f"echo $TMPDIR > {made}; exit 1"), TMPDIR="/proc")
    assert str(cache) in made.read_text()


@pytest.mark.slow
def test_a_run_that_is_killed_while_it_compiles_leaves_a_cache_that_works(
    tmp_path: Path, cache: Path
) -> None:
    begun = tmp_path / "begun"
    waiting = compiler(tmp_path, f"echo half > program; touch {begun}; sleep 1000")
    process = start(
        tmp_path / "run", "backend=cpp", env=os.environ | {"NEUROMOD_CACHE": str(cache), "CXX": waiting}
    )
    await_that(begun.exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    await_that(lambda: not processes_of(cache), "the compiler goes on")
    assert list(cache.glob("programs/*/program")) == list(cache.glob("programs/building-*/program"))
    shutil.rmtree(tmp_path / "run")
    done = run(tmp_path, CXX=compiler(tmp_path, "echo 'error: another try'; exit 1"))
    assert "another try" in done.stderr
