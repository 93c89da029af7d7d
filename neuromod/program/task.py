"""A behavioural task in the loop of the runtime backend: the operations of `native/nm_task.hpp`, in Python.

What a task is stands in arrays (`program.task_layout`); what it remembers is one vector, saved and restored
whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neuromod.program.records import Array
from neuromod.program.task_layout import (
    NUMBERS,
    SIZES,
    About,
    Column,
    Move,
    Rule,
    Scalar,
    Selector,
    Send,
    Signal,
    state_ends,
)

Floats = NDArray[np.float64]
_LOGGED = ("CHOICE", "LATENCY", "OUTCOME", "EXPECTED", "UNEXPECTED", "VOLATILITY", "AVERAGE", "NOVELTY")
"""Numbers that the log takes from the state as they are."""


class Task:
    """One task; `live` gives the array of the program behind a name."""

    def __init__(self, inputs: Mapping[str, Array], live: Callable[[str], Floats]) -> None:
        self.inputs = inputs
        self.size = dict(zip(SIZES, map(int, inputs["task.size"]), strict=True))
        self.number = dict(zip(NUMBERS, map(float, inputs["task.numbers"]), strict=True))
        size = self.size
        self.duration = inputs["task.duration"].reshape(-1, size["phases"])
        self.about = inputs["task.about"].reshape(-1, len(About))
        self.state_at = inputs["task.state_at"].reshape(-1, size["phases"])
        self.event = inputs["task.event"].reshape(size["trials"], size["events"])
        self.earned = inputs["task.earned"].reshape(-1, size["actions"] + 1)
        self.moves = [Move(*row) for row in inputs["task.move.table"].reshape(-1, len(Move._fields)).tolist()]
        self.sends = [Send(*row) for row in inputs["task.send.table"].reshape(-1, len(Send._fields)).tolist()]
        masks = ("phases", "cues", "contexts")
        self.masks = [inputs[f"task.move.{name}"].reshape(len(self.moves), size[name]) for name in masks]
        self.send_phases = inputs["task.send.phases"].reshape(len(self.sends), size["phases"])
        self.move_targets = [live(name) for name in _lines(inputs["task.move.names"])]
        self.send_targets = [live(name) for name in _lines(inputs["task.send.names"])]
        self.level_targets = [live(name) for name in _lines(inputs["task.level.names"])]
        ends = state_ends(inputs)
        self.state: Floats = np.zeros(ends[-1])
        parts = [self.state[first:last] for first, last in pairwise(ends)]
        self.count, self.total, self.rate, self.value, self.recent, self.seen = parts[:6]
        self.on, self.left, self.sent, self.now_sent, self.row = parts[6:]
        self.state[[Scalar.TRIAL, Scalar.CHOICE, Scalar.STATE]] = -1.0
        self.value[:] = inputs["task.values"]
        self.rows: list[Floats] = []
        if "saved.task" in inputs:
            self.restore(inputs["saved.task"])

    def restore(self, saved: Array) -> None:
        """Go on from a saved state."""
        self.state[:] = saved
        for m, move in enumerate(self.moves):
            if self.on[m]:
                self._set(self.move_targets[m], move.first, move.last, move.on, move.each_on, 0.0)
        for k, send in enumerate(self.sends):
            if self.left[k]:
                self._drive(k, send, self.now_sent[k])

    def hear(self, channels: Array) -> None:
        """Spikes in channels of the population that decides; -1 is none."""
        np.add.at(self.count, channels[channels >= 0].astype(np.intp), 1.0)

    def hear_value(self, read: Array) -> None:
        """Spikes of cells whose rate is the value; -1 is none of them."""
        self.state[Scalar.HEARD] += float(np.sum(read >= 0))

    def take_rows(self) -> Floats:
        """The trials that ended since the last call, one after the other."""
        rows = np.concatenate([np.zeros(0), *self.rows])
        self.rows.clear()
        return rows

    def tick(self, step: int) -> None:
        """The beginning of a step; something happens once per millisecond."""
        if step % self.size["per_tick"]:
            return
        ms = step // self.size["per_tick"]
        self._listen()
        if ms >= self.size["start"] and self.state[Scalar.TRIAL] < self.size["trials"]:
            self._advance(ms)
        self._show()
        self._pass()
        if not self.playing:
            return
        self.state[Scalar.AT] += 1.0
        if self._ends_trial():
            self._finish()

    @property
    def playing(self) -> bool:
        """Is a trial on."""
        return bool(0.0 <= self.state[Scalar.TRIAL] < self.size["trials"])

    @property
    def trial(self) -> int:
        """Number of the trial."""
        return int(self.state[Scalar.TRIAL])

    @property
    def phase(self) -> int:
        """Number of the phase."""
        return int(self.state[Scalar.PHASE])

    def _length(self, phase: int) -> int:
        return int(self.duration[self.trial, phase])

    def _of(self, what: About) -> int:
        return int(self.about[self.trial, what])

    def _listen(self) -> None:
        self.total += self.count
        self.rate[:] = self.rate * self.number["decay"] + self.count * self.inputs["task.scale"]
        self.count[:] = 0.0
        state = self.state
        heard = state[Scalar.HEARD] * self.number["read_scale"]
        state[Scalar.READ] = state[Scalar.READ] * self.number["read_decay"] + heard
        state[Scalar.HEARD] = 0.0

    def _advance(self, ms: int) -> None:
        if self.state[Scalar.TRIAL] < 0.0:
            self.state[Scalar.PHASE], self.state[Scalar.TRIAL] = -1.0, 0.0
            self._begin(ms)
            self._next(ms)
            return
        ended = int(self.state[Scalar.AT]) == self._length(self.phase)
        deciding = self.phase == self.size["decision"]
        if deciding and not self._decide(ended=ended) and not ended:
            return
        if ended or (deciding and self.state[Scalar.CHOICE] >= 0.0):
            self._next(ms)

    def _decide(self, *, ended: bool) -> bool:
        rule = self.size["rule"]
        if rule in (Rule.FEWEST, Rule.MOST) and not ended:
            return False
        source = self.rate if rule == Rule.THRESHOLD else self.total
        best = -1
        for k in range(self.size["actions"]):
            action = (self._of(About.TIE) + k) % self.size["actions"]
            x = source[action]
            if rule == Rule.RACE and x < self.size["spikes"]:
                continue
            if rule == Rule.THRESHOLD and not x > self.number["limit"]:
                continue
            if best < 0 or (x < source[best] if rule == Rule.FEWEST else x > source[best]):
                best = action
        if best < 0:
            return False
        self.state[Scalar.CHOICE], self.state[Scalar.LATENCY] = best, self.state[Scalar.AT]
        return True

    def _next(self, ms: int) -> None:
        while True:
            self.state[Scalar.PHASE] += 1.0
            if self.phase >= self.size["phases"]:
                self.state[Scalar.PHASE] = 0.0
                self.state[Scalar.TRIAL] += 1.0
                if not self.playing:
                    return
                self._begin(ms)
            if self._length(self.phase):
                break
        self.state[Scalar.AT] = 0.0
        self._enter()

    def _begin(self, ms: int) -> None:
        self.state[[Scalar.CHOICE, Scalar.STATE]] = -1.0
        self.state[Scalar.LATENCY] = math.nan
        surprises = (Scalar.UNEXPECTED, Scalar.VOLATILITY, Scalar.NOVELTY)
        self.state[[Scalar.OUTCOME, Scalar.ERROR, Scalar.VALUE, *surprises]] = 0.0
        self.sent[:] = 0.0
        self.row[:] = 0.0
        self.row[Column.BEGIN] = ms

    def _enter(self) -> None:
        phase = self.phase
        ends = phase == self.size["outcome"]
        if phase == self.size["decision"]:
            self.total[:] = 0.0
        if ends:
            self._note_levels()
        if phase == self.size["shown"]:
            self._see()
        self._evaluate(phase, ends=ends)
        self._note_state(phase, ends=ends)
        for k, send in enumerate(self.sends):
            if self.send_phases[k, phase]:
                self._send(k, send)

    def _evaluate(self, phase: int, *, ends: bool) -> None:
        to = int(self.state_at[self.trial, phase])
        if self.size["critic"] and (to >= 0 or ends):
            self._judge(to, ends=ends)
        elif ends:
            self.state[Scalar.OUTCOME] = self._earning()

    def _note_state(self, phase: int, *, ends: bool) -> None:
        for name in ("error", "value"):
            column = int(self.inputs[f"task.{name}_column"][phase])
            if column >= 0:
                self.row[column] = self.state[Scalar[name.upper()]]
            if ends:
                self.row[Column[name.upper()]] = self.state[Scalar[name.upper()]]

    def _note_levels(self) -> None:
        first = len(Column) + self.size["events"] + len(self.sends)
        for k, (target, index) in enumerate(
            zip(self.level_targets, self.inputs["task.level.index"].tolist(), strict=True)
        ):
            self.row[first + k] = target[index]

    def _see(self) -> None:
        scene = self._of(About.SCENE)
        self.state[Scalar.NOVELTY] = 1.0 / (1.0 + self.seen[scene])
        self.seen[scene] += 1.0

    def _earning(self) -> float:
        choice = self.state[Scalar.CHOICE]
        return float(self.earned[self.trial, self.size["actions"] if choice < 0.0 else int(choice)])

    def _judge(self, to: int, *, ends: bool) -> None:
        state, number = self.state, self.number
        r = self._earning() if ends else 0.0
        ahead = float(self.value[to]) if to >= 0 else 0.0
        before = int(state[Scalar.STATE])
        behind = float(self.value[before]) if before >= 0 else 0.0
        behind = float(state[Scalar.READ]) if self.size["reading"] else behind
        error = 0.0
        if before >= 0 or ends or self.size["onset"]:
            error = r + number["discount"] * ahead - behind
        error = 1.0 if error > 1.0 else -1.0 if error < -1.0 else error
        if before >= 0:
            self.value[before] += number["learning"] * error
        state[Scalar.ERROR] = error
        state[Scalar.VALUE] = behind if ends else ahead
        state[Scalar.STATE] = to
        if not ends:
            return
        beyond = abs(error) - float(state[Scalar.EXPECTED])
        state[Scalar.OUTCOME] = r
        state[Scalar.UNEXPECTED] = beyond if beyond > 0.0 else 0.0
        state[Scalar.EXPECTED] += number["uncertainty"] * beyond
        state[Scalar.VOLATILITY] = self._agreement(error)
        state[Scalar.AVERAGE] += number["reward"] * (r - float(state[Scalar.AVERAGE]))

    def _agreement(self, error: float) -> float:
        own = int(self.state[Scalar.CHOICE]) if self.size["actions"] else 0
        if own < 0:
            return 0.0
        others = 0.0
        for action, mean in enumerate(self.recent):
            others += float(mean) if action != own else 0.0
        many = len(self.recent)
        lately = float(self.recent[own]) - (others / (many - 1) if many > 1 else 0.0)
        for action in range(many):
            credited = error if action == own else 0.0
            self.recent[action] += self.number["volatility"] * (credited - self.recent[action])
        return error * lately

    def _signal(self, which: int) -> float:
        if which >= len(Signal):
            return float(self.event[self.trial, which - len(Signal)])
        if which == Signal.SALIENCE:
            return 1.0
        return float(self.state[Scalar[Signal(which).name]])

    def _send(self, k: int, send: Send) -> None:
        amount = float(self.inputs["task.send.gain"][k]) * self._signal(send.signal)
        self.sent[k] += amount
        if send.drive:
            self.left[k], self.now_sent[k] = send.length, amount
            self._drive(k, send, amount)
            return
        target = self.send_targets[k]
        level = target[send.first] + amount
        target[send.first] = 0.0 if level < 0.0 else level

    def _drive(self, k: int, send: Send, amount: float) -> None:
        self._set(self.send_targets[k], send.first, send.last, send.rest, send.each, amount)

    def _set(self, target: Floats, first: int, last: int, at: int, each: int, more: float) -> None:
        pool = self.inputs["task.pool"]
        target[first:last] = (pool[at : at + last - first] if each else pool[at]) + more

    def _wanted(self, m: int, move: Move) -> bool:
        if not self.playing:
            return False
        at = self.state[Scalar.AT]
        if at < move.start or (move.length >= 0 and at >= move.start + move.length):
            return False
        of_phase, of_cue, of_context = self.masks
        seen = of_cue[m, self._of(About.CUE)] and of_context[m, self._of(About.CONTEXT)]
        if not (seen and of_phase[m, self.phase]):
            return False
        if move.event >= 0 and not self.event[self.trial, move.event]:
            return False
        followed = {Selector.CUE: About.CUE, Selector.CONTEXT: About.CONTEXT, Selector.CORRECT: About.CORRECT}
        if move.selector == Selector.CHOICE:
            return bool(self.state[Scalar.CHOICE] == move.number)
        if move.selector == Selector.ANY:
            return True
        return self._of(followed[Selector(move.selector)]) == move.number

    def _show(self) -> None:
        changed = False
        for m, move in enumerate(self.moves):
            now, was = self._wanted(m, move), bool(self.on[m])
            changed = changed or now != was
            if was and not now:
                self._set(self.move_targets[m], move.first, move.last, move.off, move.each_off, 0.0)
            self.on[m] = now
        for m, move in enumerate(self.moves):
            if changed and self.on[m]:
                self._set(self.move_targets[m], move.first, move.last, move.on, move.each_on, 0.0)

    def _pass(self) -> None:
        for k, send in enumerate(self.sends):
            if self.left[k] < 0.0:
                self._drive(k, send, 0.0)
                self.left[k] = 0.0
            if self.left[k] > 0.0:
                self.left[k] = -1.0 if self.left[k] == 1.0 else self.left[k] - 1.0

    def _ends_trial(self) -> bool:
        ended = int(self.state[Scalar.AT]) == self._length(self.phase)
        return ended and not any(self._length(p) for p in range(self.phase + 1, self.size["phases"]))

    def _finish(self) -> None:
        row, state = self.row, self.state
        row[Column.TRIAL] = state[Scalar.TRIAL]
        for column in (Column.BLOCK, Column.CUE, Column.CONTEXT, Column.CORRECT):
            row[column] = self._of(About[column.name])
        for name in _LOGGED:
            row[Column[name]] = state[Scalar[name]]
        events = self.size["events"]
        row[len(Column) : len(Column) + events] = self.event[self.trial]
        first = len(Column) + events
        row[first : first + len(self.sends)] = self.sent
        self.rows.append(row.copy())


def _lines(text: Array | str) -> list[str]:
    return bytes(text).decode().splitlines() if not isinstance(text, str) else text.splitlines()
