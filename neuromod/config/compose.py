"""One tree out of several files: `extends`, the `set:` block, and `--set` on the command line.

- `extends: other.yaml` (or a list, later ones win) puts a file under this one. Paths are relative to the file
  that names them and stay inside one root folder, symbolic links included.
- Mappings are merged key by key and the upper file wins; lists and scalars replace; `null` in the upper file
  removes the key. A file that extends nothing keeps its nulls.
- `set:` of a file, a mapping of dotted keys to values, is applied after its merge, `--set KEY=VALUE` last.
  Both put the value exactly as it is (a mapping replaces, `null` stays), and make the mappings on the way.

Every value keeps the place it was written at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path, PureWindowsPath

from neuromod.config.read import KEY, Node, parse_tree, read_tree, shown
from neuromod.errors import ConfigError, Place, Problem

MAX_CHAIN = 8
MAX_FILES = 32
OPTION = Place("--set")
_OWN_KEYS = ("extends", "set")


def compose(path: Path, settings: Sequence[str] = (), *, root: Path | None = None) -> Node:
    """Read the config at `path` with all that it extends, and apply `settings` (each `KEY=VALUE`).

    Extended files must lie inside `root`: by default the folder of the config, or its parent where that is
    called `configs`. Raises `ConfigError` with every problem found.
    """
    composer = _Composer(_default_root(path) if root is None else _resolved(root))
    tree = composer.tree(_File(path, str(path)))
    problems = composer.problems
    tree = _with(settings, tree, problems)
    if tree is None or problems:
        raise ConfigError(problems)
    return tree


def with_settings(tree: Node, settings: Sequence[str]) -> Node:
    """A composed tree with `settings` (each `KEY=VALUE`) applied. Raises `ConfigError`."""
    problems: list[Problem] = []
    changed = _with(settings, tree, problems)
    if changed is None or problems:
        raise ConfigError(problems)
    return changed


def _with(settings: Sequence[str], tree: Node | None, problems: list[Problem]) -> Node | None:
    changes = list(_options(settings, problems))
    return tree if tree is None or not changes else _changed(tree, changes, problems)


@dataclass(frozen=True)
class _File:
    """A file to read, what messages call it, and the files that led to it, the first one first."""

    path: Path
    name: str
    chain: tuple[_File, ...] = ()


@dataclass(frozen=True)
class _Change:
    """A value to be put at a dotted key; `label` is what messages call it."""

    key: str
    value: Node
    place: Place
    label: str


class _Composer:
    """Reads and merges files below one root folder; keeps all problems."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._done: dict[Path, Node | None] = {}
        self.problems: list[Problem] = []

    def tree(self, file: _File) -> Node | None:
        """The composed tree of a file, or None when it cannot be read; each file is read once."""
        path = _resolved(file.path)
        if path not in self._done:
            self._done[path] = None
            self._done[path] = self._composed(_File(path, file.name, file.chain))
        return self._done[path]

    def _composed(self, file: _File) -> Node | None:
        try:
            own = read_tree(file.path, name=file.name)
        except ConfigError as error:
            self.problems.extend(error.problems)
            return None
        if not isinstance(own.value, dict):
            self._note("got no mapping, allowed is a mapping of keys to values", "", own.place)
            return None
        lower = [self.tree(below) for below in self._extended(own, file)]
        tree = reduce(merged, [*(node for node in lower if node is not None), _without_own_keys(own)])
        changes = list(self._set_block(own))
        return _changed(tree, changes, self.problems) if changes else tree

    def _extended(self, own: Node, file: _File) -> Iterator[_File]:
        """The files that `own` extends, without those that are refused."""
        node = own.at(["extends"])
        if node is None:
            return
        entries = node.value if isinstance(node.value, list) else [node]
        if not entries:
            self._note("got an empty list, allowed is a path or a list of paths", "extends", node.place)
        for entry in entries:
            try:
                yield self._target(entry.value, file)
            except ValueError as error:
                self._note(str(error), "extends", entry.place)

    def _target(self, text: object, file: _File) -> _File:
        """The file that `text` names, seen from `file`; `ValueError` when it is not allowed."""
        if not isinstance(text, str):
            raise ValueError("got no text, allowed is the path of a .yaml file, or a list of paths")
        got = f"got `{shown(text)}`"
        if PureWindowsPath(text).anchor or "\\" in text or text.startswith("~"):
            raise ValueError(f"{got}, allowed is a path relative to this file")
        if not text.endswith((".yaml", ".yml")):
            raise ValueError(f"{got}, allowed is the path of a .yaml file")
        path = _resolved(file.path.parent / text)
        if not path.is_relative_to(self._root):
            raise ValueError(
                f"{got}, which leads out of `{self._root.name}`; allowed are files inside this folder"
            )
        chain = (*file.chain, file)
        name = os.path.normpath(os.path.join(os.path.dirname(file.name), text))
        names = " -> ".join([*(link.name for link in chain), name])
        if path in [link.path for link in chain]:
            raise ValueError(f"{got}, with which the file extends itself: {names}")
        if len(chain) == MAX_CHAIN:
            raise ValueError(f"{got}, allowed is a chain of {MAX_CHAIN} files: {names}")
        if path not in self._done and len(self._done) == MAX_FILES:
            raise ValueError(f"{got}, allowed are {MAX_FILES} files in all")
        if not os.path.isfile(path):
            raise ValueError(f"{got}, no such file")
        return _File(path, name, chain)

    def _set_block(self, own: Node) -> Iterator[_Change]:
        block = own.at(["set"])
        if block is None:
            return
        if not isinstance(block.value, dict):
            self._note("got no mapping, allowed is a mapping of dotted keys to values", "set", block.place)
            return
        for key, value in block.value.items():
            yield _Change(key, value, block.key_places[key], f"set.{key}")

    def _note(self, message: str, key: str, place: Place) -> None:
        self.problems.append(Problem(message, key, place))


def _default_root(path: Path) -> Path:
    folder = _resolved(path).parent
    return folder.parent if folder.parent.name == "configs" else folder


def _resolved(path: Path) -> Path:
    """The path without links; where they run in a circle, the path as it is, which then cannot be read."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path.absolute()


def _without_own_keys(tree: Node) -> Node:
    children = tree.value if isinstance(tree.value, dict) else {}
    kept = {key: node for key, node in children.items() if key not in _OWN_KEYS}
    return Node(kept, tree.place, {key: tree.key_places[key] for key in kept})


def merged(lower: Node, upper: Node) -> Node:
    """`upper` over `lower`: mappings key by key, the rest as a whole, `null` removes; neither is changed."""
    if not isinstance(upper.value, dict):
        return upper
    children = dict(lower.value) if isinstance(lower.value, dict) else {}
    places = dict(lower.key_places)
    for key, node in upper.value.items():
        if node.value is None:
            children.pop(key, None)
            places.pop(key, None)
        else:
            children[key] = merged(children.get(key, Node({}, node.place)), node)
            places[key] = upper.key_places[key]
    return Node(children, upper.place, places)


def _changed(tree: Node, changes: Sequence[_Change], problems: list[Problem]) -> Node:
    """A copy of `tree` with the changes made, in their order."""
    tree = _copy(tree)
    for change in changes:
        try:
            _put(tree, change)
        except ValueError as error:
            problems.append(Problem(str(error), change.label, change.place))
    return tree


def _copy(node: Node) -> Node:
    if not isinstance(node.value, dict):
        return node
    return Node({key: _copy(child) for key, child in node.value.items()}, node.place, dict(node.key_places))


def _put(tree: Node, change: _Change) -> None:
    """Put one value into `tree`, in place."""
    *parents, last = change.key.split(".")
    if change.key.split(".")[0] in _OWN_KEYS:
        raise ValueError(f"got the key {change.key}, allowed are keys of the experiment")
    node = tree
    for count, step in enumerate(parents, start=1):
        child = node.at([step])
        if child is None or child.value is None:
            child = Node({}, change.place)
            _assign(node, step, child, change.place)
        elif not isinstance(child.value, dict):
            raise ValueError(f"{'.'.join(parents[:count])} is no mapping, allowed is to set it as a whole")
        node = child
    _assign(node, last, change.value, change.place)


def _assign(parent: Node, key: str, node: Node, place: Place) -> None:
    if isinstance(parent.value, dict):
        parent.value[key] = node
        parent.key_places[key] = place


def _options(settings: Sequence[str], problems: list[Problem]) -> Iterator[_Change]:
    """The changes that `--set` asks for, without those that cannot be read."""
    for text in settings:
        key, equals, value = (part.strip() for part in text.partition("="))
        try:
            if not equals or not KEY.fullmatch(key):
                raise ConfigError(
                    f"got `{shown(text)}`, allowed is KEY=VALUE, for example --set duration='2 s'"
                )
            yield _Change(key, _option_value(key, value), OPTION, key)
        except ConfigError as error:
            name = key if KEY.fullmatch(key) else ""
            problems.extend(Problem(problem.message, name, OPTION) for problem in error.problems)


def _option_value(key: str, text: str) -> Node:
    """A scalar, or a list or mapping in brackets."""
    if not text or text.startswith(("#", "---", "...")):
        raise ConfigError(f"got no value, allowed is a value after the =, for example {key}=null")
    node = parse_tree(text, OPTION.file)
    if "\n" in text or (isinstance(node.value, dict | list) and text[0] not in "[{"):
        raise ConfigError(
            f"got `{shown(text)}`, allowed is a value, [a list], {{a: mapping}} or 'a quoted text'"
        )
    return _moved(node)


def _moved(node: Node) -> Node:
    """The same tree, placed at the option as a whole."""
    if isinstance(node.value, dict):
        children = {key: _moved(child) for key, child in node.value.items()}
        return Node(children, OPTION, dict.fromkeys(children, OPTION))
    if isinstance(node.value, list):
        return Node([_moved(child) for child in node.value], OPTION)
    return Node(node.value, OPTION)
