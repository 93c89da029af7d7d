"""The rule `nest_dopamine` against NEST 3.10 itself: 50 random networks with forced spikes.

What NEST does, found by running it against the closed form of `networks.closed_form`:

- A spike stamped t acts on the synapse at t when it is presynaptic, at t + d when it is postsynaptic (d is
  all dendritic), at t + d' when it is a dopamine spike (d' is the delay of its connection to the volume
  transmitter).
- Pre and post spikes that act at the same time do not pair, in either direction. A dopamine spike that acts
  together with one of them changes nothing of what that spike does: w is continuous. Dopamine spikes that
  arrive together add up, each 1/tau_n.
- The weight that a spike transmits, and that a weight_recorder notes, is the weight at its stamp; its own
  depression has only moved c. `weight` of a connection is the weight at its last update, not at present.
- Weights are updated at presynaptic spikes, then through all post and dopamine spikes since, and every
  `deliver_interval` slices (a slice is the smallest delay). They are clipped at each of these times. We clip
  at presynaptic and (delayed) postsynaptic spikes and at ticks: with b = 0 this is the same, with b > 0 a
  weight that meets a bound while n crosses b differs.
- Where a slice is longer than a step, the updates of `deliver_interval` come too early: spikes of the slice
  that has just ended are delivered after them. The synapse is then taken back in time, which counts
  postsynaptic spikes between the presynaptic spike and the end of the slice twice and lets the dopamine of
  that time act too early. So a result of NEST depends on `deliver_interval`; a very large one gives the
  stated rule.
"""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.versus.nest_weights import Weights, nest_weights
from tests.versus.networks import SEEDS, closed_form, draw
from tests.versus.our_weights import our_weights

AT_SPIKES_ONLY = 10**6
"""A `deliver_interval` beyond the end."""
TOLERANCE = 1e-6
NETWORKS = [draw(seed) for seed in SEEDS]
CLOSED = {
    (number, source, target): closed_form(net, source, target)
    for number, net in enumerate(NETWORKS)
    for source in range(2)
    for target in range(2)
}


@pytest.fixture(scope="module")
def nest() -> ModuleType:
    module = pytest.importorskip("nest", reason="NEST is not installed (extra `versus`)")
    module.verbosity = module.VerbosityLevel.ERROR
    return module


@pytest.fixture(scope="module")
def ours(nest: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Weights:
    return our_weights(tmp_path_factory.mktemp("networks"), NETWORKS)


def differences(one: Weights, other: Weights) -> list[float]:
    """Largest relative difference of every synapse; the spikes must be the same."""
    assert {key: sorted(at) for key, at in one.items()} == {key: sorted(at) for key, at in other.items()}
    return [max(abs(at[time] / other[key][time] - 1) for time in at) for key, at in one.items()]


def test_the_networks_move_weights_and_reach_bounds() -> None:
    changes = [
        abs(list(at.values())[-1] / NETWORKS[key[0]].weights[key[1:]] - 1) for key, at in CLOSED.items()
    ]
    bound = {
        key[0] for key, at in CLOSED.items() if {NETWORKS[key[0]].low, NETWORKS[key[0]].high} & {*at.values()}
    }
    assert sorted(changes)[len(changes) // 2] > 1e-3
    assert len(bound) >= 5


@pytest.mark.parametrize("interval", [1, AT_SPIKES_ONLY])
def test_nest_follows_the_closed_form(nest: ModuleType, interval: int) -> None:
    assert max(differences(nest_weights(nest, NETWORKS, interval), CLOSED)) < 1e-9


def test_our_weights_are_those_of_nest(nest: ModuleType, ours: Weights) -> None:
    found = differences(ours, nest_weights(nest, NETWORKS, AT_SPIKES_ONLY))
    assert len(found) == 4 * len(NETWORKS)
    assert max(found) < TOLERANCE


def test_in_slices_of_many_steps_nest_depends_on_its_deliver_interval(nest: ModuleType) -> None:
    slow = [number for number, net in enumerate(NETWORKS) if min(net.delay, net.dopamine_delay) >= 1.0]
    networks = [NETWORKS[number] for number in slow]
    closed = {
        (k, i, j): CLOSED[number, i, j] for k, number in enumerate(slow) for i in range(2) for j in range(2)
    }
    assert max(differences(nest_weights(nest, networks, 1, feed=1.0), closed)) > 100 * TOLERANCE
    assert max(differences(nest_weights(nest, networks, AT_SPIKES_ONLY, feed=1.0), closed)) < 1e-9
