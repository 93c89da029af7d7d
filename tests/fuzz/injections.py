"""Code in every field of configs, model files and `--set` that takes text, names or numbers."""

# ruff: noqa: E501 - tables

from __future__ import annotations

import json
from dataclasses import dataclass

MARK = "pwned"
CODE = (
    "__import__('os').system('touch pwned')", "().__class__.__base__.__subclasses__()", "lambda: open('pwned', 'w')",
    "exec(\"open('pwned', 'w')\")", "f\"{open('pwned', 'w')}\"", "V; open('pwned', 'w')", "$(touch pwned)", "`touch pwned`",
    "{{7*7}}", "{0.__class__}", "%(x)s", "9**9**9**9", "(" * 900 + "V" + ")" * 900, "+".join(["V"] * 10_000),
    "\u0435\u0445\u0440(V)", "V\u200b", "\uff36", "V.dim", "volt.dim", "brian2.prefs", "../../pwned", "V /* */", "}; int main() {",
    "rand() : 1", "#include <x>",
)  # fmt: skip
TAGS = (
    "!!python/object/apply:os.system [touch pwned]", "!!python/object/new:os.system [touch pwned]", "!!python/name:os.system",
    "!!python/module:os", "!!python/object:os.system {}", "!<tag:yaml.org,2002:python/object/apply:os.system> [x]",
    "!!binary cHduZWQ=", "!include /etc/passwd", "!ENV ${HOME}", "!!js/function 'x'", "!ruby/object:Gem {}", "!!java.net.URL [x]",
    "&a [*a]", "*a", "!x", "!!timestamp 2001-01-01",
)  # fmt: skip
SIZES = "neuromod: 1\nname: evil\nduration: 1 ms\nmodels: [mine]\n"
CONFIG = SIZES + "populations: {E: {neuron: cell, size: 3}}\n"
FIELDS = {
    "name": "neuromod: 1\nname: X\nduration: 1 ms\npopulations: {E: {neuron: lif, size: 3}}\n",
    "duration": "neuromod: 1\nname: e\nduration: X\npopulations: {E: {neuron: lif, size: 3}}\n",
    "population": SIZES + "populations: {X: {neuron: lif, size: 3}}\n",
    "neuron": SIZES + "populations: {E: {neuron: X, size: 3}}\n",
    "size": SIZES + "populations: {E: {neuron: lif, size: X}}\n",
    "parameter": SIZES + "populations: {E: {neuron: lif, size: 3, parameters: {X: 1 nS}}}\n",
    "value": SIZES + "populations: {E: {neuron: lif, size: 3, parameters: {C: X}}}\n",
    "bound": SIZES + "populations: {E: {neuron: lif, size: 3, initial: {V: {uniform: [X, -50 mV]}}}}\n",
    "circuit": SIZES + "circuit: X\n",
    "rule": SIZES
    + "populations: {E: {neuron: lif, size: 3}}\nprojections: {E->E: {receptor: ampa, weight: 1 nS, "
    "delay: 1 ms, connect: {in_degree: 1}, plasticity: {rule: X}}}\n",
    "record": SIZES
    + "populations: {E: {neuron: lif, size: 3}}\nrecord: {states: [{population: E, variables: [X]}]}\n",
}
"""Where in a config."""
MODEL = """\
kind: neuron
title: Cell
evidence: D
parameters:
  tau: {unit: ms, default: 10 ms, description: time}
state:
  V: {unit: mV, derivative: -V/tau, initial: 0 mV}
threshold: V > 1*mV
reset: [V = 0*mV]
"""
ENTRIES = {
    "kind": ("kind: neuron", "kind: X"),
    "unit": ("unit: ms", "unit: X"),
    "default": ("default: 10 ms", "default: X"),
    "name of a parameter": ("  tau: {", "  X: {"),
    "name of a variable": ("  V: {", "  X: {"),
    "derivative": ("-V/tau", "X"),
    "inside a derivative": ("-V/tau", "X - V/tau"),
    "initial": ("initial: 0 mV", "initial: X"),
    "threshold": ("V > 1*mV", "X"),
    "inside a threshold": ("V > 1*mV", "V > X"),
    "reset": ("V = 0*mV", "X"),
    "target of a reset": ("V = 0*mV", "X = 0*mV"),
    "extends": ("evidence: D", "evidence: D\nextends: X"),
}
"""Where in a model file, and what stands there otherwise."""
SET = (
    "name=X",
    "duration=X",
    "populations.E.neuron=X",
    "X=1",
    "populations.X=1",
    "populations.E.parameters={C: X}",
    "X",
)


@dataclass(frozen=True)
class Attack:
    """A config, a model file, one `--set`, and where the code stands."""

    where: str
    config: str
    model: str = MODEL
    settings: tuple[str, ...] = ()


def attacks() -> list[Attack]:
    """Every payload at every place."""
    texts = [json.dumps(text) for text in CODE] + list(TAGS)
    made = [
        Attack(f"config: {name}", config.replace("X", text))
        for name, config in FIELDS.items()
        for text in texts
    ]
    for name, (old, new) in ENTRIES.items():
        made += [
            Attack(f"model: {name}", CONFIG, MODEL.replace(old, _whole(old, new, text))) for text in texts
        ]
    return made + [
        Attack(f"--set: {form}", CONFIG, settings=(form.replace("X", text),))
        for form in SET
        for text in (*CODE, *TAGS)
    ]


def _whole(old: str, new: str, text: str) -> str:
    """What stands in the place of `old`; inside a longer text, the payload without its quotes."""
    if new == "X" or new.endswith(": X") or new.startswith("  X"):
        return new.replace("X", text)
    bare = json.loads(text) if text.startswith('"') else text
    return (
        json.dumps(new.replace("X", bare))
        if old in ("-V/tau", "V > 1*mV", "V = 0*mV")
        else new.replace("X", text)
    )
