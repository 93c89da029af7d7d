"""A tree checked against a schema: every problem at once, each at its place and in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from neuromod.config.describe import annotation_at, describe, keys_of, options, section_of
from neuromod.config.read import Node
from neuromod.config.values import EntryError, shown, suggestion
from neuromod.errors import ConfigError, Problem

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_PROBLEMS = 50
_KEY = "[key]"
Path = tuple[str | int, ...]


def validate[S: BaseModel](node: Node, model: type[S], prefix: str = "") -> S:
    """The tree as a `model`; `prefix` is put before every key that a message names.

    Raises:
        ConfigError: with every problem, sorted by place.
    """
    try:
        return model.model_validate(node.plain())
    except ValidationError as error:
        found = [_located(details, node) for details in error.errors(include_url=False)]
    teller = _Teller(node, model, prefix)
    problems = dict.fromkeys(teller.problem(one) for one in _without_alternatives(found))
    raise ConfigError(_limited(sorted(problems, key=_order)))


@dataclass(frozen=True)
class _Located:
    """One complaint of pydantic, at the path as a user writes it.

    `arm`: it is about one of several alternatives; `settled`: it is the only complaint at this path.
    """

    path: Path
    details: ErrorDetails
    arm: bool = False
    settled: bool = True

    @property
    def kind(self) -> str:
        return self.details["type"]

    @property
    def about_key(self) -> bool:
        """Whether the key itself is wrong, and not what stands there."""
        return self.kind == "extra_forbidden" or self.details["loc"][-1:] == (_KEY,)


def _located(details: ErrorDetails, node: Node) -> _Located:
    """Without the steps that pydantic puts in for alternatives: they are no keys of the tree."""
    path: Path = ()
    *parents, last = details["loc"] or ("",)
    for step in parents:
        if node.at((*path, step)) is not None:
            path = (*path, step)
    absent = details["type"] == "missing" and isinstance(last, str)
    if absent or node.at((*path, last)) is not None:
        path = (*path, last)
    arms = len(details["loc"]) - len(path) - (details["loc"][-1:] == (_KEY,))
    return _Located(path, details, arm=arms > 0 and details["type"] != "missing")


def _without_alternatives(found: Sequence[_Located]) -> Iterator[_Located]:
    """One complaint for a value that fits no alternative; the inner ones where it fits one in kind."""
    arms: dict[Path, int] = {}
    for one in found:
        if one.arm:
            arms[one.path] = arms.get(one.path, 0) + 1
    told: set[Path] = set()
    for one in found:
        if one.arm and (one.path in told or any(_inside(path, one.path) for path in arms)):
            continue
        if one.arm:
            told.add(one.path)
        yield _Located(one.path, one.details, one.arm, settled=arms.get(one.path, 0) < 2)


def _inside(path: Path, outer: Path) -> bool:
    return len(path) > len(outer) and path[: len(outer)] == outer


@dataclass(frozen=True)
class _Teller:
    """Puts complaints into words."""

    node: Node
    model: type[BaseModel]
    prefix: str

    def problem(self, one: _Located) -> Problem:
        """The complaint as a problem with place and key."""
        error = one.details.get("ctx", {}).get("error")
        path = one.path + (error.path if isinstance(error, EntryError) else ())
        about_key = error.unknown if isinstance(error, EntryError) else one.about_key
        key = ".".join(str(step) for step in path)
        key = ".".join(part for part in (self.prefix, key) if part)
        return Problem(self._message(one), key, self.node.place_of(path, key=about_key))

    def _message(self, one: _Located) -> str:
        if one.kind == "extra_forbidden":
            return self._unknown_key(one.path)
        if one.about_key:
            keys = keys_of(annotation_at(self.model, one.path[:-1]))
            return f"got the name {shown(one.path[-1])}, allowed is {describe(keys)}"
        annotation = annotation_at(self.model, one.path)
        if one.kind == "missing" and self.node.at(one.path) is None:
            return f"got nothing, this key is needed; allowed is {describe(annotation)}"
        if one.kind == "value_error" and one.settled:
            return str(one.details["ctx"]["error"])
        value = self.node.at(one.path)
        written = value.plain() if value is not None else one.details["input"]
        hint = suggestion(written, options(annotation))
        return f"got {shown(written)}, allowed is {describe(annotation)}{hint}"

    def _unknown_key(self, path: Path) -> str:
        section = section_of(annotation_at(self.model, path[:-1]))
        names = list(section.model_fields) if section else []
        hint = suggestion(path[-1], names)
        return f"got the unknown key {shown(path[-1])}, allowed are {', '.join(names)}{hint}"


def _order(problem: Problem) -> tuple[str, int, int, str]:
    place = problem.place
    return (place.file, place.line, place.column, problem.key) if place else ("", 0, 0, problem.key)


def _limited(problems: Sequence[Problem]) -> Iterable[Problem]:
    """The first problems, and how many there are beyond."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    first = problems[MAX_PROBLEMS]
    more = Problem(f"got {len(problems) - MAX_PROBLEMS} more problems from here on", first.key, first.place)
    return [*problems[:MAX_PROBLEMS], more]
