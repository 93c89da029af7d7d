"""The check of a plasticity rule: names, dimensions, and which statement may change what."""

from __future__ import annotations

import re
from collections.abc import Mapping

from neuromod.library.scope import HERTZ, SECOND, Dimensions, Report, Scope
from neuromod.library.template import PlasticityTemplate, RuleVariable
from neuromod.units import DIMENSIONLESS, Dimension, dimension_name

WEIGHT = "w"
LEVEL = "m"
DRIVE = "rho_"
TICK = "tick"
PHASE = ("cos_phi", "sin_phi")
_DRIVE = re.compile(rf"\b{DRIVE}[A-Za-z][A-Za-z0-9_]*\b")


def rule_texts(model: PlasticityTemplate) -> list[str]:
    """Every expression and statement of a rule."""
    texts = [*model.at_pre, *model.at_post, *model.at_tick, *model.cell_tick]
    for entry in model.eligibility.values():
        texts += [text for text in (entry.at_pre, entry.at_post, entry.converted) if text is not None]
    return [*texts, model.transmitted] if model.transmitted is not None else texts


def drives_of(model: PlasticityTemplate) -> list[str]:
    """Receptors whose drive a rule follows, by name, sorted."""
    found = {name for text in rule_texts(model) for name in _DRIVE.findall(text)}
    return sorted(name.removeprefix(DRIVE) for name in found)


def uses(model: PlasticityTemplate, *names: str) -> bool:
    """Does any expression of a rule name one of `names`."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    return any(pattern.search(text) for text in rule_texts(model))


def check_plasticity(model: PlasticityTemplate, report: Report) -> None:
    """Note every problem of a rule."""
    taken = {
        WEIGHT,
        LEVEL,
        TICK,
        "row",
        "weight",
        "w_now",
        *model.traces,
        *model.eligibility,
        *model.state,
        *model.cell,
    }
    parameters = report.parameters(("parameters",), model.parameters, taken)
    weight = _bounds(model, report, parameters)
    if weight is None:
        return
    signals = {LEVEL: DIMENSIONLESS, **dict.fromkeys(PHASE, DIMENSIONLESS)}
    signals |= {f"{DRIVE}{name}": DIMENSIONLESS for name in drives_of(model)}
    state = _variables(report, "state", model.state, model)
    cell = _variables(report, "cell", model.cell, model)
    traces = _traces(model, report, parameters)
    steady = {**parameters, **signals}
    event = Scope(report, {**steady, **traces, **state, **cell, WEIGHT: weight})
    for name, entry in model.eligibility.items():
        path = ("eligibility", name)
        report.name(path, name, _others(model, "eligibility"))
        report.role((*path, "tau"), entry.tau, parameters, SECOND)
        for key, text in (("at_pre", entry.at_pre), ("at_post", entry.at_post)):
            if text is not None:
                event.quantity((*path, key), text, weight)
        Scope(report, steady).quantity((*path, "converted"), entry.converted, HERTZ)
    own: Dimensions = {WEIGHT: weight, **state}
    for key, lines in (("at_pre", model.at_pre), ("at_post", model.at_post)):
        _statements(report, event, key, lines, own, cell)
    posts = {name: d for name, d in traces.items() if model.traces[name].of == "post"}
    slow = Scope(report, {**steady, **posts, **state, **cell, WEIGHT: weight, TICK: SECOND})
    _statements(report, slow, "at_tick", model.at_tick, own, cell)
    calm = Scope(report, {**steady, **posts, **cell, TICK: SECOND})
    for number, line in enumerate(model.cell_tick):
        calm.statement(("cell_tick", number), line, cell)
    if model.transmitted is not None:
        Scope(report, {**steady, **state, WEIGHT: weight}).quantity(
            ("transmitted",), model.transmitted, weight
        )


def _bounds(model: PlasticityTemplate, report: Report, parameters: Dimensions) -> Dimension | None:
    """Dimension of the weight, from its bounds."""
    low, high = model.bounds
    weight = parameters.get(low)
    report.role(("bounds",), low, parameters, None)
    report.role(("bounds",), high, parameters, weight)
    if weight is not None and high in parameters:
        values = [model.parameters[name].default.quantity.value for name in (low, high)]
        if values[0] > values[1]:
            report.add(
                ("bounds",), f"got {low} above {high}, allowed is the lowest weight before the highest"
            )
    return weight


def _others(model: PlasticityTemplate, key: str) -> set[str]:
    """Names that an entry under `key` cannot have."""
    groups: dict[str, Mapping[str, object]] = {
        "parameters": model.parameters,
        "traces": model.traces,
        "eligibility": model.eligibility,
        "state": model.state,
        "cell": model.cell,
    }
    names = {name for other, entries in groups.items() if other != key for name in entries}
    return names | {WEIGHT, LEVEL, TICK, "row", "weight", "w_now"}


def _variables(
    report: Report, key: str, entries: Mapping[str, RuleVariable], model: PlasticityTemplate
) -> dict[str, Dimension]:
    found = {}
    for name, entry in entries.items():
        report.name((key, name), name, _others(model, key))
        dimension = report.unit((key, name, "unit"), entry.unit)
        if dimension is None:
            continue
        found[name] = dimension
        if entry.initial is not None and entry.initial.quantity.dimension != dimension:
            got = dimension_name(entry.initial.quantity.dimension)
            report.add((key, name, "initial"), f"got {got}, allowed is {dimension_name(dimension)}")
    return found


def _traces(model: PlasticityTemplate, report: Report, parameters: Dimensions) -> dict[str, Dimension]:
    for name, entry in model.traces.items():
        report.name(("traces", name), name, _others(model, "traces"))
        report.role(("traces", name, "tau"), entry.tau, parameters, SECOND)
        if entry.initial is not None:
            Scope(report, parameters).quantity(("traces", name, "initial"), entry.initial, DIMENSIONLESS)
    return dict.fromkeys(model.traces, DIMENSIONLESS)


def _statements(
    report: Report, scope: Scope, key: str, lines: tuple[str, ...], own: Dimensions, cell: Dimensions
) -> None:
    """Check statements of synapses: they set their own variables, and only add to those of the cell, which
    many synapses share.
    """
    for number, line in enumerate(lines):
        path = (key, number)
        scope.statement(path, line, {**own, **cell})
        target, operator = _head(line)
        if target in cell and operator not in ("+=", "-="):
            report.add(path, f"got `{operator}` on {target}, allowed for a variable of the cell are +=, -=")


def _head(line: str) -> tuple[str, str]:
    found = re.match(r"\s*([A-Za-z]\w*)\s*([-+*]?=)", line)
    return (found.group(1), found.group(2)) if found else ("", "")
