"""Rates of populations against the ranges that they are meant to be in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PopulationRate:
    """Mean rate of a population over a run, in Hz, and the range it is meant to be in."""

    population: str
    hz: float
    target: tuple[float, float] | None

    @property
    def verdict(self) -> str:
        """`ok`, `low` or `high` against the target; empty without one."""
        if self.target is None:
            return ""
        low, high = self.target
        return "low" if self.hz < low else "high" if self.hz > high else "ok"
