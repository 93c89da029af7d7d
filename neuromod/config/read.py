"""YAML text -> a tree of plain values that knows where each one stands.

A small, closed part of YAML 1.2 is read: mappings, lists and scalars. Refused are anchors and aliases, tags,
directives, several documents, duplicate keys, keys that are not names, infinity and NaN, tabs, other control
characters, and anything beyond the limits below. The parser's events are read one by one and nothing is ever
constructed from a tag, so that a hostile file is refused where it first breaks a rule. Every failure is a
`ConfigError` with places.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from neuromod.errors import ConfigError, Place, Problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 40_000  # so many as are read within 2 s
MAX_SCALAR = 1 << 16
MAX_PROBLEMS = 50
MAX_INTEGER = 2**63 - 1

_ARROW = r"[A-Za-z0-9_]{1,64}->[A-Za-z0-9_]{1,64}(?::[A-Za-z0-9_]{1,64})?"
_WORD = r"[A-Za-z0-9_-]{1,64}"
KEY = re.compile(rf"(?:{_ARROW}|{_WORD})(?:\.(?:{_ARROW}|{_WORD})){{0,31}}")
"""A key: a word or `SOURCE->TARGET[:tag]`, or several joined by dots (as in a `set:` block)."""

_CONTROL = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
    "|\r(?!\n)"
)
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_DEEP = re.compile(rf"(?:[\[{{][ \r\n]*+){{{MAX_DEPTH + 1}}}")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(r"[+-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}

type Scalar = str | int | float | bool | None
type Plain = dict[str, Plain] | list[Plain] | Scalar


@dataclass(frozen=True)
class Node:
    """A value and where it stands; `key_places` says for a mapping where each key stands."""

    value: dict[str, Node] | list[Node] | Scalar
    place: Place
    key_places: dict[str, Place] = field(default_factory=dict)

    def plain(self) -> Plain:
        """The value as ordinary dictionaries, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, path: Sequence[str | int]) -> Node | None:
        """The node that `path` leads to, or None."""
        node: Node | None = self
        for step in path:
            node = None if node is None else node._child(step)
        return node

    def place_of(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Where `path` is written: a scalar itself, or the key that holds a mapping or list.

        `key`: the key of a scalar too (for an unknown key). A path that does not exist is where its deepest
        existing ancestor is.
        """
        node, place = self, self.place
        for step in path:
            child = node._child(step)
            if child is None:
                return place
            place = node.key_places.get(str(step), child.place)
            node = child
        return place if key or isinstance(node.value, dict | list) else node.place

    def _child(self, step: str | int) -> Node | None:
        if isinstance(self.value, dict) and isinstance(step, str):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            return self.value[step]
        return None


def node_of(plain: Plain, place: Place) -> Node:
    """A tree of plain values, all of which are said to stand at `place`."""
    if isinstance(plain, dict):
        children = {key: node_of(value, place) for key, value in plain.items()}
        return Node(children, place, dict.fromkeys(children, place))
    if isinstance(plain, list):
        return Node([node_of(value, place) for value in plain], place)
    return Node(plain, place)


def read_tree(path: Path, *, name: str | None = None) -> Node:
    """Read a YAML file; `name` is what messages call it (default: the path as given)."""
    file = str(path) if name is None else name
    data = _read(path, file)
    if len(data) > MAX_BYTES:
        raise _too_long(file)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = Place(file, data.count(b"\n", 0, error.start) + 1, 1)
        message = f"got the byte 0x{data[error.start]:02x}, allowed is text in UTF-8"
        raise ConfigError(Problem(message, place=place)) from None
    return parse_tree(text, file)


def parse_tree(text: str, file: str) -> Node:
    """Read YAML text; `file` is what messages call it. Raises `ConfigError` with all problems found."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _too_long(file)
    _check_text(text, file)
    return _Builder(file).build(_events(text, file))


def _read(path: Path, name: str) -> bytes:
    """The first bytes of a regular file, one more than allowed at most."""
    reason = ""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read(MAX_BYTES + 1)
        reason = "is not a regular file"
    except FileNotFoundError:
        reason = f"no such file{_similar(path)}"
    except IsADirectoryError:
        reason = "is a directory, allowed is a YAML file"
    except PermissionError:
        reason = "permission to read it was denied"
    except (OSError, ValueError) as error:
        reason = f"cannot be read ({getattr(error, 'strerror', None) or error})"
    raise ConfigError(Problem(reason, place=Place(name)))


def _open_without_waiting(path: str, flags: int) -> int:
    """Opening a named pipe would otherwise wait for its writer for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def _similar(path: Path) -> str:
    """`; did you mean X?` where the folder has a file of a similar name."""
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix in (".yaml", ".yml"))
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _too_long(file: str) -> ConfigError:
    return ConfigError(
        Problem(f"longer than {MAX_BYTES} bytes, which is the most allowed", place=Place(file))
    )


def _check_text(text: str, file: str) -> None:
    """Refuse what needs no parser to be seen."""
    if found := _CONTROL.search(text):
        code = ord(found[0][0])
        character = "a tab" if code == 9 else f"the control character U+{code:04X}"
        message = f"got {character}, allowed are blanks, line ends and visible characters"
    elif found := _DIRECTIVE.search(text):
        message = "got a line that begins with %, allowed is a document without directives"
    elif found := _DEEP.search(text):
        message = f"nested deeper than {MAX_DEPTH} levels, which is the most allowed"
    else:
        return
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    raise ConfigError(Problem(message, place=Place(file, line, column)))


def _events(text: str, file: str) -> Iterator[Event]:
    """The parser's events, its errors turned into ours.

    Always the Python parser: the optional C one reads YAML 1.1 and refuses `{A->B:tag: 1}`, so that a config
    could be right on one machine and wrong on another.
    """
    place = Place(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            place = Place(file, event.start_mark.line + 1, event.start_mark.column + 1)
            yield event
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else place
        reason = ": ".join(part for part in (error.context, error.problem) if part)
    except YAMLError as error:
        reason = str(error).partition("\n")[0]
    except (ValueError, OverflowError):  # the Python parser's chr() of an escape beyond Unicode
        reason = "an escape that stands for no character"
    else:
        return
    raise ConfigError(Problem(f"not valid YAML: {reason}", place=place))


@dataclass
class _Open:
    """A mapping or list whose end has not come yet."""

    node: Node
    key: str | None = None


class _Builder:
    """Makes nodes of events; keeps the problems that need not stop the reading."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._problems: list[Problem] = []
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._count = 0

    def build(self, events: Iterator[Event]) -> Node:
        """The root node, or a `ConfigError` with all problems."""
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(event, "got a second document, allowed is one in a file")
            elif isinstance(event, CollectionEndEvent):
                self._add(self._open.pop().node)
            elif isinstance(event, ScalarEvent | AliasEvent | CollectionStartEvent):
                self._node(event)
        if self._problems:
            raise ConfigError(self._problems)
        if self._root is None:
            raise ConfigError(
                Problem("the file is empty, allowed is a mapping of keys to values", place=Place(self._file))
            )
        return self._root

    def _node(self, event: ScalarEvent | AliasEvent | CollectionStartEvent) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            self._stop(event, f"more than {MAX_NODES} values, which is the most allowed")
        self._check_plainness(event)
        place = self._place(event)
        if self._expects_key():
            self._key(event, place)
        elif isinstance(event, CollectionStartEvent):
            if len(self._open) == MAX_DEPTH:
                self._stop(event, f"nested deeper than {MAX_DEPTH} levels, which is the most allowed")
            self._open.append(_Open(Node({} if isinstance(event, MappingStartEvent) else [], place)))
        else:
            self._add(Node(self._scalar(event) if isinstance(event, ScalarEvent) else None, place))

    def _check_plainness(self, event: ScalarEvent | AliasEvent | CollectionStartEvent) -> None:
        if isinstance(event, AliasEvent):
            self._note(event, f"got the alias *{shown(event.anchor)}, allowed is to write the value out")
        elif event.anchor is not None:
            self._note(event, f"got the anchor &{shown(event.anchor)}, allowed are values without anchors")
        elif event.tag is not None:
            self._note(event, f"got the tag {shown(event.tag)}, allowed are values without tags")

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].node.value, dict) and self._open[-1].key is None

    def _key(self, event: ScalarEvent | AliasEvent | CollectionStartEvent, place: Place) -> None:
        if not isinstance(event, ScalarEvent):
            self._stop(event, "got a list, mapping or alias as a key, allowed is a name")
        key, parent = event.value, self._open[-1].node
        if not isinstance(self._scalar(event), str):
            self._note(event, f"got the key {key or 'nothing'}, which is not text; put it into quotes")
        elif not KEY.fullmatch(key):
            self._note(
                event, f"got the key {shown(key)}, allowed are letters, digits, _ and -, or SOURCE->TARGET"
            )
        elif key in parent.key_places:
            self._note(
                event,
                f"got the key {key} twice, first in line {parent.key_places[key].line}; allowed is once",
            )
        parent.key_places.setdefault(key, place)
        self._open[-1].key = key

    def _add(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent.node.value, list):
            parent.node.value.append(node)
        elif isinstance(parent.node.value, dict) and parent.key is not None:
            parent.node.value[parent.key] = node
            parent.key = None

    def _scalar(self, event: ScalarEvent) -> Scalar:
        text: str = event.value
        try:
            _check_scalar(text)
            return text if event.style else _resolved(text)
        except ValueError as error:
            self._note(event, str(error))
            return text

    def _place(self, event: Event) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _path(self) -> str:
        steps = (str(len(o.node.value)) if isinstance(o.node.value, list) else o.key for o in self._open)
        return ".".join(shown(step) for step in steps if step)

    def _note(self, event: Event, message: str) -> None:
        self._problems.append(Problem(message, self._path(), self._place(event)))
        if len(self._problems) >= MAX_PROBLEMS:
            raise ConfigError(self._problems)

    def _stop(self, event: Event, message: str) -> NoReturn:
        self._problems.append(Problem(message, self._path(), self._place(event)))
        raise ConfigError(self._problems)


def _check_scalar(text: str) -> None:
    if len(text) > MAX_SCALAR:
        raise ValueError(f"got a text of {len(text)} characters, allowed are at most {MAX_SCALAR}")
    if found := _CONTROL.search(text.replace("\t", " ")):
        raise ValueError(
            f"got the control character U+{ord(found[0][0]):04X}, allowed are visible characters"
        )


def _resolved(text: str) -> Scalar:
    """What an unquoted scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"got {text}, allowed are finite numbers")
    if _INTEGER.fullmatch(text):
        if len(text) > 40 or abs(int(text)) > MAX_INTEGER:
            raise ValueError(f"got the whole number {shown(text)}, allowed is at most {MAX_INTEGER}")
        return int(text)
    if _FLOAT.fullmatch(text):
        if not math.isfinite(float(text)):
            raise ValueError(f"got {shown(text)}, allowed are numbers up to 1.8e308")
        return float(text)
    return text


def shown(text: str) -> str:
    """`text` as messages show it: in one line, without control characters, and not too long."""
    text = text if len(text) <= 100 else f"{text[:90]}..."
    return text if text.isprintable() else ascii(text)[1:-1]
