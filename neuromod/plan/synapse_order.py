"""The order in which the synapses of a set lie, by source, delay and target, and where each one is.

Large networks are made of hundreds of millions of synapses, so nothing here is made twice, and where the
order is known from how pairs are drawn (target by target) it is found by counting instead of sorting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuromod.plan.network import Floats, Ints


@dataclass(frozen=True)
class Places:
    """Where the synapses of a projection, of which there are `len()`, lie in their set."""

    order: Ints
    """(synapses of the set,): at each place the number of its synapse, counted over all projections."""
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places (n,) of the synapses with these numbers, counted in the projection."""
        places = np.empty(len(self.order), np.int32)
        places[self.order] = np.arange(len(self.order), dtype=np.int32)
        return places[self.start + numbers].astype(np.int64)

    def number(self, place: int) -> int | None:
        """Number of the synapse at a place; None where it is of another projection."""
        found = int(self.order[place])
        return found - self.start if self.start <= found < self.stop else None


def synapse_order(i: Ints, j: Ints, delay: Floats) -> Ints:
    """(n,) numbers of synapses sorted by source, delay and target; equal ones in the order they have."""
    same = delay.size == 0 or not any(delay.strides) or bool(np.all(delay == delay[0]))
    if same and bool(np.all(j[1:] >= j[:-1])):
        return _by_source(i, j)
    keys = (j, i) if same else (j, delay, i)
    return np.lexsort(keys).astype(np.int32)


def _by_source(i: Ints, j: Ints) -> Ints:
    """The order of synapses that are sorted by target: as columns of a matrix become its rows."""
    from scipy import sparse  # takes 0.1 s, and a program that is already compiled needs no synapses

    targets, sources = int(j.max(initial=-1)) + 1, int(i.max(initial=-1)) + 1
    first = np.zeros(targets + 1, np.int32)
    np.cumsum(np.bincount(j, minlength=targets), out=first[1:])
    numbers = np.arange(i.size, dtype=np.int32)
    return np.asarray(sparse.csc_array((numbers, i, first), shape=(sources, targets)).tocsr().data)
