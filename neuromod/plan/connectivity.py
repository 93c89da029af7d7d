"""The synapses of a projection as arrays: who, how strong, how late.

Everything is drawn from streams named after the projection, so that the same config and seed give the same
arrays in whatever order projections are built, and a change of one projection leaves the others alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuromod.config.network import ChannelWeights
from neuromod.errors import ConfigError, InternalError, Problem
from neuromod.plan import pairs
from neuromod.plan.draws import sample
from neuromod.plan.edges import ListedEdges, read_edges
from neuromod.plan.network import Edges, Floats, Ints, NetworkPlan, PopulationPlan, ProjectionPlan
from neuromod.plan.projections import delay_spread, weight_spread
from neuromod.plan.seeds import stream
from neuromod.units import parse_unit


def connect(plan: NetworkPlan, projection: str) -> Edges:
    """Synapses of a projection; arrays (n,), weights in SI units, delays in seconds and multiples of dt.

    Raises:
        ConfigError: an edges file has changed since it was planned, and is no longer right.
    """
    planned = plan.projections[projection]
    source, target = plan.populations[planned.source], plan.populations[planned.target]
    listed = _pairs(plan, planned, source, target)
    weight = _weights(plan, planned, target, listed)
    factors = planned.spec.channel_weights
    if factors is not None:
        weight = weight * channel_factors(factors, source.channel[listed.i], target.channel[listed.j])
    return Edges(listed.i, listed.j, weight, _delays(plan, planned, listed))


def channel_factors(factors: ChannelWeights, source: Ints, target: Ints) -> Floats:
    """Factor on each weight, from the channels (n,) of its source and target.

    `same` within a channel, `different` into a channel from another or from none, 1 onto targets in none.
    """
    chosen = np.where(source == target, factors.same, factors.different)
    return np.asarray(np.where(target < 0, 1.0, chosen))


def _pairs(
    plan: NetworkPlan, planned: ProjectionPlan, source: PopulationPlan, target: PopulationPlan
) -> ListedEdges:
    spec, experiment = planned.spec.connect, plan.experiment
    if spec is None:
        raise InternalError(f"{planned.name} was planned without `connect`")
    if planned.edges_file is not None:
        try:
            return read_edges(planned.edges_file, spec.edges_population, source.size, target.size)
        except ValueError as error:
            raise ConfigError(Problem(str(error), f"projections.{planned.name}.connect.edges")) from None
    i, j = pairs.draw(
        source, target, spec, experiment.scale, stream(experiment.seed, f"{planned.name}/pairs")
    )
    return ListedEdges(i, j, None, None)


def _weights(
    plan: NetworkPlan, planned: ProjectionPlan, target: PopulationPlan, listed: ListedEdges
) -> Floats:
    unit = parse_unit(target.receptors[planned.receptor].template.weight)
    if listed.weight is not None:
        return listed.weight * unit.scale
    spread = weight_spread(planned.spec, unit.dimension)
    if spread is None:
        raise InternalError(f"{planned.name} was planned without a weight")
    return sample(stream(plan.experiment.seed, f"{planned.name}/weight"), spread, listed.i.size)


def _delays(plan: NetworkPlan, planned: ProjectionPlan, listed: ListedEdges) -> NDArray[np.float64]:
    dt = plan.experiment.dt
    if planned.uniform_delay is not None:
        return np.broadcast_to(planned.uniform_delay, listed.i.size)  # one number in memory
    drawn = listed.delay
    if drawn is None:
        spread = delay_spread(planned.spec)
        if spread is None:
            raise InternalError(f"{planned.name} was planned without a delay")
        drawn = sample(stream(plan.experiment.seed, f"{planned.name}/delay"), spread, listed.i.size)
    steps = np.rint(drawn / dt)
    steps *= dt
    return np.asarray(steps)
