"""A very small model library and config in a temporary folder, changed by `KEY=VALUE` settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuromod.config.load import load
from neuromod.errors import ConfigError
from neuromod.library.registry import Library
from neuromod.plan.expand import expand
from neuromod.plan.network import NetworkPlan

MODELS = {
    "neurons/cell": """
kind: neuron
title: Leaky cell
evidence: D
parameters:
  C: {unit: pF, default: 200 pF, description: capacitance}
  gL: {unit: nS, default: 10 nS, description: leak}
  EL: {unit: mV, default: -60 mV, description: rest}
  VT: {unit: mV, default: -50 mV, description: threshold}
  bias: {unit: pA, default: 0 pA, modulable: true, description: constant current}
state:
  V: {unit: mV, derivative: (gL*(EL - V) + I + bias)/C, initial: {uniform: [EL, VT]}}
threshold: V > VT
reset: [V = EL]
""",
    "neurons/source": """
kind: neuron
title: Poisson cell
evidence: D
parameters:
  rate: {unit: Hz, default: 5 Hz, modulable: true, description: mean rate}
  depth: {unit: "1", default: 0, description: depth of the rhythm}
threshold: uniform() < rate*(1 + depth*cos_phi)*dt
pacemaker: true
""",
    "neurons/replay": """
kind: neuron
title: Cell that fires at listed times
evidence: D
state:
  fire: {unit: "1"}
threshold: fire > 0.5
reset: [fire = 0]
replay: true
""",
    "synapses/fast": """
kind: synapse
title: Exponential conductance
evidence: D
parameters:
  tau: {unit: ms, default: 5 ms, description: decay}
  E: {unit: mV, default: 0 mV, description: reversal}
state:
  g: {unit: nS, derivative: -g/tau, method: exponential}
current: g*(E - V)
weight: nS
on_spike: [g += weight]
lfp: true
""",
    "synapses/slow": """
kind: synapse
title: Saturating conductance
evidence: D
parameters:
  tau: {unit: ms, default: 100 ms, description: decay}
state:
  g: {unit: nS, derivative: -g/tau, method: exponential}
current: -g*V
weight: nS
on_spike: [g += weight*D]
transmitter:
  state:
    D: {unit: "1", initial: 0}
  on_arrival: [D = 0.5]
""",
    "synapses/jump": """
kind: synapse
title: Jump of the potential
evidence: D
weight: mV
on_spike: [V += weight]
""",
    "inputs/noise": """
kind: input
title: Bombardment of a receptor
evidence: D
parameters:
  rate: {unit: Hz, default: 1000 Hz, modulable: true, description: arrivals}
  weight: {unit: nS, default: 0.5 nS, description: jump}
jump: weight*poisson(rate*dt)
""",
    "inputs/drive": """
kind: input
title: Constant current
evidence: D
parameters:
  amplitude: {unit: pA, default: 0 pA, modulable: true, description: current}
current: amplitude
""",
    "plasticity/learn": """
kind: plasticity
title: Three-factor rule
evidence: D
parameters:
  A: {unit: nS, default: 0.1 nS, description: amplitude}
  tau: {unit: ms, default: 20 ms, description: window}
  tau_e: {unit: s, default: 1 s, description: eligibility}
  eta: {unit: 1/s, default: 1 1/s, description: rate}
  low: {unit: nS, default: 0 nS, description: lowest}
  high: {unit: nS, default: 2 nS, description: highest}
traces:
  x: {of: pre, tau: tau}
  y: {of: post, tau: tau}
eligibility:
  c: {tau: tau_e, at_pre: -A*y, at_post: A*x, converted: eta*(m - 1)}
bounds: [low, high]
""",
    "neuromodulators/dopa": """
kind: neuromodulator
title: A neuromodulator
evidence: D
decay: {cortex: 0.5 s}
""",
    "regions/cortex": """
kind: region
title: A region
evidence: D
populations:
  E: {neuron: cell, size: 40, parameters: {C: 100 pF, gL: 5 nS}}
  I: {neuron: cell, size: 10}
projections:
  E->I: {receptor: fast, connect: {in_degree: 5}, weight: 1 nS, delay: 1 ms}
""",
    "circuits/loop": """
kind: circuit
title: A circuit
evidence: D
regions: [cortex]
populations:
  E: {parameters: {C: 150 pF}}
  X: {neuron: source, size: 20}
projections:
  X->E: {receptor: fast, connect: {probability: 0.5}, weight: 1 nS, delay: 2 ms}
""",
}

BASE = """
neuromod: 1
name: tiny
duration: 1 s
seed: 3
populations:
  E: {neuron: cell, size: 40, region: cortex}
  I: {neuron: cell, size: 10, region: cortex}
projections:
  E->I: {receptor: fast, connect: {in_degree: 5}, weight: 1 nS, delay: 1 ms}
"""


class Tiny:
    """Expands the base config, or another text, with settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in MODELS.items():
            path = folder / "models" / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (folder / "runs").mkdir()

    def plan(self, *settings: str, text: str = BASE) -> NetworkPlan:
        path = self.folder / "runs" / "tiny.yaml"
        path.write_text(text)
        return expand(load(path, settings), Library([self.folder / "models"]))

    def refused(self, *settings: str, text: str = BASE) -> list[str]:
        """Every problem as `dotted key: message`."""
        with pytest.raises(ConfigError) as caught:
            self.plan(*settings, text=text)
        return [f"{problem.key}: {problem.message}" for problem in caught.value.problems]


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    """A fresh small library and config."""
    return Tiny(tmp_path)
