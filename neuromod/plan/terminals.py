"""What projections keep on the cells at their ends: transmitter states, traces and variables of plasticity.

A saturating receptor keeps its state once per source cell and class of delay. A plasticity rule keeps traces
of the spikes of either side. A trace of spikes that act without delay moves at the reset of its cell; one of
delayed spikes is moved by a one-to-one pathway, after the plastic pathways of the same step, so that two
events in one step never pair with each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from neuromod.config.values import Value
from neuromod.errors import InternalError
from neuromod.library.grammar import rename, substitute
from neuromod.library.hoist import evaluate
from neuromod.library.template import PlasticityTrace, StateVariable, SynapseTemplate
from neuromod.plan.equations import TIME, UNIT_NUMBERS, split_statement
from neuromod.plan.features import CellVariable, Features, Trace, TransmitterState
from neuromod.plan.network import NetworkPlan, ProjectionPlan, RulePlan

BEFORE, AFTER = -1, 1
"""Order of one-to-one pathways: before or after the pathways that fan out, which have order 0."""
CELL = "cell_"
"""Begin of the names of rules' variables in groups of cells."""


@dataclass(frozen=True)
class Ends:
    """State that a projection uses on its source and target cells.

    `transmitter`: suffix of the receptor's state on the source. `traces`: for each rule, the cells' variable
    behind each of its traces, in the order of the template.
    """

    transmitter: str = ""
    traces: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Arrival:
    """A one-to-one pathway that moves state on cells when their spikes act after `delay` seconds: the `trace`
    that it names, or that of a transmitter.
    """

    name: str
    populations: tuple[str, ...]
    on_pre: tuple[str, ...]
    parameters: Mapping[str, float]
    delay: float
    order: int
    trace: str = ""


@dataclass
class Terminals:
    """Everything that the projections of a network need on cells."""

    ends: dict[str, Ends] = field(default_factory=dict)
    features: dict[str, Features] = field(default_factory=dict)
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    classes: dict[tuple[object, ...], str] = field(default_factory=dict)

    def require(self, population: str, features: Features) -> None:
        """Add features to a population."""
        self.features[population] = self.features.get(population, Features({}, {})).joined(features)

    def arrive(self, population: str, arrival: Arrival) -> None:
        """Let the spikes of a population move its state on arrival."""
        known = self.arrivals.get(arrival.name, arrival).populations
        members = known if population in known else (*known, population)
        self.arrivals[arrival.name] = Arrival(**{**vars(arrival), "populations": members})

    def numbered(self, *key: object) -> str:
        """A name for a class of equal things: numbered by first use, so that only equality shapes a
        program.
        """
        stem = key[0]
        return self.classes.setdefault(key, f"{stem}_{sum(k[0] == stem for k in self.classes)}")


def terminals(network: NetworkPlan) -> Terminals:
    """The state of all projections on their ends."""
    out = Terminals()
    for name, projection in network.projections.items():
        template = receptor_template(network, projection)
        transmitter = _transmitter(out, projection, template) if template.transmitter else ""
        traces = tuple(_traces(out, projection, rule) for rule in projection.rules)
        for rule in projection.rules:
            cells = frozenset(
                CellVariable(
                    cell_variable(rule.name, key), entry.initial.quantity.value if entry.initial else 0.0
                )
                for key, entry in rule.template.cell.items()
            )
            out.require(projection.target, Features({}, {}, cells=cells))
        out.ends[name] = Ends(transmitter, traces)
    return out


def cell_variable(rule: str, name: str) -> str:
    """Name in a group of cells of a rule's variable; rules of one name share it."""
    return f"{CELL}{rule}_{name}"


def receptor_template(network: NetworkPlan, projection: ProjectionPlan) -> SynapseTemplate:
    """Template of the receptor that a projection acts on."""
    return network.populations[projection.target].receptors[projection.receptor].template


def renamed(line: str, names: Mapping[str, str]) -> str:
    """A statement under the names of a program, with numbers for units."""
    target, operator, right = split_statement(line)
    text = substitute(rename(right, names), {**UNIT_NUMBERS, "t": TIME})
    return f"{names.get(target, target)} {operator} {text}"


def _uniform_delay(projection: ProjectionPlan) -> float:
    if projection.uniform_delay is None:
        raise InternalError(f"{projection.name} needs one delay for all its synapses")
    return projection.uniform_delay


def _transmitter(out: Terminals, projection: ProjectionPlan, template: SynapseTemplate) -> str:
    delay = _uniform_delay(projection)
    suffix = out.numbered(projection.receptor, delay)
    transmitter = template.transmitter
    if transmitter is None:
        raise InternalError(f"{projection.receptor} has no transmitter")
    names = {variable: f"{variable}_{suffix}_post" for variable in transmitter.state}
    lines = tuple(renamed(line, names) for line in transmitter.on_arrival)
    parameters = {key: parameter.default.quantity.value for key, parameter in transmitter.parameters.items()}
    states = frozenset(
        TransmitterState(f"{v}_{suffix}", _first_value(state)) for v, state in transmitter.state.items()
    )
    out.require(projection.source, Features({}, {}, transmitters=states))
    arrival = Arrival(f"arrive_{suffix}", (projection.source,), lines, parameters, delay, BEFORE)
    out.arrive(projection.source, arrival)
    return suffix


def _first_value(state: StateVariable) -> float:
    return state.initial.quantity.value if isinstance(state.initial, Value) else 0.0


def _traces(out: Terminals, projection: ProjectionPlan, rule: RulePlan) -> tuple[str, ...]:
    """Cells' variables behind the traces of a rule."""
    return tuple(_trace(out, projection, rule, entry) for entry in rule.template.traces.values())


def _trace(out: Terminals, projection: ProjectionPlan, rule: RulePlan, entry: PlasticityTrace) -> str:
    late_side = "pre" if rule.template.delay == "axonal" else "post"
    delay = _uniform_delay(projection) if entry.of == late_side else 0.0
    population = projection.source if entry.of == "pre" else projection.target
    tau, nearest = rule.parameters[entry.tau], entry.pairing == "nearest"
    start = 0.0 if entry.initial is None else _start(entry.initial, rule)
    stem = "trace_late" if delay else "trace_own"
    name = out.numbered(stem, tau, nearest, start, delay)
    trace = Trace(name, tau, not delay, nearest, start)
    out.require(population, Features({}, {}, traces=frozenset({trace})))
    if delay:
        line = f"{name}_post {trace.operator} rise"
        out.arrive(population, Arrival(f"arrive_{name}", (population,), (line,), {}, delay, AFTER, name))
    return name


def _start(text: str, rule: RulePlan) -> float:
    return float(evaluate(substitute(text, UNIT_NUMBERS), rule.parameters))
