"""Synapses listed in a SONATA edges file.

Of `/edges/<population>` the columns `source_node_id` and `target_node_id` are read, and of its edge group 0,
where present, `syn_weight` (in the unit of the receptor's weight) and `delay` (ms).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neuromod.plan.network import Floats, Ints
from neuromod.plan.sonata import child, column, population_group, read_ids, read_numbers

if TYPE_CHECKING:
    import h5py


@dataclass(frozen=True)
class EdgesFile:
    """What an edges file offers; its node ids are checked when it is read."""

    path: Path
    count: int
    has_weight: bool
    has_delay: bool


@dataclass(frozen=True)
class ListedEdges:
    """As listed: ids (n,), weights in display units (n,), delays in seconds (n,); None: not in the file."""

    i: Ints
    j: Ints
    weight: Floats | None
    delay: Floats | None


def inspect_edges(path: Path, population: str | None, sources: int, targets: int) -> EdgesFile:
    """Check a file completely, for populations of these sizes, and say what it offers.

    Raises:
        ValueError: one sentence on what is wrong with the file.
    """
    listed = read_edges(path, population, sources, targets)
    return EdgesFile(path, listed.i.size, listed.weight is not None, listed.delay is not None)


def read_edges(path: Path, population: str | None, sources: int, targets: int) -> ListedEdges:
    """Read a file; `ValueError` as `inspect_edges`."""
    with population_group(path, "edges", population) as group:
        source = column(group, "source_node_id")
        target = column(group, "target_node_id", rows=source.shape[0])
        i, j = read_ids(source, sources), read_ids(target, targets)
        weight, delay = _attribute(group, "syn_weight", i.size), _attribute(group, "delay", i.size)
    if delay is not None and delay.min(initial=0.0) < 0:
        raise ValueError(f"got a negative delay in {path.name}, allowed is zero or more")
    return ListedEdges(i, j, weight, None if delay is None else delay * 1e-3)


def _attribute(group: h5py.Group, name: str, count: int) -> Floats | None:
    """A column of edge group 0, in the order of the edges."""
    import h5py

    if "edge_group_id" in group and np.any(read_ids(column(group, "edge_group_id", rows=count), 2**31 - 1)):
        raise ValueError("got several edge groups, allowed is group 0 only")
    if "0" not in group or name not in child(group, "0", h5py.Group):
        return None
    values = column(child(group, "0", h5py.Group), name)
    if "edge_group_index" not in group:
        return read_numbers(column(child(group, "0", h5py.Group), name, rows=count))
    order = read_ids(column(group, "edge_group_index", rows=count), values.shape[0])
    return np.asarray(read_numbers(values)[order])
