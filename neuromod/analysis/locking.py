"""Spikes and the phase of a field: locking, pairwise phase consistency, spike-field coherence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from neuromod.analysis.bands import Floats
from neuromod.analysis.circular import circular_mean, rayleigh, resultant_length
from neuromod.analysis.coherence import Coherence, coherence, derangements


@dataclass(frozen=True)
class Locking:
    """Phase of the field at `spikes` spikes: mean in rad, length of the mean vector (biased by 1/sqrt(n)), p
    of the Rayleigh test, and pairwise phase consistency (not biased). NaN where there are too few spikes.
    """

    spikes: int
    phase_rad: float
    length: float
    p: float
    consistency: float


def phases_at(times_ms: ArrayLike, phases: ArrayLike, start_ms: float, rate_hz: float) -> Floats:
    """Phase (n,) in rad at times (n,) in ms, of a phase (samples,) whose first sample is at `start_ms`;
    between samples along the shorter way. Times outside the samples are left out.
    """
    unwrapped = np.unwrap(np.asarray(phases, np.float64))
    at = (np.asarray(times_ms, np.float64) - start_ms) * 1e-3 * rate_hz
    inside = (at >= 0) & (at <= unwrapped.size - 1)
    turned = np.interp(at[inside], np.arange(unwrapped.size), unwrapped)
    return np.asarray((turned + np.pi) % (2 * np.pi) - np.pi)


def lock(phases: ArrayLike) -> Locking:
    """Locking of spikes at these phases (n,) in rad."""
    return Locking(
        np.size(phases),
        circular_mean(phases),
        resultant_length(phases),
        rayleigh(phases),
        pairwise_consistency(phases),
    )


def pairwise_consistency(phases: ArrayLike) -> float:
    """Mean cosine of the difference of all pairs of phases (Vinck 2010, doi
    10.1016/j.neuroimage.2010.01.073): its mean is the squared length of the mean vector, whatever the number
    of spikes. NaN for fewer than two.
    """
    n = np.size(phases)
    if n < 2:
        return float("nan")
    total = abs(np.exp(1j * np.asarray(phases, np.float64)).sum()) ** 2
    return float((total - n) / (n * (n - 1)))


def shuffled_consistency(
    phases: ArrayLike,
    spikes: Sequence[ArrayLike],
    rng: np.random.Generator,
    draws: int = 200,
) -> Floats:
    """Pairwise phase consistency (draws,) of the spikes of each trial with the field of another trial.

    `phases`: (trials, samples) in rad. `spikes`: of each trial, the samples (n,) at which there were spikes.
    What remains comes from the beginning of the trials, such as a stimulus or a common, steady rhythm.

    Raises:
        ValueError: fewer than two trials, or other numbers of trials of spikes and phases.
    """
    fields = np.asarray(phases, np.float64)
    if len(fields) != len(spikes):
        raise ValueError(f"got {len(fields)} trials of phases and {len(spikes)} of spikes, need as many")
    trial = np.repeat(np.arange(len(spikes)), [np.size(part) for part in spikes])
    sample = np.concatenate([np.asarray(part, np.int64) for part in spikes])
    orders = derangements(len(fields), rng, draws)
    return np.array([pairwise_consistency(fields[order[trial], sample]) for order in orders])


def spike_field_coherence(
    times_ms: ArrayLike, field: ArrayLike, start_ms: float, rate_hz: float, window_s: float = 2.0
) -> Coherence:
    """Coherence of the spike count in the bins of a field (n,), whose first bin begins at `start_ms`, with
    the field. It grows with the number of spikes: compare only what has equal rates. Errors: as `coherence`.
    """
    samples = np.asarray(field, np.float64)
    edges = start_ms + np.arange(samples.size + 1) * 1e3 / rate_hz
    # A spike at k * dt may stand a rounding error below the edge that it lies on: it goes to the later bin.
    counts = np.histogram(np.asarray(times_ms, np.float64) + 1e-9, edges)[0].astype(np.float64)
    return coherence(counts, samples, rate_hz, window_s)
