"""The schedule of a task: every draw of every trial, from streams named after what they are for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from neuromod.config.task import Probabilities, Task, TaskBlock, TaskDrift, TaskPhase
from neuromod.config.values import Distribution
from neuromod.plan.seeds import stream
from neuromod.plan.task_plan import Floats, Ints, TaskSchedule
from neuromod.units import Quantity

MILLISECOND = 1e-3


@dataclass(frozen=True)
class _Rules:
    """What holds in one trial: number of the block, places by which the correct action has moved."""

    number: int
    moved: int
    block: TaskBlock


def draw_schedule(task: Task, trials: int, seed: int, model: str) -> TaskSchedule:
    """All trials of a task that has passed `check_task`; equal arguments give equal schedules.

    Each stream gives one number (or row) per trial, so more trials leave the first ones as they are.
    """

    def rng(what: str) -> np.random.Generator:
        return stream(seed, f"task/{model}/{what}")

    rules = list(_rules(task, trials, rng("blocks")))
    cue = _cues(task, rules, rng("cues"))
    contexts = [context.share for context in task.contexts.values()]
    context = _drawn([contexts] * trials, rng("contexts"))
    actions = max(1, task.actions or 0)
    shifts = np.array([entry.shift for entry in task.contexts.values()] or [0])
    first = np.array([entry.correct for entry in task.cues.values()] or [0])
    moved = np.array([rule.moved for rule in rules])
    correct = ((first[cue] + shifts[context] + moved) % actions).astype(np.int32)
    drift = task.outcome.drift if task.outcome else None
    if drift is None:
        chance = _chances(task, rules, cue, correct)
    else:
        chance = _walks(task, drift, rng("drift").standard_normal((trials, actions)))
        correct = np.argmax(chance, axis=1).astype(np.int32)
    return TaskSchedule(
        block=np.array([rule.number for rule in rules], np.int32),
        cue=cue,
        context=context,
        correct=correct,
        tie=rng("ties").integers(0, actions, trials).astype(np.int32),
        duration=_durations(task, trials, rng("durations")),
        event=_events(task, trials, rng("events")),
        earned=_earned(task, chance, rng("outcomes")),
        chance=chance,
    )


def _rules(task: Task, trials: int, rng: np.random.Generator) -> Iterator[_Rules]:
    """The rules of each trial, block after block."""
    blocks = task.blocks or (TaskBlock(trials=trials),)
    given, moved, number = 0, 0, 0
    while given < trials:
        block = blocks[number % len(blocks)]
        moved += block.reverse
        length, until = _number(block.trials or trials, rng), _number(block.reverse_every, rng)
        for k in range(min(length, trials - given)):
            if block.reverse_every is not None and k == until:
                moved, until = moved + 1, until + _number(block.reverse_every, rng)
            yield _Rules(number % len(blocks), moved, block)
        given += length
        number += 1


def _number(given: int | tuple[int, int] | None, rng: np.random.Generator) -> int:
    if isinstance(given, tuple):
        return int(rng.integers(given[0], given[1] + 1))
    return given or 0


def _cues(task: Task, rules: Sequence[_Rules], rng: np.random.Generator) -> Ints:
    shares = [[rule.block.cues.get(name, cue.share) for name, cue in task.cues.items()] for rule in rules]
    return _drawn(shares, rng)


def _drawn(shares: Sequence[Sequence[float]], rng: np.random.Generator) -> Ints:
    """One number per trial, drawn with these shares; 0 where there is nothing to draw."""
    u = rng.random(len(shares))
    if not shares or not shares[0]:
        return np.zeros(len(shares), np.int32)
    bounds = np.cumsum(np.asarray(shares, float), axis=1)
    return np.sum(u[:, None] * bounds[:, -1:] >= bounds, axis=1).astype(np.int32)


def _durations(task: Task, trials: int, rng: np.random.Generator) -> Ints:
    u = rng.random((trials, len(task.phases)))
    columns = [_column(phase, u[:, k]) for k, phase in enumerate(task.phases.values())]
    return np.stack(columns, axis=1).astype(np.int32)


def _column(phase: TaskPhase, u: Floats) -> Floats:
    """Durations of a phase in ms; 0 in trials that lack it."""
    low, high = _ends(phase)
    drawn = np.rint((low + (high - low) * u) / MILLISECOND)
    trial = np.arange(len(u))
    there = (phase.every == 1) | ((trial > 0) & (trial % phase.every == 0))
    return np.where(there, np.maximum(drawn, 1.0), 0.0)


def _ends(phase: TaskPhase) -> tuple[float, float]:
    """Shortest and longest duration in s."""
    drawn = phase.duration
    if isinstance(drawn, Distribution):
        assert isinstance(drawn.a, Quantity)  # check_task
        assert isinstance(drawn.b, Quantity)
        return drawn.a.value, drawn.b.value
    assert drawn is not None  # check_task
    return drawn.quantity.value, drawn.quantity.value


def _events(task: Task, trials: int, rng: np.random.Generator) -> Ints:
    happens = rng.random((trials, len(task.events))) < [event.share for event in task.events.values()]
    for k, event in enumerate(task.events.values()):
        happens[[trial for trial in event.trials if trial < trials], k] = True
    return happens.astype(np.int32)


def _chances(task: Task, rules: Sequence[_Rules], cue: Ints, correct: Ints) -> Floats:
    """Probability of the magnitude for each action in each trial; 0 without an outcome."""
    places = max(1, task.actions or 0)
    if task.outcome is None:
        return np.zeros((len(rules), places))
    ordered = np.array([_from_correct(task, rule, int(c)) for rule, c in zip(rules, cue, strict=True)])
    distance = (np.arange(places) - correct[:, None]) % places
    return np.take_along_axis(ordered, distance, axis=1)


def _from_correct(task: Task, rule: _Rules, cue: int) -> Probabilities:
    """Probabilities of the outcome in a trial: of the cue, else of the block, else of the task."""
    own = list(task.cues.values())[cue].probability if task.cues else None
    general = task.outcome.probability if task.outcome else None
    return own or rule.block.probability or general or ()


def _walks(task: Task, drift: TaskDrift, steps: Floats) -> Floats:
    """Walks between reflecting bounds, (trials, actions); `steps` are normal, the first is not made."""
    low, high = drift.between
    start = np.array(task.outcome.probability if task.outcome else ())
    steps = np.concatenate([np.zeros_like(steps[:1]), drift.sd * steps[1:]])
    return low + _folded(start - low + np.cumsum(steps, axis=0), high - low)


def _folded(free: Floats, width: float) -> Floats:
    """Where a walk is that is reflected at 0 and at `width`, from where it would be without bounds."""
    around = np.mod(free, 2 * width)
    return np.minimum(around, 2 * width - around)


def _earned(task: Task, chance: Floats, rng: np.random.Generator) -> Floats:
    actions = task.actions or 0
    u = rng.random(chance.shape)
    if task.outcome is None:
        return np.zeros((len(chance), actions + 1))
    earned = np.where(u < chance, task.outcome.magnitude, task.outcome.otherwise)
    if not actions:
        return earned
    return np.concatenate([earned, np.full((len(chance), 1), task.outcome.omission)], axis=1)
