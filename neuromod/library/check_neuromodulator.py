"""The check of receptors and effects: names, dimensions, and which form an effect may have."""

from __future__ import annotations

import math

from neuromod.config.values import SECOND, Value
from neuromod.library.check_plasticity import DRIVE
from neuromod.library.names import check_name
from neuromod.library.scope import Path, Report
from neuromod.library.template import Effect, NeuromodulatorTemplate, Receptor
from neuromod.units import DIMENSIONLESS, Dimension, dimension_name

RELEASE = "release"
PLASTICITY = "plasticity"
CURRENT = "current"
MOST_RECEPTORS, MOST_HILL = 1000.0, 10.0


def check_effects(model: NeuromodulatorTemplate, report: Report) -> None:
    """Note every problem of the receptors and effects of a neuromodulator."""
    for name, entry in model.receptors.items():
        _check_receptor(report, name, entry)
    for number, effect in enumerate(model.effects):
        _check_effect(report, ("effects", number), effect, model)


def _check_receptor(report: Report, name: str, entry: Receptor) -> None:
    path: Path = ("receptors", name)
    with report.at(path):
        check_name(f"{DRIVE}{name}")
    _in_range(report, (*path, "K"), entry.K, DIMENSIONLESS, MOST_RECEPTORS)
    _in_range(report, (*path, "n"), entry.n, DIMENSIONLESS, MOST_HILL)
    if entry.messenger is not None:
        _in_range(report, (*path, "messenger"), entry.messenger, SECOND, math.inf)


def _in_range(report: Report, path: Path, value: Value, dimension: Dimension, most: float) -> None:
    got = value.quantity
    if got.dimension != dimension:
        found = dimension_name(got.dimension)
        report.add(path, f"got {path[-1]} as {found}, allowed is {dimension_name(dimension)}")
    elif not 0 < got.value <= most:
        limit = "" if math.isinf(most) else f" up to {most:g}"
        report.add(path, f"got {got.value:g}, allowed is a positive value{limit}")


def _check_effect(report: Report, path: Path, effect: Effect, model: NeuromodulatorTemplate) -> None:
    if effect.receptor not in model.receptors:
        known = ", ".join(model.receptors) or "there are none"
        message = f"got `{effect.receptor}`, allowed are receptors of this neuromodulator ({known})"
        report.add((*path, "receptor"), message)
    if bool(effect.populations) == bool(effect.projections):
        given = "both" if effect.populations else "neither"
        report.add(path, f"got {given} of populations and projections, allowed is exactly one")
        return
    if (effect.scale is None) == (effect.shift is None):
        given = "neither" if effect.scale is None else "both"
        report.add(path, f"got {given} of scale and shift, allowed is exactly one")
        return
    _check_parameter(report, path, effect)
    if effect.above is not None and effect.scale is not None and effect.scale.rise != effect.scale.fall:
        message = "got two values with `above`, which only a positive drive reaches; allowed is one"
        report.add((*path, "scale"), message)


def _check_parameter(report: Report, path: Path, effect: Effect) -> None:
    owner, dot, name = effect.parameter.partition(".")
    of_projection = effect.parameter == RELEASE or (bool(dot) and owner == PLASTICITY)
    if bool(effect.projections) != of_projection:
        allowed = (
            f"{RELEASE} or {PLASTICITY}.PARAMETER for projections"
            if effect.projections
            else "PARAMETER, INPUT.PARAMETER or RECEPTOR.current for populations"
        )
        report.add((*path, "parameter"), f"got `{effect.parameter}`, allowed is {allowed}")
    elif effect.shift is not None and (effect.parameter == RELEASE or name == CURRENT):
        report.add((*path, "shift"), f"got a shift of {effect.parameter}, allowed is scale")
