"""The array of the program behind a variable of a population or compartment."""

from __future__ import annotations

from neuromod.plan.features import group_name
from neuromod.plan.fused import FusedPlan
from neuromod.plan.modulators import REGIONS, region_row


def target_of(fused: FusedPlan, owner: str, variable: str) -> tuple[str, int]:
    """(program array, place of the first element) of a variable; `owner`: a population, `modulator.region`,
    or the rows of a rule.
    """
    network = fused.network
    if any(rows.name == owner for rows in fused.rows):
        return f"{owner}.{variable}", 0
    if owner in network.populations:
        place = fused.placements[owner]
        return f"{place.group}.{group_name(network.populations[owner], variable)}", place.start
    modulator, _, region = owner.partition(".")
    return f"{REGIONS}.{variable}_{modulator}", region_row(network, region)
