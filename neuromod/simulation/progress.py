"""What the user sees while a run is under way: a bar on a terminal, JSON lines elsewhere, or nothing."""

from __future__ import annotations

import json
import sys
import time
from typing import Protocol, TextIO


class Progress(Protocol):
    """How a run reports; times in simulated seconds."""

    def phase(self, text: str) -> None:
        """A new phase begins (planning, compiling, running, writing)."""

    def begin(self, start: float, stop: float) -> None:
        """Simulation begins at `start` and will end at `stop`."""

    def at(self, seconds: float) -> None:
        """Simulated time has come this far."""

    def close(self) -> None:
        """The run is over."""


class Silent:
    """Says nothing."""

    def phase(self, text: str) -> None:
        """Ignore."""

    def begin(self, start: float, stop: float) -> None:
        """Ignore."""

    def at(self, seconds: float) -> None:
        """Ignore."""

    def close(self) -> None:
        """Ignore."""


class JsonLines:
    """One JSON object per line: phases, and simulated time at most every `interval` seconds."""

    def __init__(self, stream: TextIO | None = None, interval: float = 5.0) -> None:
        self.stream, self.interval = stream or sys.stderr, interval
        self.start = self.stop = 0.0
        self.began = self.last = time.monotonic()

    def _say(self, **fields: object) -> None:
        print(json.dumps(fields), file=self.stream, flush=True)

    def phase(self, text: str) -> None:
        """One line."""
        self._say(event="phase", phase=text)

    def begin(self, start: float, stop: float) -> None:
        """Remember the span."""
        self.start, self.stop = start, stop
        self.began = self.last = time.monotonic()

    def at(self, seconds: float) -> None:
        """One line if the last one is old enough."""
        now = time.monotonic()
        if now - self.last < self.interval and seconds < self.stop:
            return
        self.last = now
        speed = (seconds - self.start) / max(now - self.began, 1e-9)
        left = (self.stop - seconds) / speed if speed > 0 else None
        self._say(
            event="progress", simulated_s=round(seconds, 6), of_s=self.stop, times_real_time=speed, eta_s=left
        )

    def close(self) -> None:
        """Nothing to do."""


def default_progress() -> Progress:
    """A bar on a terminal, JSON lines elsewhere."""
    if not sys.stderr.isatty():
        return JsonLines()
    from neuromod.simulation.bar import Bar  # slow to import

    return Bar()
