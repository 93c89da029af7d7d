"""One small circuit under faults: plasticity, noise, delays and modulators, saved every few milliseconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from neuromod.store.checkpoint import checkpoint_paths
from tests.conftest import REPOSITORY
from tests.identical.conftest import CONFIG, Datasets, datasets, differing

SETTINGS = ("checkpoint={every: 10 ms, clock: simulated}", "record.states=[]")
PATIENCE = 60.0
"""Seconds after which something that must happen has failed."""


def command(directory: Path, *settings: str) -> list[str]:
    """Begin the run in a directory, or go on with it."""
    words = [sys.executable, "-m", "neuromod", "run", str(CONFIG), "--quiet", "--resume", "auto"]
    for setting in (*SETTINGS, *settings):
        words += ["--set", setting]
    return [*words, "-o", str(directory)]


def start(directory: Path, *settings: str, **options: object) -> subprocess.Popen[str]:
    """The command as a process with a group of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": REPOSITORY}
    return subprocess.Popen(command(directory, *settings), start_new_session=True, **(pipes | options))


def complete(directory: Path, *settings: str, **options: object) -> Datasets:
    """Let the run come to its end; its results."""
    process = start(directory, *settings, **options)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return datasets(directory / "results.h5")


def processes_of(text: Path | str) -> list[int]:
    """Numbers of the living processes that name a path in their command."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                named = str(text).encode() in (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if named:
                found.append(int(entry.name))
    return found


def await_that(condition: Callable[[], object], what: str = "") -> None:
    """Until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what or condition
        time.sleep(0.002)


def saved(directory: Path) -> int:
    """Number of the newest checkpoint; -1 where there is none."""
    return max((int(path.stem) for path in checkpoint_paths(directory)), default=-1)


def kill(process: subprocess.Popen[str], whom: str, directory: Path) -> None:
    """Kill -9 of the parent, of the program that it has started, or of both."""
    programs = [pid for pid in processes_of(directory) if pid != process.pid]
    victims = {"parent": [process.pid], "program": programs, "group": [process.pid, *programs]}[whom]
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def same(expected: Datasets, found: Datasets) -> bool:
    """Are all datasets identical, to the last bit."""
    return differing(expected, found) == []
