"""Commands that end with this process, or as soon as something interrupts the wait for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

_GUARDIAN = Path(__file__).with_name("guardian.py")


def run_supervised(command: Sequence[str], log: Path, environment: Mapping[str, str], directory: Path) -> int:
    """Exit code of a command that writes everything it says into `log`."""
    with open(log, "wb") as output, start_supervised(command, output, environment, directory) as process:
        return process.wait()


def start_supervised(
    command: Sequence[str],
    output: BinaryIO,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> subprocess.Popen[bytes]:
    """A command at work, whose input is to be closed where it must end before it is done. Without
    `environment` and `directory` it has those of this process.
    """
    # -I and -S: the guardian starts in a moment, and nothing in the environment can change it.
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_GUARDIAN), *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=directory,
        env=None if environment is None else dict(environment),
        start_new_session=True,
    )
