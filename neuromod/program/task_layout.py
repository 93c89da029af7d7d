"""What the arrays of a task (`task.*` of the inputs) and its state mean: numbers, columns, places.

`native/nm_task.hpp` has the same order; `simulation.task` makes the arrays, `program.task` plays.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, auto
from itertools import accumulate
from typing import NamedTuple

from neuromod.program.records import Array


class Scalar(IntEnum):
    """Places in the state that do not depend on the task."""

    TRIAL = 0
    PHASE = auto()
    AT = auto()
    CHOICE = auto()
    LATENCY = auto()
    STATE = auto()
    VALUE = auto()
    OUTCOME = auto()
    ERROR = auto()
    EXPECTED = auto()
    UNEXPECTED = auto()
    VOLATILITY = auto()
    AVERAGE = auto()
    NOVELTY = auto()
    HEARD = auto()
    READ = auto()


class Signal(IntEnum):
    """What a wire may carry; events of the task come after."""

    ERROR = 0
    VALUE = auto()
    OUTCOME = auto()
    SALIENCE = auto()
    NOVELTY = auto()
    EXPECTED = auto()
    UNEXPECTED = auto()
    VOLATILITY = auto()
    AVERAGE = auto()


class Rule(IntEnum):
    """How spikes become a choice."""

    NONE = 0
    FEWEST = auto()
    MOST = auto()
    RACE = auto()
    THRESHOLD = auto()


class Selector(IntEnum):
    """Which number of a trial a stimulus on one channel follows."""

    ANY = 0
    CUE = auto()
    CONTEXT = auto()
    CHOICE = auto()
    CORRECT = auto()


class About(IntEnum):
    """What the schedule says about a trial."""

    BLOCK = 0
    CUE = auto()
    CONTEXT = auto()
    CORRECT = auto()
    TIE = auto()
    SCENE = auto()


class Column(IntEnum):
    """The columns of the log that every task has."""

    TRIAL = 0
    BLOCK = auto()
    CUE = auto()
    CONTEXT = auto()
    CORRECT = auto()
    BEGIN = auto()
    CHOICE = auto()
    LATENCY = auto()
    OUTCOME = auto()
    VALUE = auto()
    ERROR = auto()
    EXPECTED = auto()
    UNEXPECTED = auto()
    VOLATILITY = auto()
    AVERAGE = auto()
    NOVELTY = auto()


SIZES = (
    "trials", "phases", "actions", "values", "scenes", "cues", "contexts", "events", "per_tick", "start",
    "decision", "rule", "spikes", "outcome", "shown", "critic", "onset", "reading",
)  # fmt: skip
"""Whole numbers of `task.size`, in order."""
NUMBERS = (
    "limit", "decay", "learning", "discount", "uncertainty", "volatility", "reward",
    "read_decay", "read_scale",
)  # fmt: skip
"""Numbers of `task.numbers`, in order."""


class Move(NamedTuple):
    """A row of `task.move.table`: cells, places of the values in the pool, when, and for which trials."""

    first: int
    last: int
    on: int
    off: int
    each_on: int
    each_off: int
    start: int
    length: int
    selector: int
    number: int
    event: int


class Send(NamedTuple):
    """A row of `task.send.table`: cells, signal, and for a drive how long and from where in the pool."""

    first: int
    last: int
    signal: int
    drive: int
    length: int
    rest: int
    each: int


def state_ends(inputs: Mapping[str, Array | str]) -> list[int]:
    """Ends of the scalars and of the parts of the state behind them, in order."""
    size = dict(zip(SIZES, map(int, inputs["task.size"]), strict=True))
    moves, sends, levels = (
        len(inputs[name]) // columns
        for name, columns in (
            ("task.move.table", len(Move._fields)),
            ("task.send.table", len(Send._fields)),
            ("task.level.index", 1),
        )
    )
    extra = [int(column) + 1 for name in ("error", "value") for column in inputs[f"task.{name}_column"]]
    row = max(len(Column) + size["events"] + sends + levels, *extra)
    actions = size["actions"]
    many = (*(actions,) * 3, size["values"], max(1, actions), size["scenes"], moves, sends, sends, sends, row)
    return list(accumulate(many, initial=len(Scalar)))
