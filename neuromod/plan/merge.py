"""Networks in layers: regions, circuit, experiment, each changing single fields of those below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from neuromod.config.network import Connect, Network, Section
from neuromod.config.read import Node
from neuromod.errors import Place

type KeyPath = tuple[str | int, ...]
"""Keys from the top of a file down to an entry, for example ("populations", "E", "size")."""


def merge(base: Network, over: Network) -> Network:
    """`base` with the fields that are written in `over`.

    Sections and mappings are merged entry by entry; `connect`, values, lists and texts are replaced as a
    whole, and an explicit `null` takes a block away.
    """
    return Network.model_validate(
        {name: overlaid(getattr(base, name), getattr(over, name)) for name in Network.model_fields}
    )


def overlaid(base: object, over: object) -> object:
    """`base` with what is written in `over`: sections and mappings entry by entry, the rest as a whole."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return {**base, **{key: overlaid(base.get(key), value) for key, value in over.items()}}
    if isinstance(base, Section) and isinstance(over, Section) and not isinstance(over, Connect):
        changed = {name: overlaid(getattr(base, name), getattr(over, name)) for name in over.model_fields_set}
        return base.model_copy(update=changed)
    return over


@dataclass(frozen=True)
class Layer:
    """One file's network, and the tree that it was read from."""

    tree: Node
    network: Network


class Layers:
    """All layers of an experiment, the lowest first; the last one is the experiment itself."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._trees = [layer.tree for layer in reversed(layers)]
        self.network: Network = reduce(merge, (layer.network for layer in layers), Network())

    def place(self, path: KeyPath) -> Place:
        """Where `path` is written: in the topmost file that has it, or that has most of it."""
        for length in range(len(path), 0, -1):
            for tree in self._trees:
                if tree.at(path[:length]) is not None:
                    return tree.place_of(path[:length])
        return self._trees[0].place

    def written(self, path: KeyPath) -> object:
        """What is written at `path`, before it was understood; None where it is written nowhere."""
        found = (tree.at(path) for tree in self._trees)
        return next((node.plain() for node in found if node is not None), None)

    def in_experiment(self, path: KeyPath) -> bool:
        """Whether the experiment's own file writes `path`."""
        return self._trees[0].at(path) is not None
