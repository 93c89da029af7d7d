"""Random small networks with forced spikes, and their weights in closed form.

Times are NEST's: in ms, multiples of STEP, a spike acts at its time stamp. Two presynaptic cells project onto
two postsynaptic ones; two dopamine cells fire into one pool, whose spikes arrive after `dopamine_delay`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1

import numpy as np

STEP = 0.1
DURATION = 1500.0
SEEDS = range(50)
WINDOWS = ((0.1, 20.0, 20.0), (1.0, 20.0, 34.0), (1.0, 15.0, 20.0), (2.3, 16.8, 33.7), (7.0, 20.0, 20.0))
"""Delay and both STDP windows in ms: networks with the same three share a compiled set of synapses."""
Train = list[float]


@dataclass(frozen=True)
class Network:
    """One network; times in ms; `b`, `low`, `high`: NEST's b, Wmin, Wmax; `weights` (2, 2) by source."""

    pre: tuple[Train, Train]
    post: tuple[Train, Train]
    dopamine: tuple[Train, Train]
    weights: np.ndarray
    delay: float
    dopamine_delay: float
    tau_plus: float
    tau_minus: float
    tau_c: float
    tau_n: float
    A_plus: float
    A_minus: float
    b: float
    low: float
    high: float


def draw(seed: int) -> Network:
    """The network of a seed.

    Half of the networks have b = 0 and, every second one, bounds that are reached. The others have b > 0 and
    bounds out of reach: where n - b changes its sign between two spikes, clipping at different times differs.
    Weights stay far from zero, so that a relative difference says something.
    """
    rng = np.random.default_rng([2010, seed])
    delay, tau_plus, tau_minus = WINDOWS[seed % len(WINDOWS)]
    dopamine_delay = round(float(rng.choice([0.1, 1.0, 3.4])), 1)
    pre = (_train(rng, 25), _train(rng, 25))
    post = tuple(_beside(rng, _train(rng, 25), pre[k], delay) for k in range(2))
    dopamine = tuple(_beside(rng, _train(rng, 8), pre[k], dopamine_delay) for k in range(2))
    last = [round(DURATION - 10.0, 1)]
    above = bool(seed // 5 % 2)
    tight = not above and seed // 10 % 2 == 1
    low, high = (34.5, 35.5) if tight else (-1e4, 1e4)
    tau_n = rng.uniform(50.0, 400.0)
    return Network(
        pre=(sorted({*pre[0], *last}), sorted({*pre[1], *last})),
        post=post,  # type: ignore[arg-type]
        dopamine=dopamine,  # type: ignore[arg-type]
        weights=rng.uniform(34.5, 35.5, (2, 2)),
        delay=delay,
        dopamine_delay=dopamine_delay,
        tau_plus=tau_plus,
        tau_minus=tau_minus,
        tau_c=rng.uniform(100.0, 2000.0),
        tau_n=tau_n,
        A_plus=rng.uniform(0.01, 0.1),
        A_minus=rng.uniform(0.01, 0.1),
        b=rng.uniform(0.5, 2.0) / tau_n if above else 0.0,
        low=low,
        high=high,
    )


def _train(rng: np.random.Generator, count: int) -> Train:
    """Spikes at random steps, a few of them in neighbouring steps."""
    steps = rng.integers(300, round((DURATION - 50) / STEP), count)
    return _ms({*steps.tolist(), *(steps[:2] + 1).tolist()})


def _beside(rng: np.random.Generator, train: Train, other: Train, delay: float) -> Train:
    """The train, and spikes that act in the same step as spikes of `other`, or one step from them."""
    near = {round((time - delay) / STEP) + int(rng.integers(-1, 2)) for time in rng.choice(other, 6)}
    return _ms({*(round(time / STEP) for time in train), *near})


def _ms(steps: set[int]) -> Train:
    return [round(step * STEP, 1) for step in sorted(steps)]


def closed_form(net: Network, source: int, target: int) -> dict[float, float]:
    """Weight of a synapse at each of its presynaptic spikes (time -> weight), from the published equations.

    c' = -c/tau_c, n' = -n/tau_n, w' = c (n - b), solved between events. A presynaptic spike acts at t, a
    postsynaptic one at t + delay, a dopamine spike at t + dopamine_delay. Spikes of both sides that act at
    the same time do not pair.
    """
    events: dict[int, list[str]] = {}
    for kind, trains, shift in (
        ("pre", [net.pre[source]], 0.0),
        ("post", [net.post[target]], net.delay),
        ("dopamine", net.dopamine, net.dopamine_delay),
    ):
        for time in (time for train in trains for time in train):
            events.setdefault(round((time + shift) / STEP), []).append(kind)
    w, c, n, x, y, before = float(net.weights[source, target]), 0.0, 0.0, 0.0, 0.0, 0
    both = 1 / net.tau_c + 1 / net.tau_n
    found = {}
    for step in sorted(events):
        h = (step - before) * STEP
        w -= c * (n / both * expm1(-both * h) - net.b * net.tau_c * expm1(-h / net.tau_c))
        w = min(max(w, net.low), net.high)
        c, n = c * exp(-h / net.tau_c), n * exp(-h / net.tau_n)
        x, y = x * exp(-h / net.tau_plus), y * exp(-h / net.tau_minus)
        kinds, before = events[step], step
        c += net.A_plus * x * ("post" in kinds) - net.A_minus * y * ("pre" in kinds)
        x, y = x + ("pre" in kinds), y + ("post" in kinds)
        n += kinds.count("dopamine") / net.tau_n
        if "pre" in kinds:
            found[round(step * STEP, 1)] = w
    return found
