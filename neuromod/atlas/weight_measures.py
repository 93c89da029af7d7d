"""Measures of what was learned: changes of recorded weights."""

from __future__ import annotations

import numpy as np

from neuromod.store.reader import Floats, Results


def weight_change(results: Results, *, projection: str, beside: str = "") -> float:
    """Mean change of the recorded weights of a projection over the run, as a share of their mean at the
    start; less that of the projection `beside`.
    """
    weights = results.weights(projection)[1]
    own = float((weights[-1] - weights[0]).mean() / weights[0].mean())
    return own - weight_change(results, projection=beside) if beside else own


def channel_change(results: Results, *, projection: str, channel: int, channels: int) -> float:
    """Mean change of the weights onto one channel of the target over the run, as a share of their mean at the
    start.
    """
    return float(_changes(results, projection, channels)[channel])


def cosine_amplitude(results: Results, *, projection: str, channels: int) -> float:
    """Amplitude of the cosine that fits the changes of all channels (`channel_change`) best, where the
    channels stand for phases all around a cycle.
    """
    return amplitude(_changes(results, projection, channels))


def amplitude(around: Floats) -> float:
    """Amplitude of the cosine that fits values (n,) at equal steps all around a cycle best."""
    angles = 2 * np.pi * np.arange(around.size) / around.size
    return float(2 * abs(np.mean(around * np.exp(1j * angles))))


def _changes(results: Results, projection: str, channels: int) -> Floats:
    weights, target = results.weights(projection)[1], results.synapses(projection).target
    population = results.provenance().projections[projection].target
    channel = target // (results.provenance().populations[population].size // channels)
    change, begin = weights[-1] - weights[0], weights[0]
    return np.array([change[channel == k].mean() / begin[channel == k].mean() for k in range(channels)])
