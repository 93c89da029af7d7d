"""The group `gains`: in every step, what the drives of receptors make of the parameters that they act on.

One row per population or projection with any effect, after row 0, which nothing acts on. Columns hold a
factor or a shift of one variable; a row on which no effect acts there has the factor 1 and the shift 0. What
follows a gain reads it through an integer variable with its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from neuromod.library.check_neuromodulator import CURRENT, PLASTICITY, RELEASE
from neuromod.library.check_plasticity import DRIVE
from neuromod.plan.features import CURRENT_GAIN, FACTOR, SHIFT, group_name
from neuromod.plan.groups import Arrays
from neuromod.plan.modulators import REGIONS, region_row
from neuromod.plan.network import EffectPlan, NetworkPlan
from neuromod.plan.structure import GroupStructure, Link, SynapsesStructure, Variable

GAINS = "gains"
GAIN_ROW = "effect_row"
RELEASE_ROW = "row_release"
"""Row of a cell or rule, and of a synapse, which may not share a name with the cells at its ends."""
RELEASE_GAIN = "effect_release"
_REGION = "region"
_SLOPES = ("rise", "fall", "above", "span")


@dataclass(frozen=True)
class Term:
    """The n-th effect of a receptor on a column; `effects` has it by row, where a row has it."""

    number: int
    column: str
    receptor: str
    effects: Mapping[int, EffectPlan]

    @property
    def statement(self) -> str:
        """What the drive adds to the column."""
        k, rho = self.number, f"{DRIVE}{self.receptor}"
        rising = f"rise{k}*(positive({rho} - above{k})*span{k})"
        return f"term{k} = {rising} - fall{k}*positive(-{rho})"


def rows(network: NetworkPlan) -> list[str]:
    """Populations and projections with any effect, in the order of their first; row k + 1 is the k-th."""
    return list(dict.fromkeys(effect.owner for effect in network.effects))


def gain_row(network: NetworkPlan, owner: str) -> int:
    """Row of a population or projection; 0: nothing acts on it."""
    known = rows(network)
    return known.index(owner) + 1 if owner in known else 0


def column(network: NetworkPlan, effect: EffectPlan) -> str:
    """Column that an effect contributes to."""
    owner, _, name = effect.variable.rpartition(".")
    if effect.variable == RELEASE:
        return RELEASE_GAIN
    if name == CURRENT and owner:
        return f"{CURRENT_GAIN}{owner}"
    if owner != PLASTICITY:
        name = group_name(network.populations[effect.owner], effect.variable)
    return f"{SHIFT if effect.shift else FACTOR}{name}"


def columns(network: NetworkPlan, owner: str | None = None) -> list[str]:
    """Columns in the order of their first effect, those of one owner or all."""
    chosen = [effect for effect in network.effects if owner is None or effect.owner == owner]
    return list(dict.fromkeys(column(network, effect) for effect in chosen))


def terms(network: NetworkPlan) -> list[Term]:
    """Effects by column, receptor, and position among the effects of a row on the same."""
    found: dict[tuple[str, str, int], dict[int, EffectPlan]] = {}
    for effect in network.effects:
        row, place, position = gain_row(network, effect.owner), column(network, effect), 0
        while row in found.get((place, effect.receptor, position), {}):
            position += 1
        found.setdefault((place, effect.receptor, position), {})[row] = effect
    return [Term(k, place, receptor, own) for k, ((place, receptor, _), own) in enumerate(found.items())]


def gain_group(network: NetworkPlan) -> GroupStructure:
    """Factors are products of 1 + k rho, each at least 0; shifts are sums."""
    own = terms(network)
    update = [term.statement for term in own]
    for name in columns(network):
        parts = [f"term{term.number}" for term in own if term.column == name]
        additive = name.startswith(SHIFT)
        text = " + ".join(parts) if additive else "*".join(f"positive(1.0 + {part})" for part in parts)
        update.append(f"{name} = {text}")
    receptors = list(dict.fromkeys(term.receptor for term in own))
    links = tuple(Link(f"{DRIVE}{r}", REGIONS, f"{DRIVE}{r}", _REGION) for r in receptors)
    names = [*columns(network), *(f"{part}{term.number}" for term in own for part in _SLOPES)]
    return GroupStructure(
        GAINS,
        len(rows(network)) + 1,
        (*map(Variable, names), Variable(_REGION, dtype="integer")),
        links,
        tuple(update),
        order=-1,
    )


def gain_arrays(network: NetworkPlan) -> Arrays:
    """Slopes of every effect, 0 in rows that lack it, and the region of each row."""
    count = len(rows(network)) + 1
    region = np.zeros(count, np.int32)
    arrays: Arrays = {
        name: np.zeros(count) if name.startswith(SHIFT) else np.ones(count) for name in columns(network)
    }
    for term in terms(network):
        slopes = {part: np.zeros(count) for part in _SLOPES}
        for row, effect in term.effects.items():
            region[row] = region_row(network, effect.region)
            values = (effect.rise, effect.fall, effect.above, 1.0 / (1.0 - effect.above))
            for part, value in zip(_SLOPES, values, strict=True):
                slopes[part][row] = value
        arrays |= {f"{part}{term.number}": values for part, values in slopes.items()}
    return arrays | {_REGION: region}


def largest(network: NetworkPlan, owner: str) -> dict[str, float]:
    """The largest value that each column can take for an owner, drives being in [-1, 1]."""
    values = {name: 0.0 if name.startswith(SHIFT) else 1.0 for name in columns(network)}
    for effect in network.effects:
        if effect.owner == owner:
            name, most = column(network, effect), max(effect.rise, -effect.fall, 0.0)
            values[name] = values[name] + most if effect.shift else values[name] * (1.0 + most)
    return values


def with_gains[S: (GroupStructure, SynapsesStructure)](
    structure: S, names: Sequence[str], row: str = GAIN_ROW
) -> S:
    """The structure, following these columns through the row of each of its elements."""
    if not names:
        return structure
    variables = (*structure.variables, Variable(row, "part", "integer"))
    links = (*structure.links, *(Link(name, GAINS, name, row) for name in names))
    return replace(structure, variables=variables, links=links)
