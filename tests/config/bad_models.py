"""Models of a user's own that are refused."""

from __future__ import annotations

from tests.config.bad_cases import BadConfig, case, config

CELL = """\
kind: neuron
title: Test cell
evidence: D
parameters:
  C: {unit: pF, default: 200 pF, description: capacitance}
  VT: {unit: mV, default: -50 mV, modulable: true, description: threshold}
state:
  V: {unit: mV, derivative: I/C, initial: -60 mV}
threshold: V > VT
reset: [V = -60*mV]
"""


def cell(name: str, old: str, new: str, *expect: str) -> BadConfig:
    """A config with an own neuron template, `CELL` with `old` replaced by `new`."""
    assert old in CELL
    text = config(models="[models]", populations="{E: {neuron: own, size: 10}}")
    return case(name, text, "models/neurons/own.yaml:", *expect, models__neurons__own=CELL.replace(old, new))


_MODELS = [
    cell("unknown name in an equation", "I/C", "I/Cm", "state.V.derivative: ", "Cm"),
    cell("equation in another dimension", "I/C", "I*C", "state.V.derivative: "),
    cell("equation that is no expression", "I/C", "'I/'", "state.V.derivative: "),
    cell("attribute in an equation", "I/C", "I.__class__", "state.V.derivative: "),
    cell("call in an equation", "I/C", '\'__import__("os").system("touch x")\'', "state.V.derivative: "),
    cell("shell in an equation", "I/C", "'$(touch x)'", "state.V.derivative: "),
    cell("power tower in an equation", "I/C", "9**9**9*mV/ms", "state.V.derivative: "),
    cell("lambda in an equation", "I/C", "'(lambda: I)()'", "state.V.derivative: "),
    cell("threshold that is no condition", "V > VT", "V - VT", "threshold: "),
    cell("threshold across dimensions", "V > VT", "V > C", "threshold: "),
    cell("reset of a parameter", "[V = -60*mV]", "[VT = -60*mV]", "reset.0: ", "VT"),
    cell("reset in another dimension", "[V = -60*mV]", "[V = 5*ms]", "reset.0: "),
    cell("reset that imports", "[V = -60*mV]", "[import os]", "reset.0: "),
    cell("default in another dimension", "default: 200 pF", "default: 200 mV", "parameters.C"),
    cell("unknown unit of a parameter", "unit: pF,", "unit: pG,", "parameters.C.unit", "pG"),
    cell(
        "unknown key of a model",
        "title:",
        "titel: x\ntitle:",
        "titel: got the unknown key",
        "did you mean title?",
    ),
    cell(
        "model of another kind", "kind: neuron", "kind: synapse", "kind: got `synapse`", "allowed is neuron"
    ),
    cell("model without evidence", "evidence: D\n", "", "evidence: got nothing"),
    cell(
        "model that extends itself in a circle", "kind: neuron\n", "kind: neuron\nextends: own\n", "extends"
    ),
    cell("parameter called like a unit", "C: {unit: pF", "mV: {unit: pF", "parameters.mV"),
    case(
        "broken model file",
        config(models="[models]", populations="{E: {neuron: own, size: 10}}"),
        "models/neurons/own.yaml:",
        "not valid YAML",
        models__neurons__own="a: [1\n",
    ),
    case(
        "empty model file",
        config(models="[models]", populations="{E: {neuron: own, size: 10}}"),
        "models/neurons/own.yaml",
        "empty",
        models__neurons__own="",
    ),
]

BAD_MODELS: list[BadConfig] = [*_MODELS]
