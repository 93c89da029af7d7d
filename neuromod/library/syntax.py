"""The closed grammar itself: text -> tokens -> syntax tree -> checked tree. Used through `grammar`.

Allowed are numbers, names, brackets, `+ - * / % **`, comparisons, `and or not` and calls of listed functions;
whatever is not listed is refused. Nothing is ever evaluated: the tree is only looked at.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from neuromod.library.folding import fold
from neuromod.library.names import MAX_LENGTH, is_brian_unit, shown
from neuromod.units import UNITS

MAX_NUMBER = 1e12
MAX_EXPONENT = 8

ARITY = {
    "abs": 1, "clip": 3, "cos": 1, "exp": 1, "floor": 1, "int": 1,
    "log": 1, "positive": 1, "sign": 1, "sin": 1, "sqrt": 1, "tanh": 1,
    "normal": 0, "uniform": 0, "poisson": 1,
}  # fmt: skip

_UNKNOWN_IN_EQUATIONS = {"mS"}  # a name of Brian2, but its equations do not know it
EXPRESSION_UNITS = {
    name: unit for name, unit in UNITS.items() if is_brian_unit(name) and name not in _UNKNOWN_IN_EQUATIONS
}
"""The units of expressions: those known in equations of Brian2. `V`, `s` and `m` are not units there."""

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_TOKEN = re.compile(
    r"(?>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![A-Za-z0-9_.])"
    r"|[A-Za-z_][A-Za-z0-9_]*|\*\*|==|!=|<=|>=|[-+*/%(),<>]|[ \t]+"
)
_INSTEAD = {
    "^": "; a power is written **",
    "&": "; write and",
    "|": "; write or",
    "=": "; equality is written ==",
}

Kind = Literal["number", "boolean", "either"]


@dataclass(frozen=True)
class Limits:
    """How large an expression may be, and whether the base of a power may contain a power."""

    characters: int = 2000
    depth: int = 40
    nodes: int = 500
    nested_powers: bool = False


WRITTEN = Limits()
GENERATED = Limits(characters=100_000, depth=100, nodes=5000, nested_powers=True)


@dataclass(frozen=True)
class Vocabulary:
    """The words an expression may use; `names=None` allows every name."""

    names: frozenset[str] | None
    functions: frozenset[str]


@dataclass
class Words:
    """The words an expression does use."""

    names: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)


def parse_tree(text: str, limits: Limits = WRITTEN) -> ast.expr:
    """Syntax tree of `text`, whose characters and words have been checked but whose meaning has not.

    Raises:
        ValueError: a reason without the text itself, such as "the character '@' is not allowed".
    """
    if not isinstance(text, str):
        raise ValueError("it is not text")
    if len(text) > limits.characters:
        raise ValueError(f"it has {len(text)} characters and {limits.characters} are allowed")
    folded = text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").strip(" \t")
    if not folded:
        raise ValueError("it is empty")
    _check_tokens(folded, limits)
    try:
        return ast.parse(folded, mode="eval").body
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError) as error:
        raise ValueError(
            "it is not a complete expression, or two of its parts do not fit together"
        ) from error


def _check_tokens(text: str, limits: Limits) -> None:
    position = open_brackets = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            _refuse_character(text, position)
        open_brackets += {"(": 1, ")": -1}.get(token.group(), 0)
        if open_brackets > limits.depth:
            raise ValueError(f"its brackets are nested more than {limits.depth} deep")
        position = token.end()


def _refuse_character(text: str, position: int) -> NoReturn:
    if text[position].isdigit() and text[position].isascii():
        number = re.compile(r"[\w.]+", re.ASCII).match(text, position)
        raise ValueError(f"{shown(number.group() if number else '', 20)} is not a decimal number")
    raise ValueError(f"the character {text[position]!a} is not allowed{_INSTEAD.get(text[position], '')}")


def check_tree(tree: ast.expr, vocabulary: Vocabulary, limits: Limits = WRITTEN) -> Words:
    """Check every node of `tree` and return the words that it uses.

    Raises:
        ValueError: a reason without the text itself.
    """
    checker = _Checker(vocabulary, limits)
    checker.check(tree, 1)
    return checker.words


@dataclass(frozen=True)
class _Part:
    """What is known of a part of an expression: truth value or number, and the number if it is constant."""

    kind: Kind
    value: float | None = None


class _Checker:
    """Walks a tree once, operands before the operation, and refuses what the grammar does not have."""

    def __init__(self, vocabulary: Vocabulary, limits: Limits) -> None:
        self.words = Words()
        self._vocabulary = vocabulary
        self._limits = limits
        self._nodes = 0

    def check(self, node: ast.expr, depth: int) -> _Part:
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            raise ValueError(f"it has more than {self._limits.nodes} terms and operations")
        if depth > self._limits.depth:
            raise ValueError(f"it is nested more than {self._limits.depth} operations deep")
        operands = self._operands(node)
        parts = [self.check(operand, depth + 1) for operand in operands]
        kind = self._kind(node, parts)
        try:
            value = fold(node, [part.value for part in parts])
        except ValueError as error:
            raise ValueError(f"its part {shown(ast.unparse(node), 40)} {error}") from error
        return _Part(kind, value)

    def _operands(self, node: ast.expr) -> list[ast.expr]:
        """The operands of `node`, after checking everything about it that does not depend on them."""
        match node:
            case ast.Name():
                self._name(node.id)
                return []
            case ast.Constant():
                _check_number(node.value)
                return []
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not()):
                return [node.operand]
            case ast.BoolOp():
                return node.values
            case ast.BinOp() if isinstance(node.op, _OPERATORS):
                self._power(node)
                return [node.left, node.right]
            case ast.Compare():
                return _comparison_sides(node)
            case ast.Call():
                return self._arguments(node)
        raise ValueError(f"{_construct(node)} is not allowed")

    def _name(self, name: str) -> None:
        known = self._vocabulary.names
        if known is None or name in known:
            self.words.names.add(name)
        elif name in EXPRESSION_UNITS:
            self.words.units.add(name)
        elif name in ARITY:
            raise ValueError(f"`{name}` is a function and needs its arguments in brackets")
        elif name in UNITS:
            raise ValueError(
                f"`{name}` is not known here, and as a unit it must be one such as mV, ms, nS or second"
            )
        else:
            raise ValueError(f"`{name[:MAX_LENGTH]}` is not known here{_suggest(name, known)}")

    def _power(self, node: ast.BinOp) -> None:
        if not isinstance(node.op, ast.Pow):
            return
        exponent = exponent_of(node)
        if exponent is None or abs(exponent) > MAX_EXPONENT or not float(2 * exponent).is_integer():
            raise ValueError(
                f"an exponent must be a whole or half number from -{MAX_EXPONENT} to {MAX_EXPONENT}"
            )
        if not self._limits.nested_powers and any(isinstance(part, ast.Pow) for part in ast.walk(node.left)):
            raise ValueError("a power of a power is not allowed")

    def _arguments(self, node: ast.Call) -> list[ast.expr]:
        if not isinstance(node.func, ast.Name):
            raise ValueError("only a function written by its plain name can be called")
        name, allowed = node.func.id, self._vocabulary.functions & ARITY.keys()
        if name not in allowed:
            raise ValueError(
                f"`{name[:MAX_LENGTH]}` is not a function that can be used here{_suggest(name, allowed)}"
            )
        if node.keywords:
            raise ValueError(f"the arguments of `{name}` cannot be named")
        if len(node.args) != ARITY[name]:
            raise ValueError(f"`{name}` got {len(node.args)} arguments and needs {ARITY[name]}")
        self.words.functions.add(name)
        return node.args

    def _kind(self, node: ast.expr, parts: list[_Part]) -> Kind:
        """Truth values and numbers do not mix; `int(...)` turns the first into the second."""
        kinds = {part.kind for part in parts}
        if isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            if "number" in kinds:
                raise ValueError("and, or and not join comparisons, not numbers")
            return "boolean"
        if "boolean" in kinds and not _is_call_of(node, "int"):
            raise ValueError("a comparison is used as a number; write int(...) around it")
        if isinstance(node, ast.Compare):
            return "boolean"
        return "either" if isinstance(node, ast.Name) else "number"


def exponent_of(node: ast.BinOp) -> int | float | None:
    """The exponent of a power if it is a literal number with at most one sign, otherwise `None`."""
    signed = node.right
    literal = signed.operand if isinstance(signed, ast.UnaryOp) else signed
    value = literal.value if isinstance(literal, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not isinstance(signed, ast.UnaryOp):
        return value
    if isinstance(signed.op, ast.USub):
        return -value
    return value if isinstance(signed.op, ast.UAdd) else None


def _is_call_of(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _check_number(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{shown(repr(value), 20)} is not a number")
    if not abs(value) <= MAX_NUMBER:
        raise ValueError(f"it holds a number above {MAX_NUMBER:g}")


def _comparison_sides(node: ast.Compare) -> list[ast.expr]:
    if len(node.ops) > 1:
        raise ValueError("comparisons cannot be chained; write a < b and b < c")
    if not isinstance(node.ops[0], _COMPARISONS):
        raise ValueError("only the comparisons < <= > >= == != are allowed")
    return [node.left, *node.comparators]


def _construct(node: ast.expr) -> str:
    names = {ast.IfExp: "`if ... else`", ast.Tuple: "a list of values", ast.Starred: "a starred argument"}
    operators = {ast.FloorDiv: "the operator //", ast.MatMult: "the operator @"}
    if isinstance(node, ast.BinOp):
        return operators.get(type(node.op), "this operator")
    return names.get(type(node), f"the construct {type(node).__name__}")


def _suggest(word: str, allowed: Iterable[str]) -> str:
    choices: Collection[str] = sorted(allowed)
    close = difflib.get_close_matches(word[:MAX_LENGTH], choices, n=1)
    if close:
        return f"; did you mean `{close[0]}`?"
    listed = ", ".join(list(choices)[:12]) + (", ..." if len(choices) > 12 else "")
    return f"; known are {listed}" if choices else ""
