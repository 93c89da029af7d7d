"""Fusion: many logical populations become few physical groups, behind their logical names.

Every physical group costs time in each step and in each build, so populations of one neuron template share a
group unless the features that only some of them need (receptors, drives, traces) would cost more per step
than a group of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from neuromod.plan.features import Features, input_slots
from neuromod.plan.gains import columns
from neuromod.plan.network import NetworkPlan

GROUP_COST = 1500.0
"""Time per step (ns) that one more group is worth: its loop, threshold, reset and pathways, and its share of
the build.
"""


def own_features(network: NetworkPlan, extra: Mapping[str, Features]) -> dict[str, Features]:
    """Features of each population alone; `extra` holds the traces and transmitter states that projections
    need.
    """
    features = {}
    for name, population in network.populations.items():
        receptors = {receptor: plan.template for receptor, plan in population.receptors.items()}
        inputs = {slot: population.inputs[key].template for key, slot in input_slots(population).items()}
        lfp = name in network.experiment.record.lfp
        own = Features(receptors, inputs, effects=frozenset(columns(network, name)), lfp=lfp)
        features[name] = own.joined(extra.get(name, Features({}, {})))
    return features


def partition(network: NetworkPlan, features: Mapping[str, Features]) -> list[list[str]]:
    """Populations that share a group, greedily merged while a merge saves time; order of declaration is
    kept.
    """
    groups: list[list[str]] = []
    for name in network.populations:
        same = (g for g in groups if _alike(network, g[0], name) and features[g[0]] == features[name])
        group = next(same, None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    while True:
        pairs = [(a, b) for a, b in combinations(groups, 2) if _alike(network, a[0], b[0])]
        wastes = [_waste(network, features, a, b) for a, b in pairs]
        if not wastes or min(wastes) >= GROUP_COST:
            break
        a, b = pairs[wastes.index(min(wastes))]
        groups = [group for group in groups if group not in (a, b)] + [a + b]
    order = {name: position for position, name in enumerate(network.populations)}
    return sorted(
        (sorted(group, key=order.__getitem__) for group in groups), key=lambda group: order[group[0]]
    )


def union(features: Mapping[str, Features], names: Sequence[str]) -> Features:
    """Features of a group with these members."""
    total = features[names[0]]
    for name in names[1:]:
        total = total.joined(features[name])
    return total


def _alike(network: NetworkPlan, a: str, b: str) -> bool:
    return network.populations[a].template == network.populations[b].template


def _waste(
    network: NetworkPlan, features: Mapping[str, Features], a: Sequence[str], b: Sequence[str]
) -> float:
    """Time per step (ns) that members of either group would spend on features of the other."""
    sizes = [sum(network.populations[name].size for name in group) for group in (a, b)]
    one, two = union(features, a), union(features, b)
    both = one.joined(two).cost()
    return sizes[0] * (both - one.cost()) + sizes[1] * (both - two.cost())
