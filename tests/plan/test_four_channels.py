"""The circuit of configs/bandit_restless.yaml: four channels, each wired as one of two."""

import numpy as np

from neuromod.config.load import load
from neuromod.library.shipped import configs_root
from neuromod.plan.connectivity import connect
from neuromod.plan.expand import expand
from neuromod.plan.network import NetworkPlan
from neuromod.simulation.execute import library_of


def planned(config: str = "bandit_restless.yaml") -> NetworkPlan:
    loaded = load(configs_root() / config)
    return expand(loaded, library_of(loaded))


def test_pathways_stay_in_their_channel_and_collaterals_reach_all_others() -> None:
    plan = planned()
    channel = {name: population.channel for name, population in plan.populations.items()}
    assert [len(set(channel[name])) for name in ("MSN_D1", "MSN_D2", "GPE_PROTO", "SNR")] == [4] * 4
    for name in ("MSN_D1->SNR", "MSN_D2->GPE_PROTO", "GPE_PROTO->SNR", "MSN_D2->MSN_D1"):
        source, target = name.split("->")
        edges = connect(plan, name)
        assert np.array_equal(channel[source][edges.i], channel[target][edges.j]), name
    across = connect(plan, "MSN_D1->MSN_D1:across")
    pairs = set(zip(channel["MSN_D1"][across.i].tolist(), channel["MSN_D1"][across.j].tolist(), strict=True))
    assert pairs == {(a, b) for a in range(4) for b in range(4) if a != b}


def test_a_channel_is_as_large_and_as_connected_as_one_of_two() -> None:
    four, two = planned(), planned("bandit.yaml")
    for name in ("MSN_D1", "MSN_D2", "GPE_PROTO", "SNR"):
        assert four.populations[name].size == 2 * two.populations[name].size
    for name in four.projections:
        fans = [np.bincount(connect(plan, name).j) for plan in (four, two)]
        assert set(fans[0]) == set(fans[1]), name
