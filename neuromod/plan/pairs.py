"""Which neurons are paired: the connection rules as pure functions of sizes, channels and a random stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuromod.config.network import Connect
from neuromod.plan.network import Ints, PopulationPlan

CHUNK = 1 << 15
"""Pairs drawn at a time: few enough to be sorted in the cache. A change of it changes every network."""
Keys = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Targets with the same candidates; `own`: the candidates are the targets, and none may draw itself."""

    sources: Ints
    targets: Ints
    own: bool = False

    @property
    def candidates(self) -> int:
        """Sources that each target may be paired with."""
        return max(0, self.sources.size - self.own)


@dataclass(frozen=True)
class Degree:
    """In-degree of every target of a block: fixed, or binomial with this probability per candidate."""

    fixed: int = 0
    probability: float | None = None
    capped: bool = False

    def mean(self, candidates: int) -> float:
        """Expected in-degree."""
        return float(self.fixed) if self.probability is None else candidates * self.probability


def blocks(source: PopulationPlan, target: PopulationPlan, connect: Connect) -> list[Block]:
    """Candidates and targets of a projection. With `same` and `other`, neurons in no channel take no part."""
    own = source.name == target.name and not connect.autapses
    if connect.channels == "any":
        return [Block(np.arange(source.size, dtype=np.int32), np.arange(target.size, dtype=np.int32), own)]
    found = []
    for channel in range(int(target.channel.max(initial=-1)) + 1):
        inside = source.channel == channel
        chosen = inside if connect.channels == "same" else ~inside & (source.channel >= 0)
        targets = np.flatnonzero(target.channel == channel).astype(np.int32)
        found.append(
            Block(np.flatnonzero(chosen).astype(np.int32), targets, own and connect.channels == "same")
        )
    return found


def degree(block: Block, connect: Connect, scale: float) -> Degree:
    """In-degree in one block. Scaling keeps the mean in-degree of every rule, as far as there are sources."""
    most = block.candidates
    if connect.in_degree is not None:
        return Degree(min(connect.in_degree, most), capped=connect.in_degree > most)
    if connect.all_to_all:
        at_scale_one = round(block.sources.size / scale) - block.own
        return Degree(min(most, at_scale_one) if scale > 1 else most)
    probability = (connect.probability or 0.0) / scale
    return Degree(probability=min(1.0, probability), capped=probability > 1)


def count(source: PopulationPlan, target: PopulationPlan, connect: Connect, scale: float) -> float:
    """Number of synapses: exact for fixed rules, expected for `probability`. Not for edges from a file."""
    if connect.one_to_one:
        return float(target.size)
    parts = blocks(source, target, connect)
    return float(
        sum(block.targets.size * degree(block, connect, scale).mean(block.candidates) for block in parts)
    )


def draw(
    source: PopulationPlan, target: PopulationPlan, connect: Connect, scale: float, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Source and target indices (n,) of all pairs, each pair at most once, by target within a block."""
    if connect.one_to_one:
        every = np.arange(target.size, dtype=np.int32)
        return every, every
    drawn = [
        pair for block in blocks(source, target, connect) for pair in _block_pairs(block, connect, scale, rng)
    ]
    if not drawn:
        return np.empty(0, np.int32), np.empty(0, np.int32)
    sources, targets = (list(parts) for parts in zip(*drawn, strict=True))
    drawn.clear()
    i = np.concatenate(sources)
    sources.clear()
    return i, np.concatenate(targets)


def _block_pairs(
    block: Block, connect: Connect, scale: float, rng: np.random.Generator
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of a block, some targets at a time."""
    n, rule = block.candidates, degree(block, connect, scale)
    if n == 0:
        return
    rows = max(1, int(CHUNK / max(1.0, rule.mean(n))))
    for first in range(0, block.targets.size, rows):
        here = np.arange(first, min(first + rows, block.targets.size))
        degrees = (
            np.full(here.size, rule.fixed)
            if rule.probability is None
            else rng.binomial(n, rule.probability, here.size)
        )
        row, position = _distinct(degrees, n, rng)
        row += first
        position += (position >= row) & block.own
        yield block.sources[position], block.targets[row]


def _distinct(degrees: Keys, n: int, rng: np.random.Generator) -> tuple[Keys, Keys]:
    """For each row r, `degrees[r]` distinct numbers below `n`, all subsets equally likely: (row, number).

    Numbers are drawn with repetition, and repetitions drawn again; rows that take more than half of the
    numbers draw those they leave out.
    """
    dense = 2 * degrees > n
    keys = _without_repetition(
        np.repeat(np.arange(degrees.size), np.where(dense, n - degrees, degrees)), n, rng
    )
    if dense.any():
        keys = _complemented(keys, np.flatnonzero(dense), n)
    return keys // n, keys % n


def _without_repetition(row: Keys, n: int, rng: np.random.Generator) -> Keys:
    """Sorted `row * n + number`, all different."""
    keys = row * n + rng.integers(n, size=row.size)
    while True:
        keys.sort()
        repeated = np.flatnonzero(keys[1:] == keys[:-1])
        if not repeated.size:
            return keys
        keys[repeated] += rng.integers(n, size=repeated.size) - keys[repeated] % n


def _complemented(keys: Keys, rows: Keys, n: int) -> Keys:
    """The keys, with the numbers of each of `rows` replaced by those it does not have."""
    place = np.full(int(max(keys.max(initial=0) // n, rows[-1])) + 1, -1)
    place[rows] = np.arange(rows.size)
    slot = place[keys // n]
    kept = np.ones(rows.size * n, dtype=np.bool_)
    kept[slot[slot >= 0] * n + keys[slot >= 0] % n] = False
    taken = np.flatnonzero(kept)
    complement = rows[taken // n] * n + taken % n
    return np.sort(np.concatenate([keys[slot < 0], complement]))
