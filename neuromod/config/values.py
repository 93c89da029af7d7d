"""The leaf types of every model and config file: quantities with units, distributions, names.

Each type takes the plain value that the reader gives (text, number, mapping) and makes it a frozen object in
SI units. A wrong value raises `ValueError` with one sentence; `neuromod.config.validate` adds the place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainValidator, StringConstraints, WithJsonSchema

from neuromod.units import DIMENSIONLESS, Dimension, Quantity, dimension_name, parse_quantity

MAX_SECONDS = 1e7
SECOND: Dimension = (0, 0, 1, 0, 0, 0, 0)
HERTZ: Dimension = (0, 0, -1, 0, 0, 0, 0)
EVIDENCE = ("V", "P", "M", "D")
NAME = r"^[A-Za-z][A-Za-z0-9_]{0,63}$"

Kind = Literal["uniform", "normal", "lognormal"]
_KINDS: tuple[Kind, ...] = ("uniform", "normal", "lognormal")
_LONGEST = 60


@dataclass(frozen=True)
class Allowed:
    """Mark of a type: what it takes, in words; for the reference page its kind, and the unit of defaults."""

    words: str
    kind: str = ""
    unit: str = ""


class EntryError(ValueError):
    """Something is wrong with an entry inside a value; `path` leads from the value to the entry."""

    def __init__(self, message: str, *path: str | int, unknown: bool = False) -> None:
        super().__init__(message)
        self.path = path
        self.unknown = unknown
        """Whether the entry's key is wrong, and not what stands there."""


@dataclass(frozen=True)
class Value:
    """A number with its dimension (SI), and where it comes from."""

    quantity: Quantity
    evidence: str = ""
    source: str = ""


@dataclass(frozen=True)
class Distribution:
    """How one number per neuron or synapse is drawn.

    `uniform`: a and b are the bounds. `normal`: mean a, standard deviation b, redrawn outside [low, high].
    `lognormal`: mean a and standard deviation b of the value itself. A bound may be the name of a parameter.
    """

    kind: Kind
    a: Quantity | str
    b: Quantity | str
    low: Quantity | None = None
    high: Quantity | None = None


def shown(raw: object) -> str:
    """A value as messages show it: in one line and short."""
    if raw is None:
        return "nothing"
    if raw == "":
        return "an empty text"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, dict):
        return "a mapping"
    if isinstance(raw, list):
        return f"a list of {len(raw)}"
    text = str(raw)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return f"`{text if text.isprintable() else ascii(text)[1:-1]}`" if isinstance(raw, str) else text


def suggestion(name: object, names: Collection[str]) -> str:
    """`; did you mean x?` where one of `names` is near, otherwise nothing."""
    from difflib import get_close_matches  # only wrong configs need it

    if not isinstance(name, str):
        return ""
    same = [known for known in names if known.lower() == name.lower()]
    near = same or get_close_matches(name[:_LONGEST], names, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def read_quantity(raw: object) -> Quantity:
    """`10 ms`, `0.5`, 3 -> Quantity in SI units; a bare number has no dimension."""
    if isinstance(raw, Quantity):
        return raw
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        raise ValueError(f"got {shown(raw)}, allowed is a number with its unit, for example 10 ms")
    if isinstance(raw, str):
        return parse_quantity(raw)
    if not math.isfinite(raw):
        raise ValueError(f"got {raw}, allowed is a finite number")
    return Quantity(float(raw), DIMENSIONLESS)


def read_value(raw: object) -> Value:
    """A quantity, or a mapping with `value` and optionally `evidence` and `source`."""
    if isinstance(raw, Value):
        return raw
    if not isinstance(raw, dict):
        return Value(read_quantity(raw))
    _only(raw, ("value", "evidence", "source"))
    if "value" not in raw:
        raise ValueError("got a mapping without `value`, allowed are the keys value, evidence, source")
    evidence, source = raw.get("evidence", ""), raw.get("source", "")
    if evidence not in ("", *EVIDENCE):
        raise EntryError(f"got {shown(evidence)}, allowed is one of {', '.join(EVIDENCE)}", "evidence")
    if not isinstance(source, str):
        raise EntryError(f"got {shown(source)}, allowed is text", "source")
    return Value(_entry(raw["value"], "value"), evidence, source)


def read_drawn(raw: object) -> Value | Distribution:
    """A value, or a distribution: `{uniform: [EL, VT]}`, `{normal: [0.3 nS, 0.03 nS], low: 0 nS}`."""
    if isinstance(raw, (Value, Distribution)):
        return raw
    if not isinstance(raw, dict) or "value" in raw:
        return read_value(raw)
    _only(raw, (*_KINDS, "low", "high", "value", "evidence", "source"))
    found = [kind for kind in _KINDS if kind in raw]
    if len(found) != 1:
        got = " and ".join(found) or "a mapping without a distribution"
        raise ValueError(f"got {got}, allowed is one of {', '.join(_KINDS)} with a list of two values")
    _only(raw, (found[0], "low", "high"))
    pair = raw[found[0]]
    if not (isinstance(pair, list) and len(pair) == 2):
        raise EntryError(f"got {shown(pair)}, allowed is a list of two values", found[0])
    first, second = (_quantity_or_name(part, found[0], index) for index, part in enumerate(pair))
    low, high = (_entry(raw[key], key) if key in raw else None for key in ("low", "high"))
    return Distribution(found[0], first, second, low, high)


def _quantity_or_name(raw: object, *path: str | int) -> Quantity | str:
    return raw if isinstance(raw, str) and re.fullmatch(NAME, raw) else _entry(raw, *path)


def _entry(raw: object, *path: str | int) -> Quantity:
    """The quantity at `path` inside a value."""
    try:
        return read_quantity(raw)
    except ValueError as error:
        raise EntryError(str(error), *path) from None


def _only(raw: dict[str, object], allowed: Collection[str]) -> None:
    for key in raw:
        if key not in allowed:
            hint = suggestion(key, allowed)
            message = f"got the unknown key {shown(key)}, allowed are {', '.join(allowed)}{hint}"
            raise EntryError(message, key, unknown=True)


def _of_dimension(raw: object, dimension: Dimension, *, positive: bool) -> float:
    """The SI number of a quantity that must have this dimension and must not be negative."""
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        raise ValueError(f"got {shown(raw)}, allowed is {dimension_name(dimension)}")
    quantity = read_quantity(raw)
    if quantity.dimension != dimension:
        got = dimension_name(quantity.dimension)
        raise ValueError(f"got {shown(raw)}, which is {got}; allowed is {dimension_name(dimension)}")
    if quantity.value < 0 or (positive and quantity.value == 0):
        raise ValueError(f"got {shown(raw)}, allowed is {'more than 0' if positive else '0 or more'}")
    return quantity.value


def _seconds(raw: object, *, positive: bool) -> float:
    seconds = _of_dimension(raw, SECOND, positive=positive)
    if seconds > MAX_SECONDS:
        raise ValueError(f"got {shown(raw)}, allowed is at most {MAX_SECONDS:.0f} s, which is 116 days")
    return seconds


def read_time(raw: object) -> float:
    """`10 ms` -> 0.01; zero is allowed."""
    return _seconds(raw, positive=False)


def read_positive_time(raw: object) -> float:
    """`10 ms` -> 0.01; zero is refused."""
    return _seconds(raw, positive=True)


def read_rate(raw: object) -> float:
    """`5 Hz` -> 5.0; zero is allowed."""
    return _of_dimension(raw, HERTZ, positive=False)


def _exactly(wanted: int | bool) -> BeforeValidator:
    """Nothing but `wanted`: to Python 1, 1.0 and true are equal, in a config they are not."""

    def check(raw: object) -> object:
        if type(raw) is not type(wanted) or raw != wanted:
            raise ValueError(f"got {shown(raw)}, allowed is {shown(wanted)}")
        return raw

    return BeforeValidator(check)


_QUANTITY: dict[str, object] = {"type": ["string", "number"]}
_VALUE_KEYS: dict[str, object] = {
    "value": _QUANTITY,
    "evidence": {"enum": list(EVIDENCE)},
    "source": {"type": "string"},
}
_VALUE: dict[str, object] = {
    "type": ["string", "number", "object"],
    "properties": _VALUE_KEYS,
    "required": ["value"],
    "additionalProperties": False,
}
_PAIR = {"type": "array", "items": _QUANTITY, "minItems": 2, "maxItems": 2}
_DRAWN: dict[str, object] = {
    "type": ["string", "number", "object"],
    "properties": _VALUE_KEYS | dict.fromkeys(_KINDS, _PAIR) | {"low": _QUANTITY, "high": _QUANTITY},
    "if": {"type": "object"},
    "then": {"oneOf": [{"required": [key]} for key in ("value", *_KINDS)]},
    "additionalProperties": False,
}
_TEXT: dict[str, object] = {"type": "string"}

Evidence = Annotated[Literal["V", "P", "M", "D"], Allowed("one of V, P, M, D")]
Name = Annotated[
    str,
    StringConstraints(pattern=NAME),
    Allowed("a name (a letter, then letters, digits or _, at most 64 in all)", "name"),
]
One = Annotated[Literal[1], _exactly(1)]
Yes = Annotated[Literal[True], _exactly(True)]
QuantityField = Annotated[
    Quantity,
    PlainValidator(read_quantity),
    Allowed("a number with its unit, for example 10 ms", "quantity"),
    WithJsonSchema(_QUANTITY),
]
ValueField = Annotated[
    Value,
    PlainValidator(read_value),
    Allowed("a number with its unit, or {value, evidence, source}", "quantity"),
    WithJsonSchema(_VALUE),
]
DrawnField = Annotated[
    Value | Distribution,
    PlainValidator(read_drawn),
    Allowed(
        "a number with its unit, {value, evidence, source}, or a distribution", "quantity or distribution"
    ),
    WithJsonSchema(_DRAWN),
]
Time = Annotated[
    float,
    PlainValidator(read_time),
    Allowed("a time, for example 10 ms", "time", "ms"),
    WithJsonSchema(_TEXT),
]
PositiveTime = Annotated[
    float,
    PlainValidator(read_positive_time),
    Allowed("a positive time, for example 10 ms", "time", "ms"),
    WithJsonSchema(_TEXT),
]
Rate = Annotated[
    float, PlainValidator(read_rate), Allowed("a rate, for example 5 Hz", "rate", "Hz"), WithJsonSchema(_TEXT)
]
