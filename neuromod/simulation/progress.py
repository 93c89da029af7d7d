"""What the user sees while a run is under way: a bar on a terminal, JSON lines elsewhere, or nothing."""

from __future__ import annotations

import json
import sys
import time
from typing import Protocol, TextIO

import rich.console
import rich.progress


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


class Bar:
    """A bar with simulated time, speed and time left."""

    def __init__(self) -> None:
        self.bar = rich.progress.Progress(
            rich.progress.SpinnerColumn(),
            rich.progress.TextColumn("{task.description}"),
            rich.progress.BarColumn(),
            rich.progress.TextColumn("{task.fields[shown]}"),
            rich.progress.TimeRemainingColumn(),
            console=rich.console.Console(stderr=True),
        )
        self.task = self.bar.add_task("", total=None, shown="")
        self.start = self.began = 0.0
        self.bar.start()

    def phase(self, text: str) -> None:
        """Show the phase."""
        self.bar.update(self.task, description=text, shown="")

    def begin(self, start: float, stop: float) -> None:
        """Start to fill."""
        self.start, self.began = start, time.monotonic()
        self.bar.reset(self.task, total=stop, description="simulating", shown="")

    def at(self, seconds: float) -> None:
        """Fill up to here."""
        speed = (seconds - self.start) / max(time.monotonic() - self.began, 1e-9)
        total = self.bar.tasks[0].total or 0.0
        shown = f"{seconds:.2f} / {total:g} s simulated, {speed:.2f} x real time"
        self.bar.update(self.task, completed=seconds, shown=shown)

    def close(self) -> None:
        """Leave the finished bar on the screen."""
        self.bar.stop()


def default_progress() -> Progress:
    """A bar on a terminal, JSON lines elsewhere."""
    return Bar() if sys.stderr.isatty() else JsonLines()
