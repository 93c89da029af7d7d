"""The stated discrete-time system of plasticity, stepped for every synapse: what the engine is held to.

Order within step n, from t_n to t_(n+1): samples; clearing; ticks; for every eligibility w += c tau (1 - q) D
and c *= q, with D half-way through the step; decay of the traces; presynaptic events; postsynaptic events;
the spikes of the step enter the traces. An event clips, transmits (presynaptic), applies the direct changes,
clips, and adds to the eligibilities. Ticks are at the multiples of their interval, the first after one
interval. Several rules have the narrowest of their bounds. `leap` goes from event to event instead of
stepping, with one scalar product of D and powers of q.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.physics.plasticity.rule import Rule, Statement
from tests.physics.plasticity.signals import Signals

Spikes = Iterable[tuple[int, int]]
"""Pairs (step, cell)."""
FORGOTTEN = 45.0
"""After so many time constants a trace is below 3e-20 of its value."""


@dataclass(frozen=True)
class Synapses:
    """Arrays (n,): cells on both sides, weights in SI units, delays in steps."""

    pre: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    delay: np.ndarray


@dataclass
class Outcome:
    """Weights (and own states) by step of sampling; transmitted values as (step, synapses, values)."""

    weights: dict[int, np.ndarray] = field(default_factory=dict)
    states: dict[int, dict[str, np.ndarray]] = field(default_factory=dict)
    transmitted: list[tuple[int, np.ndarray, np.ndarray]] = field(default_factory=list)

    def rows(self) -> np.ndarray:
        """Weights (samples, n) in order of time."""
        return np.array([self.weights[step] for step in sorted(self.weights)])


class _RuleState:
    """The arrays of one rule: traces, eligibilities and own states per synapse, variables per target cell."""

    def __init__(self, rule: Rule, signals: Signals, synapses: Synapses) -> None:
        n, cells = synapses.weight.size, int(synapses.post.max()) + 1
        self.rule, self.signals, self.post = rule, signals, synapses.post
        self.c = {name: np.zeros(n) for name in rule.eligibility}
        self.traces = {name: np.full(n, trace.initial) for name, trace in rule.traces.items()}
        self.state = {name: np.full(n, initial) for name, initial in rule.state.items()}
        self.cell = {name: np.full(cells, initial) for name, initial in rule.cell.items()}
        self.dt = signals.dt
        self.gains: dict[str, list[float]] = {}

    def evaluate_gains(self, steps: int) -> None:
        """tau (1 - q) D of all steps at once, for a run that visits every step."""
        for name, eligibility in self.rule.eligibility.items():
            weight = -eligibility.tau * np.expm1(-self.dt / eligibility.tau)
            self.gains[name] = (weight * self.third(name, 0, steps)).tolist()

    def gain(self, name: str, start: int, stop: int) -> float:
        """Change of w per unit of c at `start`: sum of tau (1 - q) q^k D over the steps."""
        if stop == start + 1 and self.gains:
            return self.gains[name][start]
        tau = self.rule.eligibility[name].tau
        stop = min(stop, start + int(np.ceil(FORGOTTEN * tau / self.dt)))
        powers = np.exp(-self.dt / tau * np.arange(stop - start))
        return float(-tau * np.expm1(-self.dt / tau) * np.dot(powers, self.third(name, start, stop)))

    def third(self, name: str, start: int, stop: int) -> np.ndarray:
        """D (stop - start,) of an eligibility, half-way through each step."""
        names = self.rule.parameters | self.signals.during(start, stop)
        return np.broadcast_to(self.rule.eligibility[name].converted(names), (stop - start,))

    def names(self, where: np.ndarray, w: np.ndarray, signals: dict[str, np.ndarray]) -> dict[str, object]:
        """What statements of the synapses `where` may read."""
        own = {name: values[where] for name, values in (self.traces | self.state).items()}
        cell = {name: values[self.post[where]] for name, values in self.cell.items()}
        return self.rule.parameters | signals | own | cell | {"w": w[where], "tick": self.rule.tick}


def simulate(
    rules: Sequence[tuple[Rule, Signals]],
    synapses: Synapses,
    pre_spikes: Spikes,
    post_spikes: Spikes,
    steps: int,
    read_at: Collection[int],
    *,
    leap: bool = False,
    clears: Collection[int] = (),
) -> Outcome:
    """Weights at the beginning of the steps `read_at`; the dt is that of the signals. At the beginning of the
    steps `clears` all eligibilities are set to 0.
    """
    run = _Run(rules, synapses)
    events = _Events(rules[0][0].dendritic, synapses, pre_spikes, post_spikes)
    reads = set(read_at)
    ticks = {
        step for state in run.rules for step in range(run.tick_steps(state), steps, run.tick_steps(state))
    }
    moments = sorted({step for step in {*events.steps, *reads, *ticks, *clears} if step < steps})
    if not leap:
        for state in run.rules:
            state.evaluate_gains(steps)
    here = 0
    for step in moments if leap else range(steps):
        run.integrate(here, step)
        if step in reads:
            run.sample(step)
        if step in clears:
            run.clear()
        if step in ticks:
            run.tick(step)
        run.integrate(step, step + 1)
        here = step + 1
        run.events(step, events)
    return run.outcome


class _Events:
    """Synapses with an event, by step."""

    def __init__(self, dendritic: bool, synapses: Synapses, pre_spikes: Spikes, post_spikes: Spikes) -> None:
        none, late = np.zeros_like(synapses.delay), synapses.delay
        self.pre = _by_step(synapses.pre, none if dendritic else late, pre_spikes)
        self.post = _by_step(synapses.post, late if dendritic else none, post_spikes)
        self.arrivals = _by_step(synapses.pre, late, pre_spikes)
        self.steps = {*self.pre, *self.post, *self.arrivals}


def _by_step(cells: np.ndarray, delay: np.ndarray, spikes: Spikes) -> dict[int, np.ndarray]:
    of_cell: dict[int, list[int]] = defaultdict(list)
    for synapse, cell in enumerate(cells.tolist()):
        of_cell[cell].append(synapse)
    found: dict[int, list[int]] = defaultdict(list)
    for step, cell in spikes:
        for synapse in of_cell.get(cell, ()):
            found[step + int(delay[synapse])].append(synapse)
    return {step: np.array(sorted(which)) for step, which in found.items()}


class _Run:
    def __init__(self, rules: Sequence[tuple[Rule, Signals]], synapses: Synapses) -> None:
        self.rules = [_RuleState(rule, signals, synapses) for rule, signals in rules]
        self.dt = rules[0][1].dt
        self.w = np.array(synapses.weight, dtype=np.float64)
        self.everything = np.arange(self.w.size)
        self.outcome = Outcome()

    def tick_steps(self, state: _RuleState) -> int:
        return round(state.rule.tick / self.dt)

    def clipped(self, w: np.ndarray) -> np.ndarray:
        lows, highs = zip(*(state.rule.bounds for state in self.rules), strict=True)
        return np.minimum(np.maximum(w, max(lows)), min(highs))

    def clip(self, where: np.ndarray) -> None:
        self.w[where] = self.clipped(self.w[where])

    def sample(self, step: int) -> None:
        self.outcome.weights[step] = self.clipped(self.w)
        self.outcome.states[step] = {
            name: values.copy() for state in self.rules for name, values in (state.state | state.cell).items()
        }

    def integrate(self, start: int, stop: int) -> None:
        """Weights, eligibilities and traces over the steps [start, stop)."""
        if stop == start:
            return
        for state in self.rules:
            for name, eligibility in state.rule.eligibility.items():
                self.w += state.c[name] * state.gain(name, start, stop)
                state.c[name] *= math.exp(-self.dt / eligibility.tau * (stop - start))
            for name, trace in state.rule.traces.items():
                state.traces[name] *= math.exp(-self.dt / trace.tau * (stop - start))

    def clear(self) -> None:
        self.clip(self.everything)
        for state in self.rules:
            for values in state.c.values():
                values[:] = 0.0

    def tick(self, step: int) -> None:
        due = [state for state in self.rules if step % self.tick_steps(state) == 0]
        for state in due:
            self.clip(self.everything)
            self._run(state, state.rule.at_tick, self.everything, state.signals.before(step))
            self.clip(self.everything)
        for state in due:
            self._cells(state, state.signals.before(step))

    def _cells(self, state: _RuleState, signals: dict[str, np.ndarray]) -> None:
        for statement in state.rule.cell_tick:
            names = state.rule.parameters | signals | state.cell | {"tick": state.rule.tick}
            old = state.cell[statement.target]
            state.cell[statement.target] = statement.applied(old, statement.value(names))

    def events(self, step: int, events: _Events) -> None:
        """Presynaptic events and transmission, then postsynaptic events; then the spikes enter the traces."""
        pre, post, late = (by_step.get(step) for by_step in (events.pre, events.post, events.arrivals))
        dendritic = self.rules[0].rule.dendritic
        if pre is not None:
            self._event("pre", step, pre, arrives=not dendritic)
        if dendritic and late is not None:
            self._transmit(step, late)
        if post is not None:
            self._event("post", step, post, arrives=False)
        for state in self.rules:
            _move(state, "pre", pre)
            _move(state, "post", post)

    def _event(self, side: str, step: int, where: np.ndarray, arrives: bool) -> None:
        self.clip(where)
        if arrives:
            self._transmit(step, where)
        for state in self.rules:
            statements = state.rule.at_pre if side == "pre" else state.rule.at_post
            self._run(state, statements, where, _now(state, step))
        self.clip(where)
        for state in self.rules:
            for name, eligibility in state.rule.eligibility.items():
                increment = eligibility.at_pre if side == "pre" else eligibility.at_post
                if increment is not None:
                    state.c[name][where] += increment(state.names(where, self.w, _now(state, step)))

    def _transmit(self, step: int, where: np.ndarray) -> None:
        """An arrival reads the weight as a sample does: clipped, without writing it back."""
        state = self.rules[-1]
        names = state.names(where, self.clipped(self.w), _now(state, step))
        values = np.broadcast_to(state.rule.transmitted(names), where.shape)
        self.outcome.transmitted.append((step, where, values.copy()))

    def _run(
        self,
        state: _RuleState,
        statements: Sequence[Statement],
        where: np.ndarray,
        signals: dict[str, np.ndarray],
    ) -> None:
        for statement in statements:
            change = statement.value(state.names(where, self.w, signals))
            if statement.target in state.cell:
                signed = -change if statement.operator == "-=" else change
                np.add.at(state.cell[statement.target], state.post[where], signed)
            else:
                values = self.w if statement.target == "w" else state.state[statement.target]
                values[where] = statement.applied(values[where], change)


def _now(state: _RuleState, step: int) -> dict[str, np.ndarray]:
    return {name: values[0] for name, values in state.signals.during(step, step + 1).items()}


def _move(state: _RuleState, side: str, spiking: np.ndarray | None) -> None:
    for name, trace in state.rule.traces.items():
        if trace.of == side and spiking is not None:
            state.traces[name][spiking] = 1.0 if trace.nearest else state.traces[name][spiking] + 1.0
