"""The types of the schema in words, and which type stands at a key.

Messages about wrong values and the reference page say the same thing, because both ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from neuromod.config.values import Allowed, shown


def describe(annotation: object) -> str:
    """What a value of this type may be, in words that follow `allowed is`."""
    base, marks = unwrap(annotation)
    words = next((mark.words for mark in marks if isinstance(mark, Allowed)), None)
    if words is not None:
        return words
    if is_union(base):
        return " or ".join(describe(arm) for arm in get_args(base) if arm is not NoneType)
    origin = get_origin(base)
    if origin is Literal:
        return _choice(options(base))
    if origin is tuple:
        return _list(get_args(base), marks)
    if origin is dict:
        return f"a mapping, each entry {describe(get_args(base)[1])}"
    if isinstance(base, type) and issubclass(base, BaseModel):
        return f"a mapping with the keys {', '.join(base.model_fields)}"
    return _scalar(base, marks)


def options(annotation: object) -> list[str]:
    """The fixed values that this type takes, as they are written."""
    base, _ = unwrap(annotation)
    if is_union(base):
        return [option for arm in get_args(base) for option in options(arm)]
    if get_origin(base) is Literal:
        return [value if isinstance(value, str) else shown(value) for value in get_args(base)]
    return []


def unwrap(annotation: object) -> tuple[object, list[object]]:
    """A type without its `Annotated`, and all marks and limits that were on it."""
    marks: list[object] = []
    while get_origin(annotation) is Annotated:
        annotation, *outer = get_args(annotation)
        marks += outer
    return annotation, list(_flat(marks))


def annotation_of(field: FieldInfo) -> object:
    """The type of a field with the limits that its `Field` states."""
    if not field.metadata:
        return field.annotation
    return Annotated[(field.annotation, *field.metadata)]


def annotation_at(model: type[BaseModel], path: Sequence[str | int]) -> object | None:
    """The type of what stands at `path` below a model; None where the path leaves the schema."""
    found: object | None = model
    for step in path:
        found = None if found is None else child(found, step)
    return found


def child(annotation: object, step: str | int) -> object | None:
    """The type of the entry `step` of this type; None where it has no such entry."""
    base, _ = unwrap(annotation)
    arguments: tuple[object, ...] = get_args(base)
    if is_union(base):
        return next((found for arm in arguments if (found := child(arm, step)) is not None), None)
    if isinstance(base, type) and issubclass(base, BaseModel):
        field = base.model_fields.get(str(step))
        return annotation_of(field) if field else None
    if get_origin(base) is dict:
        return arguments[1] if isinstance(step, str) else None
    if get_origin(base) is tuple and isinstance(step, int):
        return arguments[0]  # all lists of the schema have entries of one type
    return None


def keys_of(annotation: object) -> object | None:
    """The type of a mapping's keys; None for what is no free mapping."""
    base, _ = unwrap(annotation)
    return get_args(base)[0] if get_origin(base) is dict else None


def section_of(annotation: object) -> type[BaseModel] | None:
    """The block that this type is, or may be; None for what is no block."""
    base, _ = unwrap(annotation)
    if is_union(base):
        return next((found for arm in get_args(base) if (found := section_of(arm)) is not None), None)
    return base if isinstance(base, type) and issubclass(base, BaseModel) else None


def is_union(base: object) -> bool:
    """Whether a bare type has alternatives."""
    return get_origin(base) in (Union, UnionType)


def _flat(marks: Iterable[object]) -> Iterable[object]:
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        else:
            yield mark


def _choice(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"one of {', '.join(values)}"


def _list(arguments: tuple[object, ...], marks: Iterable[object]) -> str:
    entry = describe(arguments[0])
    if Ellipsis not in arguments:
        return f"a list of {len(arguments)}, each {entry}"
    least = next((mark.min_length for mark in marks if isinstance(mark, MinLen)), 0)
    return f"a list of at least {least}, each {entry}" if least else f"a list, each entry {entry}"


def _scalar(base: object, marks: Sequence[object]) -> str:
    if base is bool:
        return "true or false"
    if base is str:
        most = next((mark.max_length for mark in marks if isinstance(mark, MaxLen)), None)
        return f"text of at most {most} characters" if most else "text"
    return f"a {'whole ' if base is int else ''}number{_limits(marks)}"


def _limits(marks: Sequence[object]) -> str:
    low = next((f" from {_number(mark.ge)}" for mark in marks if isinstance(mark, Ge)), "")
    low = low or next((f" above {_number(mark.gt)}" for mark in marks if isinstance(mark, Gt)), "")
    high = next((f" to {_number(mark.le)}" for mark in marks if isinstance(mark, Le)), "")
    high = high or next((f" below {_number(mark.lt)}" for mark in marks if isinstance(mark, Lt)), "")
    if low and high:
        return low + (high if low.startswith(" from") else high.replace(" to ", ", at most "))
    return low.replace(" from ", " of at least ") or high.replace(" to ", " of at most ")


def _number(limit: object) -> str:
    return f"{limit:,}" if isinstance(limit, int | float) else str(limit)
