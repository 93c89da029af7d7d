"""A task for the program: its arrays (`program.task_layout`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from neuromod import reference_math
from neuromod.config.task import TaskCritic
from neuromod.errors import ConfigError
from neuromod.plan.fused import FusedPlan
from neuromod.plan.plasticity import CLEAR
from neuromod.plan.task_plan import TaskMove, TaskPlan, TaskSend
from neuromod.program.records import Array
from neuromod.program.task_layout import NUMBERS, SIZES, Move, Rule, Selector, Send, state_ends
from neuromod.program.task_layout import Column as Fixed
from neuromod.simulation.targets import target_of
from neuromod.simulation.trial_log import states_with_columns

_RULES = {
    "": Rule.NONE,
    "fewest_spikes": Rule.FEWEST,
    "most_spikes": Rule.MOST,
    "race": Rule.RACE,
    "threshold": Rule.THRESHOLD,
}
_SELECTORS = {
    "": Selector.ANY,
    "cue": Selector.CUE,
    "context": Selector.CONTEXT,
    "choice": Selector.CHOICE,
    "correct": Selector.CORRECT,
}


def task_inputs(fused: FusedPlan) -> dict[str, Array | str]:
    """Records of the task, none without one. Nothing in them depends on the duration of the run."""
    plan = fused.network.task
    if plan is None:
        return {}
    schedule, pool = plan.schedule, _Pool()
    about = (schedule.block, schedule.cue, schedule.context, schedule.correct, schedule.tie, _scenes(plan))
    planned = [*plan.moves, *_clears(fused, plan)]
    moves = [_move(fused, move, pool) for move in planned]
    sends = [_send(fused, send, pool) for send in plan.sends]
    levels = [target_of(fused, owner, "level") for owner in fused.network.compartments]
    error, value = _state_columns(plan, len(plan.task.events) + len(sends) + len(levels))
    arrays: dict[str, Array | str] = {
        "task.size": _sizes(fused, plan),
        "task.numbers": _numbers(fused, plan),
        "task.duration": schedule.duration.reshape(-1),
        "task.about": np.stack(about, axis=1).astype(np.int32).reshape(-1),
        "task.state_at": _states(plan).reshape(-1),
        "task.event": schedule.event.reshape(-1),
        "task.earned": schedule.earned.reshape(-1),
        "task.error_column": error,
        "task.value_column": value,
        "task.scale": _scale(fused, plan),
        "task.values": np.full(_value_count(plan), plan.task.critic.initial if plan.task.critic else 0.0),
        "task.move.names": "\n".join(name for name, _ in moves),
        "task.move.table": np.array([row for _, row in moves], np.int64).reshape(-1),
        "task.move.phases": _masks((move.phases for move in planned), len(plan.phases)),
        "task.move.cues": _masks((move.cues for move in planned), max(1, len(plan.task.cues))),
        "task.move.contexts": _masks((move.contexts for move in planned), max(1, len(plan.task.contexts))),
        "task.send.names": "\n".join(name for name, _ in sends),
        "task.send.table": np.array([row for _, row in sends], np.int64).reshape(-1),
        "task.send.gain": np.array([send.gain for send in plan.sends], float),
        "task.send.phases": _masks((send.phases for send in plan.sends), len(plan.phases)),
        "task.level.names": "\n".join(name for name, _ in levels),
        "task.level.index": np.array([row for _, row in levels], np.int64),
        "task.pool": pool.values(),
    }
    read = {name: np.zeros(fused.network.populations[name].size, np.int32) for name in plan.read}
    return (
        arrays
        | {f"task.channel.{group}": cells for group, cells in _by_group(fused, plan.channels).items()}
        | {f"task.read.{group}": cells for group, cells in _by_group(fused, read).items()}
    )


def check_task_state(task: Mapping[str, Array | str], step: int, state: Mapping[str, Array]) -> None:
    """Look whether the saved state of a step fits the records of a task; at 0 tasks begin anew.

    Raises:
        ConfigError: it does not.
    """
    if not task or step == 0:
        return
    saved = state.get("saved.task")
    if saved is None or len(saved) != state_ends(task)[-1]:
        raise ConfigError(
            "the task has other actions, values, stimuli, events or wires than that of the checkpoint; "
            "their number must not change"
        )


class _Pool:
    """Values that the program gives to cells; each set of them has a place."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.float64]] = []
        self._used = 0

    def add(self, values: float | NDArray[np.float64]) -> tuple[int, int]:
        """(place, is there one value for each cell)."""
        part = np.atleast_1d(np.asarray(values, float))
        place = self._used
        self._parts.append(part)
        self._used += len(part)
        return place, int(isinstance(values, np.ndarray))

    def values(self) -> NDArray[np.float64]:
        """All of them."""
        return np.concatenate([np.zeros(0), *self._parts])


def _sizes(fused: FusedPlan, plan: TaskPlan) -> NDArray[np.int64]:
    task, schedule = plan.task, plan.schedule
    decision, outcome, critic = task.decision, task.outcome, task.critic
    sizes = {
        "trials": schedule.trials,
        "phases": len(plan.phases),
        "actions": plan.actions,
        "values": _value_count(plan),
        "scenes": max(1, len(task.cues)) * max(1, len(task.contexts)),
        "cues": max(1, len(task.cues)),
        "contexts": max(1, len(task.contexts)),
        "events": len(task.events),
        "per_tick": round(1e-3 / fused.network.experiment.dt),
        "start": plan.start,
        "decision": plan.phase(decision.phase if decision else None),
        "rule": _RULES[decision.rule or "" if decision else ""],
        "spikes": (decision.spikes or 0) if decision else 0,
        "outcome": plan.phase(outcome.phase if outcome else None),
        "shown": plan.shown,
        "critic": int(critic is not None),
        "onset": int(critic.onset) if critic else 0,
        "reading": int(critic.read is not None) if critic else 0,
    }
    return np.array([sizes[name] for name in SIZES], np.int64)


def _numbers(fused: FusedPlan, plan: TaskPlan) -> NDArray[np.float64]:
    decision, critic = plan.task.decision, plan.task.critic or TaskCritic()
    decay = float(reference_math.exp(-1e-3 / decision.window)[0]) if decision else 0.0
    read_decay, read_scale = _reading(fused, plan)
    numbers = {
        "limit": (decision.rate or 0.0) if decision else 0.0,
        "decay": decay,
        "learning": critic.learning_rate,
        "discount": critic.discount,
        "uncertainty": critic.uncertainty_rate,
        "volatility": critic.volatility_rate,
        "reward": critic.reward_rate,
        "read_decay": read_decay,
        "read_scale": read_scale,
    }
    return np.array([numbers[name] for name in NUMBERS])


def _reading(fused: FusedPlan, plan: TaskPlan) -> tuple[float, float]:
    """Decay per millisecond of a value that is read, and what a spike adds to it."""
    read = plan.task.critic.read if plan.task.critic else None
    if read is None:
        return 0.0, 0.0
    cells = sum(fused.network.populations[name].size for name in plan.read)
    decay = float(reference_math.exp(-1e-3 / read.window)[0])
    return decay, 1.0 / (cells * read.window * read.rate)


def _scale(fused: FusedPlan, plan: TaskPlan) -> NDArray[np.float64]:
    """What a spike adds to the rate of its channel, in Hz."""
    decision = plan.task.decision
    if decision is None:
        return np.zeros(0)
    cells = [sum(int(np.sum(c == a)) for c in plan.channels.values()) for a in range(plan.actions)]
    return 1.0 / (np.array(cells, float) * decision.window)


def _by_group(fused: FusedPlan, cells: Mapping[str, NDArray[np.int32]]) -> dict[str, NDArray[np.int32]]:
    """Numbers of cells by population, per group that has any of these populations; -1 for the other cells."""
    found: dict[str, NDArray[np.int32]] = {}
    for group in fused.groups:
        none = {member.name: np.full(member.size, -1, np.int32) for member in group.members}
        if cells.keys() & none.keys():
            found[group.name] = np.concatenate([cells.get(name, silent) for name, silent in none.items()])
    return found


def _scenes(plan: TaskPlan) -> NDArray[np.int32]:
    """The combination of cue and context of each trial."""
    return plan.schedule.cue + plan.schedule.context * np.int32(max(1, len(plan.task.cues)))


def _kinds(plan: TaskPlan) -> tuple[NDArray[np.int32], int]:
    """Number of the trial among those whose values are kept apart, and how many there are."""
    by = plan.task.critic.by if plan.task.critic else ()
    number, count = np.zeros(plan.schedule.trials, np.int32), 1
    for key, which, names in (
        ("cue", plan.schedule.cue, plan.task.cues),
        ("context", plan.schedule.context, plan.task.contexts),
    ):
        if key in by:
            number = number + which * np.int32(count)
            count *= len(names)
    return number, count


def _value_count(plan: TaskPlan) -> int:
    return len(plan.task.critic.states) * _kinds(plan)[1] if plan.task.critic else 0


def _states(plan: TaskPlan) -> NDArray[np.int32]:
    """Number of the value that begins with a phase, (trials, phases); -1 for none."""
    found = np.full((plan.schedule.trials, len(plan.phases)), -1, np.int32)
    number, count = _kinds(plan)
    for k, name in enumerate(plan.task.critic.states if plan.task.critic else ()):
        found[:, plan.phase(name)] = k * count + number
    return found


def _clears(fused: FusedPlan, plan: TaskPlan) -> Iterator[TaskMove]:
    """Rows of rules that are told for a millisecond to set eligibilities to 0."""
    for clear in plan.clears:
        for rows in fused.rows:
            if rows.cleared:
                numbers = [
                    k for k, (projection, _) in enumerate(rows.users) if projection == clear.projection
                ]
                for row in numbers:
                    yield TaskMove(rows.name, CLEAR, (row, row + 1), 1.0, 0.0, clear.phases, length=1)


def _move(fused: FusedPlan, move: TaskMove, pool: _Pool) -> tuple[str, Move]:
    name, start = target_of(fused, move.owner, move.variable)
    (on, each_on), (off, each_off) = pool.add(move.on), pool.add(move.off)
    first, last = (start + cell for cell in move.cells)
    selector = int(_SELECTORS[move.selector])
    return name, Move(
        first, last, on, off, each_on, each_off, move.start, move.length, selector, move.number, move.event
    )


def _send(fused: FusedPlan, send: TaskSend, pool: _Pool) -> tuple[str, Send]:
    name, start = target_of(fused, send.owner, send.variable)
    first, last = (start + cell for cell in send.cells)
    rest, each = pool.add(send.resting)
    return name, Send(first, last, send.signal, int(send.drive), send.length, rest, each)


def _masks(chosen: Iterable[tuple[int, ...]], width: int) -> NDArray[np.int32]:
    """One row of 0 and 1 for each; an empty choice is all."""
    rows = [[int(not numbers or k in numbers) for k in range(width)] for numbers in chosen]
    return np.array(rows, np.int32).reshape(-1)


def _state_columns(plan: TaskPlan, others: int) -> list[NDArray[np.int32]]:
    """Columns of the error and the value at the begin of each phase; -1 for none."""
    first = len(Fixed) + others
    found = [np.full(len(plan.phases), -1, np.int32) for _ in range(2)]
    for k, name in enumerate(states_with_columns(plan)):
        for part, column in enumerate(found):
            column[plan.phase(name)] = first + 2 * k + part
    return found
