"""Models for the tiny library whose rules keep variables, and a neuromodulator with receptors."""

from __future__ import annotations

from tests.plan.conftest import Tiny

MODELS = {
    "plasticity/settle": """
kind: plasticity
title: Rule with a state of synapses and of cells
evidence: D
parameters:
  h: {unit: nS, default: 1 nS, description: late part at full strength}
  low: {unit: nS, default: 0 nS, description: lowest}
  high: {unit: nS, default: 2 nS, description: highest}
state:
  z: {unit: "1", description: late part}
  time: {unit: ms, description: a name that results files need for something else}
cell:
  p: {unit: pA, description: protein}
tick: 1 s
at_pre: [w += 0.1*h]
at_tick: [z += 0.1]
cell_tick: [p += 1*pA]
transmitted: w + h*z
bounds: [low, high]
""",
    "neuromodulators/bind": """
kind: neuromodulator
title: A neuromodulator with two receptors
evidence: D
decay: {cortex: 0.5 s, striatum: 0.2 s}
receptors:
  D8: {K: 2, n: 1}
  D9: {K: 1, n: 2}
""",
}


def keeping(tiny: Tiny) -> Tiny:
    """The tiny library with these models."""
    for name, text in MODELS.items():
        (tiny.folder / "models" / f"{name}.yaml").write_text(text)
    return tiny
