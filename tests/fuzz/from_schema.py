"""Configs made from the schema itself: every key it has, mostly with values of the right kind."""

# ruff: noqa: E501 - tables

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from neuromod.config.describe import annotation_of, is_union, section_of, unwrap
from neuromod.config.network import Connect
from neuromod.config.schema import Experiment
from neuromod.config.values import Allowed
from neuromod.library.shipped import open_library
from tests.fuzz.hostile_values import QUANTITIES, SCALARS, TEXTS, Value, wrong

OPTIONAL, USUAL, UNKNOWN, MISSING = 0.2, 0.8, 0.003, 0.003
MOST = 100_000
"""Largest number that is allowed: a population of 10^8 cells is, and takes the memory of 10^8 cells."""
USUALLY_THERE = {
    "neuron",
    "size",
    "receptor",
    "connect",
    "weight",
    "delay",
    "rule",
    "modulator",
    "input",
    "frequency",
}
RULES = {"in_degree", "probability", "one_to_one", "all_to_all", "edges"}
CELLS = ("E", "I", "S")
TIMES = ("1 ms", "0.1 ms", "5 ms", "10 ms", "20 ms", "100 ms", "0.5 s", "1 s")
RATES = ("0 Hz", "1 Hz", "5 Hz", "50 Hz")
QUANTITIES_OF = {
    "weight": ("1 nS", "0.5 nS", "10 pA", "1 mV", "0 nS"), "delay": ("1 ms", "0.1 ms", "5 ms", "0 ms"),
    "value": ("1 pA", "10 mV", "5 Hz", "200 pF"),
}  # fmt: skip
NAMES_OF = {
    "neuron": "neurons", "receptor": "synapses", "input": "inputs", "rule": "plasticity", "circuit": "circuits",
    "modulator": "neuromodulators", "modulators": "neuromodulators", "release": "neuromodulators",
    "receptors": "synapses", "regions": "regions", "region": "regions",
}  # fmt: skip
OTHERS = {
    "population": CELLS, "populations": CELLS, "spikes": (*CELLS, "x.csv"), "lfp": CELLS, "nucleus": CELLS,
    "first": CELLS, "then": CELLS, "name": ("fuzzed",), "state": ("nrem", "rem", "wake"), "pacemaker": ("theta",),
    "pacemakers": ("theta",), "variables": ("V", "g", "w", "u", "w_ad"), "parameter": ("I_bias", "C", "rate", "x.rate"),
    "initial": ("V", "w", "u"), "heterogeneity": ("C", "EL", "VT"), "inputs": ("x", "y"), "drives": ("D1", "D2"),
}  # fmt: skip


class Maker:
    """Makes values of types; `wrongness` is how often one of another kind is put in its place."""

    def __init__(self, random: Random, wrongness: float) -> None:
        self.random = random
        self.wrongness = wrongness

    def experiment(self) -> dict[str, Value]:
        """A config; most have what every config needs."""
        made = self._section(Experiment, "")
        made = made if isinstance(made, dict) else {}
        if self.random.random() < 0.9:
            cells = {
                name: {"neuron": self._name("neuron"), "size": self.random.randint(1, 50)} for name in CELLS
            }
            made = {"neuromod": 1, "name": "fuzzed", "duration": "100 ms"} | made | {"dt": "0.1 ms"}
            made["populations"] = _joined(cells, made.get("populations"))
            made |= {"regions": []} if "circuit" in made or self.random.random() < 0.7 else {}
        return made

    def value(self, annotation: object, field: str) -> Value:
        """A value for the key `field`, of this type or wrong."""
        if self.random.random() < self.wrongness:
            return wrong(self.random)
        base, marks = unwrap(annotation)
        kind = next((mark.kind for mark in marks if isinstance(mark, Allowed)), "")
        if kind:
            return self._leaf(kind, field)
        if is_union(base):
            arms = [arm for arm in get_args(base) if arm is not NoneType]
            return self.value(self.random.choice(arms), field)
        return self._structure(base, marks, field)

    def _structure(
        self, base: Any, marks: list[object], field: str
    ) -> Value:  # Any: a type or an alias of one
        if get_origin(base) is Literal:
            return self.random.choice(get_args(base))
        if section_of(base) is not None:
            return self._section(base, field)
        if get_origin(base) is dict:
            keys, entry = get_args(base)
            names = [self.value(keys, field) for _ in range(self.random.randrange(3))]
            return {name: self.value(entry, name) for name in names if isinstance(name, str)}
        if get_origin(base) is tuple:
            return self._list(get_args(base), field)
        if base is bool:
            return self.random.random() < 0.5
        return self._number(base, marks) if base in (int, float) else self._name(field)

    def _section(self, model: type[BaseModel], field: str) -> Value:
        made: dict[str, Value] = {}
        for name, about in model.model_fields.items():
            if self.random.random() < _share(about, name):
                made[name] = self.value(annotation_of(about), name)
        if self.random.random() < UNKNOWN:
            made[self.random.choice(TEXTS)] = wrong(self.random)
        if model is Connect and self.random.random() > self.wrongness:
            rule, value = self.random.choice((("in_degree", 3), ("probability", 0.1), ("all_to_all", True)))
            made = {name: entry for name, entry in made.items() if name not in RULES} | {rule: value}
        return made

    def _list(self, arguments: tuple[Any, ...], field: str) -> Value:  # Any: types
        if Ellipsis in arguments:
            return [self.value(arguments[0], field) for _ in range(self.random.randrange(3))]
        return [self.value(argument, field) for argument in arguments]

    def _leaf(self, kind: str, field: str) -> Value:
        makers: dict[str, Callable[[], Value]] = {
            "time": lambda: self.random.choice(TIMES),
            "rate": lambda: self.random.choice(RATES),
            "quantity": lambda: self._quantity(field),
            "quantity or distribution": lambda: self._drawn(field),
            "name": lambda: self._name(field),
        }
        return makers[kind]()

    def _quantity(self, field: str) -> Value:
        known = QUANTITIES_OF.get(field) or _defaults().get(field, ())
        if known and self.random.random() > 0.05 + self.wrongness:
            return self.random.choice(known)
        if self.random.random() < 0.1:
            return {"value": self.random.choice(QUANTITIES), "evidence": "M", "source": "here"}
        return self.random.choice((*QUANTITIES, *SCALARS))

    def _drawn(self, field: str) -> Value:
        if self.random.random() < 0.6:
            return self._quantity(field)
        kind = self.random.choice(("uniform", "normal", "lognormal"))
        return {kind: [self._quantity(field), self.random.choice((self._quantity(field), "EL", "VT"))]}

    def _number(self, base: type, marks: list[object]) -> Value:
        low = next((m.ge if isinstance(m, Ge) else m.gt for m in marks if isinstance(m, Ge | Gt)), -10)
        high = next((m.le for m in marks if isinstance(m, Le)), 1000)
        near = (low, low + 1, low + 2, 10, min(high, MOST), high + 1, low - 1)
        return base(self.random.choice((*near, self.random.uniform(low, min(high, 50)))))

    def _name(self, field: str) -> str:
        if self.random.random() < self.wrongness:
            return self.random.choice(TEXTS)
        if field == "projections" or field == "projection":
            return "->".join(self.random.choices(CELLS, k=2)) + self.random.choice(("", "", ":x"))
        known = OTHERS.get(field) or _models(NAMES_OF.get(field, "")) or (*_defaults(), *CELLS)
        return self.random.choice(known)


def _joined(cells: dict[str, Value], made: Value) -> Value:
    """The three populations that names refer to, with what was made for them on top."""
    if not isinstance(made, dict):
        return cells if made is None or made == [] else made
    both = {
        name: {**entry, **(made.pop(name, None) or {})}
        if isinstance(made.get(name, {}), dict)
        else made[name]
        for name, entry in cells.items()
    }
    return {**both, **made}


@cache
def _models(kind: str) -> tuple[str, ...]:
    return tuple(open_library().names(kind)) if kind else ()


@cache
def _defaults() -> dict[str, tuple[Value, ...]]:
    """Parameter -> the defaults that it has in shipped models."""
    library, found = open_library(), {}
    for kind in ("neurons", "inputs", "synapses", "plasticity"):
        for name in _models(kind):
            for key, about in library.node(kind, name).plain().get("parameters", {}).items():
                default = about["default"] if isinstance(about, dict) else about
                found.setdefault(key, []).append(default)
    return {name: tuple(values) for name, values in sorted(found.items())}


def _share(about: FieldInfo, name: str) -> float:
    """How often a key is there."""
    return 1 - MISSING if about.is_required() else USUAL if name in USUALLY_THERE else OPTIONAL
