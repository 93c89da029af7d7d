"""Occupancy of receptors by Hill's equation: statements of a program, and numbers by the same operations.

Hill coefficients of 1, 1.5 and 2 need no logarithm, unless a receptor has several in different regions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from neuromod import reference_math
from neuromod.plan.network import Floats, ReceptorDrive

LOWEST, HIGHEST = 1e-9, 1e9
"""Levels are limited to this range."""
_POWERS: dict[float, tuple[str, Callable[[Floats], Floats]]] = {
    1.0: ("{x}", lambda x: x),
    1.5: ("{x}*sqrt({x})", lambda x: x * np.sqrt(x)),
    2.0: ("{x}*{x}", lambda x: x * x),
}


def plain_power(coefficients: Iterable[float]) -> float | None:
    """The Hill coefficient of all regions where it needs no logarithm, else None."""
    found = set(coefficients)
    return found.pop() if len(found) == 1 and found <= _POWERS.keys() else None


def signed_drive(receptor: str, modulator: str, name: str, power: float | None) -> list[str]:
    """Statements that end in `name`: occupancy of the free receptors against that at the level 1."""
    ratio, bound, excess = f"ratio_{receptor}", f"bound_{receptor}", f"excess_{receptor}"
    raised = f"exp(hill_{receptor}*log({ratio}))" if power is None else _POWERS[power][0].format(x=ratio)
    return [
        f"{ratio} = clip(mid_{modulator}, {LOWEST!r}, {HIGHEST!r})/K_{receptor}",
        f"{bound} = {raised}",
        f"{excess} = free_{receptor}*({bound}/(1.0 + {bound})) - tonic_occupancy_{receptor}",
        f"{name} = positive({excess})*rise_{receptor} - positive(-{excess})*fall_{receptor}",
    ]


def occupancy(level: float, K: float, n: float, power: float | None) -> float:
    """Share of receptors that are bound at a level; `power` as `plain_power` finds it."""
    ratio = reference_math.clip(level, LOWEST, HIGHEST) / K
    bound = reference_math.exp(n * reference_math.log(ratio)) if power is None else _POWERS[power][1](ratio)
    return float((bound / (1.0 + bound))[0])


def tonic_occupancy(entry: ReceptorDrive, power: float | None) -> float:
    """Occupancy at the level 1, whose drive is exactly 0."""
    return occupancy(1.0, entry.K, entry.n, power)


def drive(entry: ReceptorDrive, level: float, power: float | None) -> float:
    """Signed drive of a receptor at a constant level."""
    tonic = tonic_occupancy(entry, power)
    excess = (1.0 - entry.block) * occupancy(level, entry.K, entry.n, power) - tonic
    return excess / (1.0 - tonic) if excess > 0 else excess / tonic
