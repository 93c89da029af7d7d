"""The physical dimension of an expression, from the dimensions of its variables.

A bare 0 fits every dimension where it is added, subtracted, compared or used as a bound of `clip`. Truth
values and what `int` and `sign` return are dimensionless.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from fractions import Fraction

from neuromod.library.grammar import Expression
from neuromod.library.syntax import EXPRESSION_UNITS, GENERATED, exponent_of, parse_tree
from neuromod.units import DIMENSIONLESS, Dimension, dimension_noun

TIME: Dimension = (0, 0, 1, 0, 0, 0, 0)

_Exponents = tuple[Fraction, ...]
_PLAIN: _Exponents = (Fraction(0),) * 7
_VERBS = {ast.Add: "add", ast.Sub: "subtract", ast.Mod: "take the remainder of"}
_SAME_AS_ARGUMENT = frozenset({"abs"})
_ANY_ARGUMENT = frozenset({"sign"})


def dimension_of(expression: Expression, known: Mapping[str, Dimension]) -> Dimension:
    """Dimension of `expression`.

    Args:
        expression: a checked expression.
        known: dimension of each variable in it; `t` and `dt` are times, and names of units have their own.

    Raises:
        ValueError: one sentence with the two dimensions that do not fit, and the part where they meet.
    """
    exponents = _Inference(known).infer(parse_tree(expression.text, GENERATED))
    if exponents is None:
        return DIMENSIONLESS
    if any(exponent.denominator != 1 for exponent in exponents):
        raise ValueError(
            f"`{_short(expression.text)}` has the dimension of a square root, need whole powers of units"
        )
    return tuple(int(exponent) for exponent in exponents)


def is_zero(expression: Expression) -> bool:
    """Whether `expression` is a bare 0, which may be assigned to a variable of any dimension."""
    return _is_zero(parse_tree(expression.text, GENERATED))


class _Inference:
    """Dimensions of the parts of a tree, from the leaves up; `None`: a bare 0, which has every dimension."""

    def __init__(self, known: Mapping[str, Dimension]) -> None:
        self._known = known

    def infer(self, node: ast.expr) -> _Exponents | None:
        if _is_zero(node):
            return None
        match node:
            case ast.Name():
                return self._name(node.id)
            case ast.BinOp():
                return self._binary(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return self.infer(node.operand)
            case ast.Compare():
                self._same("compare", node, [node.left, *node.comparators])
            case ast.Call(func=ast.Name(id=name)):
                return self._call(name, node)
            case ast.BoolOp():
                for value in node.values:
                    self.infer(value)
            case ast.UnaryOp():
                self.infer(node.operand)
        return _PLAIN

    def _name(self, name: str) -> _Exponents:
        if name in self._known:
            return _exponents(self._known[name])
        if name in ("t", "dt"):
            return _exponents(TIME)
        if name in EXPRESSION_UNITS:
            return _exponents(EXPRESSION_UNITS[name].dimension)
        raise ValueError(f"the dimension of `{name}` is not known")

    def _binary(self, node: ast.BinOp) -> _Exponents | None:
        if type(node.op) in _VERBS:
            return self._same(_VERBS[type(node.op)], node, [node.left, node.right])
        left = self.infer(node.left) or _PLAIN
        if isinstance(node.op, ast.Pow):
            power = Fraction(exponent_of(node) or 0)
            return tuple(power * exponent for exponent in left)
        right = self.infer(node.right) or _PLAIN
        sign = -1 if isinstance(node.op, ast.Div) else 1
        return tuple(a + sign * b for a, b in zip(left, right, strict=True))

    def _call(self, name: str, node: ast.Call) -> _Exponents | None:
        if name == "clip":
            return self._same("clip", node, node.args)
        arguments = [self.infer(argument) or _PLAIN for argument in node.args]
        if name in _SAME_AS_ARGUMENT:
            return arguments[0]
        if name == "sqrt":
            return tuple(exponent / 2 for exponent in arguments[0])
        if name not in _ANY_ARGUMENT and any(argument != _PLAIN for argument in arguments):
            raise ValueError(
                f"`{name}` needs a number without unit and got {_described(arguments[0])} in {_where(node)}"
            )
        return _PLAIN

    def _same(self, verb: str, node: ast.expr, parts: list[ast.expr]) -> _Exponents | None:
        """The dimension that all parts have."""
        common: _Exponents | None = None
        for part in parts:
            exponents = self.infer(part)
            if common is not None and exponents is not None and exponents != common:
                raise ValueError(
                    f"cannot {verb} {_described(common)} and {_described(exponents)} in {_where(node)}"
                )
            common = exponents if common is None else common
        return common


def _is_zero(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return _is_zero(node.operand)
    return isinstance(node, ast.Constant) and node.value == 0


def _exponents(dimension: Dimension) -> _Exponents:
    return tuple(Fraction(exponent) for exponent in dimension)


def _described(exponents: _Exponents) -> str:
    if any(exponent.denominator != 1 for exponent in exponents):
        return "the square root of a quantity"
    return dimension_noun(tuple(int(exponent) for exponent in exponents))


def _where(node: ast.expr) -> str:
    return f"`{_short(ast.unparse(node))}`"


def _short(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else text[:limit] + "..."
