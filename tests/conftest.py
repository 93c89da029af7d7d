"""What every test may rely on: settings of its own, and the command line as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time; `--hypothesis-profile=default` draws others.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

# A shell that starts the tests in the background lets them, and all that they start, ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parents[1]

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True, scope="session")
def _private_settings(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """Figures without a display, and one cache of compiled programs for the whole session, not the user's.

    NEUROMOD_TEST_CACHE names a cache to keep from session to session.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    os.environ["NEUROMOD_CACHE"] = os.environ.get("NEUROMOD_TEST_CACHE") or str(shared / "cache")
    os.environ["MPLBACKEND"] = "Agg"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def neuromod() -> Command:
    """Run `neuromod ARGUMENTS` as a process; keywords go to `subprocess.run`."""

    def run(*arguments: str | Path, **keywords: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-m", "neuromod", *map(str, arguments)]
        options = {"capture_output": True, "text": True, "cwd": REPOSITORY, "timeout": 240} | keywords
        return subprocess.run(command, check=False, **options)

    return run
