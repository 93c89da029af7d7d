"""Parts of an expression that are the same for all synapses of a projection, computed once per step.

`A_plus*x*(1 + k*rho_D1)` becomes `row_part0*x`: the factors that depend only on names of the row (parameters,
levels, drives, phase) are multiplied once per step and projection instead of at every spike.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from neuromod.library.hoist import names_in

PREFIX = "row_part"


class RowParts:
    """Collects the parts of several expressions; equal parts share a name."""

    def __init__(self, row_names: Collection[str]) -> None:
        self.row_names = frozenset(row_names)
        self.found: dict[str, str] = {}

    def taken_out(self, text: str) -> str:
        """`text` with its parts of the row replaced by names `row_partN`; single names stay."""
        return ast.unparse(self._visited(ast.parse(text, mode="eval").body))

    def _visited(self, node: ast.expr) -> ast.expr:
        if self._of_row(node):
            return self._named(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            return self._product(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self._product(node)
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and not (isinstance(node, ast.Call) and field == "func"):
                setattr(node, field, self._visited(value))
            elif isinstance(value, list):
                setattr(node, field, [self._visited(v) if isinstance(v, ast.expr) else v for v in value])
        return node

    def _of_row(self, node: ast.expr) -> bool:
        names = names_in(ast.unparse(node))
        return bool(names) and names <= self.row_names

    def _product(self, node: ast.expr) -> ast.expr:
        """Factors of the row first, as one part, then the others in their order."""
        factors = _factors(node, False)
        own = [(part, below) for part, below in factors if not names_in(ast.unparse(part)) - self.row_names]
        rest = [(self._visited(part), below) for part, below in factors if (part, below) not in own]
        if not own:
            return _joined(rest)
        first = _joined(own)
        named = self._named(first) if names_in(ast.unparse(first)) else first
        return _joined([(named, False), *rest])

    def _named(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Name):
            return node
        text = ast.unparse(node)
        return ast.Name(self.found.setdefault(text, f"{PREFIX}{len(self.found)}"))


def _factors(node: ast.expr, below: bool) -> list[tuple[ast.expr, bool]]:
    """Factors of a product, each with whether it divides."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _factors(node.left, below) + _factors(node.right, below)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _factors(node.left, below) + _factors(node.right, not below)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [(ast.UnaryOp(ast.USub(), ast.Constant(1.0)), False), *_factors(node.operand, below)]
    return [(node, below)]


def _joined(factors: list[tuple[ast.expr, bool]]) -> ast.expr:
    result: ast.expr | None = None
    for part, below in sorted(factors, key=lambda factor: factor[1]):
        left = ast.Constant(1.0) if result is None and below else result
        result = part if left is None else ast.BinOp(left, ast.Div() if below else ast.Mult(), part)
    if result is None:
        raise ValueError("a product without factors")
    return result
