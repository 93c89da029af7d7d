"""Levels of neuromodulators while nothing fires.

A level that is cleared exponentially, with or without a pool that empties into it, has a closed form. Uptake
is stepped as the program does it, until the level rests. A nucleus goes on at its tonic rate: it releases
what is cleared at the resting level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuromod import reference_math
from neuromod.plan.modulator_arrays import flow
from neuromod.plan.network import CompartmentPlan
from neuromod.plan.tonic import cleared, resting_at

Floats = NDArray[np.float64]
AT_REST = 1e-15
"""Relative change in a step below which a level under uptake rests."""
MOST_STEPS = 5_000_000


@dataclass(frozen=True)
class Level:
    """One compartment from the beginning of the silence: `level` and `pool` there, and where it rests.

    `path` and `mids`: levels at the beginning and half-way through each step while uptake moves them.
    """

    plan: CompartmentPlan
    dt: float
    level: float
    pool: float
    rest: float
    rest_pool: float
    path: Floats
    mids: Floats

    def at(self, steps: Floats) -> Floats:
        """Level after so many (also half) steps."""
        if self.plan.held:
            return np.full(steps.shape, self.level)
        if self.plan.uptake is not None:
            return self._along(self.path, steps)
        span = steps * self.dt
        moved = self.rest + (self.level - self.rest) * reference_math.exp(-span / self.plan.decay)
        if self.plan.rise:
            moved = moved + (self.pool - self.rest_pool) * _flow(self.plan, span)
        return np.asarray(reference_math.positive(moved))

    def mid(self, steps: Floats) -> Floats:
        """Level half-way through steps with these numbers."""
        if self.plan.uptake is not None and not self.plan.held:
            return self._along(self.mids, steps)
        return self.at(steps + 0.5)

    def pool_at(self, steps: float) -> float:
        """What has not arrived yet."""
        if not self.plan.rise or self.plan.held:
            return self.pool
        kept = float(reference_math.exp(-steps * self.dt / self.plan.rise)[0])
        return self.rest_pool + (self.pool - self.rest_pool) * kept

    def _along(self, path: Floats, steps: Floats) -> Floats:
        number = steps.astype(np.int64)
        return np.where(number < len(path), path[np.minimum(number, len(path) - 1)], self.rest)


def silent_level(plan: CompartmentPlan, level: float, pool: float, begin: float, dt: float) -> Level:
    """A compartment that has this level (and pool) at `begin` seconds, when the silence begins."""
    rest = level if plan.held else resting_at(plan, begin)
    rest_pool = cleared(plan, rest) * plan.rise if plan.release and not plan.held else 0.0
    path = mids = np.array([level])
    if plan.uptake is not None and not plan.held:
        path, mids = _under_uptake(plan, level, pool - rest_pool, rest, dt)
    return Level(plan, dt, max(0.0, level), pool, rest, rest_pool, path, mids)


def _flow(plan: CompartmentPlan, span: Floats) -> Floats:
    """As `flow`, also after hours: its sum of exponentials where these are far apart."""
    filling, clearance = 1.0 / plan.rise, 1.0 / plan.decay
    apart = 0.5 * (filling - clearance) * span
    near = flow(
        np.full(span.shape, filling), np.full(span.shape, clearance), np.where(abs(apart) < 0.1, span, 0.0)
    )
    slower = reference_math.exp(-clearance * span) - reference_math.exp(-filling * span)
    far = filling * slower / np.where(abs(apart) < 0.1, 1.0, filling - clearance)
    return np.where(abs(apart) < 0.1, near, far)


def _under_uptake(
    plan: CompartmentPlan, level: float, pool: float, rest: float, dt: float
) -> tuple[Floats, Floats]:
    """Levels at the beginning of steps and half-way through them, until they rest; `pool` is beyond its own
    rest.
    """
    assert plan.uptake is not None  # the caller has looked
    vmax, km, source = plan.uptake.vmax, plan.uptake.km, cleared(plan, rest)
    kept, whole, half = 0.0, 0.0, 0.0
    if plan.rise:
        none = np.zeros(1)
        kept = float(reference_math.exp(-dt / plan.rise)[0])
        whole, half = (float(flow(none + 1.0 / plan.rise, none, part * dt)[0]) for part in (1.0, 0.5))
    path, mids = [], []
    for _ in range(MOST_STEPS):
        level = max(0.0, level)
        mid = level + pool * half + 0.5 * dt * (source - vmax * level / (km + level))
        after = level + pool * whole + dt * (source - vmax * mid / (km + mid))
        path.append(level)
        mids.append(mid)
        if abs(after - level) <= AT_REST * rest and abs(pool) <= AT_REST * rest:
            break
        level, pool = after, pool * kept
    return np.array(path), np.array(mids)
