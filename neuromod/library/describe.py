"""Readable pages about models: equations, parameters with their evidence, references."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from neuromod.config.network import Network, Projection
from neuromod.config.read import Node, Plain
from neuromod.config.values import Distribution, Value
from neuromod.errors import ConfigError
from neuromod.library.describe_neuromodulator import neuromodulator_sections
from neuromod.library.describe_task import task_sections
from neuromod.library.page import WIDTH, section, table
from neuromod.library.registry import Library
from neuromod.library.template import (
    KINDS,
    CircuitTemplate,
    InputTemplate,
    Model,
    NeuromodulatorTemplate,
    NeuronTemplate,
    Parameter,
    PlasticityTemplate,
    RegionTemplate,
    StateVariable,
    SynapseTemplate,
    TaskTemplate,
    Transmitter,
)
from neuromod.units import format_quantity

EVIDENCE = "Evidence: V read in the source, P pilot simulation, M from memory, D design choice."


def describe(library: Library, kind: str, name: str) -> str:
    """The page of one model; `kind` as in `Library`.

    Raises:
        ConfigError: the model does not exist or is wrong.
    """
    model, tree = library.get(kind, name), library.node(kind, name)
    parts = [f"{name} ({model.kind}): {model.title}", textwrap.fill(model.description, WIDTH)]
    parts += _sections(model, tree)
    references = [f"{entry.text}{f', doi {entry.doi}' if entry.doi else ''}" for entry in model.references]
    parts.append(section("References", [line for text in references for line in _hanging(text)]))
    parts.append(f"{EVIDENCE} This model: {model.evidence}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def listing(library: Library) -> str:
    """All models by kind, each with its title, or with what is wrong with its file."""
    blocks = []
    for kind in KINDS:
        rows = [[f"  {name}", _title(library, kind, name)] for name in library.names(kind)]
        if rows:
            blocks.append("\n".join([kind, *table(rows)]))
    return "\n\n".join(blocks) + "\n"


def as_data(library: Library, kind: str, name: str) -> dict[str, Plain]:
    """What the model's file says, with all that it extends, as plain values for JSON."""
    library.get(kind, name)
    content = library.node(kind, name).plain()
    return {
        "name": name,
        "file": str(library.path(kind, name)),
        **(content if isinstance(content, dict) else {}),
    }


def kinds_of(library: Library, name: str) -> list[str]:
    """The kinds that have a model of this name."""
    return [kind for kind in KINDS if name in library.names(kind)]


def _title(library: Library, kind: str, name: str) -> str:
    try:
        return library.get(kind, name).title
    except ConfigError as error:
        return f"cannot be used: {error.problems[0]}"


def _sections(model: Model, tree: Node) -> list[str]:
    """The parts that differ between kinds of model; empty ones are left out by the caller."""
    match model:
        case NeuronTemplate():
            return [
                section("Equations", [*_equations(model.state), *_firing(model)]),
                _parameters(model.parameters),
            ]
        case SynapseTemplate():
            return [
                section("Equations", _receptor(model)),
                _parameters(model.parameters),
                *_sender(model.transmitter),
            ]
        case InputTemplate():
            drive = [f"current = {model.current}"] if model.current else [f"jump in every step: {model.jump}"]
            return [section("Equations", [*_equations(model.state), *drive]), _parameters(model.parameters)]
        case PlasticityTemplate():
            return [section("Equations", _rule(model)), _parameters(model.parameters)]
        case NeuromodulatorTemplate():
            return neuromodulator_sections(model, tree)
        case TaskTemplate():
            return task_sections(model, tree)
        case RegionTemplate() | CircuitTemplate():
            joined = model.regions if isinstance(model, CircuitTemplate) else ()
            return [section("Regions", joined), _populations(model), _projections(model, tree)]
    return []


def _equations(state: Mapping[str, StateVariable]) -> Iterator[str]:
    for name, entry in state.items():
        if entry.derivative is not None:
            yield f"d{name}/dt = {entry.derivative}"
        elif entry.update is not None:
            yield f"{name}(t + dt) = {entry.update}"
        yield f"    {name}: {', '.join(_about(entry))}"


def _about(entry: StateVariable) -> Iterator[str]:
    """What there is to say about a state variable, in a few words each."""
    unit = "" if entry.unit == "1" else f" in {entry.unit}"
    yield f"{entry.description or 'state variable'}{unit}"
    if entry.initial is not None:
        yield f"starts at {_drawn(entry.initial, entry.unit)}"
    if entry.method == "exponential" and entry.derivative is not None:
        yield "integrated exactly"
    if entry.held:
        yield "held while refractory"


def _drawn(value: Value | Distribution, unit: str) -> str:
    if isinstance(value, Value):
        return format_quantity(value.quantity.value, unit)
    ends = (end if isinstance(end, str) else format_quantity(end.value, unit) for end in (value.a, value.b))
    return f"{value.kind}({', '.join(ends)})"


def _firing(model: NeuronTemplate) -> Iterator[str]:
    yield f"fires when {model.threshold}"
    if model.reset:
        yield f"then {', '.join(model.reset)}"
    if model.refractory:
        yield f"refractory for {model.refractory}"


def _receptor(model: SynapseTemplate) -> Iterator[str]:
    yield from _equations(model.state)
    if model.current:
        yield f"current = {model.current}{'   (counts in the LFP)' if model.lfp else ''}"
    yield f"on a spike: {', '.join(model.on_spike)}   (weight in {model.weight})"


def _sender(transmitter: Transmitter | None) -> list[str]:
    if transmitter is None:
        return []
    lines = [*_equations(transmitter.state), f"on arrival: {', '.join(transmitter.on_arrival)}"]
    heading = "Once per source neuron"
    return [section(heading, lines), _parameters(transmitter.parameters, f"Parameters, {heading.lower()}")]


def _rule(model: PlasticityTemplate) -> Iterator[str]:
    for name, trace in model.traces.items():
        jump = f"{name} += 1" if trace.pairing == "all_to_all" else f"{name} = 1"
        yield f"d{name}/dt = -{name}/{trace.tau}, {jump} at {trace.of}synaptic spikes"
    for name, entry in model.eligibility.items():
        yield f"d{name}/dt = -{name}/{entry.tau}"
    if model.eligibility:
        terms = " + ".join(f"{name}*({entry.converted})" for name, entry in model.eligibility.items())
        yield f"dw/dt = {terms}"
    for when, key in (("presynaptic", "at_pre"), ("postsynaptic", "at_post")):
        found = ((name, getattr(entry, key)) for name, entry in model.eligibility.items())
        increments = [f"{name} += {text}" for name, text in found if text is not None]
        changes = [*getattr(model, key), *increments]
        if changes:
            yield f"at a {when} event: {', '.join(changes)}"
    for what, lines in (("for each synapse", model.at_tick), ("for each target cell", model.cell_tick)):
        if lines:
            yield f"every {model.tick:g} s, {what}: {', '.join(lines)}"
    for name, variable in (*model.state.items(), *model.cell.items()):
        owner = "synapse" if name in model.state else "target cell"
        yield f"    {name}: {variable.description or 'variable'} of each {owner}"
    if model.transmitted is not None:
        yield f"a spike transmits {model.transmitted}"
    low, high = model.bounds
    yield f"{low} <= w <= {high}; delay: {model.delay}"


def _parameters(parameters: Mapping[str, Parameter], heading: str = "Parameters") -> str:
    rows = [
        [
            name,
            format_quantity(entry.default.quantity.value, entry.unit),
            entry.default.evidence or "-",
            "modulable" if entry.modulable else "",
            entry.description,
            f"[{entry.default.source}]" if entry.default.source else "",
        ]
        for name, entry in parameters.items()
    ]
    return section(heading, table(rows))


def _populations(network: Network) -> str:
    rows = [
        [name, entry.neuron or "", str(entry.size or ""), entry.evidence or "-", entry.description]
        for name, entry in network.populations.items()
    ]
    header = ["name", "neuron", "size", "evidence", "description"]
    return section("Populations", table([header, *rows])) if rows else ""


def _projections(network: Network, tree: Node) -> str:
    rows = [
        [
            name,
            entry.receptor or "",
            _connection(entry),
            *(_written(tree.at(["projections", name, key])) for key in ("weight", "delay")),
            entry.plasticity.rule or "" if entry.plasticity else "",
        ]
        for name, entry in network.projections.items()
    ]
    header = ["projection", "receptor", "connection", "weight", "delay", "rule"]
    return section("Projections", table([header, *rows])) if rows else ""


def _connection(projection: Projection) -> str:
    connect = projection.connect
    if connect is None:
        return ""
    argument = getattr(connect, connect.rule)
    rule = connect.rule.replace("_", " ")
    return rule if argument is True else f"{rule} {argument}"


def _written(node: Node | None) -> str:
    """A value as its file has it, a distribution as `normal(0.3 nS, 0.03 nS)`."""
    plain = node.plain() if node else ""
    if not isinstance(plain, dict):
        return str(plain)
    if "value" in plain:
        return str(plain["value"])
    return ", ".join(
        f"{key}({', '.join(map(str, part))})" if isinstance(part, list) else f"{key} {part}"
        for key, part in plain.items()
    )


def _hanging(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH - 2, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
    )
