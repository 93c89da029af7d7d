"""Plasticity rules while nothing fires: sums of their rows between ticks, and the ticks themselves.

As long as an eligibility is left, every step is taken into account, many at once. After that, signals matter
at ticks only.
"""

from __future__ import annotations

import numpy as np

from neuromod import reference_math
from neuromod.plan.fused import FusedPlan
from neuromod.plan.gains import GAINS
from neuromod.plan.pathways import SynapseSet
from neuromod.plan.plasticity import BOUNDS, RuleRows
from neuromod.plan.structure import RULE_TICK, GroupStructure, SynapsesStructure
from neuromod.plan.traces import TRACES
from neuromod.simulation.silence.levels import Floats
from neuromod.simulation.silence.signals import Signals, Table
from neuromod.simulation.silence.statements import Memory, Tick, evaluated, read

FORGOTTEN = 45.0
"""Time constants after which e^-45 = 3e-20 of a difference is left, which is nothing beside 1."""
SMOOTH = 0.1
"""Longest block over any time constant of a level that still moves: quadrature is then good to 1e-15."""
MOST = 20_000
"""Most steps that are computed at once."""


class Rules:
    """Rows, synapses and variables of cells of all rules, from the step `begin` on."""

    def __init__(self, fused: FusedPlan, memory: Memory, signals: Signals, begin: int) -> None:
        self.fused, self.memory, self.signals, self.begin = fused, memory, signals, begin
        self.dt = fused.network.experiment.dt
        structure = fused.structure
        self.shared = {group.name: group for group in structure.groups}
        names = {rows.name for rows in fused.rows}
        self.updates = {name: read(self.shared[name].update) for name in names}
        self.effects = read(self.shared[GAINS].update) if GAINS in self.shared else []
        owners: list[SynapsesStructure | GroupStructure] = [*structure.synapses, *structure.groups]
        self.ticks = [
            (round(tick.period / self.dt), Tick(owner, tick.lines, memory))
            for owner in owners
            for tick in owner.ticks
            if tick.name == RULE_TICK
        ]
        self.follow = any(link.group != TRACES for name in names for link in self.shared[name].links)
        self.traces = [
            (f"{group.name}.{trace.name}", trace.tau)
            for group in fused.groups
            for trace in sorted(group.features.traces, key=lambda trace: trace.name)
        ]

    def pass_over(self, steps: int) -> Table:
        """Let so many steps pass; the signals of the last one."""
        fast = self._fast()
        needed = self._needed(steps, fast)
        table: Table = {}
        at = since = 0
        for stop in sorted(needed | self._ticks_within(steps) | {steps}):
            self._tick(at)
            if self.follow or stop in needed or stop == steps:
                table = self._block(since, stop - since, whole=since < fast)
                since = stop
            self._decay(stop - at)
            at = stop
        return table

    def come_to_rest(self, table: Table, steps: int, seconds: float) -> None:
        """What is fast comes to its end: eligibilities are converted, traces are gone.

        `table`: signals after so many `steps`. What is fast has the whole `seconds` of biological time.
        """
        self.signals.stop_slow(steps)
        end = min(self._fast(), round(seconds / self.dt))
        for first in range(steps, end, MOST):
            self._block(first, min(MOST, end - first), whole=True)
        rest = self.signals.at_rest(table)
        if GAINS in self.shared:
            rest |= self._gains(rest)
        values = {rows.name: self._rows(rows, rest, {}) for rows in self.fused.rows}
        for plan in self.fused.sets:
            if plan.rules:
                self._convert(plan, values)
        for rows in self.fused.rows:
            self._keep(rows, values[rows.name])
            for name in rows.template.eligibility:
                self.memory[f"{rows.name}.row_integral_{name}"] = np.zeros(len(rows.rules))
                self.memory[f"{rows.name}.row_kept_{name}"] = np.ones(len(rows.rules))
        for name, _ in self.traces:
            self.memory[name] = np.zeros_like(self.memory[name])
        self._keep_signals(rest)

    def _fast(self) -> int:
        """Number of steps in which an eligibility or a level under uptake may still move."""
        times = [
            FORGOTTEN * rule.parameters[entry.tau]
            for rows in self.fused.rows
            for rule in rows.rules
            for entry in rows.template.eligibility.values()
        ]
        return max(int(np.ceil(max(times, default=0.0) / self.dt)), self.signals.uneven)

    def _needed(self, steps: int, fast: int) -> set[int]:
        """Ends of blocks: while anything fast is left every tick, then so often that no level moves far."""
        found = {*range(MOST, min(steps, fast), MOST), *self._ticks_within(min(steps, fast))}
        found |= {fast} if fast < steps else set()
        for tau in self.signals.taus:
            last = min(steps, int(FORGOTTEN * tau / self.dt))
            found |= set(range(fast, last, max(1, int(SMOOTH * tau / self.dt))))
        return found - {0}

    def _ticks_within(self, steps: int) -> set[int]:
        found: set[int] = set()
        for period in {period for period, _ in self.ticks}:
            found |= set(range(-self.begin % period, steps, period))
        return found - {0}

    def _tick(self, at: int) -> None:
        for period, tick in self.ticks:
            if (self.begin + at) % period == 0:
                tick.run()

    def _block(self, first: int, count: int, *, whole: bool) -> Table:
        """Steps without a tick: rows follow the signals, traces decay."""
        table = self.signals.each(first, count) if whole else self.signals.last(first, count)
        if GAINS in self.shared:
            table |= self._gains(table)
        for rows in self.fused.rows:
            given = self._sums(rows, count) if whole else {}
            values = self._rows(rows, table, given)
            for name in rows.template.eligibility if whole else ():
                integral, kept = f"row_integral_{name}", f"row_kept_{name}"
                self.memory[f"{rows.name}.{integral}"] = (
                    self.memory[f"{rows.name}.{integral}"] + np.add.accumulate(values[integral], axis=0)[-1]
                )
                self.memory[f"{rows.name}.{kept}"] = values[kept][-1]
            self._keep(rows, values)
        return {key: value[-1:] for key, value in table.items()}

    def _decay(self, count: int) -> None:
        """Scales of traces (`plan.traces`) stay meanwhile; what cells keep fades instead."""
        for name, tau in self.traces:
            self.memory[name] = self.memory[name] * reference_math.exp(-count * self.dt / tau)

    def _gains(self, table: Table) -> Table:
        group = self.shared[GAINS]
        values = evaluated(group, self.effects, self.memory, table, {})
        return {
            f"{GAINS}.{name}": np.atleast_2d(values[name])
            for name in (line.target for line in self.effects)
            if f"{GAINS}.{name}" in self.memory
        }

    def _sums(self, rows: RuleRows, count: int) -> Table:
        """R at the beginning of each step, and nothing yet in G."""
        given: Table = {}
        for name in rows.template.eligibility:
            kept = np.empty((count, len(rows.rules)))
            kept[0] = self.memory[f"{rows.name}.row_kept_{name}"]
            kept[1:] = self.memory[f"{rows.name}.row_decay_{name}"]
            given[f"row_kept_{name}"] = np.multiply.accumulate(kept, axis=0)
            given[f"row_integral_{name}"] = np.zeros((1, len(rows.rules)))
        return given

    def _rows(self, rows: RuleRows, table: Table, given: Table) -> Table:
        return evaluated(self.shared[rows.name], self.updates[rows.name], self.memory, table, given)

    def _keep(self, rows: RuleRows, values: Table) -> None:
        """What ticks see of a row is that of the step before."""
        sums = {f"row_{part}_{name}" for name in rows.template.eligibility for part in ("integral", "kept")}
        own = {variable.name for variable in self.shared[rows.name].variables}
        for line in self.updates[rows.name]:
            if line.target in own - sums:
                self.memory[f"{rows.name}.{line.target}"] = _last(values[line.target], len(rows.rules))

    def _keep_signals(self, table: Table) -> None:
        for key, values in table.items():
            if key in self.memory:
                self.memory[key] = values[-1].copy()

    def _convert(self, plan: SynapseSet, values: dict[str, Table]) -> None:
        """The weight with all that is left of its eligibilities, which is then nothing."""
        memory, name = self.memory, plan.name
        weight = memory[f"{name}.weight"].astype(np.float64)
        changed = False
        for position, rows in enumerate(plan.rules):
            at = memory[f"{name}.row_{position}"] if len(rows.rules) > 1 else np.zeros(1, np.int32)
            for entry, spec in rows.template.eligibility.items():
                integral = memory[f"{rows.name}.row_integral_{entry}"] + self._left(
                    rows, entry, spec.tau, values
                )
                key = f"{name}.{entry}_{position}"
                weight = weight + memory[key] * integral[at]
                memory[key] = np.zeros_like(memory[key])
                changed = True
        if changed:
            first = plan.rules[0]
            at = memory[f"{name}.row_0"] if len(first.rules) > 1 else np.zeros(1, np.int32)
            low, high = (memory[f"{first.name}.{bound}"][at] for bound in BOUNDS)
            dtype = memory[f"{name}.weight"].dtype
            memory[f"{name}.weight"] = np.maximum(low, np.minimum(high, weight)).astype(dtype)

    def _left(self, rows: RuleRows, entry: str, tau: str, values: dict[str, Table]) -> Floats:
        """What G still gains when the third factor stays as it is: R tau D."""
        step = values[rows.name][f"row_integral_{entry}"]
        base = self.memory[f"{rows.name}.row_integral_{entry}"]
        span = self.memory[f"{rows.name}.row_span_{entry}"]
        taus = np.array([rule.parameters[tau] for rule in rows.rules])
        return np.asarray((np.atleast_2d(step)[-1] - base) / span * taus)


def _last(values: Floats, size: int) -> Floats:
    """The values of the last step, one for each element."""
    last = values[-1] if values.ndim == 2 else values
    return np.array(np.broadcast_to(last, (size,)))
