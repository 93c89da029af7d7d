"""How a measure answers to the level of a neuromodulator: its slope over arms with different levels.

A level m stands at m / (1 + m), the share of receptors taken that are half taken at the tonic level: nothing
at 0, tonic at 1/2, and all that there could be at 1. A slope is a share of the mean over the levels, so that
0.4 means: from no neuromodulator to as much as there could be, the measure grows by 40 % of its mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy import stats

from neuromod.analysis.statistics import Floats
from neuromod.atlas.claim import Test


def place_of(level: float) -> float:
    """Where a level stands, from 0 to 1."""
    return level / (1 + level)


def slopes(test: Test, values: Mapping[str, Floats]) -> Floats:
    """Least-squares slope of each seed, (seeds,); NaN where a value is not known or their mean is 0."""
    places, measured, mean = _answers(test, values)
    away = places - places.mean()
    return np.asarray(away @ (measured - measured[0]) / (away @ away) / mean)


def regression_p(test: Test, values: Mapping[str, Floats]) -> float:
    """Two-sided p of one regression through all levels of all seeds; NaN where a value is not known."""
    places, measured, mean = _answers(test, values)
    shares = measured / mean
    if not np.isfinite(shares).all():
        return math.nan
    return float(stats.linregress(np.repeat(places, shares.shape[1]), shares.ravel()).pvalue)


def _answers(test: Test, values: Mapping[str, Floats]) -> tuple[Floats, Floats, Floats]:
    """Places (levels,), the measure (levels, seeds), and its mean over the levels (seeds,), NaN for 0."""
    places = np.array([place_of(level) for level in test.doses.values()])
    measured = np.array([values[arm] for arm in test.doses])
    mean = measured.mean(axis=0)
    return places, measured, np.where(mean != 0, mean, math.nan)
