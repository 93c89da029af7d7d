"""Pacemakers: rhythms, what disturbs them and what they follow, checked and in SI units."""

from __future__ import annotations

from collections.abc import Mapping

from neuromod.config.network import Follow, Pacemaker, Reset
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import FollowPlan, JitterPlan, PacemakerPlan, PopulationPlan, ResetPlan


def plan_pacemakers(
    expansion: Expansion, populations: Mapping[str, PopulationPlan]
) -> dict[str, PacemakerPlan]:
    """Every pacemaker that can be planned; the problems of the others are noted."""
    planned = {
        name: _plan(expansion, name, spec, populations) for name, spec in expansion.network.pacemakers.items()
    }
    return {name: plan for name, plan in planned.items() if plan is not None}


def _plan(
    expansion: Expansion, name: str, spec: Pacemaker, populations: Mapping[str, PopulationPlan]
) -> PacemakerPlan | None:
    path = ("pacemakers", name)
    before = len(expansion.problems)
    if spec.frequency is None:
        expansion.refuse(path, "got no `frequency`, needed is a rate, for example 8 Hz")
    if spec.follows is not None and (spec.jitter is not None or spec.reset is not None):
        other = "jitter" if spec.jitter is not None else "reset"
        expansion.refuse((*path, other), f"got `{other}` and `follows`, but a follower has no clock")
    for key in ("reset", "follows"):
        _check_source(expansion, (*path, key), getattr(spec, key), populations)
    if spec.follows is not None:
        _check_resonator(expansion, path, spec, spec.follows)
    if len(expansion.problems) > before or spec.frequency is None:
        return None
    return PacemakerPlan(
        name,
        spec.frequency,
        spec.phase,
        None if spec.jitter is None else JitterPlan(spec.jitter.sd, spec.jitter.tau),
        None if spec.reset is None else _reset(spec.reset),
        None if spec.follows is None else _follow(spec.follows),
    )


def _check_source(
    expansion: Expansion,
    path: KeyPath,
    spec: Reset | Follow | None,
    populations: Mapping[str, PopulationPlan],
) -> None:
    if spec is None:
        return
    if spec.population is None:
        expansion.refuse(path, "got no `population`, needed is the one whose spikes count")
    else:
        expansion.known((*path, "population"), spec.population, populations, "population")


def _check_resonator(expansion: Expansion, path: KeyPath, spec: Pacemaker, follow: Follow) -> None:
    if not spec.frequency:
        expansion.refuse(path, "got the frequency 0 Hz and `follows`, needed is about that of the population")
    if follow.least == 0:
        expansion.refuse((*path, "follows", "least"), "got 0 Hz, allowed is a positive rate")


def _reset(spec: Reset) -> ResetPlan:
    return ResetPlan(spec.population or "", spec.gain, spec.phase, spec.delay)


def _follow(spec: Follow) -> FollowPlan:
    return FollowPlan(spec.population or "", spec.phase, spec.quality, spec.least, spec.delay)
