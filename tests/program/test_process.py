"""A program as a process: what it hears, and when."""

import os
import sys
from pathlib import Path

from neuromod.program.process import Process

LATE = """
import signal, time
time.sleep(0.3)
heard = []
signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
print("start 0", flush=True)
while not heard:
    time.sleep(0.01)
print("at 1", flush=True)
"""


def test_a_program_that_cannot_hear_yet_is_hurried_at_its_first_word(tmp_path: Path) -> None:
    with Process([sys.executable, "-c", LATE], {}, tmp_path, os.environ) as process:
        process.hurry()
        assert [event.kind for event in process.events()] == ["start", "at"]
