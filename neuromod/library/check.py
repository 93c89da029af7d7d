"""The check of a whole model: every name, unit, expression and dimension in it.

A model that passes can be composed into equations. Which names an expression may use depends on the kind of
model and is stated in `neuromod.library.template`; `neuromod.library.scope` has the checks of single entries.
"""

from __future__ import annotations

from collections.abc import Mapping

from neuromod.config.read import Node
from neuromod.config.values import HERTZ, SECOND, Value
from neuromod.errors import Problem
from neuromod.library.check_neuromodulator import check_effects
from neuromod.library.check_plasticity import check_plasticity
from neuromod.library.check_task import check_task
from neuromod.library.grammar import FUNCTIONS, RANDOM
from neuromod.library.hoist import relaxation
from neuromod.library.scope import AMPERE, CLOCK, VOLT, Dimensions, Path, Report, Scope, over_time
from neuromod.library.template import (
    InputTemplate,
    Model,
    NeuromodulatorTemplate,
    NeuronTemplate,
    PlasticityTemplate,
    StateVariable,
    SynapseTemplate,
    TaskTemplate,
    Transmitter,
)
from neuromod.units import DIMENSIONLESS, Dimension, dimension_name

MAX_LEVEL = 1000
WITH_DRAWS = FUNCTIONS | RANDOM
_PHASE: Dimensions = {"cos_phi": DIMENSIONLESS, "sin_phi": DIMENSIONLESS}


def check(model: Model, node: Node) -> list[Problem]:
    """Every problem of a model, each with its place; `node` is the tree that the model was read from.

    Regions and circuits have no expressions; what they refer to is checked when they become a network.
    """
    report = Report(node)
    match model:
        case NeuronTemplate():
            _check_neuron(model, report)
        case SynapseTemplate():
            _check_synapse(model, report)
        case InputTemplate():
            _check_input(model, report)
        case PlasticityTemplate():
            check_plasticity(model, report)
        case NeuromodulatorTemplate():
            _check_neuromodulator(model, report)
            check_effects(model, report)
        case TaskTemplate():
            for path, message in check_task(model, model.roles):
                report.add(path, message)
    return report.problems


def _check_neuron(model: NeuronTemplate, report: Report) -> None:
    parameters = report.parameters(("parameters",), model.parameters, model.state)
    state = report.state(("state",), model.state, parameters)
    own = {**parameters, **state}
    phase = _PHASE if model.pacemaker else {}
    moving = Scope(report, {**own, **phase, **CLOCK, "I": AMPERE})
    uses = _check_dynamics(report, model.state, state, moving, Scope(report, moving.known, WITH_DRAWS))
    if state.get("V", VOLT) != VOLT:
        found, allowed = dimension_name(state["V"]), dimension_name(VOLT)
        report.add(("state", "V", "unit"), f"got V as {found}, allowed is {allowed}")
    if "I" in uses and "V" not in model.state:
        report.add(("state",), "got a cell that receives the current I but has no state variable V")
    Scope(report, {**own, **phase, **CLOCK}, WITH_DRAWS).condition(("threshold",), model.threshold)
    reset = Scope(report, {**own, **CLOCK})
    for number, line in enumerate(model.reset):
        reset.statement(("reset", number), line, state)
    if model.refractory is not None:
        report.role(("refractory",), model.refractory, parameters, SECOND)
    for name in () if model.refractory else (key for key, entry in model.state.items() if entry.held):
        report.add(("state", name, "held"), "got held, allowed only where `refractory` names a parameter")
    if model.replay and state.get("fire") != DIMENSIONLESS:
        message = "got a replay cell without the state variable `fire` of unit 1 that its spike list sets"
        report.add(("replay",), message)


def _check_dynamics(
    report: Report, entries: Mapping[str, StateVariable], state: Dimensions, moving: Scope, mapped: Scope
) -> set[str]:
    """Check derivatives in the scope `moving` and updates in `mapped`; return all names that they use."""
    used: set[str] = set()
    for name in state:
        entry, path = entries[name], ("state", name)
        if entry.derivative is not None:
            derivative = moving.quantity((*path, "derivative"), entry.derivative, over_time(state[name]))
            used |= derivative.names if derivative else set()
            if derivative and entry.method == "exponential" and relaxation(derivative.text, name) is None:
                form = f"(target - {name})/tau or -{name}/tau, where {name} occurs only once"
                message = f"got {derivative.text}, allowed for the method exponential is {form}"
                report.add((*path, "derivative"), message)
        elif entry.update is not None:
            update = mapped.quantity((*path, "update"), entry.update, state[name])
            used |= update.names if update else set()
        elif entry.held:
            report.add((*path, "held"), "got held, allowed only with a derivative")
    return used


def _check_synapse(model: SynapseTemplate, report: Report) -> None:
    sender = model.transmitter.state if model.transmitter else {}
    parameters = report.parameters(("parameters",), model.parameters, {"weight", *model.state, *sender})
    state = report.state(("state",), model.state, parameters, {"V", "weight", *sender})
    own = {**parameters, **state, "V": VOLT}
    _check_dynamics(report, model.state, state, Scope(report, own), Scope(report, {**own, "dt": SECOND}))
    _no_hold(report, model.state)
    if model.current is not None:
        Scope(report, own).quantity(("current",), model.current, AMPERE)
    elif model.lfp:
        report.add(("lfp",), "got true for a receptor without current, allowed is false")
    sent = _check_transmitter(model.transmitter, report, {*parameters, *state}) if model.transmitter else {}
    weight = report.unit(("weight",), model.weight)
    if weight is not None:
        arriving = Scope(report, {**own, **sent, "weight": weight})
        for number, line in enumerate(model.on_spike):
            arriving.statement(("on_spike", number), line, {**state, "V": VOLT})


def _check_transmitter(transmitter: Transmitter, report: Report, taken: set[str]) -> Dimensions:
    """Check what a receptor keeps per source neuron; return the dimensions of that state."""
    top: Path = ("transmitter",)
    parameters = report.parameters(
        (*top, "parameters"), transmitter.parameters, {"weight", *taken, *transmitter.state}
    )
    state = report.state((*top, "state"), transmitter.state, parameters, {"V", "weight", *taken})
    for name, entry in transmitter.state.items():
        if entry.derivative is not None or entry.update is not None:
            report.add(
                (*top, "state", name), "got a derivative or an update, allowed are changes in on_arrival"
            )
    scope = Scope(report, {**parameters, **state, "t": SECOND})
    for number, line in enumerate(transmitter.on_arrival):
        scope.statement((*top, "on_arrival", number), line, state)
    return state


def _check_input(model: InputTemplate, report: Report) -> None:
    parameters = report.parameters(("parameters",), model.parameters, model.state)
    state = report.state(("state",), model.state, parameters, {"V"})
    known = {**parameters, **state, "V": VOLT, **CLOCK}
    plain, drawing = Scope(report, known), Scope(report, known, WITH_DRAWS)
    _check_dynamics(report, model.state, state, plain, drawing)
    _no_hold(report, model.state)
    if (model.current is None) == (model.jump is None):
        given = "neither" if model.current is None else "both"
        report.add((), f"got {given} of current and jump, allowed is exactly one")
    if model.current is not None:
        plain.quantity(("current",), model.current, AMPERE)
    if model.jump is not None:
        drawing.quantity(("jump",), model.jump)


def _check_neuromodulator(model: NeuromodulatorTemplate, report: Report) -> None:
    for region, value in model.decay.items():
        _positive(report, ("decay", region), value, SECOND, "time", "0.5 s")
    if model.rise is not None:
        _positive(report, ("rise",), model.rise, SECOND, "time", "20 min")
    if model.tonic_rate is not None:
        _positive(report, ("tonic_rate",), model.tonic_rate, HERTZ, "rate", "5 Hz")
    if model.uptake is not None:
        _positive(report, ("uptake", "vmax"), model.uptake.vmax, HERTZ, "rate", "44 1/s")
        _positive(report, ("uptake", "km"), model.uptake.km, DIMENSIONLESS, "number", "2.2")
    for state, value in model.states.items():
        if value.quantity.dimension != DIMENSIONLESS or not 0 <= value.quantity.value <= MAX_LEVEL:
            report.add(("states", state), f"got no level, allowed is a number from 0 to {MAX_LEVEL:,}")


def _positive(
    report: Report, path: Path, value: Value, dimension: Dimension, noun: str, example: str
) -> None:
    if value.quantity.dimension != dimension or value.quantity.value <= 0:
        report.add(path, f"got no positive {noun}, allowed is a positive {noun} such as {example}")


def _no_hold(report: Report, entries: Mapping[str, StateVariable]) -> None:
    for name, entry in entries.items():
        if entry.held:
            report.add(("state", name, "held"), "got held, allowed only for state variables of a cell")
