"""The weights of NEST's `stdp_dopamine_synapse` in networks with forced spikes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tests.versus.networks import DURATION, STEP, Network, Train

Weights = dict[tuple[int, int, int], dict[float, float]]
"""(network, source, target) -> time of a presynaptic spike in ms -> weight that it transmits."""


def nest_weights(nest: Any, networks: Sequence[Network], interval: int, feed: float = STEP) -> Weights:
    """All networks in one simulation.

    `interval`: `deliver_interval` of the volume transmitters. `feed`: delay in ms from the spike generators
    to the cells that repeat them; the smallest delay of all is NEST's slice.
    """
    nest.ResetKernel()
    nest.resolution = STEP
    pairs = [_build(nest, number, net, interval, feed) for number, net in enumerate(networks)]
    nest.Simulate(DURATION)
    found: Weights = {}
    for number, (pre, post, recorder) in enumerate(pairs):
        events = recorder.events
        columns = (np.asarray(events[key]).tolist() for key in ("senders", "targets", "times", "weights"))
        for sender, target, time, weight in zip(*columns, strict=True):
            found.setdefault((number, pre.index(sender), post.index(target)), {})[round(time, 1)] = weight
    return found


def _build(
    nest: Any, number: int, net: Network, interval: int, feed: float
) -> tuple[list[int], list[int], Any]:
    pre, post, dopamine = (_cells(nest, trains, feed) for trains in (net.pre, net.post, net.dopamine))
    transmitter = nest.Create("volume_transmitter", params={"deliver_interval": interval})
    nest.Connect(dopamine, transmitter, syn_spec={"delay": net.dopamine_delay})
    recorder = nest.Create("weight_recorder")
    model = f"dopamine_{number}"
    common = {name: getattr(net, name) for name in ("A_plus", "A_minus", "tau_plus", "tau_c", "tau_n", "b")}
    common |= {"Wmin": net.low, "Wmax": net.high}
    nest.CopyModel(
        "stdp_dopamine_synapse",
        model,
        {"volume_transmitter": transmitter, "weight_recorder": recorder, **common},
    )
    post.tau_minus = net.tau_minus
    # receptor 1 of a parrot neuron: it keeps its spikes for the rule and does not repeat the arriving ones
    spec = {"synapse_model": model, "weight": net.weights.T, "delay": net.delay, "receptor_type": 1}
    nest.Connect(pre, post, "all_to_all", spec)
    return pre.tolist(), post.tolist(), recorder


def _cells(nest: Any, trains: Iterable[Train], feed: float) -> Any:
    trains = list(trains)
    times = [np.round(np.asarray(train) - feed, 1).tolist() for train in trains]
    generators = nest.Create("spike_generator", len(trains), params=[{"spike_times": t} for t in times])
    cells = nest.Create("parrot_neuron", len(trains))
    nest.Connect(generators, cells, "one_to_one", {"delay": feed})
    return cells
