"""The page of a neuromodulator: release, clearance, levels, receptors and what they do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from neuromod.config.read import Node
from neuromod.config.values import Value
from neuromod.library.page import section, table
from neuromod.library.template import Effect, NeuromodulatorTemplate, Receptor
from neuromod.units import format_quantity

NARROW = 40


def neuromodulator_sections(model: NeuromodulatorTemplate, tree: Node) -> list[str]:
    """The parts of the page; `tree` is what the model was read from. The caller leaves empty ones out."""
    return [
        section("Source", _source(model)),
        section("Clearance", _clearance(model)),
        section("Levels (1: tonic, quiet waking)", _states(model)),
        section("Receptors", _receptors(model)),
        section("Effects (rho: drive of a receptor, from -1 to 1, 0 at level 1)", _effects(model, tree)),
    ]


def _source(model: NeuromodulatorTemplate) -> Iterator[str]:
    if model.nucleus:
        yield model.nucleus
    if model.tonic_rate is not None:
        yield f"tonic rate {_tagged(model.tonic_rate, 'Hz')}"


def _tagged(value: Value, unit: str) -> str:
    """A value with its evidence and source."""
    tag = f" ({value.evidence})" if value.evidence else ""
    return f"{format_quantity(value.quantity.value, unit)}{tag}{f' [{value.source}]' if value.source else ''}"


def _clearance(model: NeuromodulatorTemplate) -> list[str]:
    rows = [
        [region, format_quantity(value.quantity.value, "s"), value.evidence or "-", value.source]
        for region, value in model.decay.items()
    ]
    lines = table([["region", "decay", "evidence", "source"], *rows])
    if model.rise is not None:
        lines.append(f"rise {_tagged(model.rise, 's')}")
    if model.uptake is not None:
        vmax, km = _tagged(model.uptake.vmax, "1/s"), _tagged(model.uptake.km, "1")
        lines.append(f"uptake, where asked for: m' = -vmax m/(km + m), vmax {vmax}, km {km}")
    if model.slow:
        lines.append("biological times: a run divides them by its slow_factor")
    return lines


def _states(model: NeuromodulatorTemplate) -> list[str]:
    rows = [
        [name, f"{value.quantity.value:g}", value.evidence or "-", value.source]
        for name, value in model.states.items()
    ]
    return table([["state", "level", "evidence", "source"], *rows]) if rows else []


def _receptors(model: NeuromodulatorTemplate) -> list[str]:
    head = ["receptor", "K", "n", "tonic occupancy", "messenger", "evidence", "description"]
    rows = [_receptor(name, entry) for name, entry in model.receptors.items()]
    return table([head, *rows]) if rows else []


def _receptor(name: str, entry: Receptor) -> list[str]:
    K, n = entry.K.quantity.value, entry.n.quantity.value
    occupancy = f"{1.0 / (1.0 + K**n):.2f}"
    messenger = format_quantity(entry.messenger.quantity.value, "s") if entry.messenger else ""
    evidence = "".join(dict.fromkeys([entry.K.evidence or "-", entry.n.evidence or "-"]))
    return [name, f"{K:g}", f"{n:g}", occupancy, messenger, evidence, entry.description]


def _effects(model: NeuromodulatorTemplate, tree: Node) -> list[str]:
    head = ["receptor", "target", "effect", "evidence", "source"]
    rows: list[list[str]] = []
    for number, effect in enumerate(model.effects):
        rows += _effect(effect, _written(tree.at(("effects", number, "shift"))))
    return table([head, *rows]) if rows else []


def _written(node: Node | None) -> str:
    """A quantity in the unit that its file has."""
    plain = node.plain() if node else ""
    return str(plain["value"] if isinstance(plain, dict) else plain)


def _effect(effect: Effect, shift: str) -> Iterator[list[str]]:
    """Rows of an effect; long lists of targets go on in rows of their own."""
    targets = textwrap.wrap(
        ", ".join(effect.populations or effect.projections),
        NARROW,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield [effect.receptor, targets[0], change(effect, shift), effect.evidence, effect.source]
    for more in targets[1:]:
        yield ["", more, "", "", ""]


def change(effect: Effect, shift: str) -> str:
    """What an effect does, as `gL x (1 + 0.3 rho)` or `I_bias + 20 pA rho`; `shift` as it is written."""
    rho = "rho" if effect.above is None else f"[rho beyond {effect.above:g}]"
    if effect.scale is None:
        sign, amount = ("-", shift[1:].lstrip()) if shift.startswith("-") else ("+", shift)
        return f"{effect.parameter} {sign} {amount} {rho}"
    rise, fall = _factor(effect.scale.rise, rho), _factor(effect.scale.fall, rho)
    below = "" if rise == fall else f", below tonic x {fall}"
    return f"{effect.parameter} x {rise}{below}"


def _factor(k: float, rho: str) -> str:
    if k == 0:
        return "1"
    size = "" if abs(k) == 1 else f"{abs(k):g} "
    return f"(1 {'-' if k < 0 else '+'} {size}{rho})"
