"""Statements as functions of numpy arrays, for what moves without a program.

The statements are those that a program is made of; `exp`, `log`, `clip` and `positive` are the twins of its
own functions, all others numpy's, as in the runtime backend. Random draws are not known here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuromod import reference_math
from neuromod.errors import InternalError
from neuromod.library.hoist import names_in
from neuromod.library.syntax import GENERATED, parse_tree

Value = NDArray[np.float64]
Values = Mapping[str, Value]
_Function = Callable[[Values], Value]
_STATEMENT = re.compile(r"(\w+) ([-+*]?=) (.*)\Z", re.S)


def _clip(x: Value, low: Value, high: Value) -> Value:
    """The twin's result without its four selections: state is finite."""
    return np.asarray(np.maximum(low, np.minimum(high, x)))


def _whole(x: Value) -> Value:
    return x.astype(np.float64) if x.dtype == np.bool_ else np.asarray(np.trunc(x))


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "exp": reference_math.exp, "log": reference_math.log, "clip": _clip, "int": _whole,
    "positive": lambda x: np.asarray(np.maximum(0.0, x)),
    "abs": np.abs, "floor": np.floor, "sign": np.sign, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos,
    "tanh": np.tanh, "nm_sin": reference_math.sin, "nm_cos": reference_math.cos,
}  # fmt: skip
_OPERATORS: dict[type, Callable[..., Value]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Mod: np.mod,
    ast.Pow: np.power, ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal,
    ast.Eq: np.equal, ast.NotEq: np.not_equal, ast.And: np.logical_and, ast.Or: np.logical_or,
    ast.Not: np.logical_not, ast.USub: np.negative, ast.UAdd: np.positive,
}  # fmt: skip


@dataclass(frozen=True)
class Assignment:
    """A statement `target operator expression`; `names` are those that it reads besides its target."""

    target: str
    operator: str
    names: frozenset[str]
    value: _Function

    def applied(self, values: Values) -> Value:
        """What the target becomes."""
        new = self.value(values)
        if self.operator == "=":
            return new
        return _OPERATORS[{"+=": ast.Add, "-=": ast.Sub, "*=": ast.Mult}[self.operator]](
            values[self.target], new
        )


def assignment(line: str) -> Assignment:
    """A statement of a program as a function of named arrays, which broadcast."""
    found = _STATEMENT.match(line)
    if found is None:
        raise InternalError(f"not a statement: {line}")
    target, operator, text = found.groups()
    return Assignment(target, operator, names_in(text), _function(parse_tree(text, GENERATED)))


def _function(node: ast.expr) -> _Function:
    match node:
        case ast.Constant(value=float() | int() as number):
            constant = np.asarray(number, np.float64)
            return lambda values: constant
        case ast.Name(id=name):
            return lambda values: values[name]
        case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
            return _applied(_OPERATORS[type(op)], left, right)
        case ast.UnaryOp(op=op, operand=operand):
            return _applied(_OPERATORS[type(op)], operand)
        case ast.BoolOp(op=op, values=[first, second]):
            return _applied(_OPERATORS[type(op)], first, second)
        case ast.BoolOp(op=op, values=[*before, last]):
            return _applied(_OPERATORS[type(op)], ast.BoolOp(op, before), last)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _FUNCTIONS:
            return _applied(_FUNCTIONS[name], *arguments)
    raise InternalError(f"cannot be computed without a program: {ast.unparse(node)}")


def _applied(function: Callable[..., Value], *operands: ast.expr) -> _Function:
    parts = [_function(operand) for operand in operands]
    if len(parts) == 2:
        one, two = parts
        return lambda values: function(one(values), two(values))
    return lambda values: function(*(part(values) for part in parts))
