"""Signals whose rhythms are known, for tests: sampled at 1 kHz."""

from __future__ import annotations

import numpy as np

RATE = 1000.0


def pink(rng: np.random.Generator, seconds: float, exponent: float = 1.0) -> np.ndarray:
    """Noise of unit variance whose power falls as 1/f^exponent."""
    count = round(seconds * RATE)
    frequencies = np.fft.rfftfreq(count, 1 / RATE)
    frequencies[0] = frequencies[1]
    draws = rng.normal(size=frequencies.size) + 1j * rng.normal(size=frequencies.size)
    values = np.fft.irfft(draws * frequencies ** (-exponent / 2), count)
    return values / values.std()


def wandering_phase(rng: np.random.Generator, seconds: float, hertz: float, jitter: float) -> np.ndarray:
    """Phase in rad of a rhythm whose phase diffuses: `jitter` is its deviation after 1 s."""
    steps = 2 * np.pi * hertz / RATE + jitter * rng.normal(size=round(seconds * RATE)) / np.sqrt(RATE)
    return np.cumsum(steps)


def coupled(
    rng: np.random.Generator,
    seconds: float,
    *,
    slow: float = 7.0,
    fast: float = 50.0,
    depth: float = 0.7,
    preferred: float = -2.0,
    jitter: float = 0.5,
    noise: float = 0.02,
) -> np.ndarray:
    """cos(phi) + a(phi) cos(2 pi fast t) with a = 1 + depth cos(phi - preferred), and a little pink noise."""
    phi = wandering_phase(rng, seconds, slow, jitter)
    time = np.arange(phi.size) / RATE
    envelope = 1 + depth * np.cos(phi - preferred)
    return np.cos(phi) + 0.5 * envelope * np.cos(2 * np.pi * fast * time) + noise * pink(rng, seconds)


def true_index(depth: float, bins: int = 18, points: int = 20_000) -> float:
    """Modulation index of the envelope 1 + depth cos(phi), integrated over `points` in each bin."""
    phi = -np.pi + (np.arange(bins * points) + 0.5) * 2 * np.pi / (bins * points)
    envelope = (1 + depth * np.cos(phi)).reshape(bins, -1).mean(axis=1)
    share = envelope / envelope.sum()
    return float(np.sum(share * np.log(share * bins)) / np.log(bins))


def mixed(
    rng: np.random.Generator, seconds: float, squared: float, lag: float
) -> tuple[np.ndarray, np.ndarray]:
    """White noises of coherence `squared` at all frequencies, whose common part comes in the second `lag` s
    later.
    """
    count, shift = round(seconds * RATE), round(lag * RATE)
    common = rng.normal(size=count + shift)
    mix = np.sqrt(squared) ** 0.5, (1 - np.sqrt(squared)) ** 0.5
    first = mix[0] * common[shift:] + mix[1] * rng.normal(size=count)
    second = mix[0] * common[:count] + mix[1] * rng.normal(size=count)
    return first, second
