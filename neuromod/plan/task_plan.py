"""A task bound to a network: its schedule, and what it does to which cells and levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neuromod.config.task import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class TaskSchedule:
    """Everything about all trials that no choice can change, drawn beforehand.

    (trials,) int32 each: `block`, `cue`, `context` (0 where there are none), `correct` action, and the action
    `tie` with which the search for the best one begins. `duration` (trials, phases) int32 in ms, `event`
    (trials, events) int32, `earned` (trials, actions + 1): outcome of every action, then that of none.
    `chance` (trials, actions; at least one): probability of the `magnitude` of every action.
    """

    block: Ints
    cue: Ints
    context: Ints
    correct: Ints
    tie: Ints
    duration: Ints
    event: Ints
    earned: Floats
    chance: Floats

    @property
    def trials(self) -> int:
        """Number of trials."""
        return len(self.cue)


@dataclass(frozen=True)
class TaskMove:
    """A variable of `owner` that has the value `on` while a stimulus lasts, and `off` otherwise (SI).

    `owner` is a population, or `modulator.region`; `cells` are [first, last) of it. Times are in ms from the
    begin of a phase; `length` -1: to its end. It is for trials whose `selector` (empty, cue, context, choice,
    correct) has the `number`, with one of the `cues` and `contexts` (empty: all), and the `event` (-1: any).
    """

    owner: str
    variable: str
    cells: tuple[int, int]
    on: float | Floats
    off: float | Floats
    phases: tuple[int, ...]
    start: int = 0
    length: int = -1
    selector: str = ""
    number: int = 0
    cues: tuple[int, ...] = ()
    contexts: tuple[int, ...] = ()
    event: int = -1


@dataclass(frozen=True)
class TaskSend:
    """What a wire adds to a variable of `owner`, `gain` (SI) times the `signal`, at the begin of `phases`.

    To a level it is added once; a `drive` is added to the `resting` value of the cells for `length` ms.
    `title` is its name in the log.
    """

    title: str
    signal: int
    phases: tuple[int, ...]
    owner: str
    variable: str
    gain: float
    drive: bool = False
    cells: tuple[int, int] = (0, 1)
    resting: float | Floats = 0.0
    length: int = 0


@dataclass(frozen=True)
class TaskClear:
    """The eligibility traces of a projection are set to 0 at the begin of `phases`."""

    projection: str
    phases: tuple[int, ...]


@dataclass(frozen=True)
class TaskPlan:
    """A task of a network.

    `start` is the begin of the first trial in ms. `channels`: population -> (size,) int32, the action that
    each cell speaks for, -1 for none. `shown`: the phase whose begin counts as seeing the cue. `read`:
    populations whose rate is the value of the critic.
    """

    model: str
    task: Task
    seed: int
    start: int
    schedule: TaskSchedule
    channels: Mapping[str, Ints] = field(default_factory=dict)
    moves: tuple[TaskMove, ...] = ()
    sends: tuple[TaskSend, ...] = ()
    shown: int = 0
    read: tuple[str, ...] = ()
    clears: tuple[TaskClear, ...] = ()

    @property
    def phases(self) -> list[str]:
        """Names of the phases, in order."""
        return list(self.task.phases)

    @property
    def actions(self) -> int:
        """Number of choices."""
        return self.task.actions or 0

    def phase(self, name: str | None) -> int:
        """Number of a phase; -1 for none."""
        return self.phases.index(name) if name is not None else -1


def task_values(plan: TaskPlan) -> Mapping[tuple[str, str], list[float | Floats]]:
    """(population, variable) -> all values that the task gives to it."""
    found: dict[tuple[str, str], list[float | Floats]] = {}
    for move in plan.moves:
        found.setdefault((move.owner, move.variable), []).append(move.on)
    for send in plan.sends:
        if send.drive:
            found.setdefault((send.owner, send.variable), []).append(send.resting)
    return found
