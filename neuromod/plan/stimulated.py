"""Parameters of populations that change during a run, and the cells on which they do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from neuromod.library.template import Parameter
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import Numbers, PopulationPlan


def resting(
    expansion: Expansion, path: KeyPath, name: str, population: PopulationPlan
) -> tuple[Parameter, Numbers] | None:
    """A parameter (`input.parameter` for one of an input) as declared, and its value before and after; None,
    and the problem noted at `path`, if it must not change.
    """
    owner, dot, parameter = name.rpartition(".")
    declared: Mapping[str, Parameter] = population.template.parameters
    values: Mapping[str, Numbers] = population.parameters
    if dot:
        if not expansion.known(path, owner, population.inputs, f"input of {population.name}"):
            return None
        declared, values = population.inputs[owner].template.parameters, population.inputs[owner].parameters
    allowed = {name for name, entry in declared.items() if entry.modulable}
    what = f"parameter of {owner if dot else population.template_name} that may change during a run"
    if parameter in declared and parameter not in allowed:
        names = ", ".join(sorted(allowed)) or "none"
        expansion.refuse(path, f"got {parameter}, which must not change during a run; allowed are {names}")
        return None
    if not expansion.known(path, parameter, allowed, what):
        return None
    return declared[parameter], values[parameter]


def cells_of(
    expansion: Expansion, path: KeyPath, population: PopulationPlan, channel: int | None
) -> tuple[int, int] | None:
    """First and last cell (exclusive) of a channel, or of all; None, and the problem noted, without such."""
    if channel is None:
        return 0, population.size
    inside = np.flatnonzero(population.channel == channel)
    if not inside.size:
        number = int(population.channel.max()) + 1
        allowed = f"allowed are 0 to {number - 1}" if number else f"{population.name} has no channels"
        expansion.refuse(path, f"got {channel}, {allowed}")
        return None
    return int(inside[0]), int(inside[-1]) + 1
