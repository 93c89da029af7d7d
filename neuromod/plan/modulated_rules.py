"""Parameters of plasticity rules that receptors act on: set in every step, in the rows of the rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neuromod.library.check_neuromodulator import PLASTICITY
from neuromod.library.grammar import substitute
from neuromod.plan.equations import effective
from neuromod.plan.gains import GAIN_ROW, column, gain_row, with_gains
from neuromod.plan.groups import Arrays
from neuromod.plan.network import NetworkPlan
from neuromod.plan.plasticity import RuleRows
from neuromod.plan.structure import GroupStructure, Variable

_BASE = "effect_base_"


def _modulated(rows: RuleRows, network: NetworkPlan) -> dict[str, list[str]]:
    """Parameter -> columns of the gains that any use of the rule follows for it."""
    users = {projection for projection, _ in rows.users}
    found: dict[str, list[str]] = {}
    for effect in network.effects:
        kind, _, parameter = effect.variable.partition(".")
        if kind == PLASTICITY and effect.owner in users and parameter in rows.template.parameters:
            names = found.setdefault(parameter, [])
            names += [name for name in [column(network, effect)] if name not in names]
    return found


def with_modulated_parameters(
    structure: GroupStructure, rows: RuleRows, network: NetworkPlan
) -> GroupStructure:
    """The rows, where modulated parameters are set in every step before anything else is computed."""
    own = {variable.name for variable in structure.variables}
    found = {name: columns for name, columns in _modulated(rows, network).items() if name in own}
    names = sorted({name for columns in found.values() for name in columns})
    values = effective(names)
    lines = [f"{name} = {substitute(values[name], {name: _BASE + name})}" for name in found]
    bases = (Variable(f"{_BASE}{name}") for name in found)
    structure = replace(
        structure,
        variables=(*structure.variables, *bases),
        update=(*lines, *structure.update),
    )
    return with_gains(structure, names)


def modulated_row_arrays(rows: RuleRows, network: NetworkPlan) -> Arrays:
    """The values without effects, and the row of gains of each use of the rule."""
    found = _modulated(rows, network)
    arrays: Arrays = {
        f"{_BASE}{name}": np.array([rule.parameters[name] for rule in rows.rules]) for name in found
    }
    row = [gain_row(network, projection) for projection, _ in rows.users]
    return arrays | ({GAIN_ROW: np.array(row, np.int32)} if found else {})
