"""NEST's `stdp_dopamine_synapse`: nest_dopamine.py FOLDER SECONDS REPORT --interval N [--pool RATE]

`--interval`: deliver_interval of the volume transmitter, in slices of the smallest delay. `--pool`: dopamine
spikes per second instead of the pulses, at random times; amplitudes are scaled so that the mean dopamine is
the same. The delay is dendritic, as always in NEST. The time is that of `Run`.
"""

from __future__ import annotations

import exchange
import nest
import numpy as np


def create(net: exchange.Network) -> nest.NodeCollection:
    """The cells, in their initial state."""
    n = net.numbers
    cells = nest.Create(
        "iaf_psc_exp",
        net.size,
        params={
            "C_m": n.leak * n.tau_m,
            "tau_m": n.tau_m,
            "E_L": n.rest,
            "V_th": n.threshold,
            "V_reset": n.reset,
            "t_ref": n.refractory,
            "tau_syn_ex": n.tau_excitatory,
            "tau_syn_in": n.tau_inhibitory,
            "tau_minus": n.tau_plus,
        },
    )
    cells.V_m, cells.I_e = net.voltage.tolist(), net.drive.tolist()
    return cells


def dopamine_times(net: exchange.Network, seconds: float, pool: float) -> np.ndarray:
    """Spikes of the pool in ms."""
    if not pool:
        return net.pulses[net.pulses < 1000 * seconds]
    steps = np.random.default_rng(3).integers(
        1, round(1000 * seconds / exchange.DT) - 20, round(pool * seconds)
    )
    return np.unique(steps) * exchange.DT


def connect(
    net: exchange.Network, cells: nest.NodeCollection, times: np.ndarray, interval: int, factor: float
) -> None:
    """Plastic and static synapses, and the dopamine that the plastic ones see."""
    n, ids = net.numbers, np.asarray(cells.tolist())
    transmitter = nest.Create("volume_transmitter", params={"deliver_interval": interval})
    source = nest.Create("spike_generator", params={"spike_times": np.round(times, 1).tolist()})
    relay = nest.Create("parrot_neuron")
    nest.Connect(source, relay, syn_spec={"delay": n.delay})
    nest.Connect(relay, transmitter, syn_spec={"delay": n.delay})
    amount = n.increment * n.tau_dopamine / 1000.0 * factor
    common = {
        "volume_transmitter": transmitter,
        "A_plus": n.A_plus * amount,
        "A_minus": n.A_minus * amount,
        "tau_plus": n.tau_plus,
        "tau_c": n.tau_c,
        "tau_n": n.tau_dopamine,
        "b": 0.0,
        "Wmin": 0.0,
        "Wmax": n.highest,
    }
    nest.SetDefaults("stdp_dopamine_synapse", common)
    for pairs, model, weight in (
        (net.plastic, "stdp_dopamine_synapse", n.weight),
        (net.static, "static_synapse", n.inhibition),
    ):
        count = np.full(len(pairs), 1.0)
        spec = {"synapse_model": model, "weight": weight * count, "delay": n.delay * count}
        nest.Connect(ids[pairs[:, 0]], ids[pairs[:, 1]], "one_to_one", spec)


def weights(net: exchange.Network, cells: nest.NodeCollection) -> np.ndarray:
    """In the order of the network's synapses; as of each synapse's last update."""
    found = nest.GetConnections(synapse_model="stdp_dopamine_synapse").get(["source", "target", "weight"])
    first = cells.tolist()[0]
    key = (np.asarray(found["source"]) - first) * net.size + np.asarray(found["target"]) - first
    wanted = net.plastic[:, 0].astype(np.int64) * net.size + net.plastic[:, 1]
    order = np.argsort(key)
    return np.asarray(found["weight"])[order][np.searchsorted(key[order], wanted)]


def main() -> None:
    """Build, run, report."""
    parser = exchange.arguments(__doc__)
    parser.add_argument("--interval", type=int, required=True)
    parser.add_argument("--pool", type=float, default=0.0)
    given = parser.parse_args()
    net = exchange.load(given.folder)
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution, nest.local_num_threads = exchange.DT, 1
    cells = create(net)
    times = dopamine_times(net, given.seconds, given.pool)
    pulses = net.pulses[net.pulses < 1000 * given.seconds]
    connect(net, cells, times, given.interval, pulses.size / times.size)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Prepare()
    cpu = exchange.timed(lambda: nest.Run(1000.0 * given.seconds))
    nest.Cleanup()
    senders = np.asarray(recorder.events["senders"]) - cells.tolist()[0]
    counts = np.bincount(senders, minlength=net.size)
    exchange.report(given, cpu, counts, weights(net, cells))


if __name__ == "__main__":
    main()
