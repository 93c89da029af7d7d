"""Statistics of paired values, one per seed. Nothing here draws at random but the bootstrap, whose seed is
fixed, so that equal values have equal statistics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]
Side = Literal["more", "less"]
DRAWS = 10_000
CONFIDENCE = 0.95


def signed_rank(differences: ArrayLike, side: Side) -> float:
    """One-sided p of Wilcoxon's signed-rank test (1945, doi 10.2307/3001968), exact also with ties: the share
    of all assignments of signs whose ranks of one sign sum up to as much. Differences of zero are left out.

    `differences`: (n,). NaN where one is not known; 1 where all are zero.
    """
    values = np.asarray(differences, np.float64)
    if np.isnan(values).any():
        return float("nan")
    values = values[values != 0] if side == "more" else -values[values != 0]
    doubled = np.rint(2 * stats.rankdata(np.abs(values))).astype(np.int64)
    ways = np.ones(1)
    for rank in doubled:
        moved = np.concatenate([np.zeros(rank), ways])
        ways = (moved + np.concatenate([ways, np.zeros(rank)])) / 2
    return float(ways[int(doubled[values > 0].sum()) :].sum())


def equivalence(values: ArrayLike, low: float, high: float) -> float:
    """p of two one-sided signed-rank tests: that the values do not lie around a number from `low` to `high`
    (Schuirmann 1987, doi 10.1007/BF01068419).
    """
    known = np.asarray(values, np.float64)
    return max(signed_rank(known - low, "more"), signed_rank(known - high, "less"))


def median_interval(values: ArrayLike, draws: int = DRAWS) -> tuple[float, float]:
    """95 % interval of the median by the percentile bootstrap; (NaN, NaN) where a value is not known."""
    known = np.asarray(values, np.float64)
    if not known.size or np.isnan(known).any():
        return float("nan"), float("nan")
    picked = np.random.default_rng(0).integers(0, known.size, (draws, known.size))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.median(known[picked], axis=1), [tail, 1 - tail])
    return float(low), float(high)


def cliffs_delta(one: ArrayLike, other: ArrayLike) -> float:
    """How much more often a value of `one` is larger than one of `other` than smaller: from -1 to 1 (Cliff
    1993, doi 10.1037/0033-2909.114.3.494). NaN where a value is not known.
    """
    apart = np.asarray(one, np.float64)[:, None] - np.asarray(other, np.float64)[None, :]
    return float("nan") if np.isnan(apart).any() else float(np.sign(apart).mean())


def holm(p: Sequence[float], family: int | None = None) -> list[float]:
    """Adjusted p of a family of tests (Holm 1979, https://www.jstor.org/stable/4615733). `family`: its size,
    where there are more tests than those of which p is known; these count as if nothing had come of them.
    """
    return [min(1.0, value * factor) for value, factor in zip(p, holm_factors(p, family), strict=True)]


def holm_factors(p: Sequence[float], family: int | None = None) -> list[float]:
    """By how much Holm's correction multiplies each p, also where it comes to more than 1. NaN is 1."""
    known = np.nan_to_num(np.asarray(p, np.float64), nan=1.0)
    size = max(len(known), family or 0)
    factors, highest = [float(size)] * len(known), 0.0
    for place, k in enumerate(np.argsort(known, kind="stable")):
        highest = max(highest, float(known[k]) * (size - place))
        factors[k] = highest / float(known[k]) if known[k] > 0 else float(size - place)
    return factors
