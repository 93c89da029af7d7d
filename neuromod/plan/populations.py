"""Populations at their final size: every parameter and every initial value as numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from neuromod.config.network import MAX_SIZE, Channels, Population
from neuromod.library.hoist import names_in
from neuromod.library.template import NeuronTemplate
from neuromod.plan.draws import Known, Spread, sample, spread_of
from neuromod.plan.expansion import Expansion
from neuromod.plan.network import Floats, Ints, Numbers, PopulationPlan
from neuromod.plan.parameters import mismatch, si_parameters
from neuromod.plan.seeds import stream
from neuromod.units import parse_unit


def plan_population(expansion: Expansion, name: str) -> PopulationPlan | None:
    """A population without receptors and inputs; None, and its problems noted, when it cannot be planned."""
    spec = expansion.network.populations[name]
    path = ("populations", name)
    if spec.neuron is None:
        expansion.refuse(path, "got no `neuron`, needed is the name of a neuron template")
    if spec.size is None:
        expansion.refuse(path, "got no `size`, needed is the number of neurons at scale 1")
    if spec.neuron is None or spec.size is None:
        return None
    template = expansion.template(expansion.library.neuron, spec.neuron, (*path, "neuron"))
    size = scaled(spec.size, expansion.experiment.scale)
    if size > MAX_SIZE:
        expansion.refuse((*path, "size"), f"got {size} neurons after scaling, allowed are at most {MAX_SIZE}")
    if template is None or size > MAX_SIZE:
        return None
    parameters = _parameters(expansion, name, spec, template, size)
    _check_kind(expansion, name, spec, template, parameters)
    _check_rates(expansion, name, spec)
    return PopulationPlan(
        name=name,
        size=size,
        region=spec.region or "",
        template_name=spec.neuron,
        template=template,
        parameters=parameters,
        explicit=frozenset(spec.parameters) | frozenset(spec.heterogeneity),
        receptors={},
        inputs={},
        initial=_initial(expansion, name, spec, template, parameters, size),
        channel=_channel(expansion, name, spec.channels, size),
        pacemaker=spec.pacemaker,
        target_rate=spec.target_rate,
        target_evidence=spec.target_evidence or "",
        target_source=spec.target_source,
        rate_limit=spec.rate_limit,
        description=spec.description,
    )


def scaled(size: int, scale: float) -> int:
    """Number of neurons at a scale: rounded, and at least one."""
    return max(1, round(size * scale))


def takes_current(template: NeuronTemplate) -> bool:
    """Whether the input current `I` stands in any equation; if not, the cell is a spike source."""
    return any("I" in names_in(state.derivative or state.update or "0") for state in template.state.values())


def channels_of(size: int, channels: Channels) -> Ints:
    """Channel of each neuron, consecutive: an even split or `fraction` of the neurons each; -1: none."""
    share = 1 / channels.count if channels.fraction is None else channels.fraction
    bounds = [min(size, round(k * share * size)) for k in range(channels.count + 1)]
    channel = np.full(size, -1, np.int32)
    for k in range(channels.count):
        channel[bounds[k] : bounds[k + 1]] = k
    return channel


def _channel(expansion: Expansion, name: str, channels: Channels | None, size: int) -> Ints:
    none: Ints = np.broadcast_to(np.int32(-1), size)
    if channels is None:
        return none
    path = ("populations", name, "channels")
    if channels.fraction is not None and channels.count * channels.fraction > 1 + 1e-9:
        expansion.refuse(
            path, f"got {channels.count} channels of {channels.fraction:g} each, allowed is at most 1 in all"
        )
        return none
    channel = channels_of(size, channels)
    if np.unique(channel[channel >= 0]).size < channels.count:
        expansion.refuse(
            path, f"got {channels.count} channels for {size} neurons, needed is at least one neuron in each"
        )
    return channel


def _parameters(
    expansion: Expansion, name: str, spec: Population, template: NeuronTemplate, size: int
) -> dict[str, Numbers]:
    """SI parameters, those with heterogeneity as arrays."""
    path = ("populations", name)
    values = si_parameters(
        expansion, (*path, "parameters"), [spec.parameters], template.parameters, str(spec.neuron)
    )
    drawn: dict[str, Numbers] = dict(values)
    for parameter in spec.heterogeneity:
        if expansion.known(
            (*path, "heterogeneity", parameter), parameter, values, f"parameter of {spec.neuron}"
        ):
            spread = _heterogeneity(expansion, name, spec, template, parameter, values[parameter])
            rng = stream(expansion.experiment.seed, f"{name}/heterogeneity/{parameter}")
            drawn[parameter] = values[parameter] if spread is None else sample(rng, spread, size)
    return drawn


def _heterogeneity(
    expansion: Expansion, name: str, spec: Population, template: NeuronTemplate, parameter: str, mean: float
) -> Spread | None:
    """Normal around `mean`; a parameter with a positive default never becomes zero or negative."""
    path = ("populations", name, "heterogeneity", parameter)
    declared, width = template.parameters[parameter], spec.heterogeneity[parameter].quantity
    written = expansion.layers.written(path)
    relative = str(written.get("value") if isinstance(written, dict) else written).endswith("%")
    message = "" if relative else mismatch(width, declared.unit)
    if message:
        expansion.refuse(path, f"{message}, or a percentage of the value")
        return None
    if width.value < 0:
        expansion.refuse(path, "got a negative standard deviation, allowed is zero or more")
        return None
    positive = declared.default.quantity.value > 0 and mean > 0
    deviation = width.value * abs(mean) if relative else width.value
    return (
        Spread("normal", mean, deviation, low=0.0, open_low=True)
        if positive
        else Spread("normal", mean, deviation)
    )


def _initial(
    expansion: Expansion,
    name: str,
    spec: Population,
    template: NeuronTemplate,
    parameters: Mapping[str, Numbers],
    size: int,
) -> dict[str, Floats]:
    """Every state variable at t = 0, (size,) each."""
    path = ("populations", name, "initial")
    for variable in spec.initial:
        expansion.known((*path, variable), variable, template.state, f"state variable of {spec.neuron}")
    names = {
        key: Known(parameters[key], parse_unit(declared.unit).dimension)
        for key, declared in template.parameters.items()
    }
    values: dict[str, Floats] = {}
    for variable, state in template.state.items():
        drawn = spec.initial.get(variable, state.initial)
        values[variable] = np.zeros(size)
        if drawn is None:
            continue
        try:
            spread = spread_of(drawn, parse_unit(state.unit).dimension, names)
            values[variable] = sample(
                stream(expansion.experiment.seed, f"{name}/initial/{variable}"), spread, size
            )
        except ValueError as error:
            expansion.refuse((*path, variable), str(error))
    return values


def _check_kind(
    expansion: Expansion,
    name: str,
    spec: Population,
    template: NeuronTemplate,
    parameters: Mapping[str, Numbers],
) -> None:
    """Pacemakers and spike files belong to the templates that use them."""
    path = ("populations", name)
    if spec.pacemaker is not None:
        expansion.known((*path, "pacemaker"), spec.pacemaker, expansion.network.pacemakers, "pacemaker")
        if not template.pacemaker:
            expansion.refuse((*path, "pacemaker"), f"got a pacemaker, but {spec.neuron} cells follow none")
    elif template.pacemaker and np.any(np.not_equal(parameters.get("depth", 1.0), 0)):
        expansion.refuse(
            path, f"got no `pacemaker`, but {spec.neuron} cells follow one unless their depth is 0"
        )
    if template.replay and spec.spikes is None:
        expansion.refuse(path, f"got no `spikes`, needed is the file with the spikes of {spec.neuron} cells")
    if not template.replay and spec.spikes is not None:
        expansion.refuse((*path, "spikes"), f"got a spike file, but {spec.neuron} cells do not replay spikes")


def _check_rates(expansion: Expansion, name: str, spec: Population) -> None:
    path = ("populations", name)
    if spec.target_rate is not None and spec.target_rate[0] > spec.target_rate[1]:
        expansion.refuse((*path, "target_rate"), "got the higher rate first, allowed is [lowest, highest]")
    for key in ("target_evidence", "target_source"):
        if getattr(spec, key) and spec.target_rate is None:
            expansion.refuse((*path, key), "got it without `target_rate`, needed is the target itself")
    if spec.target_evidence == "V" and not spec.target_source:
        expansion.refuse((*path, "target_evidence"), "got V without `target_source`, needed is what was read")
    if spec.rate_limit == 0:
        expansion.refuse((*path, "rate_limit"), "got 0 Hz, allowed is a positive rate")
