"""Hoisting: what does not change during a run is computed once, before it.

`hoist` finds the largest parts of an expression that depend on constants only and are worth computing
beforehand (they call a function or divide), and replaces each by a new name; a division by a constant becomes
a product with its reciprocal. The hoisted parts are evaluated by `evaluate` with numpy, on numbers or on one
array per name; exp, log, sin and cos are those of `neuromod.reference_math`, so that the same plan gives the
same bits on every machine.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from neuromod import reference_math

Numbers = float | NDArray[np.float64]

_FUNCTIONS = {
    "exp": reference_math.exp, "log": reference_math.log, "sin": reference_math.sin,
    "cos": reference_math.cos, "sqrt": np.sqrt, "tanh": np.tanh,
    "abs": np.abs, "floor": np.floor, "sign": np.sign, "clip": np.clip,
    "positive": reference_math.positive,
}  # fmt: skip
_BINARY = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Mod: np.mod,
    ast.Pow: np.power,
}  # fmt: skip


@dataclass(frozen=True)
class Hoisted:
    """An expression after hoisting; `constants` maps each new name to the expression it stands for."""

    text: str
    constants: Mapping[str, str]


def hoist(text: str, constants: Collection[str], prefix: str, gains: Collection[str] = ()) -> Hoisted:
    """Hoist from `text`, where `constants` are names that keep their value; new names are `prefix0`,
    `prefix1`, ...

    `gains` are factors and shifts of constants that change in time. They are not hoisted, but a division by a
    constant with a gain becomes a product like that by the constant alone, so that a gain without effect
    leaves the same operations.
    """
    hoister = _Hoister(frozenset(constants), prefix)
    divisors = _Reciprocal(frozenset(constants) | frozenset(gains))
    tree = hoister.visit(divisors.visit(ast.parse(text, mode="eval").body))
    return Hoisted(ast.unparse(tree), dict(hoister.found))


def evaluate(text: str, values: Mapping[str, Numbers]) -> Numbers:
    """Value of a guarded expression. Shapes broadcast; a name without value is a `KeyError`."""
    return _evaluate(ast.parse(text, mode="eval").body, values)


@lru_cache(4096)
def names_in(text: str) -> frozenset[str]:
    """Variable names in a guarded expression (functions left out)."""
    tree = ast.parse(text, mode="eval")
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)


@lru_cache(4096)
def calls_in(text: str) -> frozenset[str]:
    """Names of the functions called in a guarded expression."""
    calls = (n.func for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Call))
    return frozenset(func.id for func in calls if isinstance(func, ast.Name))


def expand_calls(text: str, function: str, expansion: Callable[[list[str]], str]) -> str:
    """Replace each call `function(arguments)`, in order of appearance, by `expansion([argument, ...])`."""

    class Expander(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            if not (isinstance(node.func, ast.Name) and node.func.id == function):
                return node
            return ast.parse(expansion([ast.unparse(argument) for argument in node.args]), mode="eval").body

    return ast.unparse(Expander().visit(ast.parse(text, mode="eval").body))


def relaxation(text: str, variable: str) -> tuple[str, str] | None:
    """`(target - variable)/tau` or `-variable/tau` -> (target, tau); anything else -> None."""
    tree = ast.parse(text, mode="eval").body
    if not (isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div)):
        return None
    top, tau = tree.left, ast.unparse(tree.right)
    if isinstance(top, ast.UnaryOp) and isinstance(top.op, ast.USub) and _is_name(top.operand, variable):
        return "0", tau
    if isinstance(top, ast.BinOp) and isinstance(top.op, ast.Sub) and _is_name(top.right, variable):
        target = ast.unparse(top.left)
        return None if variable in names_in(target) | names_in(tau) else (target, tau)
    return None


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_constant(node: ast.AST, constants: frozenset[str]) -> bool:
    called = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    if any(n.id not in _FUNCTIONS for n in names if id(n) in called):
        return False
    return all(n.id in constants for n in names if id(n) not in called)


class _Reciprocal(ast.NodeTransformer):
    """x / c -> x * (1 / c) where c is constant and x is not."""

    def __init__(self, constants: frozenset[str]) -> None:
        self.constants = constants

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div) or not _is_constant(node.right, self.constants):
            return node
        if _is_constant(node.left, self.constants):
            return node
        return ast.BinOp(node.left, ast.Mult(), ast.BinOp(ast.Constant(1.0), ast.Div(), node.right))


class _Hoister(ast.NodeTransformer):
    def __init__(self, constants: frozenset[str], prefix: str) -> None:
        self.constants, self.prefix = constants, prefix
        self.found: dict[str, str] = {}

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and _is_constant(node, self.constants) and self._worth_it(node):
            text = ast.unparse(node)
            known = {expression: name for name, expression in self.found.items()}
            name = known.get(text, f"{self.prefix}{len(self.found)}")
            self.found[name] = text
            return ast.Name(name)
        return super().generic_visit(copy.copy(node))

    @staticmethod
    def _worth_it(node: ast.expr) -> bool:
        has_names = any(isinstance(n, ast.Name) for n in ast.walk(node))
        costly = any(isinstance(n, (ast.Call, ast.Div)) for n in ast.walk(node))
        return has_names and costly


def _evaluate(node: ast.expr, values: Mapping[str, Numbers]) -> Numbers:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.BinOp):
        result: Numbers = _BINARY[type(node.op)](_evaluate(node.left, values), _evaluate(node.right, values))
        return result
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        operand = _evaluate(node.operand, values)
        return -operand if isinstance(node.op, ast.USub) else operand
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        arguments = [_evaluate(argument, values) for argument in node.args]
        called: Numbers = _FUNCTIONS[node.func.id](*arguments)  # type: ignore[operator]  # ufuncs of differing arity
        return called
    raise ValueError(f"cannot evaluate {ast.unparse(node)}")
