"""The bandit as a careful user of Brian2 would write it: brian2_bandit.py CONFIG SECONDS REPORT

Cells, connections, weights and delays are those of our plan (plain_brian2.py). The task is a
network_operation in every millisecond: runtime mode, since C++ standalone has none. Eligibility is
event-driven, and while dopamine is away from its tonic level the operation moves all weights with numpy,
which is cheaper than clock-driven synapses. Spikes of all populations are recorded. Code is generated
and compiled in a first stretch; the CPU seconds are those of the stretch after it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import brian2 as b2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from measure import own_cpu
from plain_brian2 import UNITS, Circuit, _planned

from neuromod.plan.connectivity import connect
from neuromod.plan.network import NetworkPlan, ProjectionPlan

WARM = 0.2
"""Simulated seconds of the first stretch, which is not measured."""
LEARNING = 0.001
"""Distance of dopamine from its tonic level below which no weight is moved."""
TRACES = "dx/dt = -x/tau_plus : 1 (event-driven)\ndy/dt = -y/tau_minus : 1 (event-driven)\n"
PLASTIC = "strength : siemens\ndc/dt = -c/tau_e : siemens (event-driven)\n" + TRACES


class Bandit(Circuit):
    """The circuit with its plastic synapses, and the task that plays with it."""

    def __init__(self, plan: NetworkPlan, method: str) -> None:
        self.plastic: list[tuple[b2.Synapses, ProjectionPlan]] = []
        super().__init__(plan, method)
        task = plan.task
        assert task is not None
        self.task, self.schedule = task.task, task.schedule
        self.copies = [self._copy(action) for action in range(task.actions)]
        self.value, self.trial, self.at, self.choices = self.task.critic.initial, 0, -1, []
        self.starts = dict(zip(task.phases, np.cumsum([0, *self.schedule.duration[0]]), strict=False))
        self.length = int(self.schedule.duration[0].sum())
        self.rest = self.groups["CUE"].rates_[:].copy()
        self.objects["task"] = b2.NetworkOperation(self.step, dt=b2.ms, when="start")

    def _projection(self, name: str, plan: ProjectionPlan) -> None:
        if not plan.rules:
            super()._projection(name, plan)
            return
        edges, rule = connect(self.plan, plan.name), plan.rules[0]
        units = {key: UNITS[rule.template.parameters[key].unit] for key in rule.parameters}
        made = b2.Synapses(
            self.groups[plan.source],
            self.groups[plan.target],
            PLASTIC,
            on_pre=f"g_{plan.receptor}_post += strength\nx += 1\nc -= A_minus*y",
            on_post="y += 1\nc += A_plus*x",
            delay={"pre": plan.uniform_delay * b2.second},
            namespace={key: value * units[key] for key, value in rule.parameters.items()},
            name=name,
        )
        made.connect(i=edges.i, j=edges.j)
        made.strength = edges.weight * b2.siemens
        self.objects[name] = made
        self.plastic.append((made, plan))

    def _copy(self, action: int) -> list[b2.PoissonInput]:
        """More background for the striatal channel of an action, while it is on."""
        factor = self.task.stimuli["efference_copy"].factor - 1
        found = []
        for name in ("MSN_D1", "MSN_D2"):
            plan = self.plan.populations[name]
            drive = plan.inputs["background"]
            cells = np.flatnonzero(plan.channel == action)
            rate, weight = drive.parameters["rate"] * factor, drive.parameters["weight"] * b2.siemens
            part = self.groups[name][int(cells[0]) : int(cells[-1]) + 1]
            made = b2.PoissonInput(part, f"g_{drive.receptor}", 1000, rate / 1000 * b2.hertz, weight)
            made.active = False
            self.objects[f"copy_{name}_{action}"] = made
            found.append(made)
        return found

    def step(self) -> None:
        """A millisecond of the task."""
        self.at += 1
        if self.at == self.length:
            self.at, self.trial = 0, self.trial + 1
        if self.at == self.starts["cue"]:
            self.groups["CUE"].rates_ = self.task.stimuli["cue"].value.value
        elif self.at == self.starts["decide"]:
            self.before = self.counts()
        elif self.at == self.starts["act"]:
            self.choose()
        elif self.at == self.starts["outcome"]:
            self.pay()
        self.learn()

    def counts(self) -> list[int]:
        """Spikes of the output so far, by channel."""
        count, channel = self.objects["spikes_SNR"].count, self.plan.populations["SNR"].channel
        return [int(np.sum(count[channel == action])) for action in range(2)]

    def choose(self) -> None:
        """The channel with the fewest spikes since the decision began."""
        fired = [now - then for now, then in zip(self.counts(), self.before, strict=True)]
        tie = int(self.schedule.tie[self.trial])
        self.choices.append(tie if fired[0] == fired[1] else int(np.argmin(fired)))
        for drive in self.copies[self.choices[-1]]:
            drive.active = True

    def pay(self) -> None:
        """The outcome, its prediction error, and dopamine."""
        self.groups["CUE"].rates_ = self.rest
        for drive in self.copies[self.choices[-1]]:
            drive.active = False
        earned = self.schedule.earned[self.trial, self.choices[-1]]
        error = float(np.clip(earned - self.value, -1, 1))
        self.value += self.task.critic.learning_rate * error
        level = self.objects["compartments"].level_
        level[0] = max(0.0, level[0] + error)

    def learn(self) -> None:
        """Weights follow their eligibility while dopamine is away from its tonic level."""
        away = float(self.objects["compartments"].level_[0]) - 1
        if abs(away) < LEARNING:
            return
        now = float(b2.defaultclock.t / b2.second)
        for synapses, plan in self.plastic:
            rule = plan.rules[0]
            kept = np.exp((synapses.lastupdate_[:] - now) / rule.parameters["tau_e"])
            moved = synapses.strength_[:] + synapses.c_[:] * kept * (rule.parameters["eta"] * away * 1e-3)
            synapses.strength_[:] = np.clip(moved, *rule.bounds)


def main() -> None:
    """Simulate, and write CPU seconds, rates (Hz) and choices."""
    parser = argparse.ArgumentParser(description="The bandit in Brian2's runtime mode.")
    parser.add_argument("config", type=Path)
    parser.add_argument("seconds", type=float)
    parser.add_argument("report", type=Path)
    parser.add_argument("--target", choices=("cython", "numpy"), default="cython")
    given = parser.parse_args()
    b2.prefs.codegen.target = given.target
    plan = _planned(given.config)
    b2.defaultclock.dt = plan.experiment.dt * b2.second
    b2.seed(plan.experiment.seed)
    circuit = Bandit(plan, "euler")
    network = b2.Network(*circuit.objects.values())
    network.run(WARM * b2.second)
    compiled = own_cpu()
    network.run(given.seconds * b2.second)
    spikes = {name: circuit.objects[f"spikes_{name}"].num_spikes for name in plan.populations}
    seconds = given.seconds + WARM
    report = {
        "preparing": compiled,
        "cpu": own_cpu() - compiled,
        "rates": {k: n / plan.populations[k].size / seconds for k, n in spikes.items()},
        "choices": circuit.choices,
    }
    given.report.write_text(json.dumps(report))


if __name__ == "__main__":
    main()
