"""From the numbers of all seeds to a verdict.

A test passes when its corrected p is below 5 %, its effect has the expected direction and lies in its band,
and the medians of arms lie in theirs; a slope also needs one regression through the values of all seeds with
a p below 0.1 %. A claim passes when all its tests do. Since all must, the p of a claim is its largest (Berger
1982, doi 10.1080/00401706.1982.10487790); Holm's correction is over the rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from neuromod.analysis.statistics import (
    Floats,
    cliffs_delta,
    equivalence,
    holm_factors,
    median_interval,
    signed_rank,
)
from neuromod.atlas.claim import REPORTED, Claim, Test, seeds_of
from neuromod.atlas.doses import regression_p, slopes

ALPHA = 0.05
REGRESSION_ALPHA = 0.001
"""For one regression over all seeds; not corrected."""
FAMILY = 30
"""Claims that the atlas is made for. Rows that have no p yet count as if nothing had come of them."""
ROUNDING = 1e-12
"""Relative; far below what any measure resolves."""
Verdict = Literal["pass", "fail", "not yet tested", "not run"]
Values = Mapping[str, Floats]
"""Arm -> values (seeds,)."""


@dataclass(frozen=True)
class Outcome:
    """What came out of a test. `changes`: what is tested, one per seed; `regression`: p of a slope over all
    seeds, where there is one.
    """

    test: Test
    values: Values
    changes: Floats
    effect: float
    interval: tuple[float, float]
    delta: float
    p: float
    levels: Mapping[str, float]
    corrected: float = math.nan
    regression: float | None = None

    @property
    def problems(self) -> list[str]:
        """Why it fails; empty where it passes."""
        found = []
        if not self.known:
            found.append("some seeds gave no number")
        if not _within(self.effect, self.test.band):
            found.append(f"effect {self.effect:.3g} outside {shown_band(self.test.band)}")
        for arm, level in self.levels.items():
            if not _within(level, self.test.levels[arm]):
                found.append(f"{arm} {level:.3g} outside {shown_band(self.test.levels[arm])}")
        if not self.corrected < ALPHA:
            found.append(f"corrected p {self.corrected:.2g}")
        if self.regression is not None and not self.regression < REGRESSION_ALPHA:
            found.append(f"regression p {self.regression:.2g}")
        return found

    @property
    def known(self) -> bool:
        """Whether every seed gave a number."""
        return bool(np.isfinite(self.changes).all())

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.problems


@dataclass(frozen=True)
class Row:
    """A claim, its seeds and what came out; `missing`: why there is nothing."""

    claim: Claim
    seeds: Sequence[int]
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    cpu_s: float = 0.0
    missing: Sequence[str] = ()

    @property
    def verdict(self) -> Verdict:
        """What may be said: on other seeds than those fixed beforehand, nothing."""
        if not self.outcomes:
            return "not run"
        if tuple(self.seeds) != seeds_of(REPORTED):
            return "not yet tested"
        return "pass" if all(outcome.passed for outcome in self.outcomes.values()) else "fail"

    @property
    def p(self) -> float:
        """The largest p of its tests; NaN where there is none."""
        return float(np.max([outcome.p for outcome in self.outcomes.values()])) if self.outcomes else math.nan


def judge(test: Test, values: Values) -> Outcome:
    """The outcome of a test, before correction; `values`: of all arms that it names."""
    own = values[test.arm]
    changes = change(test, values)
    effects = own if isinstance(test.against, float) else changes
    if test.expect == "equal":
        low, high = test.band
        p = equivalence(effects, low or 0.0, high or 0.0)
    else:
        p = signed_rank(effects - neutral(test), test.expect)
    other = np.array([test.against]) if isinstance(test.against, float) else test.times * values[test.against]
    levels = {arm: float(np.median(values[arm])) for arm in test.levels}
    effect, interval = float(np.median(effects)), median_interval(effects)
    sloping = test.change == "slope" and test.expect != "equal"
    regression = regression_p(test, values) if sloping else None
    delta = cliffs_delta(own, other)
    return Outcome(test, values, changes, effect, interval, delta, p, levels, regression=regression)


def change(test: Test, values: Values) -> Floats:
    """What a test is about, one number per seed: an arm itself, or how it differs from the other one."""
    own = values[test.arm]
    if isinstance(test.against, float):
        return own
    if test.change == "slope":
        return slopes(test, values)
    other = values[test.against]
    if test.change == "ratio":
        return _divided(own, other)
    if test.whole is not None:
        return _divided(own - other, values[test.whole] - other)
    if test.change == "turn":
        return np.asarray((own - other + 180) % 360 - 180)
    return np.asarray(own - test.times * other)


def neutral(test: Test) -> float:
    """The number that a change is tested against."""
    if isinstance(test.against, float):
        return test.against
    if test.change == "share":
        low, high = test.band
        return (low if test.expect == "more" else high) or 0.0
    return 1.0 if test.change == "ratio" else 0.0


def _divided(own: Floats, other: Floats) -> Floats:
    """own / other; NaN where that is not possible."""
    there = other != 0
    return np.asarray(np.where(there, own / np.where(there, other, 1), math.nan))


def corrected(rows: Sequence[Row]) -> list[Row]:
    """The rows with p corrected for all of them: that of a test for the place of its row."""
    judged = [row for row in rows if row.outcomes]
    known = iter(holm_factors([row.p for row in judged], FAMILY))
    return [_with_factor(row, next(known)) if row.outcomes else row for row in rows]


def _with_factor(row: Row, factor: float) -> Row:
    outcomes = {
        name: replace(outcome, corrected=min(1.0, outcome.p * factor) if outcome.p == outcome.p else math.nan)
        for name, outcome in row.outcomes.items()
    }
    return replace(row, outcomes=outcomes)


def _within(value: float, band: tuple[float | None, float | None]) -> bool:
    """Whether a number lies in a band, its ends included, also where rounding has moved it off an end: the
    mean of 0.525 and 0.675 is 0.6000000000000001.
    """
    low, high = band
    slack = ROUNDING * max(1.0, abs(value))
    above = low is None or value >= low - slack
    below = high is None or value <= high + slack
    return above and below and not math.isnan(value)


def shown_band(band: tuple[float | None, float | None]) -> str:
    """`0.1 to 0.5`, `>= 0.1`, `<= 0.5`."""
    low, high = band
    if low is None or high is None:
        return f">= {low:g}" if low is not None else f"<= {high:g}"
    return f"{low:g} to {high:g}"
