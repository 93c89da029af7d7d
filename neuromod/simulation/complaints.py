"""What a program found wrong with its simulation, in the names of the experiment."""

from __future__ import annotations

from collections.abc import Mapping

from neuromod.plan.fused import FusedPlan
from neuromod.plan.modulators import REGIONS, regions
from neuromod.plan.synapse_order import Places
from neuromod.program.process import Event

Positions = Mapping[str, Places]


def runaway(fused: FusedPlan, event: Event, dt: float) -> str:
    """A population that fires too often."""
    network = fused.network
    population = list(network.populations.values())[event.number(0)]
    window = round(0.1 / dt) * dt
    rate = event.number(1) / (population.size * window)
    limit = population.rate_limit or network.experiment.guards.rate_limit
    return (
        f"{population.name} fires at {rate:.0f} Hz in the 100 ms before {event.number(2) * dt:g} s, "
        f"allowed is {limit:g} Hz (guards.rate_limit, or rate_limit of the population)"
    )


def not_finite(fused: FusedPlan, positions: Positions, event: Event, dt: float) -> str:
    """A number that has become infinite, or none at all."""
    owner, _, variable = event.words[0].partition(".")
    where = _place(fused, positions, owner, event.number(1))
    return f"{variable} of {where}, is not finite at {event.number(2) * dt:g} s; a smaller dt may help"


def _place(fused: FusedPlan, positions: Positions, owner: str, index: int) -> str:
    """Population and cell, projection and synapse, region, or projection with a rule."""
    for name, place in fused.placements.items():
        if place.group == owner and place.start <= index < place.stop:
            return f"{name}, cell {index - place.start}"
    for synapses in (plan for plan in fused.sets if plan.name == owner):
        for name in synapses.projections:
            number = positions[name].number(index)
            if number is not None:
                return f"{name}, synapse {number}"
    for rows in (rows for rows in fused.rows if rows.name == owner):
        return f"{rows.users[index][0]}, rule {rows.name.removeprefix('rule_')}"
    if owner == REGIONS:
        return f"{owner}, {regions(fused.network)[index]}"
    return f"{owner}, {index}"
