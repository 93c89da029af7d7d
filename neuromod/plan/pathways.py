"""Physical sets of synapses: projections that share groups, receptor and rule become one set.

A set needs state on the neurons at its ends: a saturating receptor keeps its state once per source neuron and
class of delay, a plasticity rule keeps a trace of arrived presynaptic spikes and one of postsynaptic spikes.
These are advanced by one-to-one pathways that run before the fan-out of the same step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from neuromod.config.values import Value
from neuromod.errors import InternalError
from neuromod.library.grammar import rename, substitute
from neuromod.library.hoist import names_in
from neuromod.library.template import StateVariable, SynapseTemplate
from neuromod.plan.equations import FREE_AT, TIME, UNIT_NUMBERS, holds, split_statement
from neuromod.plan.features import Features, Trace, TransmitterState
from neuromod.plan.network import NetworkPlan, ProjectionPlan, RulePlan
from neuromod.plan.structure import Link, SynapsesStructure, Variable

ACCUMULATORS = "accumulators"
ARRIVAL_ORDER = -1


@dataclass(frozen=True)
class Ends:
    """State that a projection uses on its source and target neurons.

    `transmitter`: suffix of the receptor's state on the source; `pre`, `post`: names of the plasticity
    traces.
    """

    transmitter: str = ""
    pre: str = ""
    post: str = ""


@dataclass(frozen=True)
class SynapseSet:
    """Projections that are computed together."""

    name: str
    projections: tuple[str, ...]
    source: str
    target: str
    receptor: str
    template: SynapseTemplate
    ends: Ends
    rule: RulePlan | None
    uniform: bool
    held: bool


@dataclass(frozen=True)
class Arrival:
    """A one-to-one pathway that moves state on the source neurons when their spikes arrive after `delay`
    seconds.
    """

    name: str
    populations: tuple[str, ...]
    on_pre: tuple[str, ...]
    parameters: Mapping[str, float]
    delay: float


@dataclass
class Terminals:
    """Everything that the projections of a network need on neurons."""

    ends: dict[str, Ends] = field(default_factory=dict)
    features: dict[str, Features] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)

    def require(self, population: str, features: Features) -> None:
        """Add features to a population."""
        self.features[population] = self.features.get(population, Features({}, {})).joined(features)

    def arrive(
        self,
        name: str,
        population: str,
        on_pre: tuple[str, ...],
        parameters: Mapping[str, float],
        delay: float,
    ) -> None:
        """Let the spikes of a population move its state on arrival."""
        for k, arrival in enumerate(self.arrivals):
            if arrival.name == name:
                members = (
                    arrival.populations
                    if population in arrival.populations
                    else (*arrival.populations, population)
                )
                self.arrivals[k] = Arrival(name, members, on_pre, parameters, delay)
                return
        self.arrivals.append(Arrival(name, (population,), on_pre, parameters, delay))


def terminals(network: NetworkPlan) -> Terminals:
    """Traces and transmitter states, numbered by first use so that only equality of values shapes the
    program.
    """
    out = Terminals()
    classes: dict[tuple[object, ...], str] = {}
    for name, projection in network.projections.items():
        template = receptor_template(network, projection)
        transmitter = _transmitter(out, classes, projection, template) if template.transmitter else ""
        pre, post = _traces(out, classes, projection) if projection.rule else ("", "")
        out.ends[name] = Ends(transmitter, pre, post)
    return out


def receptor_template(network: NetworkPlan, projection: ProjectionPlan) -> SynapseTemplate:
    """Template of the receptor that a projection acts on."""
    return network.populations[projection.target].receptors[projection.receptor].template


def _numbered(classes: dict[tuple[object, ...], str], key: tuple[object, ...], stem: str) -> str:
    return classes.setdefault(key, f"{stem}_{sum(k[0] == key[0] for k in classes)}")


def _uniform_delay(projection: ProjectionPlan) -> float:
    if projection.uniform_delay is None:
        raise InternalError(f"{projection.name} needs one delay for all its synapses")
    return projection.uniform_delay


def _transmitter(
    out: Terminals,
    classes: dict[tuple[object, ...], str],
    projection: ProjectionPlan,
    template: SynapseTemplate,
) -> str:
    delay = _uniform_delay(projection)
    suffix = _numbered(classes, (projection.receptor, delay), projection.receptor)
    transmitter = template.transmitter
    if transmitter is None:
        raise InternalError(f"{projection.receptor} has no transmitter")
    names = {variable: f"{variable}_{suffix}_post" for variable in transmitter.state}
    lines = tuple(_renamed(line, names) for line in transmitter.on_arrival)
    parameters = {key: parameter.default.quantity.value for key, parameter in transmitter.parameters.items()}
    states = frozenset(
        TransmitterState(f"{v}_{suffix}", _first_value(state)) for v, state in transmitter.state.items()
    )
    out.require(projection.source, Features({}, {}, transmitters=states))
    out.arrive(f"arrive_{suffix}", projection.source, lines, parameters, delay)
    return suffix


def _first_value(state: StateVariable) -> float:
    return state.initial.quantity.value if isinstance(state.initial, Value) else 0.0


def _traces(
    out: Terminals, classes: dict[tuple[object, ...], str], projection: ProjectionPlan
) -> tuple[str, str]:
    rule, delay = projection.rule, _uniform_delay(projection)
    if rule is None:
        raise InternalError(f"{projection.name} has no rule")
    tau_pre, tau_post = (
        rule.parameters[name] for name in (rule.template.pre_trace, rule.template.post_trace)
    )
    pre = _numbered(classes, ("pre", tau_pre, delay), "trace_pre")
    post = _numbered(classes, ("post", tau_post), "trace_post")
    out.require(projection.source, Features({}, {}, traces=frozenset({Trace(pre, tau_pre, False)})))
    out.require(projection.target, Features({}, {}, traces=frozenset({Trace(post, tau_post, True)})))
    out.arrive(f"arrive_{pre}", projection.source, (f"{pre}_post += 1.0",), {}, delay)
    return pre, post


def _renamed(line: str, names: Mapping[str, str]) -> str:
    target, operator, right = split_statement(line)
    text = substitute(rename(right, names), {**UNIT_NUMBERS, "t": TIME})
    return f"{names.get(target, target)} {operator} {text}"


def synapse_sets(
    network: NetworkPlan, group_of: Mapping[str, str], ends: Mapping[str, Ends]
) -> list[SynapseSet]:
    """Group projections; sets appear in the order of their first projection."""
    sets: dict[tuple[object, ...], list[str]] = {}
    for name, projection in network.projections.items():
        rule = projection.rule.name if projection.rule else ""
        key = (
            group_of[projection.source],
            group_of[projection.target],
            projection.receptor,
            rule,
            ends[name],
        )
        sets.setdefault(key, []).append(name)
    return [_synapse_set(network, k, key, names) for k, (key, names) in enumerate(sets.items())]


def _synapse_set(network: NetworkPlan, number: int, key: tuple[object, ...], names: list[str]) -> SynapseSet:
    source, target, receptor, rule, ends = key
    first = network.projections[names[0]]
    assert isinstance(ends, Ends)  # built as such in synapse_sets
    uniform = ends != Ends() or (len(names) == 1 and first.uniform_delay is not None)
    stem = f"{receptor}_{rule}{number}" if rule else f"{receptor}{number}"
    template = receptor_template(network, first)
    held = holds(network.populations[first.target].template, "V")
    ids = (stem, tuple(names), str(source), str(target), str(receptor))
    return SynapseSet(*ids, template, ends, first.rule, uniform, held)


def synapses_structure(
    plan: SynapseSet, source_slice: tuple[int, int], target_slice: tuple[int, int]
) -> SynapsesStructure:
    """The compiled part of a set."""
    names = {variable: f"{variable}_{plan.receptor}_post" for variable in plan.template.state}
    names |= {"V": "V_post"}
    if plan.template.transmitter:
        names |= {v: f"{v}_{plan.ends.transmitter}_pre" for v in plan.template.transmitter.state}
    transmit = [_gated(_renamed(line, names), plan.held) for line in plan.template.on_spike]
    delay = "uniform" if plan.uniform else "each"
    ends = (plan.name, plan.source, source_slice, plan.target, target_slice)
    if plan.rule is None:
        return SynapsesStructure(*ends, (Variable("weight"),), tuple(transmit), delay)  # type: ignore[arg-type]  # literal
    return _plastic(plan, plan.rule, ends, transmit)


def _gated(line: str, held: bool) -> str:
    """A jump of the membrane potential is lost on a refractory cell that holds it."""
    target, operator, right = split_statement(line)
    if target != "V_post" or not held:
        return line
    return f"{target} {operator} ({right})*int({TIME} > {FREE_AT}_post)"


def _plastic(
    plan: SynapseSet,
    rule: RulePlan,
    ends: tuple[str, str, tuple[int, int], str, tuple[int, int]],
    transmit: list[str],
) -> SynapsesStructure:
    """Lazy rule: w(t) = w0 + c (G(t) - G0), brought up to date at spikes of either side and at ticks."""
    template = rule.template
    low, high = template.bounds
    update = [
        f"weight = clip(weight + eligibility*(integral - integral0), {low}, {high})",
        "integral0 = integral",
    ]
    at_pre = substitute(rename(template.at_pre, {"y": f"{plan.ends.post}_post"}), UNIT_NUMBERS)
    at_post = substitute(rename(template.at_post, {"x": f"{plan.ends.pre}_pre"}), UNIT_NUMBERS)
    variables = tuple(Variable(name) for name in ("weight", "eligibility", "integral0"))
    names = sorted({low, high, *_parameters_in(at_pre, rule), *_parameters_in(at_post, rule)})
    links = tuple(Link(name, ACCUMULATORS, name, "row") for name in ("integral", "retained", *names))
    return SynapsesStructure(
        *ends,
        variables=(*variables, Variable("row", dtype="integer")),
        on_pre=(*update, *transmit, f"eligibility += ({at_pre})/retained"),
        delay="uniform",
        links=links,
        on_post=(*update, f"eligibility += ({at_post})/retained"),
        tick=(update[0], "integral0 = 0.0", "eligibility = eligibility*retained"),
        tick_period=template.rebase,
    )


def _parameters_in(text: str, rule: RulePlan) -> set[str]:
    return set(names_in(text) & rule.parameters.keys())
