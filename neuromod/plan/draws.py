"""Numbers drawn from the distributions of a config, one per neuron or synapse."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from neuromod import reference_math
from neuromod.config.values import Distribution, Value
from neuromod.plan.network import Floats, Numbers
from neuromod.units import Dimension, Quantity, dimension_noun

MAX_ROUNDS = 10_000
FEWEST_KEPT = 0.005
"""Share of the draws that lies inside the bounds, below which drawing again would take for ever."""
BLOCK = 1 << 17
"""Draws at a time: the same numbers, with less memory for what is between."""
TRIAL_DRAWS = 100
TRIAL_ROUNDS = 200


@dataclass(frozen=True)
class Known:
    """A named number that a bound of a distribution may refer to: SI value and dimension."""

    value: Numbers
    dimension: Dimension


@dataclass(frozen=True)
class Spread:
    """A checked distribution in SI units; `a`, `b` as in `config.values.Distribution`, or (size,) each."""

    kind: str
    a: Numbers
    b: Numbers
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False

    def one_sided(self) -> Spread:
        """The same, bounded by 0 on the side that its mean is not on: draws keep the sign."""
        if self.kind != "normal" or isinstance(self.a, np.ndarray) or self.a == 0:
            return self
        return (
            replace(self, low=max(self.low, 0.0)) if self.a > 0 else replace(self, high=min(self.high, 0.0))
        )


def spread_of(
    drawn: Value | Distribution, dimension: Dimension, names: Mapping[str, Known] | None = None
) -> float | Spread:
    """A config's value as an SI number, its distribution as a checked `Spread`.

    Raises:
        ValueError: wrong dimension, unknown name, or bounds and widths that make no distribution.
    """
    if isinstance(drawn, Value):
        return _si(drawn.quantity, dimension)
    a, b = (_bound(bound, dimension, names or {}) for bound in (drawn.a, drawn.b))
    limits = [
        side if bound is None else _si(bound, dimension)
        for bound, side in ((drawn.low, -math.inf), (drawn.high, math.inf))
    ]
    spread = Spread(drawn.kind, a, b, limits[0], limits[1])
    _check(spread)
    return spread


def sample(rng: np.random.Generator, spread: float | Spread, size: int, rounds: int = MAX_ROUNDS) -> Floats:
    """(size,) SI numbers; those outside [low, high] are drawn again.

    Raises:
        ValueError: after `rounds` rounds, or far more draws than numbers, some are still outside the bounds.
    """
    if isinstance(spread, float):
        return np.broadcast_to(spread, size)  # read-only, and one number in memory whatever the size
    values = np.empty(size)
    for first in range(0, size, BLOCK):
        values[first : first + BLOCK] = _draw(rng, spread, np.arange(first, min(first + BLOCK, size)))
    left = rounds * TRIAL_DRAWS + size / FEWEST_KEPT
    for _ in range(rounds):
        outside = _outside(values, spread)
        left -= outside.size
        if not outside.size:
            return values
        if left < 0:
            break
        values[outside] = _draw(rng, spread, outside)
    raise ValueError(
        "got bounds that leave out nearly every draw, allowed are bounds around the bulk of the distribution"
    )


def try_out(spread: float | Spread) -> None:
    """Raise the `ValueError` of `sample` early, for a distribution that is drawn from later."""
    if isinstance(spread, Spread):
        sample(np.random.default_rng(0), spread, TRIAL_DRAWS, TRIAL_ROUNDS)


def _si(quantity: Quantity, dimension: Dimension) -> float:
    if quantity.dimension != dimension:
        raise ValueError(f"got {dimension_noun(quantity.dimension)}, allowed is {dimension_noun(dimension)}")
    return float(quantity.value)


def _bound(bound: Quantity | str, dimension: Dimension, names: Mapping[str, Known]) -> Numbers:
    if isinstance(bound, Quantity):
        return _si(bound, dimension)
    if bound not in names:
        allowed = f"is a quantity or one of {', '.join(sorted(names))}" if names else "is a quantity"
        raise ValueError(f"got the unknown name `{bound}`, allowed {allowed}")
    known = names[bound]
    if known.dimension != dimension:
        raise ValueError(
            f"got `{bound}`, which is {dimension_noun(known.dimension)}, "
            f"allowed is {dimension_noun(dimension)}"
        )
    return known.value


def _check(spread: Spread) -> None:
    if spread.low > spread.high:
        raise ValueError("got `low` above `high`, allowed is low <= high")
    if spread.kind == "uniform" and np.any(np.greater(spread.a, spread.b)):
        raise ValueError("got a lower bound above the upper bound, allowed is uniform: [lower, upper]")
    if spread.kind != "uniform" and np.any(np.less(spread.b, 0)):
        raise ValueError("got a negative standard deviation, allowed is zero or more")
    if spread.kind == "lognormal" and np.any(np.less_equal(spread.a, 0)):
        raise ValueError(
            "got a lognormal distribution whose mean is not positive, allowed is a positive mean"
        )


def _outside(values: Floats, spread: Spread) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where values lie outside the bounds."""
    if spread.low == -math.inf and spread.high == math.inf and not spread.open_low:
        return np.empty(0, np.int64)
    below = values <= spread.low if spread.open_low else values < spread.low
    return np.flatnonzero(below | (values > spread.high))


def _draw(
    rng: np.random.Generator, spread: Spread, where: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> Floats:
    a, b = (part[where] if isinstance(part, np.ndarray) else part for part in (spread.a, spread.b))
    n = where.size
    if spread.kind == "uniform":
        return np.asarray(a + (np.asarray(b) - a) * rng.random(n))
    if spread.kind == "normal":
        return np.asarray(a + np.asarray(b) * rng.standard_normal(n))
    variance = reference_math.log(np.asarray(1.0 + np.square(np.divide(b, a))))
    mean = reference_math.log(np.asarray(a)) - variance / 2
    return np.asarray(reference_math.exp(np.asarray(mean + np.sqrt(variance) * rng.standard_normal(n))))
