"""Plastic synapses integrated in every step by Brian2: brian2_clock.py FOLDER SECONDS REPORT --form FORM

C++ standalone with Brian2's own makefile and flags. `shared`: eligibility and weight of each synapse are
clock-driven, dopamine is one variable for all. `example`: as Brian2's example Izhikevich_2007, in which every
synapse integrates its own dopamine too. The time is that of `Network::run`.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import brian2 as b2
import exchange
import numpy as np

FORMS = {
    "shared": "dc/dt = -c/tau_c : 1 (clock-driven)\ndw/dt = c*D : 1 (clock-driven)\nD : Hz (linked)\n",
    "example": "dc/dt = -c/tau_c : 1 (clock-driven)\ndd/dt = -d/tau_d : Hz (clock-driven)\n"
    "dw/dt = c*d : 1 (clock-driven)\n",
}
TRACES = "dx/dt = -x/tau_plus : 1 (event-driven)\ndy/dt = -y/tau_plus : 1 (event-driven)\n"
BEFORE = "std::clock_t began = std::clock();"
AFTER = 'std::ofstream("cpu.txt") << (std::clock() - began)/(double)CLOCKS_PER_SEC;'


def build(net: exchange.Network, seconds: float, form: str, directory: Path) -> None:
    """Generate and compile the program."""
    shutil.rmtree(directory, ignore_errors=True)
    b2.prefs["devices.cpp_standalone.extra_make_args_unix"] = ["-j1"]
    b2.set_device("cpp_standalone", build_on_run=False, directory=str(directory))
    b2.device.insert_code("before_network_run", BEFORE)
    b2.device.insert_code("after_network_run", AFTER)
    b2.defaultclock.dt = exchange.DT * b2.ms
    b2.Network(*objects(net, form)).run(seconds * b2.second)
    b2.device.build(directory=str(directory), compile=True, run=False, with_output=False)


def namespace(net: exchange.Network) -> dict[str, object]:
    """Constants; currents are in mV of the voltage they lead to."""
    n, ms = net.numbers, b2.ms
    names: dict[str, object] = {
        "tau_m": n.tau_m * ms,
        "tau_e": n.tau_excitatory * ms,
        "tau_i": n.tau_inhibitory * ms,
        "tau_plus": n.tau_plus * ms,
        "tau_c": n.tau_c * ms,
        "tau_d": n.tau_dopamine * ms,
    }
    names |= {"A_plus": n.A_plus / n.leak, "A_minus": n.A_minus / n.leak, "increment": n.increment * b2.Hz}
    names |= {"highest": n.highest / n.leak, "inhibition": n.inhibition / n.leak}
    return names | {"rest": n.rest, "reset": n.reset, "threshold": n.threshold}


def objects(net: exchange.Network, form: str) -> list[object]:
    """Everything of the network."""
    n, names = net.numbers, namespace(net)
    cells = b2.NeuronGroup(
        net.size,
        """dv/dt = (rest - v + drive + g_e + g_i)/tau_m : 1 (unless refractory)
        dg_e/dt = -g_e/tau_e : 1
        dg_i/dt = -g_i/tau_i : 1
        drive : 1 (constant)""",
        threshold="v > threshold",
        reset="v = reset",
        refractory=n.refractory * b2.ms,
        method="exact",
        namespace=names,
        name="cells",
    )
    cells.v, cells.drive = net.voltage, net.drive / n.leak
    inhibition = b2.Synapses(
        cells, cells, on_pre="g_i_post += inhibition", delay=n.delay * b2.ms, namespace=names, name="static"
    )
    inhibition.connect(i=net.static[:, 0], j=net.static[:, 1])
    plastic = b2.Synapses(
        cells,
        cells,
        FORMS[form] + TRACES,
        on_pre="w = clip(w, 0, highest)\ng_e_post += w\nx += 1\nc -= A_minus*y",
        on_post="w = clip(w, 0, highest)\ny += 1\nc += A_plus*x",
        delay={"pre": n.delay * b2.ms},
        method="euler",
        namespace=names,
        name="plastic",
    )
    plastic.connect(i=net.plastic[:, 0], j=net.plastic[:, 1])
    plastic.w = n.weight / n.leak
    spikes = b2.SpikeMonitor(cells, record=False, name="spikes")
    return [cells, inhibition, plastic, spikes, *dopamine(net, form, plastic, names)]


def dopamine(
    net: exchange.Network, form: str, plastic: b2.Synapses, names: dict[str, object]
) -> list[object]:
    """Pulses, and the variable for all synapses where there is one."""
    times = net.pulses
    source = b2.SpikeGeneratorGroup(1, np.zeros(times.size, int), times * b2.ms, name="pulses")
    if form == "example":
        made = b2.Synapses(source, plastic, on_pre="d_post += increment", namespace=names, name="release")
        made.connect()
        return [source, made]
    level = b2.NeuronGroup(1, "dD/dt = -D/tau_d : Hz", method="exact", namespace=names, name="level")
    plastic.D = b2.linked_var(level, "D")
    made = b2.Synapses(source, level, on_pre="D_post += increment", namespace=names, name="release")
    made.connect()
    return [source, level, made]


def main() -> None:
    """Build where that has not been done for this duration, run, report."""
    parser = exchange.arguments(__doc__)
    parser.add_argument("--form", choices=FORMS, required=True)
    given = parser.parse_args()
    net, directory = exchange.load(given.folder), given.folder / f"brian2_{given.form}_{given.seconds:g}"
    if not (directory / "built").exists():
        build(net, given.seconds, given.form, directory)
        (directory / "built").touch()
    subprocess.run(["./main"], cwd=directory, check=True, stdout=subprocess.DEVNULL)
    results = directory / "results"
    counts = np.fromfile(next(results.glob("_array_spikes_count_*")), np.int32)
    weights = np.fromfile(next(results.glob("_dynamic_array_plastic_w_*")))
    n = net.numbers
    last = np.clip(weights * n.leak, 0.0, n.highest)
    exchange.report(given, float((directory / "cpu.txt").read_text()), counts, last, True)


if __name__ == "__main__":
    main()
