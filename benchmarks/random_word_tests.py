"""Tests of 32-bit words for the random number battery: each takes words and returns one p-value.

Words are uint64 arrays with values below 2^32, at least 2^22 of them, a multiple of 2^20.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Words = npt.NDArray[np.uint64]


def chi2(observed: npt.ArrayLike, expected: npt.ArrayLike) -> float:
    """p-value of Pearson's test; cells that expect fewer than 10 are merged into their neighbour."""
    o: list[float] = []
    e: list[float] = []
    for seen, due in zip(np.ravel(observed), np.ravel(expected), strict=True):
        if e and e[-1] < 10.0:
            o[-1] += seen
            e[-1] += due
        else:
            o.append(seen)
            e.append(due)
    if e[-1] < 10.0:
        o[-2:], e[-2:] = [sum(o[-2:])], [sum(e[-2:])]
    statistic = sum((a - b) ** 2 / b for a, b in zip(o, e, strict=True))
    return float(stats.chi2.sf(statistic, len(e) - 1))


def two_sided(z: float) -> float:
    return float(2.0 * stats.norm.sf(abs(z)))


def poisson_p(count: float, mean: float) -> float:
    """Mid-p of a Poisson count: near 0 for too many, near 1 for too few."""
    return float(stats.poisson.sf(count, mean) + 0.5 * stats.poisson.pmf(count, mean))


def flat(values: npt.NDArray[np.int64], cells: int) -> float:
    return chi2(np.bincount(values, minlength=cells), np.full(cells, values.size / cells))


def byte_frequency(w: Words) -> float:
    return flat(w.astype(np.uint32).view(np.uint8).astype(np.int64), 256)


def kolmogorov(w: Words) -> float:
    return float(stats.kstest((w + 0.5) * 2.0**-32, "uniform", method="asymp").pvalue)


def serial_pairs(w: Words) -> float:
    top = (w >> np.uint64(24)).astype(np.int64)
    return flat(top[::2] * 256 + top[1::2], 65536)


def correlation(w: Words) -> float:
    """Sum of the squared lag correlations at lags 1 to 16, and 64, 1800 (450 blocks), 4096."""
    u = (w + 0.5) * 2.0**-32 - 0.5
    lags = [*range(1, 17), 64, 1800, 4096]
    z = [float(np.dot(u[:-lag], u[lag:])) * 12.0 / np.sqrt(u.size - lag) for lag in lags]
    return float(stats.chi2.sf(np.sum(np.square(z)), len(lags)))


def bits(w: Words) -> npt.NDArray[np.uint8]:
    return np.unpackbits(w.astype(">u4").view(np.uint8)).reshape(-1, 32)


def each_bit(w: Words) -> float:
    ones = bits(w).sum(axis=0, dtype=np.int64)
    return float(stats.chi2.sf(np.sum((2.0 * ones - w.size) ** 2 / w.size), 32))


def bit_pairs(w: Words) -> float:
    """Agreement of every bit with every bit of the next word (1024 pairs)."""
    signs = bits(w[: 1 << 21]).astype(np.float32) * 2.0 - 1.0
    sums = signs[:-1].T.astype(np.float64) @ signs[1:].astype(np.float64)
    return float(stats.chi2.sf(np.sum(sums**2) / (signs.shape[0] - 1), 1024))


def runs(w: Words) -> float:
    """Number of runs of words above and below one half."""
    high = w >= 1 << 31
    changes = np.count_nonzero(high[1:] != high[:-1])
    return two_sided((changes - (w.size - 1) / 2) / np.sqrt((w.size - 1) / 4))


def gaps(w: Words) -> float:
    """Lengths between visits to the lowest sixteenth are geometric."""
    visits = np.flatnonzero(w < 1 << 28)
    lengths = np.minimum(np.diff(visits) - 1, 150)
    share = (1 / 16) * (15 / 16) ** np.arange(151)
    share[150] = (15 / 16) ** 150
    return chi2(np.bincount(lengths, minlength=151), share * lengths.size)


def poker(w: Words) -> float:
    """Number of different values among the eight hexadecimal digits of a word."""
    digits = np.stack([(w >> np.uint64(4 * k)) & np.uint64(15) for k in range(8)], axis=1)
    seen = np.zeros(w.size, dtype=np.uint64)
    for k in range(8):
        seen |= np.uint64(1) << digits[:, k]
    different = np.bitwise_count(seen).astype(np.int64)
    stirling = [0, 1, 127, 966, 1701, 1050, 266, 28, 1]
    share = [special.poch(17 - k, k) * stirling[k] / 16.0**8 if k else 0.0 for k in range(9)]
    return chi2(np.bincount(different, minlength=9)[1:], np.array(share[1:]) * w.size)


def birthday_spacings(w: Words) -> float:
    """Repeated spacings of 4096 birthdays in 2^32 days (Poisson of mean 4 per year)."""
    years = w[: w.size // 4096 * 4096].reshape(-1, 4096)
    spacings = np.sort(np.diff(np.sort(years, axis=1), axis=1), axis=1)
    repeated = int(np.count_nonzero(spacings[:, 1:] == spacings[:, :-1]))
    return poisson_p(repeated, 4.0 * years.shape[0])


def collisions(w: Words) -> float:
    """Equal words among 2^20 (Poisson of mean 128, less the rare triples)."""
    sets = w.reshape(-1, 1 << 20)
    equal = sum((1 << 20) - np.unique(row).size for row in sets)
    expected = (1 << 20) - 2.0**32 * -np.expm1((1 << 20) * np.log1p(-(2.0**-32)))
    return poisson_p(equal, expected * sets.shape[0])


def rank_share(rank: int, size: int = 32) -> float:
    """Share of the random size x size matrices over GF(2) that have this rank."""
    i = np.arange(rank)
    ways = (1.0 - 2.0 ** (i - float(size))) ** 2 / (1.0 - 2.0 ** (i - float(rank)))
    return float(2.0 ** (rank * (2 * size - rank) - size * size) * np.prod(ways))


def matrix_rank(w: Words) -> float:
    """Ranks of 32 x 32 matrices over GF(2)."""
    rows = w[: 40_000 * 32].reshape(-1, 32).copy()
    rank = np.zeros(rows.shape[0], dtype=np.int64)
    used = np.zeros(rows.shape, dtype=bool)
    for column in range(32):
        has = ((rows >> np.uint64(column)) & np.uint64(1)).astype(bool)
        free = has & ~used
        pivot = free.argmax(axis=1)
        found = free.any(axis=1)
        value = np.where(found, rows[np.arange(rank.size), pivot], np.uint64(0))
        has[np.arange(rank.size), pivot] = False
        rows ^= np.where(has & found[:, None], value[:, None], np.uint64(0))
        used[np.arange(rank.size), pivot] |= found
        rank += found
    full, one_less = rank_share(32), rank_share(31)
    observed = [np.count_nonzero(rank == 32), np.count_nonzero(rank == 31), np.count_nonzero(rank < 31)]
    return chi2(observed, np.array([full, one_less, 1.0 - full - one_less]) * rank.size)


WORD_TESTS: dict[str, Callable[[Words], float]] = {
    "bytes, chi2": byte_frequency,
    "uniform, Kolmogorov-Smirnov": kolmogorov,
    "serial pairs, chi2": serial_pairs,
    "correlation, 19 lags": correlation,
    "each bit": each_bit,
    "bit pairs": bit_pairs,
    "runs": runs,
    "gaps": gaps,
    "poker": poker,
    "birthday spacings": birthday_spacings,
    "collisions": collisions,
    "matrix rank": matrix_rank,
}
