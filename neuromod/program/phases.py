"""Which element functions of a step may run at the same time on a GPU.

A step is a list of operations in the order in which a C++ program runs them. Each has a lane: the index that
a thread stands for. Operations of one lane follow each other within a thread. Two operations may share a
phase unless one writes what the other uses; if both are of one lane and both find it by the thread's own
index, they may share it all the same. Each operation goes into the earliest phase that this allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

OWN = "own"
"""Place of a use: found by the index that the thread stands for."""


@dataclass(frozen=True)
class Use:
    """A use of an array; `place` is how the element is found, and empty if any thread may find it."""

    array: str
    place: str = ""


@dataclass(frozen=True)
class Operation:
    """Text of a call inside a thread of `lane`, and the arrays it uses.

    `before` fetches what the call needs; it stands at the beginning of the lane.
    """

    lane: str
    call: str
    reads: frozenset[Use] = frozenset()
    writes: frozenset[Use] = frozenset()
    before: str = ""


@dataclass
class Phase:
    """Operations that may run at the same time, by lane and in order within a lane."""

    lanes: dict[str, list[Operation]] = field(default_factory=dict)

    def add(self, operation: Operation) -> None:
        """Append an operation to its lane."""
        self.lanes.setdefault(operation.lane, []).append(operation)


def schedule(operations: Sequence[Operation]) -> list[Phase]:
    """Phases of a step."""
    phases: list[Phase] = []
    placed: list[tuple[int, Operation]] = []
    for operation in operations:
        number = 0
        for earlier_number, earlier in placed:
            if _conflict(earlier, operation):
                number = max(number, earlier_number + 1)
            elif _touch(earlier, operation):
                number = max(number, earlier_number)
        while len(phases) <= number:
            phases.append(Phase())
        phases[number].add(operation)
        placed.append((number, operation))
    return phases


def _conflict(earlier: Operation, later: Operation) -> bool:
    """May the two not run at the same time."""
    return any(
        earlier.lane != later.lane or not a.place or a.place != b.place for a, b in _shared(earlier, later)
    )


def _touch(earlier: Operation, later: Operation) -> bool:
    """Does one write what the other uses."""
    return bool(_shared(earlier, later))


def _shared(earlier: Operation, later: Operation) -> list[tuple[Use, Use]]:
    """Pairs of uses of one array of which at least one writes."""
    pairs = [(a, b) for a in earlier.writes for b in later.reads | later.writes if a.array == b.array]
    return pairs + [(a, b) for a in earlier.reads for b in later.writes if a.array == b.array]
