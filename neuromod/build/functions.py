"""The functions that statements may call, as Brian2 functions with one implementation per backend.

Every backend computes the same bits: C++ (and later CUDA) uses `program/native/nm_math.hpp` and
`nm_random.hpp`, numpy uses `neuromod.reference_math`, which does the same operations in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from brian2.core.functions import Function

from neuromod import reference_math

Doubles = npt.NDArray[np.float64]
OWN = ("exp", "log", "clip", "positive")
"""Functions of expressions that get our own implementation; the rest (sqrt, sin, int, ...) are Brian2's: our
sin and cos are for small arguments (a phase), not for 2 pi f t of a long run."""
_CALL = re.compile(r"\b(" + "|".join(OWN) + r")\(")
POISSON = re.compile(r"\bpoisson(\d+)_at\(")


def translated(statement: str) -> str:
    """A statement with calls to our own functions under their native names."""
    return _CALL.sub(r"nm_\1(", statement)


def functions(statements: list[str]) -> dict[str, Function]:
    """Brian2 namespace with every function that the (translated) statements may call."""
    identity = ["integer"] * 5
    table = {
        "nm_exp": _function(reference_math.exp, ["any"]),
        "nm_log": _function(reference_math.log, ["any"]),
        "nm_sin": _function(reference_math.sin, ["any"]),
        "nm_cos": _function(reference_math.cos, ["any"]),
        "nm_clip": _function(reference_math.clip, ["any"] * 3),
        "nm_positive": _function(reference_math.positive, ["any"]),
        "uniform_at": _function(reference_math.uniform, identity, "nm_uniform"),
        "normal_at": _function(reference_math.normal, identity, "nm_normal"),
    }
    for terms in sorted({int(n) for line in statements for n in POISSON.findall(line)}):
        table[f"poisson{terms}_at"] = _function(
            _poisson(terms), ["any", "any", *identity], f"nm_poisson{terms}"
        )
    return table


def _poisson(terms: int) -> Callable[..., Doubles]:
    return partial(reference_math.poisson_from, terms=terms)


def _function(python: Callable[..., Doubles], arguments: list[str], native: str | None = None) -> Function:
    function = Function(
        _shaped(python),
        arg_units=[1] * len(arguments),
        return_unit=1,
        arg_types=arguments,
        return_type="float",
        stateless=True,
    )
    for target in ("cpp", "cuda"):
        function.implementations.add_implementation(target, "", name=native)
    return function


def _shaped(python: Callable[..., Doubles]) -> Callable[..., Doubles | np.float64]:
    """Numbers in, number out: where order matters Brian2 calls element by element, and the twin always
    returns arrays.
    """

    def shaped(*arguments: npt.ArrayLike) -> Doubles | np.float64:
        result = python(*arguments)
        return result[0] if all(np.ndim(argument) == 0 for argument in arguments) else result

    return shaped
