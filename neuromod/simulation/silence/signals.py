"""Levels, drives of receptors and phases in chosen silent steps: what rules and effects follow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from neuromod import reference_math
from neuromod.library.numerics import assignment
from neuromod.plan.fused import FusedPlan
from neuromod.plan.groups import PACEMAKERS
from neuromod.plan.modulators import (
    REGIONS,
    drive_of,
    has_messenger,
    modulators,
    owner,
    regions,
    rows_by,
    used_receptors,
)
from neuromod.simulation.silence.levels import Floats, Level, silent_level

Steps = NDArray[np.int64]
Table = dict[str, Floats]
"""`group.variable` -> values (steps, elements)."""
_NODES = np.array([-0.906179845938664, -0.5384693101056831, 0.0, 0.5384693101056831, 0.906179845938664])
_WEIGHTS = np.array(
    [0.23692688505618908, 0.47862867049936647, 0.5688888888888889, 0.47862867049936647, 0.23692688505618908]
)
"""Gauss and Legendre, exact for polynomials of degree 9."""
LONGEST = 30.0
"""Time constants that a messenger is followed by powers of what it keeps, which must not overflow."""


class Signals:
    """Everything that modulators and pacemakers do from the step `begin` on while nothing fires.

    Messengers are followed from block to block, so blocks must come in order.
    """

    def __init__(self, fused: FusedPlan, arrays: Mapping[str, Floats], begin: int) -> None:
        network = fused.network
        self.slow_until: int | None = None
        self.stopped: dict[str, Floats] = {}
        self.network, self.arrays, self.dt = network, arrays, network.experiment.dt
        self.regions = regions(network)
        self.levels: dict[str, list[Level | None]] = {}
        for name in modulators(network):
            self.levels[name] = [
                None
                if plan is None
                else silent_level(
                    plan,
                    float(self._own(f"level_{name}")[row]),
                    float(self._own(f"pool_{name}")[row]) if plan.rise else 0.0,
                    begin * self.dt,
                    self.dt,
                )
                for row, plan in enumerate(rows_by(network, name).values())
            ]
        self.receptors = used_receptors(network)
        self.phases = any(rule.pacemaker for rows in fused.rows for rule in rows.rules)
        self.drives = {
            name: [assignment(line) for line in drive_of(network, name, "drive")] for name in self.receptors
        }
        self.messengers = {
            name: self._own(f"messenger_{name}").copy()
            for name in self.receptors
            if has_messenger(network, name)
        }

    def _own(self, name: str) -> Floats:
        return self.arrays[f"{REGIONS}.{name}"]

    def moving(self) -> list[Level]:
        """Levels that are not held."""
        known = [level for rows in self.levels.values() for level in rows if level is not None]
        return [level for level in known if not level.plan.held]

    @property
    def taus(self) -> set[float]:
        """Time constants (s) of levels with a closed form."""
        plans = [level.plan for level in self.moving() if level.plan.uptake is None]
        return {tau for plan in plans for tau in (plan.decay, plan.rise) if tau}

    @property
    def uneven(self) -> int:
        """Steps after which all levels under uptake rest."""
        return max((len(level.path) for level in self.moving() if level.plan.uptake is not None), default=0)

    def stop_slow(self, steps: int) -> None:
        """From now on slow levels and their messengers stay as they are after so many steps."""
        self.slow_until = steps - 1
        self.stopped = {name: values.copy() for name, values in self.messengers.items()}

    def each(self, first: int, count: int) -> Table:
        """All signals of the steps [first, first + count), and messengers moved by them."""
        steps = np.arange(first, first + count)
        out = self._levels(steps) | self._phases(steps)
        for name in self.receptors:
            drive = self._drive(name, out)
            out[f"{REGIONS}.rho_{name}"] = self._followed(name, drive) if name in self.messengers else drive
        return out

    def last(self, first: int, count: int) -> Table:
        """The signals of the last step of a block in which levels move little, and messengers moved by it."""
        end = np.array([first + count - 1])
        out = self._levels(end) | self._phases(end)
        for name in self.receptors:
            drive = self._drive(name, out)
            if name in self.messengers:
                drive = self._crossed(name, first, count, drive)
            out[f"{REGIONS}.rho_{name}"] = drive
        return out

    def at_rest(self, table: Table) -> Table:
        """The signals of a step, with everything that is not slow where it rests."""
        out = dict(table)
        for name, rows in self.levels.items():
            key = f"{REGIONS}.mid_{name}"
            out[key] = table[key].copy()
            for row, level in enumerate(rows):
                if level is not None and not level.plan.slow:
                    out[key][:, row] = level.rest
        for name in self.receptors:
            rows = self.levels[owner(self.network, name)]
            fast = np.array([level is not None and not level.plan.slow for level in rows])
            key, drive = f"{REGIONS}.rho_{name}", self._drive(name, out)
            out[key] = np.where(fast, drive, table[key])
            if name in self.messengers:
                self.messengers[name] = np.where(fast, drive[0], self.stopped[name])
        return out

    def _levels(self, steps: Steps) -> Table:
        out = {}
        for name, rows in self.levels.items():
            columns = [np.ones(len(steps)) if level is None else self._mid(level, steps) for level in rows]
            out[f"{REGIONS}.mid_{name}"] = np.stack(columns, axis=1)
        return out

    def _mid(self, level: Level, steps: Steps) -> Floats:
        if level.plan.slow and self.slow_until is not None:
            steps = np.minimum(steps, self.slow_until)
        return level.mid(steps.astype(np.float64))

    def _phases(self, steps: Steps) -> Table:
        """Clocks at their nominal frequency; a follower has nothing to follow."""
        if not self.phases:
            return {}
        turns = np.outer(steps * self.dt, self.arrays[f"{PACEMAKERS}.frequency"])
        phase = self.arrays[f"{PACEMAKERS}.phi"] + 2 * np.pi * (turns - np.floor(turns))
        clock = 1.0 - np.asarray(self.arrays.get(f"{PACEMAKERS}.follower", 0.0))
        return {
            f"{PACEMAKERS}.cos_phi": clock * reference_math.cos(phase),
            f"{PACEMAKERS}.sin_phi": clock * reference_math.sin(phase),
        }

    def _drive(self, receptor: str, table: Table) -> Floats:
        """Signed drive (steps, regions) at the levels of a table."""
        modulator = owner(self.network, receptor)
        values = {f"mid_{modulator}": table[f"{REGIONS}.mid_{modulator}"]}
        for line in self.drives[receptor]:
            for name in line.names - values.keys():
                values[name] = self._own(name)
            values[line.target] = line.applied(values)
        return values["drive"]

    def _followed(self, receptor: str, drive: Floats) -> Floats:
        """The drive behind its messenger, step by step."""
        kept, half = self._own(f"slow_{receptor}"), self._own(f"half_slow_{receptor}")
        state, parts, at = self.messengers[receptor], [], 0
        most = float(np.max(_rate(kept)))
        size = len(drive) if most == 0 else max(1, min(len(drive), int(LONGEST / most)))
        while at < len(drive):
            part = drive[at : at + size]
            before = _recursion(part, state, kept)
            parts.append(part + (before[:-1] - part) * half)
            state, at = before[-1], at + size
        self.messengers[receptor] = state
        return np.concatenate(parts)

    def _crossed(self, receptor: str, first: int, count: int, drive: Floats) -> Floats:
        """The drive behind its messenger in the last step of a block, by quadrature over it."""
        kept, half = self._own(f"slow_{receptor}"), self._own(f"half_slow_{receptor}")
        there = kept > 0
        rate = _rate(kept)
        inside = 0.5 * count * (_NODES + 1.0)
        modulator = owner(self.network, receptor)
        columns = [
            np.ones(len(inside)) if level is None else level.at(first + inside)
            for level in self.levels[modulator]
        ]
        values = self._drive(receptor, {f"{REGIONS}.mid_{modulator}": np.stack(columns, axis=1)})
        weights = 0.5 * count * _WEIGHTS[:, None] * rate * reference_math.exp(-np.outer(count - inside, rate))
        final, state = drive[0], self.messengers[receptor]
        moved = final + (state - final) * reference_math.exp(-rate * count)
        moved = moved + np.add.accumulate(weights * (values - final), axis=0)[-1]
        self.messengers[receptor] = np.where(there, moved, final)
        before = np.where(there, final + (moved - final) / np.where(there, kept, 1.0), final)
        return np.asarray(final + (before - final) * half)[None, :]


def _rate(kept: Floats) -> Floats:
    """Share that a messenger loses per step, as a rate; 0 where there is no messenger."""
    return np.where(kept > 0, -reference_math.log(np.where(kept > 0, kept, 1.0)), 0.0)


def _recursion(drive: Floats, state: Floats, kept: Floats) -> Floats:
    """State before each step and after the last one, (steps + 1, regions), where each step makes it
    drive + (state - drive) kept.
    """
    number = np.arange(1, len(drive) + 1)[:, None]
    there = kept > 0
    base = np.where(there, kept, 1.0)
    powers = reference_math.exp(-number * _rate(kept))
    sums = np.add.accumulate(drive * (1.0 - base) / powers, axis=0)
    after = np.where(there, powers * (state + sums), drive)
    return np.concatenate([state[None, :], after])
