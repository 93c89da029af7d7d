"""The model library: `<root>/<kind>/<name>.yaml` in one or several root folders, read when first asked for.

Folders are searched in order, so that a user's model comes before a shipped one of the same name. A model may
say `extends: other` and then changes single entries of another model of its kind; `extends` with its own name
means the one that it shadows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from neuromod.config.compose import merged
from neuromod.config.fingerprint import fingerprint
from neuromod.config.read import Node, read_tree
from neuromod.config.validate import validate
from neuromod.errors import ConfigError, InternalError, Place, Problem
from neuromod.library.check import check
from neuromod.library.names import shown
from neuromod.library.template import (
    KINDS,
    CircuitTemplate,
    InputTemplate,
    Model,
    NeuromodulatorTemplate,
    NeuronTemplate,
    PlasticityTemplate,
    RegionTemplate,
    SynapseTemplate,
    TaskTemplate,
)

MAX_CHAIN = 8
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
"""What a model may be called; its file has this name and the suffix `.yaml`."""


@dataclass(frozen=True)
class _Request:
    """A model that is asked for, and where: at a key of a config or in the `extends` of a model file."""

    kind: str
    name: str
    place: Place | None = None
    key: str = ""

    def refuse(self, message: str) -> ConfigError:
        return ConfigError(Problem(message, self.key, self.place))


@dataclass(frozen=True)
class _File:
    """A model file and the number of the root folder that it lies in."""

    path: Path
    root: int


class Library:
    """The models below the folders `roots`, the first ones searched first.

    `kind` is everywhere one of `neurons`, `synapses`, `inputs`, `plasticity`, `neuromodulators`, `regions`,
    `circuits`, `tasks`. `place` and `key` say where a model is asked for and appear in the message when there
    is none.
    `notices` has a sentence for each model used so far that hides one of the same name in a later folder.

    Raises:
        ConfigError: a root is not a folder; later, a model does not exist or is wrong (all problems at once).
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        missing = [root for root in roots if not root.is_dir()]
        if missing:
            raise ConfigError(f"got the models folder `{missing[0]}`, allowed is a folder that exists")
        self.roots = tuple(roots)
        self.notices: list[str] = []
        self._models: dict[tuple[str, str], Model] = {}
        self._trees: dict[Path, Node] = {}

    @property
    def digests(self) -> list[str]:
        """`kind/name digest` of the content of every file read so far, sorted."""
        return sorted(
            f"{path.parent.name}/{path.stem} {fingerprint(tree)}" for path, tree in self._trees.items()
        )

    def names(self, kind: str) -> list[str]:
        """Names of all models of a kind, sorted; the files are not read."""
        folders = [root / _known(kind) for root in self.roots]
        stems = {path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.yaml")}
        return sorted(name for name in stems if NAME.fullmatch(name))

    def path(self, kind: str, name: str, place: Place | None = None, key: str = "") -> Path:
        """The file of a model."""
        return self._find(_Request(_known(kind), name, place, key)).path

    def node(self, kind: str, name: str, place: Place | None = None, key: str = "") -> Node:
        """The tree of a model file, with everything that it extends merged into it."""
        request = _Request(_known(kind), name, place, key)
        return self._composed(request, self._find(request), ())

    def get(self, kind: str, name: str, place: Place | None = None, key: str = "") -> Model:
        """A model, read and checked when it is first asked for."""
        if (kind, name) not in self._models:
            node = self.node(kind, name, place, key)
            model = validate(node, KINDS[kind])
            problems = check(model, node)
            if problems:
                raise ConfigError(problems)
            self._models[kind, name] = model
        return self._models[kind, name]

    def neuron(self, name: str, place: Place | None = None, key: str = "") -> NeuronTemplate:
        """A model of the kind `neurons`."""
        return _of_type(self.get("neurons", name, place, key), NeuronTemplate)

    def synapse(self, name: str, place: Place | None = None, key: str = "") -> SynapseTemplate:
        """A model of the kind `synapses`."""
        return _of_type(self.get("synapses", name, place, key), SynapseTemplate)

    def input(self, name: str, place: Place | None = None, key: str = "") -> InputTemplate:
        """A model of the kind `inputs`."""
        return _of_type(self.get("inputs", name, place, key), InputTemplate)

    def plasticity(self, name: str, place: Place | None = None, key: str = "") -> PlasticityTemplate:
        """A model of the kind `plasticity`."""
        return _of_type(self.get("plasticity", name, place, key), PlasticityTemplate)

    def neuromodulator(self, name: str, place: Place | None = None, key: str = "") -> NeuromodulatorTemplate:
        """A model of the kind `neuromodulators`."""
        return _of_type(self.get("neuromodulators", name, place, key), NeuromodulatorTemplate)

    def region(self, name: str, place: Place | None = None, key: str = "") -> RegionTemplate:
        """A model of the kind `regions`."""
        return _of_type(self.get("regions", name, place, key), RegionTemplate)

    def circuit(self, name: str, place: Place | None = None, key: str = "") -> CircuitTemplate:
        """A model of the kind `circuits`."""
        return _of_type(self.get("circuits", name, place, key), CircuitTemplate)

    def task(self, name: str, place: Place | None = None, key: str = "") -> TaskTemplate:
        """A model of the kind `tasks`."""
        return _of_type(self.get("tasks", name, place, key), TaskTemplate)

    def _find(self, request: _Request, first: int = 0) -> _File:
        """The file of a model in the first root, from number `first` on, that has one."""
        if not NAME.fullmatch(request.name):
            raise request.refuse(
                f"got {shown(request.name)} as the name of a model, "
                "allowed is a letter followed by letters, digits or underscores, at most 64 characters"
            )
        files = [
            _File(root / request.kind / f"{request.name}.yaml", number)
            for number, root in enumerate(self.roots)
            if number >= first and (root / request.kind / f"{request.name}.yaml").is_file()
        ]
        if not files:
            raise request.refuse(self._missing(request, first))
        if not files[0].path.resolve().is_relative_to(self.roots[files[0].root].resolve()):
            reason = "whose file is a link out of its models folder; allowed are files inside it"
            raise request.refuse(f"got `{request.name}`, {reason}")
        if len(files) > 1 and first == 0:
            notice = f"{request.kind}/{request.name}: {files[0].path} is used instead of {files[1].path}"
            self.notices += [] if notice in self.notices else [notice]
        return files[0]

    def _missing(self, request: _Request, first: int) -> str:
        if first:
            return (
                f"got `{request.name}` itself, allowed only where a later models folder has one of this name"
            )
        known = self.names(request.kind)
        close = get_close_matches(request.name, known, n=1)
        allowed = f"allowed are {', '.join(known)}" if known else "there are none"
        hint = f"; did you mean {close[0]}?" if close else ""
        return f"got `{request.name}`, which is not in models/{request.kind}; {allowed}{hint}"

    def _read(self, path: Path) -> Node:
        if path not in self._trees:
            self._trees[path] = read_tree(path)
        return self._trees[path]

    def _composed(self, request: _Request, file: _File, chain: tuple[Path, ...]) -> Node:
        """The tree of `file` on top of the one it extends; `chain` holds the files that led to it."""
        tree = self._read(file.path)
        below = tree.at(["extends"])
        if below is None or not isinstance(tree.value, dict):
            return tree
        lower = _Request(request.kind, _extended_name(below), below.place, "extends")
        target = self._find(lower, first=file.root + 1 if lower.name == request.name else 0)
        chain = (*chain, file.path)
        if target.path in chain or len(chain) == MAX_CHAIN:
            names = " -> ".join(path.stem for path in (*chain, target.path))
            reason = f"allowed are at most {MAX_CHAIN} models and no circle"
            raise lower.refuse(f"got the chain {names}, {reason}")
        return merged(self._composed(lower, target, chain), tree)


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise InternalError(f"got the kind of model {kind!r}, allowed are {', '.join(KINDS)}")
    return kind


def _of_type[M: Model](model: Model, expected: type[M]) -> M:
    if not isinstance(model, expected):
        raise InternalError(f"the library holds a {type(model).__name__} in place of a {expected.__name__}")
    return model


def _extended_name(node: Node) -> str:
    if not isinstance(node.value, str):
        message = "got no text, allowed is the name of a model of the same kind"
        raise ConfigError(Problem(message, "extends", node.place))
    return node.value
