"""The plan as text: what `neuromod show` prints."""

from __future__ import annotations

from collections.abc import Sequence

from neuromod.plan.estimate import estimate
from neuromod.plan.fused import FusedPlan
from neuromod.plan.network import (
    CompartmentPlan,
    EffectPlan,
    NetworkPlan,
    PopulationPlan,
    ProjectionPlan,
)
from neuromod.plan.task_show import show_task

_EFFECT = ("acts on", "parameter", "receptor", "region", "form", "rise", "fall", "above")

_ADVANCE = ("at (s)", "biological time (h)", "passed as (s)")


def render(fused: FusedPlan, *, equations: bool = False) -> str:
    """Populations, projections, modulators, physical groups and sets, and the estimate; with statements if
    asked.
    """
    network, experiment = fused.network, fused.network.experiment
    seconds = f"{experiment.duration:g} s in steps of {experiment.dt * 1e3:g} ms"
    blocks = [
        f"{experiment.name}: {seconds}, seed {experiment.seed}, scale {experiment.scale:g}",
        table(
            "Populations", ("name", "neurons", "template", "region", "group", "drives"), _populations(fused)
        ),
        table(
            "Projections",
            ("name", "synapses", "receptor", "delay", "rule"),
            map(_projection, network.projections.values()),
        ),
    ]
    if network.compartments:
        heads = ("name", "region", "tonic level", "clearance", "released by", "held")
        blocks.append(table("Neuromodulators", heads, map(_compartment, network.compartments.values())))
    if network.advances:
        blocks.append(table("Advances", _ADVANCE, _advances(network)))
    if network.effects:
        blocks.append(table("Effects of receptors", _EFFECT, map(_effect, network.effects)))
    if network.task is not None:
        blocks.append(show_task(network.task))
    blocks += [_physical(fused), "\n".join(estimate(network).lines())]
    blocks += [f"Note: {notice}" for notice in network.notices]
    if equations:
        blocks += [_statements(fused)]
    return "\n\n".join(blocks)


def table(title: str, heads: Sequence[str], rows: object) -> str:
    """A plain text table; empty when there is nothing to show."""
    lines = [tuple(map(str, row)) for row in rows]  # type: ignore[attr-defined]  # any iterable of rows
    if not lines:
        return f"{title}: none"
    widths = [max(len(line[k]) for line in [tuple(heads), *lines]) for k in range(len(heads))]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [heads, *lines]
    ]
    return "\n  ".join([f"{title} ({len(lines)})", *text])


def _advances(network: NetworkPlan) -> list[tuple[object, ...]]:
    dt = network.experiment.dt
    return [
        (f"{plan.step * dt:g}", f"{plan.duration / 3600:g}", f"{plan.steps * dt:g}")
        for plan in network.advances
    ]


def _effect(plan: EffectPlan) -> tuple[object, ...]:
    slopes = (f"{value:g}" for value in (plan.rise, plan.fall, plan.above))
    return (
        plan.owner,
        plan.variable,
        plan.receptor,
        plan.region,
        "shift (SI)" if plan.shift else "scale",
        *slopes,
    )


def _populations(fused: FusedPlan) -> list[tuple[object, ...]]:
    return [
        (p.name, p.size, p.template_name, p.region, fused.placements[p.name].group, _drives(p))
        for p in fused.network.populations.values()
    ]


def _drives(population: PopulationPlan) -> str:
    return ", ".join(f"{name} ({plan.template_name})" for name, plan in population.inputs.items())


def _projection(plan: ProjectionPlan) -> tuple[object, ...]:
    delay = "drawn" if plan.uniform_delay is None else f"{plan.uniform_delay * 1e3:g} ms"
    return plan.name, f"{plan.count:,.0f}", plan.receptor, delay, ", ".join(rule.name for rule in plan.rules)


def _compartment(plan: CompartmentPlan) -> tuple[object, ...]:
    clearance = f"{plan.decay * 1e3:g} ms"
    if plan.uptake is not None:
        clearance = f"uptake, {plan.uptake.vmax:g} 1/s"
    nucleus = plan.release.nucleus if plan.release else ""
    return plan.modulator, plan.region, f"{plan.level:g}", clearance, nucleus, "yes" if plan.held else ""


def _physical(fused: FusedPlan) -> str:
    groups = [(g.name, g.size, ", ".join(m.name for m in g.members)) for g in fused.groups]
    sets = [(s.name, s.source, s.target, f"{len(s.projections)} projections") for s in fused.sets]
    one = table("Physical groups", ("name", "neurons", "populations"), groups)
    return one + "\n\n" + table("Physical sets of synapses", ("name", "source", "target", "holds"), sets)


def _statements(fused: FusedPlan) -> str:
    parts = []
    for group in fused.structure.groups:
        lines = [
            *group.update,
            f"spike when {group.threshold}" if group.threshold else "",
            *(f"then {r}" for r in group.reset),
        ]
        parts.append("\n  ".join([f"In every step, {group.name}:", *filter(None, lines)]))
    for synapses in fused.structure.synapses:
        lines = [
            *synapses.on_pre,
            *(f"post: {line}" for line in synapses.on_post),
            *(f"tick: {line}" for tick in synapses.ticks for line in tick.lines),
        ]
        parts.append("\n  ".join([f"On arrival at {synapses.name}:", *lines]))
    return "\n\n".join(parts)
