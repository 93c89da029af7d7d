"""The value of the constant parts of an expression.

Brian2 simplifies expressions symbolically. Constant parts that are infinite, complex or astronomically large
come back from that as symbols (`zoo`, `I`) or never come back at all, so they are found and refused here.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

LARGEST = 1e100

_Number = Callable[[float], float]
_FUNCTIONS: dict[str, _Number] = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "int": math.trunc,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "floor": math.floor,
    "sign": lambda x: (x > 0) - (x < 0),
}
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: math.fmod,
    ast.Pow: math.pow,
}


def fold(node: ast.expr, parts: list[float | None]) -> float | None:
    """Value of `node` from the values of its operands, `None` where it depends on a variable.

    A product with zero is zero whatever the other factor is, as it is for the symbolic simplification.

    Raises:
        ValueError: the value is not a real number, or its size is above `LARGEST`.
    """
    try:
        value = _fold(node, parts)
    except (ArithmeticError, ValueError):
        value = math.nan
    if value is None:
        return None
    if not abs(value) <= LARGEST:
        raise ValueError("has no finite real value")
    return float(value)


def _fold(node: ast.expr, parts: list[float | None]) -> float | None:
    if isinstance(node, ast.BinOp):
        return _fold_binary(node, parts[0], parts[1])
    if any(part is None for part in parts):
        return None
    values = [part for part in parts if part is not None]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return -values[0] if isinstance(node.op, ast.USub) else values[0]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and values:
        return _call(node.func.id, values)
    return None


def _fold_binary(node: ast.BinOp, left: float | None, right: float | None) -> float | None:
    if isinstance(node.op, ast.Mult) and 0 in (left, right):
        return 0.0
    if isinstance(node.op, ast.Div | ast.Mod) and right == 0:
        raise ZeroDivisionError
    if isinstance(node.op, ast.Sub) and ast.dump(node.left) == ast.dump(node.right):
        return 0.0
    if left is None or right is None:
        return None
    return _OPERATORS[type(node.op)](left, right)


def _call(name: str, values: list[float]) -> float | None:
    if name == "clip":
        return min(max(values[0], values[1]), values[2])
    return _FUNCTIONS[name](values[0]) if name in _FUNCTIONS else None
