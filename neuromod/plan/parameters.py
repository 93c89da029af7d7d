"""Parameters of a template at one place of the network, as SI numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from neuromod.config.values import Value
from neuromod.library.template import Parameter
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath
from neuromod.units import DIMENSIONLESS, Quantity, dimension_noun, parse_unit


def mismatch(quantity: Quantity, unit: str) -> str:
    """Sentence that says how `quantity` does not fit `unit`, empty when it fits."""
    wanted = parse_unit(unit).dimension
    if quantity.dimension == wanted:
        return ""
    example = "" if wanted == DIMENSIONLESS else f" in units such as {unit}"
    return f"got {dimension_noun(quantity.dimension)}, allowed is {dimension_noun(wanted)}{example}"


def si_parameters(
    expansion: Expansion,
    path: KeyPath,
    layers: Iterable[Mapping[str, Value]],
    declared: Mapping[str, Parameter],
    owner: str,
) -> dict[str, float]:
    """Every declared parameter: its default, or the last of `layers` that gives it.

    `path` leads to the mapping of parameters and `owner` names the template, for messages. Unknown names and
    wrong dimensions become problems; such values are left out.
    """
    values = {name: parameter.default.quantity.value for name, parameter in declared.items()}
    for given in layers:
        for name, value in given.items():
            key = (*path, name)
            if not expansion.known(key, name, declared, f"parameter of {owner}"):
                continue
            message = mismatch(value.quantity, declared[name].unit)
            if message:
                expansion.refuse(key, message)
            else:
                values[name] = value.quantity.value
    return values
