"""Advances: where hours of rest pass at once, and that nothing is under way there."""

from __future__ import annotations

from collections.abc import Mapping

from neuromod.plan.expansion import Expansion, dotted
from neuromod.plan.network import AdvancePlan, CompartmentPlan

ON_GRID = 1e-6
"""How far, in steps, a time may lie from a whole number of them."""


def plan_advances(
    expansion: Expansion, compartments: Mapping[str, CompartmentPlan]
) -> tuple[AdvancePlan, ...]:
    """The advances in order; what is wrong with them is noted."""
    experiment = expansion.experiment
    plans: list[AdvancePlan] = []
    for number, spec in enumerate(experiment.advances):
        at, dt = spec.at / experiment.dt, experiment.dt
        steps = round(spec.duration / experiment.slow_factor / dt)
        plan = AdvancePlan(round(at), steps, spec.duration)
        _check(expansion, number, plan, at, plans[-1] if plans else None)
        _check_moves(expansion, number, plan, compartments)
        plans.append(plan)
    return tuple(plans)


def _check(
    expansion: Expansion, number: int, plan: AdvancePlan, at: float, before: AdvancePlan | None
) -> None:
    experiment, path = expansion.experiment, ("advances", number)
    dt = experiment.dt
    if abs(at - plan.step) > ON_GRID:
        expansion.refuse(
            (*path, "at"), f"got {at * dt:g} s, allowed is a multiple of dt, which is {dt * 1e3:g} ms"
        )
    elif not 0 < plan.step < round(experiment.duration / dt):
        expansion.refuse(
            (*path, "at"),
            f"got {at * dt:g} s, allowed is a time within the run, which lasts {experiment.duration:g} s",
        )
    elif before is not None and plan.step <= before.step:
        expansion.refuse(
            (*path, "at"),
            f"got {at * dt:g} s after an advance at {before.step * dt:g} s, allowed is a later time",
        )
    if plan.steps < 1:
        expansion.refuse(
            (*path, "duration"),
            f"got {plan.duration:g} s, allowed is at least one step of slow time, "
            f"{dt * experiment.slow_factor:g} s",
        )


def _check_moves(
    expansion: Expansion, number: int, plan: AdvancePlan, compartments: Mapping[str, CompartmentPlan]
) -> None:
    """A tonic level that is still moving would be at no level for hours."""
    dt = expansion.experiment.dt
    for compartment in (entry for entry in compartments.values() if not entry.held):
        for move in compartment.moves:
            if round(move.at / dt) <= plan.step < round((move.at + move.duration) / dt):
                expansion.refuse(
                    ("advances", number, "at"),
                    f"got a time at which {compartment.modulator} in {compartment.region} is on its way to "
                    f"another level (see {dotted(move.key)}), allowed is a time at which no level moves; "
                    "a change of duration 0 s may come at the same time",
                )
                return
