"""The tonic level of a compartment: which variable keeps it up, and where the level starts.

Without a nucleus the level relaxes to the tonic level: exponentially, or under uptake through a constant
release that balances the uptake there. With a nucleus its spikes alone keep the level up, and the tonic level
is set by how much each of them releases.
"""

from __future__ import annotations

from dataclasses import replace

from neuromod.plan.network import CompartmentPlan


def cleared(plan: CompartmentPlan, level: float) -> float:
    """What is cleared per second at a constant level."""
    if plan.uptake is None:
        return level / plan.decay
    return plan.uptake.vmax * level / (plan.uptake.km + level)


def setting(plan: CompartmentPlan, level: float) -> tuple[str, float]:
    """The variable of the group of modulators that a tonic level sets, without the modulator's name, and its
    value.
    """
    if plan.release is not None:
        spikes = plan.release.size * plan.release.rate
        return "quantum", plan.dose * cleared(plan, level) / spikes
    if plan.uptake is not None:
        return "source", cleared(plan, plan.dose * level)
    return "tonic", plan.dose * level


def resting_level(plan: CompartmentPlan) -> float:
    """Level at t = 0, where release at the tonic rate and clearance are equal; infinity where there is none
    such.
    """
    if plan.held:
        return plan.level
    if plan.release is None or plan.uptake is None:
        return plan.dose * plan.level
    share = plan.dose * plan.level / (plan.uptake.km + plan.level)
    return plan.uptake.km * share / (1.0 - share) if share < 1 else float("inf")


def resting_at(plan: CompartmentPlan, seconds: float) -> float:
    """Level at which a compartment rests when its tonic level stays as it is `seconds` after the begin."""
    begun = [move.level for move in plan.moves if move.at <= seconds]
    return resting_level(replace(plan, level=begun[-1]) if begun else plan)
