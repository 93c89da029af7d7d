"""What a careful user of Brian2 would write for a circuit: python benchmarks/plain_brian2.py CONFIG DIRECTORY

One NeuronGroup per population with differential equations, `xi` for the noise, PoissonInput for backgrounds,
PoissonGroup for sources, one Synapses per projection, one SpikeMonitor per population; C++ standalone with
Brian2's own makefile and flags. Cells, connections, weights, delays and initial values are those of our plan,
so both programs simulate the same network. A parameter is a constant of the namespace where all cells of a
population share it. Saturating receptors keep their state in the reset of the source, one value for all
delays. Not translated: LFP proxies, plasticity, and what disturbs the frequency of a pacemaker.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from pathlib import Path

import brian2 as b2
import numpy as np
from measure import child_cpu, own_cpu

from neuromod.config.load import load
from neuromod.library.template import SynapseTemplate
from neuromod.plan.connectivity import connect
from neuromod.plan.expand import expand
from neuromod.plan.network import NetworkPlan, Numbers, PopulationPlan, ProjectionPlan
from neuromod.simulation.execute import library_of

UNITS = {
    "pF": b2.farad,
    "nS": b2.siemens,
    "mV": b2.volt,
    "pA": b2.amp,
    "ms": b2.second,
    "s": b2.second,
    "Hz": b2.hertz,
    "1/s": b2.hertz,
    "Hz/mV": b2.hertz / b2.volt,
    "1": 1,
}
"""Display unit of a template -> the SI unit in which the plan has its numbers."""
BASE = {
    b2.farad: "farad",
    b2.siemens: "siemens",
    b2.volt: "volt",
    b2.amp: "amp",
    b2.second: "second",
    b2.hertz: "hertz",
    b2.hertz / b2.volt: "hertz/volt",
    1: "1",
}
SOURCES = 1000
"""Background synapses that a PoissonInput stands for."""


class Cells:
    """Equations and constants of one population."""

    def __init__(self, plan: PopulationPlan) -> None:
        self.plan = plan
        self.lines: list[str] = []
        self.constants: dict[str, object] = {}
        self.arrays: dict[str, object] = {}
        self.reset = list(plan.template.reset)
        for name, value in plan.parameters.items():
            self.parameter(name, value, plan.template.parameters[name].unit)

    def parameter(self, name: str, value: Numbers, unit: str) -> None:
        """A constant of the namespace, or one value per cell."""
        if isinstance(value, np.ndarray):
            self.lines.append(f"{name} : {BASE[UNITS[unit]]} (constant)")
            self.arrays[name] = value * UNITS[unit]
        else:
            self.constants[name] = value * UNITS[unit]

    def compose(self) -> str:
        """The equations as a user would write them."""
        currents = [*self._receptors(), *self._noise()]
        for name, state in self.plan.template.state.items():
            held = " (unless refractory)" if state.held and self.plan.template.refractory else ""
            self.lines.append(f"d{name}/dt = {state.derivative} : {BASE[UNITS[state.unit]]}{held}")
        self.lines.append(f"I = {' + '.join(currents) or '0*amp'} : amp")
        return "\n".join(self.lines)

    def _receptors(self) -> list[str]:
        currents = []
        for name, receptor in self.plan.receptors.items():
            for key, value in receptor.parameters.items():
                self.parameter(f"{key}_{name}", value, receptor.template.parameters[key].unit)
            own = [*receptor.parameters, *receptor.template.state]
            for key, state in receptor.template.state.items():
                text = _suffixed(state.derivative or "", own, name)
                self.lines.append(f"d{key}_{name}/dt = {text} : {BASE[UNITS[state.unit]]}")
            if receptor.template.current:
                currents.append(_suffixed(receptor.template.current, own, name))
        return currents

    def _noise(self) -> list[str]:
        currents = []
        for name, drive in self.plan.inputs.items():
            if drive.template_name == "ou":
                for key, unit in (("sd", "pA"), ("tau", "ms")):
                    self.parameter(f"{key}_{name}", drive.parameters[key], unit)
                self.lines.append(
                    f"d{name}/dt = -{name}/tau_{name} + sd_{name}*sqrt(2/tau_{name})*xi_{name} : amp"
                )
                currents.append(name)
        return currents


def _suffixed(text: str, names: list[str], suffix: str) -> str:
    return re.sub(r"\b(" + "|".join(map(re.escape, names)) + r")\b", rf"\1_{suffix}", text)


class Circuit:
    """All Brian2 objects of a plan."""

    def __init__(self, plan: NetworkPlan, method: str) -> None:
        self.plan, self.method = plan, method
        self.objects: dict[str, object] = {}
        self.groups: dict[str, object] = {}
        for name, population in plan.populations.items():
            make = self._source if population.template_name == "poisson_cell" else self._population
            self.groups[name] = self.objects[name] = make(name, population)
            self.objects[f"spikes_{name}"] = b2.SpikeMonitor(self.groups[name], name=f"spikes_{name}")
        for number, projection in enumerate(plan.projections.values()):
            self._projection(f"synapses_{number}", projection)
        if plan.compartments:
            self._compartments()

    def _population(self, name: str, plan: PopulationPlan) -> object:
        cells = Cells(plan)
        equations = cells.compose()
        for suffix in self._saturating(name):
            equations += f"\nds_{suffix}/dt = -s_{suffix}/tau_s_{suffix} : 1\nreleased_{suffix} : 1"
            cells.reset += [
                f"released_{suffix} = opened_{suffix}*(1 - s_{suffix})",
                f"s_{suffix} += released_{suffix}",
            ]
            transmitter = self._receptor(suffix).transmitter
            for key, parameter in transmitter.parameters.items():
                cells.parameter(f"{key}_{suffix}", parameter.default.quantity.value, parameter.unit)
        group = b2.NeuronGroup(
            plan.size,
            equations,
            threshold=self._threshold(plan),
            reset="; ".join(cells.reset),
            refractory=plan.template.refractory or False,
            method=self.method,
            namespace={**cells.constants, "mV": b2.mV},
            name=name,
        )
        for key, values in cells.arrays.items():
            setattr(group, key, values)
        for key, state in plan.template.state.items():
            setattr(group, key, plan.initial[key] * UNITS[state.unit])
        self._backgrounds(name, plan, group)
        return group

    def _threshold(self, plan: PopulationPlan) -> str | None:
        """That of the template, the phase of its pacemaker as a function of time."""
        text = plan.template.threshold
        if text is None or "uniform()" not in text:
            return text
        rhythm = self.plan.pacemakers.get(plan.pacemaker or "")
        phase = f"(2*pi*{rhythm.frequency!r}*hertz*t + {rhythm.phase!r})" if rhythm else ""
        for name in ("cos", "sin"):
            text = text.replace(f"{name}_phi", f"{name}{phase}" if rhythm else "0")
        return text.replace("uniform()", "rand()")

    def _backgrounds(self, name: str, plan: PopulationPlan, group: object) -> None:
        for key, drive in plan.inputs.items():
            if drive.template_name == "poisson":
                rate, weight = (drive.parameters[k] for k in ("rate", "weight"))
                target = f"g_{drive.receptor}"
                made = b2.PoissonInput(group, target, SOURCES, rate / SOURCES * b2.hertz, weight * b2.siemens)
                self.objects[f"{key}_{name}"] = made

    def _source(self, name: str, plan: PopulationPlan) -> object:
        rate, depth, phase = (plan.parameters[key] for key in ("rate", "depth", "phase"))
        if plan.pacemaker is None or not depth:
            return b2.PoissonGroup(plan.size, rates=rate * b2.hertz, name=name)
        rhythm = self.plan.pacemakers[plan.pacemaker]
        names = {
            "rate": rate * b2.hertz,
            "depth": depth,
            "shift": phase - rhythm.phase,
            "f": rhythm.frequency * b2.hertz,
        }
        text = "rate*(1 + depth*cos(2*pi*f*t - shift))"
        return b2.PoissonGroup(plan.size, rates=text, namespace=names, name=name)

    def _receptor(self, name: str) -> SynapseTemplate:
        """The template of a receptor, whoever has it."""
        return next(p.receptors[name].template for p in self.plan.populations.values() if name in p.receptors)

    def _saturating(self, source: str) -> list[str]:
        """Receptors with a transmitter onto which a population projects."""
        used = [p.receptor for p in self.plan.projections.values() if p.source == source]
        return sorted({name for name in used if self._receptor(name).transmitter})

    def _projection(self, name: str, plan: ProjectionPlan) -> None:
        if plan.rules:
            raise SystemExit(f"{plan.name} is plastic; this script is for static circuits")
        edges = connect(self.plan, plan.name)
        template = self._receptor(plan.receptor)
        factor = f"*released_{plan.receptor}_pre" if template.transmitter else ""
        same = len(edges.i) > 0 and bool(np.all(edges.weight == edges.weight[0]))
        unit = UNITS[template.weight]
        extra = {} if plan.uniform_delay is None else {"delay": plan.uniform_delay * b2.second}
        made = b2.Synapses(
            self.groups[plan.source],
            self.groups[plan.target],
            "" if same else f"weight : {BASE[unit]} (constant)",
            on_pre=f"g_{plan.receptor}_post += weight{factor}",
            namespace={"weight": edges.weight[0] * unit} if same else {},
            name=name,
            **extra,
        )
        made.connect(i=edges.i, j=edges.j)
        if not same:
            made.weight = edges.weight * unit
        if plan.uniform_delay is None:
            made.pre.delay = edges.delay * b2.second
        self.objects[name] = made

    def _compartments(self) -> None:
        plans = list(self.plan.compartments.values())
        text = "dlevel/dt = (tonic - level)/decay : 1\ntonic : 1 (constant)\ndecay : second (constant)"
        group = b2.NeuronGroup(len(plans), text, method="exact", name="compartments")
        group.tonic = group.level = [plan.level for plan in plans]
        group.decay = [plan.decay for plan in plans] * b2.second
        self.objects["compartments"] = group
        wish = self.plan.experiment.record.modulators
        if wish:
            self.objects["levels"] = b2.StateMonitor(group, "level", record=True, dt=wish.every * b2.second)


def coba(plan: NetworkPlan, method: str) -> dict[str, object]:
    """As in Brian2's own example: one group, conductances in units of the leak, two sets of synapses."""
    ms, mV = b2.ms, b2.mV
    names = {"taum": 20 * ms, "taue": 5 * ms, "taui": 10 * ms, "drive": 20 * mV, "we": 0.6, "wi": 6.7}
    names |= {"El": -60 * mV, "Ee": 0 * mV, "Ei": -80 * mV, "Vt": -50 * mV, "Vr": -60 * mV}
    equations = """dv/dt = (ge*(Ee - v) + gi*(Ei - v) + (El - v) + drive)/taum : volt (unless refractory)
    dge/dt = -ge/taue : 1
    dgi/dt = -gi/taui : 1"""
    cells = b2.NeuronGroup(
        4000, equations, threshold="v > Vt", reset="v = Vr", refractory=5 * ms, method=method, namespace=names
    )
    cells.v = np.concatenate([plan.populations[name].initial["V"] for name in ("E", "I")]) * b2.volt
    objects: dict[str, object] = {"cells": cells}
    for source, statement, offset in (("E", "ge += we", 0), ("I", "gi += wi", 3200)):
        made = b2.Synapses(cells, cells, on_pre=statement, namespace=names)
        edges = [connect(plan, f"{source}->{target}") for target in ("E", "I")]
        made.connect(
            i=np.concatenate([e.i for e in edges]) + offset, j=np.concatenate([edges[0].j, edges[1].j + 3200])
        )
        objects[f"synapses_{source}"] = made
    for name, part in (("E", cells[:3200]), ("I", cells[3200:])):
        objects[f"spikes_{name}"] = b2.SpikeMonitor(part, name=f"spikes_{name}")
    return objects


def build(config: Path, directory: Path, method: str) -> dict[str, object]:
    """Generate and compile; CPU seconds of both, and sizes. The duration is that in $SECONDS."""
    plan = _planned(config)
    planned = own_cpu()
    b2.prefs["devices.cpp_standalone.extra_make_args_unix"] = ["-j1"]
    b2.set_device("cpp_standalone", build_on_run=False, directory=str(directory))
    b2.defaultclock.dt = plan.experiment.dt * b2.second
    b2.seed(plan.experiment.seed)
    objects = coba(plan, method) if plan.experiment.name == "coba" else Circuit(plan, method).objects
    network = b2.Network(*objects.values())
    network.run(plan.experiment.duration * b2.second)
    b2.device.build(directory=str(directory), compile=False, run=False, with_output=False)
    _duration_from_environment(directory)
    generated = own_cpu()
    make = ["make", "-j1"]
    compiled, _ = child_cpu(
        lambda: subprocess.run(make, cwd=directory, check=True, stdout=subprocess.DEVNULL)
    )
    sizes = {name: population.size for name, population in plan.populations.items()}
    return {"planning": planned, "generation": generated - planned, "make": compiled, "sizes": sizes}


def _planned(config: Path) -> NetworkPlan:
    loaded = load(config)
    return expand(loaded, library_of(loaded))


def _duration_from_environment(directory: Path) -> None:
    """One text change, so that one binary can be timed with two durations."""
    main = directory / "main.cpp"
    text, count = re.subn(r"(\w+\.run\()[\d.]+(, NULL)", r'\1atof(getenv("SECONDS"))\2', main.read_text())
    if count != 1:
        raise SystemExit("the generated main.cpp has an unknown form")
    main.write_text(text)


def main() -> None:
    """Build, and leave the CPU seconds in DIR/build.json."""
    parser = argparse.ArgumentParser(description="Build a plain Brian2 program for a config.")
    parser.add_argument("config", type=Path)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--method", default="euler")
    given = parser.parse_args()
    seconds = build(given.config, given.directory, given.method)
    (given.directory / "build.json").write_text(json.dumps(seconds))
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
