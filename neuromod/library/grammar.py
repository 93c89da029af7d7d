"""The guard: the only door through which text from model files and configurations becomes an expression.

Brian2 runs parts of the text it is given as Python, and the rest becomes C++. Therefore nothing reaches it
but the canonical text of a tree that was checked here word by word: it is written anew from the tree, never
copied from the file. `neuromod.library.syntax` holds the grammar itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from neuromod.library.names import MAX_LENGTH, shown
from neuromod.library.syntax import ARITY, GENERATED, WRITTEN, Vocabulary, check_tree, parse_tree

RANDOM = frozenset({"normal", "uniform", "poisson"})
FUNCTIONS = frozenset(ARITY) - RANDOM
MAX_STATEMENTS = 50

Operator = Literal["=", "+=", "-=", "*="]
_OPERATORS: dict[str, Operator] = {"=": "=", "+=": "+=", "-=": "-=", "*=": "*="}
_STATEMENT = re.compile(r"([A-Za-z][A-Za-z0-9_]*)[ \t]*([-+*/%]?|\*\*|//)=(?!=)[ \t]*(.*)\Z", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_ANYTHING = Vocabulary(names=None, functions=frozenset(ARITY))


@dataclass(frozen=True)
class Expression:
    """A checked expression: canonical text, free variable names, functions, and the units it names."""

    text: str
    names: frozenset[str]
    functions: frozenset[str]
    units: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Statement:
    """A checked assignment `target operator expression`, such as `V = V_reset` or `g += weight`."""

    target: str
    operator: Operator
    expression: Expression

    @property
    def text(self) -> str:
        """The statement as one line of canonical text."""
        return f"{self.target} {self.operator} {self.expression.text}"


def parse_expression(
    text: str, *, known: Collection[str], functions: Collection[str] = FUNCTIONS, place_key: str = ""
) -> Expression:
    """Check an expression.

    Args:
        text: the expression; line breaks in it count as blanks.
        known: names of the variables and parameters it may use (`t` and `dt` too, where they may be used).
            Names of units are allowed besides; a variable of the same name comes first.
        functions: functions it may call; `FUNCTIONS | RANDOM` where random draws make sense.
        place_key: where the text stands, put in front of the message.

    Raises:
        ValueError: one sentence with what was got and what is allowed.
    """
    vocabulary = Vocabulary(frozenset(known), frozenset(functions))
    try:
        tree = parse_tree(text)
        words = check_tree(tree, vocabulary)
    except ValueError as error:
        raise _located(text, error, place_key) from error
    return Expression(
        ast.unparse(tree), frozenset(words.names), frozenset(words.functions), frozenset(words.units)
    )


def parse_statement(
    text: str,
    *,
    known: Collection[str],
    writable: Collection[str],
    functions: Collection[str] = FUNCTIONS,
    place_key: str = "",
) -> Statement:
    """Check one assignment: `name = expression`, or with `+=`, `-=`, `*=`, to a name in `writable`.

    Raises:
        ValueError: one sentence with what was got and what is allowed.
    """
    try:
        target, operator, right = _split(text, frozenset(writable))
    except ValueError as error:
        raise _located(text, error, place_key) from error
    return Statement(
        target, operator, parse_expression(right, known=known, functions=functions, place_key=place_key)
    )


def parse_statements(
    lines: Sequence[str] | str,
    *,
    known: Collection[str],
    writable: Collection[str],
    functions: Collection[str] = FUNCTIONS,
    place_key: str = "",
) -> tuple[Statement, ...]:
    """Check assignments, one per line; empty lines are skipped. There are no temporary variables.

    Raises:
        ValueError: one sentence about the first line that is wrong.
    """
    if isinstance(lines, str):
        if len(lines) > MAX_STATEMENTS * WRITTEN.characters:
            raise ValueError(
                f"{_prefix(place_key)}got {len(lines)} characters, far more than statements need"
            )
        lines = lines.replace("\r\n", "\n").split("\n")
    used = [line for line in lines if line.strip(" \t")]
    if len(used) > MAX_STATEMENTS:
        raise ValueError(f"{_prefix(place_key)}got {len(used)} statements, need at most {MAX_STATEMENTS}")
    return tuple(
        parse_statement(line, known=known, writable=writable, functions=functions, place_key=place_key)
        for line in used
    )


def rename(expression: Expression | str, mapping: Mapping[str, str]) -> str:
    """Canonical text with variables renamed, all at once; functions and all other names stay.

    Raises:
        ValueError: no expression, a new name that is not a name, or two variables that would become one.
    """
    for new in mapping.values():
        if not _IDENTIFIER.match(new):
            raise ValueError(f"got {shown(new)} as a new name, need letters, digits and underscores")
    tree = _tree(expression)
    names = check_tree(tree, _ANYTHING, GENERATED).names
    renamed = [mapping.get(name, name) for name in names]
    merged = sorted(new for new in set(renamed) if renamed.count(new) > 1)
    if merged:
        raise ValueError(
            f"renaming in {shown(ast.unparse(tree))} would make two variables into one `{merged[0]}`"
        )
    return _replaced(tree, {old: ast.Name(new) for old, new in mapping.items()})


def substitute(expression: Expression | str, values: Mapping[str, Expression | str]) -> str:
    """Canonical text with variables or units replaced by expressions, all at once and bracketed as needed.

    Raises:
        ValueError: no expression, or a result with a constant part that has no finite real value.
    """
    return _replaced(_tree(expression), {name: _tree(value) for name, value in values.items()})


def _split(text: str, writable: frozenset[str]) -> tuple[str, Operator, str]:
    if len(text) > WRITTEN.characters:
        raise ValueError(f"it is not text of at most {WRITTEN.characters} characters")
    parts = _STATEMENT.match(text.strip(" \t\r\n"))
    if parts is None:
        raise ValueError("it is not one assignment `name = expression` on one line")
    target, operator, right = parts.group(1), parts.group(2) + "=", parts.group(3)
    if operator not in _OPERATORS:
        raise ValueError(f"`{operator}` is not allowed; allowed are {', '.join(_OPERATORS)}")
    if target not in writable:
        allowed = ", ".join(sorted(writable)[:12]) or "none"
        raise ValueError(f"`{target[:MAX_LENGTH]}` cannot be assigned here; variables that can: {allowed}")
    return target, _OPERATORS[operator], right


def _tree(expression: Expression | str) -> ast.expr:
    text = expression.text if isinstance(expression, Expression) else expression
    try:
        tree = parse_tree(text, GENERATED)
        check_tree(tree, _ANYTHING, GENERATED)
    except ValueError as error:
        raise _located(text, error, "") from error
    return tree


def _replaced(tree: ast.expr, nodes: Mapping[str, ast.expr]) -> str:
    text = ast.unparse(_Replacer(nodes).visit(tree))
    _tree(text)
    return text


class _Replacer(ast.NodeTransformer):
    """Puts nodes in the place of variable names, and leaves the names of called functions alone."""

    def __init__(self, nodes: Mapping[str, ast.expr]) -> None:
        self._nodes = nodes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._nodes.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return ast.Call(node.func, [self.visit(argument) for argument in node.args], [])


def _prefix(place_key: str) -> str:
    return f"{place_key}: " if place_key else ""


def _located(text: object, error: ValueError, place_key: str) -> ValueError:
    return ValueError(f"{_prefix(place_key)}got {shown(text)}, but {error}")
