"""Coupling of the amplitude of a fast rhythm to the phase of a slow one, with surrogates.

Phases are (n,) in rad, amplitudes (n,) in any unit, sampled together at `rate_hz`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, special

from neuromod.analysis.bands import Band, Floats, amplitude, phase
from neuromod.analysis.circular import circular_mean

BINS = 18
PIECE_S = 1.0
"""Shortest piece of the amplitude that a surrogate moves as a whole."""
MEAN_PIECE_S = 1.5
SURROGATES = 200
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Coupling:
    """Modulation index, with what it is without coupling: mean and deviation of the surrogates, `z`, and `p`,
    the share of surrogates that reach it. `preferred_rad`: phase at which the amplitude is large.
    `shares`: (bins,) the part of the amplitude in every bin of phase, from -pi on.
    """

    index: float
    z: float
    p: float
    surrogate_mean: float
    surrogate_deviation: float
    preferred_rad: float
    shares: Floats


@dataclass(frozen=True)
class Comodulogram:
    """Modulation index (phases, amplitudes) for bands around the frequencies, z against the surrogates, and
    the index that the largest of all reaches without coupling in 5 % of cases.
    """

    phase_hz: Floats
    amplitude_hz: Floats
    index: Floats
    z: Floats
    threshold: float


def bin_centres(bins: int = BINS) -> Floats:
    """Phases (bins,) in rad at the middle of the bins."""
    return np.asarray(-np.pi + (np.arange(bins) + 0.5) * 2 * np.pi / bins)


def amplitude_shares(phases: ArrayLike, amplitudes: ArrayLike, bins: int = BINS) -> Floats:
    """Mean amplitude in every bin of phase, as shares (bins,) that add to 1.

    Raises:
        ValueError: a bin holds no sample, or the amplitude vanishes.
    """
    return _shares(_bins_of(phases, bins), np.asarray(amplitudes, np.float64), bins)


def modulation_index(shares: ArrayLike) -> float:
    """Tort's index (2010, doi 10.1152/jn.00106.2010): (log N - entropy) / log N of shares (N,); 0 for equal
    shares, 1 where one bin has all.
    """
    p = np.asarray(shares, np.float64)
    positive = p[p > 0]
    return float(1 + (positive * np.log(positive)).sum() / np.log(p.size))


def couple(
    phases: ArrayLike,
    amplitudes: ArrayLike,
    rate_hz: float,
    rng: np.random.Generator,
    surrogates: int = SURROGATES,
    bins: int = BINS,
    cuts: int | None = None,
) -> Coupling:
    """Coupling of phases and amplitudes, against surrogates whose amplitudes are shifted in time: what the
    two rhythms have alone stays, how they stand to each other does not. See `shifted`, also for `cuts`.

    The index of independent signals is not 0 and falls with their length: compare it with `surrogate_mean`.

    Raises:
        ValueError: less than 3 s of signal, fewer than 2 surrogates, or as `amplitude_shares`.
    """
    index, values = _bins_of(phases, bins), np.asarray(amplitudes, np.float64)
    shares = _shares(index, values, bins)
    orders = shifted(values.size, rate_hz, rng, surrogates, cuts)
    found = modulation_index(shares)
    chance = _chance(index[None], values[None], orders, bins)[:, 0, 0]
    mean, deviation = float(chance.mean()), float(chance.std(ddof=1))
    p = (1 + int((chance >= found).sum())) / (surrogates + 1)
    centre = circular_mean(bin_centres(bins), shares)
    return Coupling(found, (found - mean) / deviation, p, mean, deviation, centre, shares)


def comodulogram(
    values: ArrayLike,
    rate_hz: float,
    rng: np.random.Generator,
    phase_hz: Sequence[float],
    amplitude_hz: Sequence[float],
    surrogates: int = SURROGATES,
    phase_width_hz: float = 2.0,
    amplitude_width_hz: float = 30.0,
) -> Comodulogram:
    """Index for every pair of a slow and a fast band, given by their middles. A fast band must be twice as
    wide as the slow frequency is high, or the modulation is filtered away (Aru 2015,
    doi 10.1016/j.conb.2014.08.002).

    Raises:
        ValueError: it is not; a band does not fit the signal; or as `couple`.
    """
    if amplitude_width_hz < 2 * max(phase_hz):
        raise ValueError(
            f"amplitude_width_hz: got {amplitude_width_hz:g}, need twice {max(phase_hz):g} Hz or more"
        )
    samples = np.asarray(values, np.float64)
    slow = np.array([_bins_of(phase(samples, rate_hz, around(f, phase_width_hz)), BINS) for f in phase_hz])
    fast = np.array([amplitude(samples, rate_hz, around(f, amplitude_width_hz)) for f in amplitude_hz])
    found = np.array([[modulation_index(_shares(i, a, BINS)) for a in fast] for i in slow])
    chance = _chance(slow, fast, shifted(samples.size, rate_hz, rng, surrogates), BINS)
    mean, deviation = chance.mean(axis=0), chance.std(axis=0, ddof=1)
    threshold = float(np.quantile(chance.max(axis=(1, 2)), 0.95, method="higher"))
    return Comodulogram(
        np.asarray(phase_hz), np.asarray(amplitude_hz), found, (found - mean) / deviation, threshold
    )


def around(middle_hz: float, width_hz: float) -> Band:
    """The band of this width around a frequency."""
    return Band(middle_hz - width_hz / 2, middle_hz + width_hz / 2)


def shifted(
    samples: int, rate_hz: float, rng: np.random.Generator, count: int, cuts: int | None = None
) -> Iterator[Ints]:
    """`count` orders (samples,) of the samples of a signal: it is cut at random times into pieces of 1 s or
    more, which are put together in random order.

    One cut is the usual shift by 1 s or more around the end. It is not the default, because a slow rhythm as
    regular as a clock meets the shifted amplitude as before, only at another phase: such a test finds
    nothing, however strong the coupling. Default: pieces of 1.5 s in the mean, each with a shift of its own.

    Raises:
        ValueError: the signal is shorter than 3 s, or fewer than 2 orders are asked for.
    """
    least = round(PIECE_S * rate_hz)
    if samples < 3 * least or count < 2:
        raise ValueError(f"got {samples / rate_hz:g} s and {count} surrogates, need {3 * PIECE_S:g} s and 2")
    pieces = int(samples / rate_hz / MEAN_PIECE_S) if cuts is None else cuts + 1
    return (_pieces_in_random_order(samples, pieces, least, rng) for _ in range(count))


def _pieces_in_random_order(samples: int, pieces: int, least: int, rng: np.random.Generator) -> Ints:
    spare = np.sort(rng.integers(0, samples - pieces * least, pieces - 1, endpoint=True))
    parts = np.split(np.arange(samples), spare + least * np.arange(1, pieces))
    turn = np.arange(pieces)
    while (turn == np.arange(pieces)).all():
        turn = rng.permutation(pieces)
    return np.concatenate([parts[k] for k in turn])


def _bins_of(phases: ArrayLike, bins: int) -> Ints:
    """Number of the bin (n,) of every phase."""
    turns = (np.asarray(phases, np.float64) + np.pi) / (2 * np.pi)
    return np.floor(turns * bins).astype(np.int64) % bins


def _shares(index: Ints, amplitudes: Floats, bins: int) -> Floats:
    counts = np.bincount(index, minlength=bins)
    if not counts.all():
        raise ValueError(f"phases: got no sample in {int((counts == 0).sum())} of {bins} bins, need all")
    means = np.bincount(index, amplitudes, minlength=bins) / counts
    if not means.sum() > 0:
        raise ValueError("amplitudes: got zeros, need a signal")
    return np.asarray(means / means.sum())


def _chance(index: Ints, amplitudes: Floats, orders: Iterable[Ints], bins: int) -> Floats:
    """Indices (orders, slow, fast) of bins (slow, n) with amplitudes (fast, n) in other orders."""
    slow, n = index.shape
    rows = (index + bins * np.arange(slow)[:, None]).ravel()
    columns = np.tile(np.arange(n), slow)
    counts = np.bincount(rows, minlength=slow * bins)
    mean = sparse.csr_array((1 / counts[rows], (rows, columns)), shape=(slow * bins, n))
    columns_first = np.ascontiguousarray(amplitudes.T)
    means = np.array([mean @ columns_first[order] for order in orders]).reshape(
        -1, slow, bins, len(amplitudes)
    )
    p = means / means.sum(axis=2, keepdims=True)
    return np.asarray(1 + special.xlogy(p, p).sum(axis=2) / np.log(bins))
