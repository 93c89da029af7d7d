"""The functions that statements may call, as Brian2 functions with one implementation per backend.

Every backend computes the same bits: C++ (and later CUDA) uses `program/native/nm_math.hpp` and `nm_random.hpp`, numpy uses
`neuromod.reference_math`, which does the same operations in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from brian2.core.functions import Function
from numpy.typing import NDArray

from neuromod import reference_math

OWN = ("exp", "log", "clip")
"""Functions of expressions that get our own implementation; the rest (sqrt, sin, int, ...) are Brian2's: our sin and cos
are for small arguments (a phase), not for 2 pi f t of a long run."""
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
        "uniform_at": _function(reference_math.uniform, identity, "nm_uniform"),
        "normal_at": _function(reference_math.normal, identity, "nm_normal"),
    }
    for terms in sorted({int(n) for line in statements for n in POISSON.findall(line)}):
        table[f"poisson{terms}_at"] = _function(_poisson(terms), ["any", "any", *identity], f"nm_poisson{terms}")
    return table


def _poisson(terms: int) -> Callable[..., NDArray]:  # type: ignore[type-arg]  # dtype float64
    return lambda mean, zero, *identity: reference_math.poisson_from(mean, zero, *identity, terms)


def _function(python: Callable[..., object], arguments: list[str], native: str | None = None) -> Function:
    function = Function(
        python,
        arg_units=[1] * len(arguments),
        return_unit=1,
        arg_types=arguments,
        return_type="float",
        stateless=True,
    )
    for target in ("cpp", "cuda"):
        function.implementations.add_implementation(target, "", name=native)
    return function
