"""Plastic synapses integrated in every step by ANNarchy: annarchy_clock.py FOLDER SECONDS REPORT

One thread. Dopamine is one variable for all synapses; traces are event-driven. The time is that of `simulate`
for all the intervals between pulses.
"""

from __future__ import annotations

import ANNarchy as ann
import exchange
import numpy as np
from scipy.sparse import csr_matrix

NEURON = {
    "equations": "tau_m*dv/dt = v_rest - v + drive + g_exc - g_inh : exponential\n"
    "tau_e*dg_exc/dt = -g_exc : exponential\ntau_i*dg_inh/dt = -g_inh : exponential",
    "spike": "v > v_th",
    "reset": "v = v_reset",
}
SYNAPSE = {
    "equations": "tau_plus*dx/dt = -x : event-driven\ntau_plus*dy/dt = -y : event-driven\n"
    "tau_d*dd/dt = -d : projection\ntau_c*dc/dt = -c\ndw/dt = c*d/1000.0 : min=0.0, max={highest}",
    "pre_spike": "g_target += w\nx += 1.0\nc -= A_minus*y",
    "post_spike": "y += 1.0\nc += A_plus*x",
}


def parameters(**values: float) -> str:
    """Constants, one value for all."""
    return "\n".join(f"{name} = {value!r} : {{}}" for name, value in values.items())


def build(net: exchange.Network) -> tuple[ann.Network, object, object]:
    """Network, cells and plastic projection; currents are in mV of the voltage they lead to."""
    n = net.numbers
    constants = {"tau_m": n.tau_m, "tau_e": n.tau_excitatory, "tau_i": n.tau_inhibitory, "v_rest": n.rest}
    constants |= {"v_th": n.threshold, "v_reset": n.reset}
    neuron = ann.Neuron(
        parameters=parameters(**constants).replace("{}", "population") + "\ndrive = 0.0",
        refractory=n.refractory,
        **NEURON,
    )
    rule = {"tau_plus": n.tau_plus, "tau_c": n.tau_c, "tau_d": n.tau_dopamine}
    rule |= {"A_plus": n.A_plus / n.leak, "A_minus": n.A_minus / n.leak}
    texts = SYNAPSE | {"equations": SYNAPSE["equations"].format(highest=n.highest / n.leak)}
    synapse = ann.Synapse(parameters=parameters(**rule).replace("{}", "projection"), **texts)
    whole = ann.Network(dt=exchange.DT, seed=5)
    cells = whole.create(net.size, neuron)
    cells.v, cells.drive = net.voltage, net.drive / n.leak
    plastic = whole.connect(cells, cells, target="exc", synapse=synapse)
    plastic.from_sparse(matrix(net, net.plastic, n.weight / n.leak), delays=n.delay)
    static = whole.connect(cells, cells, target="inh")
    static.from_sparse(matrix(net, net.static, -n.inhibition / n.leak), delays=n.delay)
    return whole, cells, plastic


def matrix(net: exchange.Network, pairs: np.ndarray, weight: float) -> csr_matrix:
    """Weights by target and source."""
    entries = (np.full(len(pairs), weight), (pairs[:, 0], pairs[:, 1]))
    return csr_matrix(entries, shape=(net.size, net.size))


def simulate(whole: ann.Network, plastic: object, net: exchange.Network, seconds: float) -> None:
    """With a pulse at the end of every interval but the last."""
    now, end = 0.0, 1000.0 * seconds
    for pulse in [*net.pulses[net.pulses < end].tolist(), end]:
        whole.simulate(pulse - now)
        now = pulse
        if pulse < end:
            plastic.d = plastic.d + net.numbers.increment


def weights(plastic: object, net: exchange.Network) -> np.ndarray:
    """In the order of the network's synapses."""
    dense = np.full((net.size, net.size), np.nan)
    for target, sources, values in zip(plastic.post_ranks, plastic.pre_ranks, plastic.w, strict=True):
        dense[np.asarray(sources), target] = values
    return dense[net.plastic[:, 0], net.plastic[:, 1]] * net.numbers.leak


def main() -> None:
    """Build, run, report."""
    given = exchange.arguments(__doc__).parse_args()
    net = exchange.load(given.folder)
    ann.setup(num_threads=1)
    whole, cells, plastic = build(net)
    monitor = whole.monitor(cells, "spike")
    whole.compile(directory=str(given.folder / "annarchy"), silent=True)
    cpu = exchange.timed(lambda: simulate(whole, plastic, net, given.seconds))
    spikes = monitor.get("spike")
    counts = np.array([len(spikes[cell]) for cell in range(net.size)])
    exchange.report(given, cpu, counts, weights(plastic, net))


if __name__ == "__main__":
    main()
