"""The rules of models/plasticity as plain data, and signals for everything that they follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from tests.physics.plasticity.bench import Use
from tests.physics.plasticity.draws import pulses
from tests.physics.plasticity.rule import number
from tests.physics.plasticity.signals import Modulator, Receptor

MODELS = Path(__file__).resolve().parents[3] / "models"
RULES = sorted(path.stem for path in (MODELS / "plasticity").glob("*.yaml"))


def read_model(kind: str, name: str) -> dict:
    """A model file with what it extends."""
    data = YAML(typ="safe").load(MODELS / kind / f"{name}.yaml")
    return _merged(read_model(kind, data.pop("extends")), data) if "extends" in data else data


def _merged(lower: Mapping, upper: Mapping) -> dict:
    """`upper` over `lower`, mappings key by key; None removes."""
    found = dict(lower)
    for key, value in upper.items():
        below = found.get(key)
        found[key] = _merged(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return {key: value for key, value in found.items() if value is not None}


def shipped_use(name: str) -> Use:
    """The rule with its defaults; `m` is the level of dopamine."""
    text = read_model("plasticity", name)
    words = set(re.findall(r"\w+", " ".join(_expressions(text))))
    return Use(
        name, text, modulator="dopamine" if "m" in words else None,
        pacemaker="theta" if words & {"cos_phi", "sin_phi"} else None, shipped=True,
    )  # fmt: skip


def followed(random: np.random.Generator, steps: int, uses: Iterable[Use]) -> dict[str, Modulator]:
    """Modulators with bursts and dips, and all receptors that the rules follow.

    A receptor is that of its model file. One that no shipped neuromodulator has yet is added to dopamine.
    """
    words = {
        word for use in uses for text in _expressions(use.text) for word in re.findall(r"rho_(\w+)", text)
    }
    names = sorted(path.stem for path in (MODELS / "neuromodulators").glob("*.yaml"))
    known = {name: read_model("neuromodulators", name).get("receptors", {}) for name in names}
    orphans = words - {key for receptors in known.values() for key in receptors}
    found = {}
    for place, name in enumerate(names):
        receptors = {
            key: Receptor(number(spec["K"]), number(spec["n"]))
            for key, spec in known[name].items()
            if key in words
        }
        if name == "dopamine":
            receptors |= {key: Receptor(2.0, 1.5) for key in orphans}
        bursts = pulses(random, steps, 6, -0.15, 4.0)
        found[name] = Modulator(1.0, 0.15 + 0.05 * place, bursts, receptors)
    return found


def _expressions(text: Mapping) -> list[str]:
    """All expressions of a rule."""
    parts = [str(text.get("transmitted", ""))]
    for key in ("at_pre", "at_post", "at_tick", "cell_tick"):
        parts += text.get(key, ())
    for eligibility in text.get("eligibility", {}).values():
        parts += [str(value) for key, value in eligibility.items() if key != "tau"]
    return parts
