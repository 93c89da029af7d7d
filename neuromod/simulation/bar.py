"""A bar on a terminal."""

from __future__ import annotations

import time

import rich.console
import rich.progress


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
