"""Statistics of angles, in rad. `angles`: (n,) float64, of any multiple of 2 pi."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
LEAST_LENGTH = 0.45
"""Watson and Williams' approximation needs groups that are at least so concentrated."""


def circular_mean(angles: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Direction of the mean vector, from -pi to pi; NaN where the vectors cancel or there are none."""
    vector = _vector(angles, weights)
    return float(np.angle(vector)) if abs(vector) > 1e-12 else float("nan")


def resultant_length(angles: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Length of the mean vector: 0 for angles all around, 1 for equal ones; NaN where there are none."""
    return float(abs(_vector(angles, weights)))


def difference(first: ArrayLike, second: ArrayLike) -> Floats:
    """first - second, from -pi (included) to pi."""
    turned = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    return np.asarray((turned + np.pi) % (2 * np.pi) - np.pi)


def rayleigh(angles: ArrayLike) -> float:
    """p of the Rayleigh test: the chance that independent, uniform angles have so long a mean vector.

    Approximation of Wilkie 1983 (doi 10.2307/2347954), good to about 0.001 from n = 10 on. Spikes of a burst
    are not independent: p is then too small. NaN where there are no angles.
    """
    n = np.size(angles)
    if not n:
        return float("nan")
    length = n * resultant_length(angles)
    return float(min(1.0, np.exp(np.sqrt(1 + 4 * n + 4 * (n**2 - length**2)) - (1 + 2 * n))))


def watson_williams(groups: Sequence[ArrayLike]) -> tuple[float, float]:
    """F and p for equal mean directions of two or more groups with the same concentration (Zar,
    Biostatistical Analysis, ch. 27; Berens 2009, doi 10.18637/jss.v031.i10).

    Raises:
        ValueError: fewer than two groups, an empty one, or vectors so short (< 0.45) that the approximation
        fails; `permutation_test` has no such limit.
    """
    sizes, lengths, whole = _lengths(groups)
    total, count = sizes.sum(), len(sizes)
    mean = lengths.sum() / total
    if mean < LEAST_LENGTH:
        raise ValueError(f"groups: got a mean vector length of {mean:.2f}, need {LEAST_LENGTH} or more")
    spread = total - lengths.sum()
    if total <= count or spread <= 0:
        raise ValueError("groups: got no spread within the groups, need some")
    factor = 1 + 3 / (8 * concentration(float(mean)))
    statistic = factor * (total - count) * (lengths.sum() - whole) / ((count - 1) * spread)
    return float(statistic), float(stats.f.sf(statistic, count - 1, total - count))


def permutation_test(groups: Sequence[ArrayLike], rng: np.random.Generator, draws: int = 2000) -> float:
    """p for equal directions of groups, of any concentration: how often the vectors of the groups are as
    long, together, when angles are dealt out anew.

    Raises:
        ValueError: fewer than two groups, or an empty one.
    """
    sizes, lengths, _ = _lengths(groups)
    vectors = np.exp(1j * np.concatenate([np.asarray(group, np.float64) for group in groups]))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    found = [np.abs(np.add.reduceat(rng.permutation(vectors), starts)).sum() for _ in range(draws)]
    return (1 + int(np.sum(np.array(found) >= lengths.sum() * (1 - 1e-12)))) / (draws + 1)


def concentration(length: float) -> float:
    """kappa of the von Mises distribution whose mean vector has this length: I1(kappa)/I0(kappa) = length.

    Raises:
        ValueError: the length is not from 0 to less than 1.
    """
    if not 0 <= length < 1:
        raise ValueError(f"length: got {length:g}, need from 0 to less than 1")
    low, high = 0.0, 1 / (1 - length) + 1
    for _ in range(60):
        middle = (low + high) / 2
        short = special.i1e(middle) / special.i0e(middle) < length
        low, high = (middle, high) if short else (low, middle)
    return (low + high) / 2


def _vector(angles: ArrayLike, weights: ArrayLike | None) -> complex:
    vectors = np.exp(1j * np.asarray(angles, np.float64))
    if not vectors.size:
        return complex("nan")
    share = np.ones(vectors.size) if weights is None else np.asarray(weights, np.float64)
    return complex((share * vectors).sum() / share.sum())


def _lengths(groups: Sequence[ArrayLike]) -> tuple[NDArray[np.int64], Floats, float]:
    """Sizes of the groups, lengths of the sums of their vectors, and length of the sum of all."""
    sizes = np.array([np.size(group) for group in groups], np.int64)
    if len(groups) < 2 or not sizes.all():
        raise ValueError(f"groups: got sizes {sizes.tolist()}, need two or more groups with angles")
    sums = np.array([np.exp(1j * np.asarray(group, np.float64)).sum() for group in groups])
    return sizes, np.abs(sums), float(abs(sums.sum()))
