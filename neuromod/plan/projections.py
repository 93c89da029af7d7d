"""Projections: ends, receptor, pairing, weight, delay and rule, each checked against the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from neuromod.config.network import Connect, Projection
from neuromod.config.values import SECOND
from neuromod.library.template import SynapseTemplate
from neuromod.plan import pairs
from neuromod.plan.draws import Spread, spread_of, try_out
from neuromod.plan.edges import EdgesFile, inspect_edges
from neuromod.plan.expansion import Expansion
from neuromod.plan.files import confined_file
from neuromod.plan.network import CompartmentPlan, PopulationPlan, ProjectionPlan, RulePlan
from neuromod.plan.populations import takes_current
from neuromod.plan.rules import plan_rules
from neuromod.units import Dimension, parse_unit

MAX_SYNAPSES = 2**31 - 1
CONDUCTANCE = parse_unit("S").dimension


def ends_of(name: str) -> tuple[str, str]:
    """Source and target of a projection's key `SOURCE->TARGET[:tag]`."""
    source, _, target = name.partition(":")[0].partition("->")
    return source, target


def receptor_of(expansion: Expansion, name: str) -> SynapseTemplate | None:
    """Template of a projection's receptor; None, and the problem noted, where there is none."""
    spec, path = expansion.network.projections[name], ("projections", name)
    if spec.receptor is None:
        expansion.refuse(path, "got no `receptor`, needed is the name of a synapse template")
        return None
    return expansion.template(expansion.library.synapse, spec.receptor, (*path, "receptor"))


def check_ends(expansion: Expansion, name: str) -> bool:
    """Whether both populations of a projection exist."""
    found = [
        expansion.known(("projections", name), end, expansion.network.populations, "population")
        for end in ends_of(name)
    ]
    return all(found)


def plan_projection(
    expansion: Expansion,
    name: str,
    populations: Mapping[str, PopulationPlan],
    template: SynapseTemplate,
    compartments: Mapping[str, CompartmentPlan],
) -> ProjectionPlan | None:
    """A projection between planned populations; None, and its problems noted, when it cannot be planned."""
    spec, path = expansion.network.projections[name], ("projections", name)
    source, target = (populations[end] for end in ends_of(name))
    _check_target(expansion, name, target, template)
    if spec.connect is None:
        expansion.refuse(path, "got no `connect`, needed is how sources and targets are paired")
        return None
    edges = _edges(expansion, name, spec.connect, source, target)
    _check_pairing(expansion, name, spec.connect, source, target)
    _check_weight(expansion, name, spec, template, edges)
    delay = _delay(expansion, name, spec, edges)
    count = float(edges.count) if edges else _count(expansion, name, spec.connect, source, target)
    if count > MAX_SYNAPSES:
        expansion.refuse(
            (*path, "connect"), f"got about {count:.3g} synapses, allowed are at most {MAX_SYNAPSES}"
        )
    if delay is None and template.transmitter is not None:
        expansion.refuse(
            (*path, "delay"),
            f"got drawn delays, but {spec.receptor} needs one delay for the whole projection",
        )
    rules: tuple[RulePlan, ...] = ()
    if spec.plasticity is not None:
        rules = plan_rules(expansion, name, spec.plasticity, target, template, compartments)
        if delay is None:
            expansion.refuse(
                (*path, "delay"),
                "got drawn delays, but a plastic projection needs one delay for all synapses",
            )
    return ProjectionPlan(
        name=name,
        source=source.name,
        target=target.name,
        receptor=str(spec.receptor),
        count=count,
        uniform_delay=delay,
        rules=rules,
        spec=spec,
        edges_file=edges.path if edges else None,
    )


def weight_spread(spec: Projection, dimension: Dimension) -> float | Spread | None:
    """Weight in SI units, normal ones with the sign of their mean; None: not given. Raises `ValueError`."""
    if spec.weight is None:
        return None
    spread = spread_of(spec.weight, dimension)
    return spread.one_sided() if isinstance(spread, Spread) else spread


def delay_spread(spec: Projection) -> float | Spread | None:
    """Delay in seconds, never negative; None: not given. Raises `ValueError`."""
    if spec.delay is None:
        return None
    spread = spread_of(spec.delay, SECOND)
    if isinstance(spread, Spread):
        if np.any(np.less(spread.a, 0)):
            raise ValueError("got a negative delay, allowed is zero or more")
        return replace(spread, low=max(0.0, spread.low))
    if spread < 0:
        raise ValueError("got a negative delay, allowed is zero or more")
    return spread


def _check_target(expansion: Expansion, name: str, target: PopulationPlan, template: SynapseTemplate) -> None:
    needs_current = template.current is not None
    if (needs_current and not takes_current(target.template)) or (
        not needs_current and "V" not in target.template.state
    ):
        expansion.refuse(
            ("projections", name),
            f"got the target {target.name}, whose {target.template_name} cells take no input",
        )


def _edges(
    expansion: Expansion, name: str, connect: Connect, source: PopulationPlan, target: PopulationPlan
) -> EdgesFile | None:
    if connect.edges is None:
        return None
    try:
        path = confined_file(expansion.folder, connect.edges)
        return inspect_edges(path, connect.edges_population, source.size, target.size)
    except ValueError as error:
        expansion.refuse(("projections", name, "connect", "edges"), str(error))
        return None


def _check_pairing(
    expansion: Expansion, name: str, connect: Connect, source: PopulationPlan, target: PopulationPlan
) -> None:
    path = ("projections", name, "connect")
    if connect.channels != "any":
        numbers = [int(population.channel.max(initial=-1)) + 1 for population in (source, target)]
        if 0 in numbers or numbers[0] != numbers[1]:
            expansion.refuse(
                (*path, "channels"),
                f"got {numbers[0]} channels in {source.name} and {numbers[1]} in {target.name}, "
                "needed is the same number in both",
            )
        if connect.one_to_one or connect.edges is not None:
            expansion.refuse(
                (*path, "channels"), f"got `{connect.channels}` with {connect.rule}, allowed is `any`"
            )
    if connect.one_to_one and source.size != target.size:
        expansion.refuse(
            path, f"got one_to_one for {source.size} and {target.size} neurons, needed are equal sizes"
        )
    if connect.one_to_one and source.name == target.name and not connect.autapses:
        expansion.refuse(
            path,
            "got one_to_one within a population, which gives only autapses; allowed with `autapses: true`",
        )


def _count(
    expansion: Expansion, name: str, connect: Connect, source: PopulationPlan, target: PopulationPlan
) -> float:
    """Expected number of synapses; notices where there are too few sources."""
    if connect.edges is not None:
        return 0.0
    scale = expansion.experiment.scale
    parts = [] if connect.one_to_one else pairs.blocks(source, target, connect)
    if any(pairs.degree(block, connect, scale).capped for block in parts):
        most = max(block.candidates for block in parts)
        expansion.notices.append(
            f"projections.{name}: {connect.rule} is limited by the {most} sources that there are"
        )
    return pairs.count(source, target, connect, scale)


def _check_weight(
    expansion: Expansion, name: str, spec: Projection, template: SynapseTemplate, edges: EdgesFile | None
) -> None:
    path = ("projections", name)
    try:
        spread = weight_spread(spec, parse_unit(template.weight).dimension)
        if spread is not None:
            _check_sign(spread, template)
            try_out(spread)
        elif edges is None or not edges.has_weight:
            expansion.refuse(path, f"got no `weight`, needed is a weight in units such as {template.weight}")
    except ValueError as error:
        expansion.refuse((*path, "weight"), str(error))


def _check_sign(spread: float | Spread, template: SynapseTemplate) -> None:
    smallest = spread.a if isinstance(spread, Spread) else spread
    if parse_unit(template.weight).dimension == CONDUCTANCE and np.any(np.less(smallest, 0)):
        raise ValueError(
            "got a negative conductance, allowed is zero or more (the reversal potential of the receptor "
            "decides whether it inhibits)"
        )


def _delay(expansion: Expansion, name: str, spec: Projection, edges: EdgesFile | None) -> float | None:
    """The delay that all synapses have, a multiple of dt in seconds; None where they differ."""
    path = ("projections", name)
    if edges is not None and edges.has_delay:
        return None
    try:
        spread = delay_spread(spec)
        if spread is None:
            expansion.refuse(
                path, "got no `delay`, needed is a time, for example 1 ms (0 ms: within the same step)"
            )
            return 0.0
        if isinstance(spread, Spread):
            try_out(spread)
            return None
        return expansion.steps((*path, "delay"), spread, "delay") * expansion.experiment.dt
    except ValueError as error:
        expansion.refuse((*path, "delay"), str(error))
        return 0.0
