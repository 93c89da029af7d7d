"""What a circuit diagram shows, and where: populations by region, projections, neuromodulators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

MAX_NODES = 40
"""Populations that can be told apart; of a larger circuit the regions are shown."""
GAP = 0.7
"""Free place between two regions, in places of a population."""


@dataclass(frozen=True)
class Node:
    """A population, or a region as a whole: number of cells."""

    name: str
    region: str
    size: int


@dataclass(frozen=True)
class Link:
    """A projection. `sign`: `excitatory`, `inhibitory`, or empty where it is not known; `rules`: that change
    its weights; `in_degree`: synapses per target cell in the mean.
    """

    source: str
    target: str
    receptor: str
    sign: str
    in_degree: float
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """A neuromodulator in a region, and the population that releases it (empty: none)."""

    modulator: str
    region: str
    nucleus: str = ""


@dataclass(frozen=True)
class Circuit:
    """Populations, projections between them, and neuromodulators."""

    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    releases: tuple[Release, ...] = ()

    @property
    def regions(self) -> list[str]:
        """Regions in order of their first population."""
        return list(dict.fromkeys(node.region for node in self.nodes))


def reduced(circuit: Circuit, most: int = MAX_NODES) -> Circuit:
    """The circuit, or where it has more populations than can be shown, that of its first regions."""
    if len(circuit.nodes) <= most:
        return circuit
    where = {node.name: node.region for node in circuit.nodes}
    kept = circuit.regions[:most]
    sizes = {name: sum(n.size for n in circuit.nodes if n.region == name) for name in kept}
    merged: dict[tuple[str, str, str, str], Link] = {}
    for link in circuit.links:
        ends = where.get(link.source, ""), where.get(link.target, "")
        if ends[0] not in sizes or ends[1] not in sizes:
            continue
        one = replace(link, source=ends[0], target=ends[1], in_degree=float("nan"))
        known = merged.setdefault((*ends, link.receptor, link.sign), one)
        merged[(*ends, link.receptor, link.sign)] = replace(known, rules=(*known.rules, *link.rules)[:1])
    releases = [replace(r, nucleus=where.get(r.nucleus, "")) for r in circuit.releases if r.region in sizes]
    nodes = tuple(Node(name, name, sizes[name]) for name in kept)
    return Circuit(nodes, tuple(merged.values()), tuple(dict.fromkeys(releases)))


def angles(circuit: Circuit) -> dict[str, float]:
    """Where on a circle each population stands, in rad, clockwise from the top left; regions together, in an
    order in which connected regions are near each other.
    """
    order = arranged(circuit)
    members = {r: [node.name for node in circuit.nodes if node.region == r] for r in order}
    slots = len(circuit.nodes) + GAP * len(order)
    place, found = 0.0, {}
    for region in order:
        for k, name in enumerate(members[region]):
            found[name] = np.pi - 2 * np.pi * (place + k + 0.5) / slots
        place += len(members[region]) + GAP
    return found


def arranged(circuit: Circuit) -> list[str]:
    """The regions in an order around a circle that keeps links short: two change places while that helps."""
    order = circuit.regions
    where = {node.name: node.region for node in circuit.nodes}
    weights: dict[tuple[str, str], int] = {}
    for link in circuit.links:
        if link.source in where and link.target in where:
            ends = where[link.source], where[link.target]
            weights[ends] = weights.get(ends, 0) + 1
    best = _length(order, weights)
    for _ in range(len(order)):
        before = best
        for one, other in combinations(range(len(order)), 2):
            order[one], order[other] = order[other], order[one]
            length = _length(order, weights)
            if length < best:
                best = length
            else:
                order[one], order[other] = order[other], order[one]
        if best == before:
            break
    return order


def _length(order: Sequence[str], weights: Mapping[tuple[str, str], int]) -> int:
    at = {region: k for k, region in enumerate(order)}
    steps = ((abs(at[a] - at[b]), count) for (a, b), count in weights.items())
    return sum(count * min(step, len(order) - step) for step, count in steps)
