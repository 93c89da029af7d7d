"""Directories that cannot be used: one sentence before anything is computed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.faults.circuit import await_that, complete, same, saved, start
from tests.faults.unprivileged import NOBODY
from tests.identical.conftest import CONFIG, Datasets

LIMIT_S = 2.0
ROOT = os.geteuid() == 0


def neuromod(*words: str | Path) -> tuple[int, str, float]:
    """Exit code, what was said, and seconds of a command of a user without rights."""
    command = [sys.executable, "-m", "tests.faults.unprivileged", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    return done.returncode, done.stderr, float(done.stdout.split()[-1])


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a user without rights, which this user can reach."""
    path = tmp_path_factory.mktemp("folder")
    for above in (path, *path.parents):
        if above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    if ROOT:
        os.chown(path, NOBODY, NOBODY)
    return path


def read_only(folder: Path) -> Path:
    folder.chmod(0o555)
    return folder / "run"


def read_only_itself(folder: Path) -> Path:
    (folder / "run").mkdir()
    (folder / "run").chmod(0o555)
    return folder / "run"


def no_way_in(folder: Path) -> Path:
    (folder / "deep").mkdir()
    (folder / "deep").chmod(0)
    return folder / "deep" / "run"


def file_in_the_way(folder: Path) -> Path:
    (folder / "run").touch()
    return folder / "run"


def file_on_the_way(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "run"


def not_empty(folder: Path) -> Path:
    (folder / "run").mkdir()
    (folder / "run" / "precious").touch()
    (folder / "run").chmod(0o777)
    return folder / "run"


CASES = {
    read_only: (77, "cannot create the directory .*: permission denied"),
    read_only_itself: (77, "cannot lock .*: permission denied"),
    no_way_in: (77, "cannot (create the directory|read) .*: permission denied"),
    file_in_the_way: (73, "cannot create the directory .*: a file has that name"),
    file_on_the_way: (73, "cannot create the directory .*: a file "),
    not_empty: (73, ".* is not empty; allowed is a new or an empty directory"),
}


@pytest.mark.parametrize("resume", ["never", "auto"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_it_is_said_in_one_sentence_before_anything_is_computed(
    case: Callable[[Path], Path], resume: str, folder: Path
) -> None:
    code, words = CASES[case]
    target = case(folder)
    found, said, seconds = neuromod("run", CONFIG, "-o", target, "--quiet", "--resume", resume)
    assert found == code, said
    assert said.count("\n") == 1
    assert re.match(f"neuromod: {words}", said), said
    assert seconds <= LIMIT_S


def test_a_run_that_is_not_there_is_one_sentence(folder: Path) -> None:
    code, said, seconds = neuromod("resume", folder / "none", "--quiet")
    assert code == 74
    assert "holds no run that has begun" in said
    assert seconds <= LIMIT_S


def test_a_directory_that_becomes_read_only_stops_the_run_which_goes_on_later(
    expected: Datasets, tmp_path: Path
) -> None:
    directory = tmp_path / "run"
    process = start(directory)
    await_that(lambda: saved(directory) > 1)
    segments = str(directory / "segments")
    bound = subprocess.run(["mount", "--bind", segments, segments], capture_output=True, check=False)
    if bound.returncode:
        process.kill()
        process.communicate()
        pytest.skip(f"mounting is refused: {bound.stderr.decode().strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", segments], check=True)
        said = process.communicate()[1]
    finally:
        subprocess.run(["umount", segments], check=True)
    assert process.returncode == 77, said
    assert said.count("\n") == 1
    assert "read-only file system" in said
    assert same(expected, complete(directory))
