"""A plasticity rule as plain data: the YAML text, its numbers in SI units, its expressions as Python code.

Nothing here comes from the engine but the reading of quantities such as `20 ms`. The expressions are our own
texts, so Python may evaluate them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType

import numpy as np

from neuromod.units import UNITS, parse_quantity

_STATEMENT = re.compile(r"\s*(\w+)\s*([-+*]?=)\s*(.+)", re.DOTALL)
_FUNCTIONS = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tanh": np.tanh,
    "abs": np.abs, "floor": np.floor, "sign": np.sign, "int": lambda x: np.trunc(1.0 * np.asarray(x)),
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "positive": lambda x: np.maximum(x, 0.0),
    "both": np.logical_and, "either": np.logical_or, "neither": np.logical_not,
}  # fmt: skip
_UNITS = {name: unit.scale for name, unit in UNITS.items() if name not in ("s", "m", "V")}
_BASE = {"__builtins__": {}} | _UNITS | _FUNCTIONS


class _Arrays(ast.NodeTransformer):
    """`and`, `or` and `not` of arrays."""

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        name = "both" if isinstance(node.op, ast.And) else "either"
        joined = node.values[0]
        for value in node.values[1:]:
            joined = ast.Call(ast.Name(name, ast.Load()), [joined, value], [])
        return joined

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        negated = isinstance(node.op, ast.Not)
        return ast.Call(ast.Name("neither", ast.Load()), [node.operand], []) if negated else node


@dataclass(frozen=True)
class Expression:
    """An expression of the rule; calling it with names evaluates it."""

    text: str
    code: CodeType

    def __call__(self, names: Mapping[str, object]) -> np.ndarray:
        return np.asarray(eval(self.code, _BASE | dict(names)), dtype=np.float64)


def expression(text: object) -> Expression:
    tree = ast.parse(str(text).replace("\n", " ").strip(), mode="eval")
    return Expression(str(text), compile(ast.fix_missing_locations(_Arrays().visit(tree)), "<rule>", "eval"))


@dataclass(frozen=True)
class Statement:
    """`target += expression`, and the same with -=, *= and =."""

    target: str
    operator: str
    value: Expression

    def applied(self, old: np.ndarray, change: np.ndarray) -> np.ndarray:
        return {"=": change + 0 * old, "+=": old + change, "-=": old - change, "*=": old * change}[
            self.operator
        ]


@dataclass(frozen=True)
class Trace:
    """Trace of the spikes of one side; tau in s."""

    of: str
    tau: float
    nearest: bool
    initial: float


@dataclass(frozen=True)
class Eligibility:
    """tau in s; the increments may be missing."""

    tau: float
    at_pre: Expression | None
    at_post: Expression | None
    converted: Expression


@dataclass(frozen=True)
class Rule:
    """Everything a rule says, in SI units."""

    parameters: dict[str, float]
    dendritic: bool
    traces: dict[str, Trace]
    eligibility: dict[str, Eligibility]
    state: dict[str, float]
    cell: dict[str, float]
    at_pre: tuple[Statement, ...]
    at_post: tuple[Statement, ...]
    at_tick: tuple[Statement, ...]
    cell_tick: tuple[Statement, ...]
    tick: float
    transmitted: Expression
    bounds: tuple[float, float]


def number(value: object) -> float:
    """A value of a model file or config in SI units: 5, `20 ms`, or {value: 20 ms, evidence: ...}."""
    given = value["value"] if isinstance(value, Mapping) else value
    return parse_quantity(str(given)).value


def read_rule(
    data: Mapping,
    overrides: Mapping[str, object] | None = None,
    *,
    slow_factor: float = 60.0,
    tick: str | None = None,
) -> Rule:
    """The rule of a model file (`data`, as YAML reads it) with the parameters and tick of a projection."""
    parameters = {}
    for name, spec in data["parameters"].items():
        value = number((overrides or {}).get(name, spec["default"]))
        parameters[name] = value / slow_factor if spec.get("slow") else value
    low, high = (parameters[name] for name in data["bounds"])
    return Rule(
        parameters=parameters,
        dendritic=data.get("delay", "axonal") == "dendritic",
        traces={name: _trace(spec, parameters) for name, spec in data.get("traces", {}).items()},
        eligibility={
            name: _eligibility(spec, parameters) for name, spec in data.get("eligibility", {}).items()
        },
        state={
            name: _initial(spec.get("initial"), parameters) for name, spec in data.get("state", {}).items()
        },
        cell={name: _initial(spec.get("initial"), parameters) for name, spec in data.get("cell", {}).items()},
        at_pre=_statements(data, "at_pre"),
        at_post=_statements(data, "at_post"),
        at_tick=_statements(data, "at_tick"),
        cell_tick=_statements(data, "cell_tick"),
        tick=number(tick or data.get("tick", "1 s")),
        transmitted=expression(data.get("transmitted", "w")),
        bounds=(low, high),
    )


def _trace(spec: Mapping, parameters: Mapping[str, float]) -> Trace:
    nearest = spec.get("pairing", "all_to_all") == "nearest"
    return Trace(spec["of"], parameters[spec["tau"]], nearest, _initial(spec.get("initial"), parameters))


def _eligibility(spec: Mapping, parameters: Mapping[str, float]) -> Eligibility:
    pre, post = (expression(spec[key]) if key in spec else None for key in ("at_pre", "at_post"))
    return Eligibility(parameters[spec["tau"]], pre, post, expression(spec["converted"]))


def _initial(value: object, parameters: Mapping[str, float]) -> float:
    if value is None:
        return 0.0
    try:
        return number(value)
    except ValueError:
        return float(expression(value)(parameters))


def _statements(data: Mapping, key: str) -> tuple[Statement, ...]:
    found = []
    for text in data.get(key, ()):
        match = _STATEMENT.fullmatch(text)
        assert match is not None, text
        found.append(Statement(match[1], match[2], expression(match[3])))
    return tuple(found)
