"""The structure of a program: everything that is compiled in, and nothing that is data.

A `ProgramStructure` is canonical JSON: equal structures share one compiled binary. Sizes of neuron groups,
update statements, variables and links are structure; every number, every connection, delay and schedule is
data. All statements come from expressions that passed the guard in `neuromod.library.grammar`, which also
checked their dimensions; here every name stands for a plain number in SI units.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

VariableKind = Literal["array", "part", "shared"]
Dtype = Literal["float", "single", "integer"]
RULE_TICK = "tick"
"""Name of the tick of plasticity rules."""
CLEAR_TICK = "clear"
"""Name of the tick that sets eligibility traces to 0, where the program asks for it."""


@dataclass(frozen=True)
class Variable:
    """One named array of a group: per element (`array`), per element but the same within each part of the
    group, or for neighbouring synapses (`part`), or one number (`shared`).

    A `float` has double precision; `single` is for state of synapses, of which there are many.
    """

    name: str
    kind: VariableKind = "array"
    dtype: Dtype = "float"


@dataclass(frozen=True)
class Link:
    """`name` reads `variable` of `group`, at element `index` (a variable of this group), or element 0."""

    name: str
    group: str
    variable: str
    index: str | None = None


@dataclass(frozen=True)
class Tick:
    """Statements that run every `period` seconds at the start of a step, those of lower `order` first.

    `asked`: an array `group.variable`; they run only if one of its elements is not 0 then.
    """

    name: str
    lines: tuple[str, ...]
    period: float
    order: int
    asked: str = ""


def rule_tick(lines: Sequence[str], period: float, order: int) -> tuple[Tick, ...]:
    """The tick of plasticity rules; none where they have no statements for it."""
    return (Tick(RULE_TICK, tuple(lines), period, order),) if lines else ()


@dataclass(frozen=True)
class GroupStructure:
    """One physical group of elements with the same statements.

    `update` runs in every step, in order; `threshold` (empty: never fires) then `reset` for the elements that
    fired. `order`: groups with a lower number are updated earlier within a step. `vectorise`: the update
    contains no library function calls. `parts`: first elements of the group's parts (none: it is one).
    """

    name: str
    size: int
    variables: tuple[Variable, ...]
    links: tuple[Link, ...] = ()
    update: tuple[str, ...] = ()
    threshold: str = ""
    reset: tuple[str, ...] = ()
    ticks: tuple[Tick, ...] = ()
    order: int = 0
    vectorise: bool = True
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class SynapsesStructure:
    """One physical set of synapses between slices [start, stop) of two groups.

    `delay`: `none`, `uniform` (one number) or `each` (one per synapse). Statements may use `NAME_pre`,
    `NAME_post`. `on_post` has no delay. Where there is `on_transmit`, it has the delay and so has `on_post`,
    and `on_pre` has none. Pathways of lower `order` run earlier within a step; `on_post` runs after all
    others of its order.
    """

    name: str
    source: str
    source_slice: tuple[int, int]
    target: str
    target_slice: tuple[int, int]
    variables: tuple[Variable, ...]
    on_pre: tuple[str, ...]
    delay: Literal["none", "uniform", "each"]
    links: tuple[Link, ...] = ()
    on_post: tuple[str, ...] = ()
    on_transmit: tuple[str, ...] = ()
    ticks: tuple[Tick, ...] = ()
    order: int = 0

    @property
    def pathways(self) -> tuple[str, ...]:
        """Kinds of its pathways, in the order in which they are written: `pre`, `transmit`, `post`."""
        used = {"pre": self.on_pre, "transmit": self.on_transmit, "post": self.on_post}
        return tuple(kind for kind, lines in used.items() if lines)


@dataclass(frozen=True)
class ProgramStructure:
    """A whole program: the step in seconds, its groups, and its sets of synapses in the order of delivery."""

    dt: float
    groups: tuple[GroupStructure, ...]
    synapses: tuple[SynapsesStructure, ...]
    format: int = 1

    def to_json(self) -> str:
        """Canonical text: equal structures give equal text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def key(self) -> str:
        """SHA-256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def structure_from_json(text: str) -> ProgramStructure:
    """Inverse of `ProgramStructure.to_json`."""
    raw = json.loads(text)
    return ProgramStructure(
        dt=raw["dt"],
        groups=tuple(_group(g) for g in raw["groups"]),
        synapses=tuple(_synapses(s) for s in raw["synapses"]),
        format=raw["format"],
    )


def _parts(raw: dict) -> dict:  # type: ignore[type-arg]  # JSON of unknown depth
    return raw | {
        "variables": tuple(Variable(**v) for v in raw["variables"]),
        "links": tuple(Link(**link) for link in raw["links"]),
        "ticks": tuple(Tick(**tick | {"lines": tuple(tick["lines"])}) for tick in raw["ticks"]),
    }


def _group(raw: dict) -> GroupStructure:  # type: ignore[type-arg]  # JSON of unknown depth
    return GroupStructure(**_parts(raw) | {key: tuple(raw[key]) for key in ("update", "reset", "parts")})


def _synapses(raw: dict) -> SynapsesStructure:  # type: ignore[type-arg]  # JSON of unknown depth
    tuples = {
        key: tuple(raw[key]) for key in ("source_slice", "target_slice", "on_pre", "on_post", "on_transmit")
    }
    return SynapsesStructure(**_parts(raw) | tuples)
