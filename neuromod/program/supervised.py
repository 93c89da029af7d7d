"""Commands that end with this process, or as soon as something interrupts the wait for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_GUARDIAN = Path(__file__).with_name("guardian.py")


def run_supervised(command: Sequence[str], log: Path, environment: Mapping[str, str], directory: Path) -> int:
    """Exit code of a command that writes everything it says into `log`."""
    # -I and -S: the guardian starts in a moment, and nothing in the environment can change it.
    guarded = [sys.executable, "-I", "-S", str(_GUARDIAN), *command]
    with (
        open(log, "wb") as output,
        subprocess.Popen(
            guarded,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=dict(environment),
            start_new_session=True,
        ) as process,
    ):
        return process.wait()
