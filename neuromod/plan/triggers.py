"""Triggers: releases that the spikes of named cells bring about, checked and in steps."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from neuromod import reference_math
from neuromod.config.schema import Coincidence, SpikeCount, Trigger
from neuromod.config.values import SECOND, Distribution
from neuromod.plan.draws import spread_of
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import CompartmentPlan, DelayPlan, Ints, PopulationPlan, TriggerPlan

ALWAYS = 2**52
"""A step that no run reaches."""


def plan_triggers(
    expansion: Expansion,
    populations: Mapping[str, PopulationPlan],
    compartments: Mapping[str, CompartmentPlan],
) -> dict[str, TriggerPlan]:
    """Every trigger that can be planned; the problems of the others are noted."""
    planned = {
        name: _plan(expansion, name, spec, populations, compartments)
        for name, spec in expansion.experiment.triggers.items()
    }
    return {name: plan for name, plan in planned.items() if plan is not None}


def _plan(
    expansion: Expansion,
    name: str,
    spec: Trigger,
    populations: Mapping[str, PopulationPlan],
    compartments: Mapping[str, CompartmentPlan],
) -> TriggerPlan | None:
    path, dt = ("triggers", name), expansion.experiment.dt
    before = len(expansion.problems)
    if (spec.coincidence is None) == (spec.count is None):
        given = "neither" if spec.count is None else "both"
        expansion.refuse(path, f"got {given} of coincidence and count, allowed is exactly one")
    if spec.stop is not None and spec.stop <= spec.start:
        expansion.refuse((*path, "stop"), "got a stop that is not after `start`, allowed is a later time")
    release = _release(expansion, path, spec, compartments)
    delay = _delay(expansion, path, spec)
    event: dict[str, object] = {}
    if spec.coincidence is not None:
        event = _coincidence(expansion, (*path, "coincidence"), spec.coincidence, populations)
    elif spec.count is not None:
        event = _count(expansion, (*path, "count"), spec.count, populations)
    if len(expansion.problems) > before or delay is None or not event:
        return None
    start = round(spec.start / dt)
    stop = ALWAYS if spec.stop is None else round(spec.stop / dt)
    return TriggerPlan(name, release, delay, start, stop, **event)  # type: ignore[arg-type]  # of either kind


def _release(
    expansion: Expansion, path: KeyPath, spec: Trigger, compartments: Mapping[str, CompartmentPlan]
) -> dict[str, float]:
    """Amount for each compartment."""
    by_modulator: dict[str, list[str]] = {}
    for plan in compartments.values():
        by_modulator.setdefault(plan.modulator, []).append(plan.region)
    amounts = {}
    for modulator, parts in spec.release.items():
        at = (*path, "release", modulator)
        if not expansion.known(at, modulator, by_modulator, "neuromodulator of this network"):
            continue
        for region, amount in parts.items():
            if expansion.known((*at, region), region, by_modulator[modulator], f"region with {modulator}"):
                amounts[f"{modulator}.{region}"] = amount
    if not any(spec.release.values()):
        expansion.refuse((*path, "release"), "got nothing, needed is at least one modulator and region")
    return amounts


def _delay(expansion: Expansion, path: KeyPath, spec: Trigger) -> DelayPlan | None:
    """The delay in steps: a number, uniform or lognormal, which is drawn once and never again."""
    if spec.delay is None:
        return DelayPlan()
    path, dt = (*path, "delay"), expansion.experiment.dt
    drawn = spec.delay
    if isinstance(drawn, Distribution) and drawn.kind == "normal":
        expansion.refuse(
            path, "got a normal distribution, allowed is a time or a uniform or lognormal distribution"
        )
        return None
    if isinstance(drawn, Distribution) and (drawn.low is not None or drawn.high is not None):
        expansion.refuse(path, "got `low` or `high` for a delay, allowed is a distribution without them")
        return None
    try:
        spread = spread_of(drawn, SECOND)
    except ValueError as error:
        expansion.refuse(path, str(error))
        return None
    a, b = (spread, spread) if isinstance(spread, float) else (float(spread.a), float(spread.b))
    if a < 0:
        expansion.refuse(path, f"got a delay of {a:g} s, allowed is zero or more")
        return None
    if isinstance(spread, float) or spread.kind == "uniform":
        return DelayPlan(a / dt, b / dt)
    variance = float(reference_math.log(1.0 + (b / a) ** 2)[0])
    centre = float(reference_math.log(a / dt)[0]) - variance / 2
    return DelayPlan(centre=centre, width=math.sqrt(variance), lognormal=True)


def _coincidence(
    expansion: Expansion, path: KeyPath, spec: Coincidence, populations: Mapping[str, PopulationPlan]
) -> dict[str, object]:
    for key in ("first", "then"):
        population, cell = getattr(spec, key)
        _check_cells(expansion, (*path, key), population, [cell], populations)
    if spec.first == spec.then:
        expansion.refuse((*path, "then"), "got the same neuron as `first`, allowed is another one")
    longest = math.floor(spec.within / expansion.experiment.dt + 1e-6)
    if longest < 1:
        expansion.refuse((*path, "within"), "got a time below one step, allowed is at least one step")
    return {"first": spec.first, "then": spec.then, "longest": longest}


def _count(
    expansion: Expansion, path: KeyPath, spec: SpikeCount, populations: Mapping[str, PopulationPlan]
) -> dict[str, object]:
    size = populations[spec.population].size if spec.population in populations else 0
    cells = spec.neurons if isinstance(spec.neurons, tuple) else range(spec.neurons or size)
    _check_cells(expansion, path, spec.population, cells, populations)
    if isinstance(cells, tuple) and len(set(cells)) < len(cells):
        expansion.refuse((*path, "neurons"), "got a neuron twice, allowed is each one once")
    window = expansion.steps((*path, "window"), spec.window, "window")
    if window < 1:
        expansion.refuse(
            (*path, "window"), "got a window that rounds to 0 steps, allowed is at least one step"
        )
    inside = (
        range(min(len(cells), size)) if isinstance(cells, range) else sorted(c for c in cells if c < size)
    )
    ids: Ints = np.fromiter(inside, np.int32)
    return {"population": spec.population, "cells": ids, "spikes": spec.spikes, "window": max(1, window)}


def _check_cells(
    expansion: Expansion,
    path: KeyPath,
    population: str,
    cells: tuple[int, ...] | range | list[int],
    populations: Mapping[str, PopulationPlan],
) -> None:
    if not expansion.known(path, population, expansion.network.populations, "population"):
        return
    plan = populations.get(population)
    if plan is None:
        return
    outside = (
        cells[plan.size :] if isinstance(cells, range) else [cell for cell in cells if cell >= plan.size]
    )
    if outside:
        expansion.refuse(
            path, f"got the neuron {outside[0]} of {population}, allowed are 0 to {plan.size - 1}"
        )
