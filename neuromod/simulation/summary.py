"""What came of a run, in a few lines: rates against targets, where the files are, what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from neuromod.analysis.targets import PopulationRate


@dataclass(frozen=True)
class Behaviour:
    """A task in a few numbers: trials that ended, share of correct choices among the first and the last
    `window` of them (None without actions), omissions, and the mean outcome.
    """

    trials: int
    window: int
    first: float | None
    last: float | None
    omissions: int
    outcome: float

    def line(self) -> str:
        """The numbers in words."""
        text = f"  {self.trials} trials, mean outcome {self.outcome:.2f}"
        if self.first is not None and self.last is not None:
            text += f", correct {self.first:.0%} of the first {self.window}"
            text += f" and {self.last:.0%} of the last {self.window}"
            text += f", {self.omissions} without a choice" if self.omissions else ""
        return text


@dataclass
class RunSummary:
    """Where a run is, what it cost (wall seconds by phase), and what should be said about it."""

    directory: Path
    results: Path
    backend: str
    built: bool
    simulated_s: float
    seconds: dict[str, float]
    rates: tuple[PopulationRate, ...] = ()
    notices: list[str] = field(default_factory=list)
    behaviour: Behaviour | None = None

    def lines(self) -> list[str]:
        """The summary as text."""
        speed = self.simulated_s / max(self.seconds["simulate"], 1e-9)
        built = f"compiled in {self.seconds['build']:.1f} s, " if self.built else ""
        return [
            f"{self.simulated_s:g} s simulated in {self.seconds['simulate']:.2f} s "
            f"({built}{speed:.1f} x real time, backend {self.backend})",
            *rate_table(self.rates),
            *([self.behaviour.line()] if self.behaviour else []),
            *(f"note: {notice}" for notice in self.notices),
            f"results: {self.results}",
            f"next: neuromod plot {self.directory}",
        ]


def rate_table(rates: Sequence[PopulationRate]) -> list[str]:
    """One line per population: rate, target, verdict."""
    width = max((len(rate.population) for rate in rates), default=0)
    lines = []
    for rate in rates:
        target = f"target {rate.target[0]:g}-{rate.target[1]:g} Hz" if rate.target else ""
        lines.append(
            f"  {rate.population.ljust(width)} {rate.hz:8.2f} Hz  {target:22s} {rate.verdict}".rstrip()
        )
    return lines
