"""What the expressions of a model may use, and the checks of single names, units and expressions."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import TracebackType

from neuromod.config.read import Node
from neuromod.config.values import Distribution, Value
from neuromod.errors import Problem
from neuromod.library.dimensions import dimension_of, is_zero
from neuromod.library.grammar import FUNCTIONS, Expression, parse_expression, parse_statement
from neuromod.library.names import check_name, shown
from neuromod.library.template import Parameter, StateVariable
from neuromod.units import DIMENSIONLESS, Dimension, dimension_name, parse_unit

Path = tuple[str | int, ...]
Dimensions = Mapping[str, Dimension]

AMPERE: Dimension = (0, 0, 0, 1, 0, 0, 0)
SECOND: Dimension = (0, 0, 1, 0, 0, 0, 0)
HERTZ: Dimension = (0, 0, -1, 0, 0, 0, 0)
VOLT: Dimension = parse_unit("V").dimension
CLOCK: Dimensions = {"t": SECOND, "dt": SECOND}

PREDEFINED = frozenset({"I", "V", "cos_phi", "sin_phi"})
"""Names with a fixed meaning, which no parameter can have; `V` may be a state variable of a cell."""
COMPOSED = frozenset(
    {"input_current", "active", "free_at", "fires", "lfp_current", "seed", "population", "cell", "pacemaker"}
)
"""Names that a composed group of cells uses itself, besides those with one of `COMPOSED_PREFIXES`."""
COMPOSED_PREFIXES = ("next_", "has_", "const", "trace", "row_", "cell_", "delay_", "effect_")


class Report:
    """The problems of one model file, each at its place."""

    def __init__(self, node: Node) -> None:
        self.problems: list[Problem] = []
        self._node = node

    def add(self, path: Path, message: str) -> None:
        """Note a problem at the keys `path`."""
        self.problems.append(Problem(message, ".".join(map(str, path)), self._node.place_of(path)))

    def at(self, path: Path) -> _Noting:
        """A `with` block whose `ValueError` is noted as a problem at `path`."""
        return _Noting(self, path)

    def unit(self, path: Path, text: str) -> Dimension | None:
        """Dimension of a unit, or None when it is not one."""
        with self.at(path):
            return parse_unit(text).dimension
        return None

    def parameters(
        self, path: Path, entries: Mapping[str, Parameter], taken: Collection[str]
    ) -> dict[str, Dimension]:
        """Check declared parameters; return the dimensions of those with a valid unit.

        `taken` are names that they cannot have.
        """
        found: dict[str, Dimension] = {}
        for name, entry in entries.items():
            self.name((*path, name), name, PREDEFINED | set(taken))
            dimension = self.unit((*path, name, "unit"), entry.unit)
            if dimension is None:
                continue
            found[name] = dimension
            with self.at((*path, name, "default")):
                _require(entry.default.quantity.dimension, dimension, "the default")
        return found

    def state(
        self,
        path: Path,
        entries: Mapping[str, StateVariable],
        parameters: Dimensions,
        taken: Collection[str] = (),
    ) -> dict[str, Dimension]:
        """Check declared state variables and their start; return dimensions where the unit is valid."""
        found: dict[str, Dimension] = {}
        for name, entry in entries.items():
            self.name((*path, name), name, PREDEFINED - {"V"} | set(taken))
            dimension = self.unit((*path, name, "unit"), entry.unit)
            if dimension is None:
                continue
            found[name] = dimension
            with self.at((*path, name, "initial")):
                _check_initial(entry.initial, dimension, parameters)
            if entry.derivative is not None and entry.update is not None:
                self.add((*path, name), "got a derivative and an update, allowed is one of the two")
        return found

    def role(self, path: Path, name: str, parameters: Dimensions, expected: Dimension | None) -> None:
        """Check that the parameter named at `path` exists and has the dimension that its role needs."""
        if name not in parameters:
            names = ", ".join(sorted(parameters)) or "there are none"
            self.add(path, f"got `{name}`, allowed are parameters ({names})")
        elif expected is not None and parameters[name] != expected:
            found = dimension_name(parameters[name])
            self.add(path, f"got `{name}`, which is {found}; allowed is {dimension_name(expected)}")

    def name(self, path: Path, name: str, taken: Collection[str]) -> None:
        """Check the name of a variable or parameter; `taken` are those that it cannot have."""
        with self.at(path):
            check_name(name)
            if name in taken:
                raise ValueError(f"got the name `{name}`, which has another meaning here already")
            if name in COMPOSED or name.startswith(COMPOSED_PREFIXES):
                raise ValueError(f"got the name `{name}`, which a composed group of cells uses itself")


@dataclass(frozen=True)
class _Noting:
    report: Report
    path: Path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, ValueError):
            return False
        self.report.add(self.path, str(error))
        return True


@dataclass(frozen=True)
class Scope:
    """Names that an expression may use, with their dimensions, and functions that it may call."""

    report: Report
    known: Dimensions
    functions: frozenset[str] = FUNCTIONS

    def quantity(self, path: Path, text: str, expected: Dimension | None = None) -> Expression | None:
        """Check an expression that is a number of the dimension `expected` (None: of any)."""
        with self.report.at(path):
            expression = self._parsed(text)
            self._number(expression, expected)
            return expression
        return None

    def condition(self, path: Path, text: str) -> Expression | None:
        """Check an expression that is true or false."""
        with self.report.at(path):
            expression = self._parsed(text)
            if not _is_condition(expression):
                raise ValueError(f"got {shown(text)}, allowed is a comparison, for example V > VT")
            dimension_of(expression, self.known)
            return expression
        return None

    def statement(self, path: Path, text: str, writable: Dimensions) -> None:
        """Check an assignment to one of the variables `writable`."""
        with self.report.at(path):
            statement = parse_statement(text, known=self.known, writable=writable, functions=self.functions)
            expected = DIMENSIONLESS if statement.operator == "*=" else writable[statement.target]
            self._number(statement.expression, expected)

    def _parsed(self, text: str) -> Expression:
        return parse_expression(text, known=self.known, functions=self.functions)

    def _number(self, expression: Expression, expected: Dimension | None) -> None:
        if _is_condition(expression):
            raise ValueError(f"got {shown(expression.text)}, which is true or false; allowed is a number")
        found = dimension_of(expression, self.known)
        if expected is not None and not is_zero(expression):
            _require(found, expected, shown(expression.text))


def over_time(dimension: Dimension) -> Dimension:
    """The dimension of a derivative."""
    return tuple(exponent - second for exponent, second in zip(dimension, SECOND, strict=True))


def _require(found: Dimension, expected: Dimension, what: str) -> None:
    if found != expected:
        raise ValueError(f"got {what} as {dimension_name(found)}, allowed is {dimension_name(expected)}")


def _check_initial(
    initial: Value | Distribution | None, dimension: Dimension, parameters: Dimensions
) -> None:
    if isinstance(initial, Value):
        _require(initial.quantity.dimension, dimension, "the value at the start")
    if not isinstance(initial, Distribution):
        return
    for part in (initial.a, initial.b, initial.low, initial.high):
        if isinstance(part, str) and part not in parameters:
            names = ", ".join(sorted(parameters)) or "none"
            raise ValueError(f"got `{part}`, allowed are quantities and parameters ({names})")
        if part is not None:
            found = parameters[part] if isinstance(part, str) else part.dimension
            _require(found, dimension, f"a part of {initial.kind}")


def _is_condition(expression: Expression) -> bool:
    body = ast.parse(expression.text, mode="eval").body
    negated = isinstance(body, ast.UnaryOp) and isinstance(body.op, ast.Not)
    return negated or isinstance(body, ast.Compare | ast.BoolOp)
