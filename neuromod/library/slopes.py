"""How steeply an effect follows the drive of its receptor, on either side of the tonic level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from neuromod.config.values import Allowed, EntryError, shown

STEEPEST = 100.0
_KEYS = ("rise", "fall")
_NUMBER: dict[str, object] = {"type": "number", "minimum": -STEEPEST, "maximum": STEEPEST}
_SCHEMA: dict[str, object] = {
    "type": ["number", "object"],
    "properties": dict.fromkeys(_KEYS, _NUMBER),
    "required": list(_KEYS),
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Slopes:
    """Factors k of a drive: `rise` where it is positive, `fall` where it is negative."""

    rise: float
    fall: float

    def __str__(self) -> str:
        return f"{self.rise:+g}" if self.rise == self.fall else f"{self.rise:+g} / {self.fall:+g}"


def read_slopes(raw: object) -> Slopes:
    """`0.3` or `{rise: 0.2, fall: 0.8}`.

    Raises:
        ValueError: neither of these, or beyond `STEEPEST`.
    """
    if not isinstance(raw, dict):
        number = _number(raw)
        return Slopes(number, number)
    for key in raw:
        if key not in _KEYS:
            message = f"got the unknown key {shown(key)}, allowed are rise and fall"
            raise EntryError(message, key, unknown=True)
    return Slopes(*(_number(raw.get(key), key) for key in _KEYS))


def _number(raw: object, *path: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise EntryError(f"got {shown(raw)}, allowed is a number from -{STEEPEST:g} to {STEEPEST:g}", *path)
    if abs(raw) > STEEPEST:
        raise EntryError(f"got {raw:g}, allowed is a number from -{STEEPEST:g} to {STEEPEST:g}", *path)
    return float(raw)


SlopesField = Annotated[
    Slopes,
    PlainValidator(read_slopes),
    Allowed("a number, or {rise, fall}"),
    WithJsonSchema(_SCHEMA),
]
