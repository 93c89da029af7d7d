"""What plasticity rules follow besides spikes: levels of neuromodulators, drives of receptors, a phase.

Levels are closed forms between pulses. A pulse of step n arrives at its end, so the level at t_(n+1) is the
first one with it; a negative one empties a level and no more. Step n sees the level half-way through it,
without that pulse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np


@dataclass(frozen=True)
class Receptor:
    """Hill receptor with half occupancy at level K."""

    K: float
    n: float

    def rho(self, level: np.ndarray | float) -> np.ndarray:
        """Signed drive: 0 at level 1, in [-1, 1]."""
        level = np.asarray(level, dtype=np.float64)
        occupied, tonic = (np.power(m, self.n) / (np.power(m, self.n) + self.K**self.n) for m in (level, 1.0))
        return (occupied - tonic) / np.where(occupied >= tonic, 1.0 - tonic, tonic)


@dataclass(frozen=True)
class Modulator:
    """A level that relaxes to `tonic` with `decay` (s); pulses as (step, amount)."""

    tonic: float = 1.0
    decay: float = 0.2
    pulses: tuple[tuple[int, float], ...] = ()
    receptors: Mapping[str, Receptor] = field(default_factory=dict)

    def level(self, steps: np.ndarray, dt: float, later: float = 0.0) -> np.ndarray:
        """Levels at the beginning of `steps`, and `later` steps later without further pulses."""
        at, above = _anchors(self.pulses, self.tonic, dt / self.decay)
        last = np.searchsorted(at, steps, side="right") - 1
        return self.tonic + above[last] * np.exp(-(steps - at[last] + later) * dt / self.decay)


@lru_cache(maxsize=16)
def _anchors(
    pulses: tuple[tuple[int, float], ...], tonic: float, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Steps that begin with a new level, and how far above the tonic one it is."""
    at, above = [0], [0.0]
    for step, amount in sorted(pulses, key=lambda pulse: pulse[0]):
        above.append(max(above[-1] * np.exp(-(step + 1 - at[-1]) * rate) + amount, -tonic))
        at.append(step + 1)
    return np.array(at), np.array(above)


@dataclass(frozen=True)
class Signals:
    """The names of one rule: `m` of the named modulator, rho_R of all, the phase of a pacemaker (Hz, rad)."""

    dt: float
    modulators: Mapping[str, Modulator] = field(default_factory=dict)
    followed: str | None = None
    pacemaker: tuple[float, float] | None = None

    def during(self, start: int, stop: int) -> dict[str, np.ndarray]:
        """Values (stop - start,) that steps [start, stop) see."""
        steps = np.arange(start, stop)
        return self._named(lambda modulator: modulator.level(steps, self.dt, 0.5)) | self._phase(steps)

    def before(self, step: int) -> dict[str, np.ndarray]:
        """Values that a tick at t_step sees: those of the step before it, at first the initial ones."""
        if step > 0:
            return {name: values[0] for name, values in self.during(step - 1, step).items()}
        return self._named(lambda modulator: np.float64(modulator.tonic)) | self._phase(np.float64(0))

    def _named(self, level_of) -> dict[str, np.ndarray]:
        names = {}
        for name, modulator in self.modulators.items():
            level = level_of(modulator)
            names |= {f"rho_{key}": receptor.rho(level) for key, receptor in modulator.receptors.items()}
            if name == self.followed:
                names["m"] = level
        return names

    def _phase(self, steps: np.ndarray) -> dict[str, np.ndarray]:
        if self.pacemaker is None:
            return {}
        frequency, phase = self.pacemaker
        angle = phase + 2 * np.pi * frequency * self.dt * steps
        return {"cos_phi": np.cos(angle), "sin_phi": np.sin(angle)}
