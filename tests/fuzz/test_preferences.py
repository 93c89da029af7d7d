"""Preference files of Brian2, which are Python: none is executed, wherever it lies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Command

CONFIG = """\
neuromod: 1
name: preferences
duration: 2 ms
populations: {E: {neuron: lif, size: 3}}
"""
FOLDERS = ("cwd", "config", "output", "home", "home/.brian", "home/.config/brian", "config/models")
PREFERENCES = ("brian_preferences", "user_preferences", "default_preferences", "brian2_preferences.py")
MODULES = ("sitecustomize.py", "brian2.py", "numpy.py")
NAMES = PREFERENCES + MODULES


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Folders full of hostile files, and a config."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            mark = tmp_path / f"pwned by {name} in {folder.replace('/', ' ')}"
            text = f"open({str(mark)!r}, 'w').close()\n" if name.endswith(".py") else (
                f"core.outdated_dependency_error = open({str(mark)!r}, 'w') is None\n"
            )  # fmt: skip
            (tmp_path / folder / name).write_text(text)
    (tmp_path / "config" / "c.yaml").write_text(CONFIG)
    return tmp_path


def executed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("pwned*"))


@pytest.mark.parametrize("backend", ["cpp", "runtime"])
def test_no_preference_file_is_executed(backend: str, folders: Path, neuromod: Command) -> None:
    private = {"HOME": str(folders / "home"), "NEUROMOD_CACHE": str(folders / "cache")}
    private["PYTHONSAFEPATH"] = (
        "1"  # as the script `neuromod`; `python -m` alone searches the working directory
    )
    done = neuromod(
        *("run", folders / "config" / "c.yaml", "--backend", backend, "-o", folders / "output" / "new"),
        cwd=folders / "config",
        env=os.environ
        | {"HOME": str(folders / "home"), "NEUROMOD_CACHE": str(folders / "cache"), "PYTHONSAFEPATH": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert (folders / "output" / "new" / "results.h5").is_file()
    assert executed(folders) == []


def test_brian2_itself_would_execute_them(folders: Path) -> None:
    for name in NAMES:
        if name.endswith(".py"):
            (folders / "cwd" / name).unlink()
    subprocess.run(
        [sys.executable, "-c", "import brian2"],
        cwd=folders / "cwd",
        env=os.environ | {"HOME": str(folders / "home")},
        check=False,
        capture_output=True,
    )
    assert "pwned by brian_preferences in cwd" in executed(folders)
    assert "pwned by user_preferences in home .brian" in executed(folders)
