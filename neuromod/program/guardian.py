"""Runs a command that must not outlive the process that wants it: `python guardian.py COMMAND...`.

Standard input ends when that process does, however it ends. Then the command is killed, and what it has
started itself: a compiler is several processes. Whoever starts the guardian gives it a session of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def _watch() -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


def main(command: list[str]) -> int:
    """The exit code of the command; 128 and the signal where one has ended it."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_watch, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
