"""The page of a task: what happens when, how a choice is read, what it earns, and who is told."""

from __future__ import annotations

from collections.abc import Iterator

from neuromod.config.read import Node
from neuromod.config.task import TaskBlock, TaskPhase, TaskStimulus, TaskWire
from neuromod.config.values import Distribution
from neuromod.library.page import section, table
from neuromod.library.template import TaskTemplate
from neuromod.units import Quantity


def task_sections(model: TaskTemplate, tree: Node) -> list[str]:
    """All sections of the page, those that are empty, too; `tree` is what the model was read from."""
    values = {name: tree.at(["stimuli", name, "value"]) for name in model.stimuli}
    return [
        section("Roles", table([[name, text] for name, text in model.roles.items()])),
        section("A trial", table([[name, *_phase(phase)] for name, phase in model.phases.items()])),
        section("Trials differ in", list(_alternatives(model))),
        section(
            "Stimuli", [f"{name}: {_stimulus(entry, values[name])}" for name, entry in model.stimuli.items()]
        ),
        section("Decision and outcome", list(_choice(model))),
        section("Blocks", [_block(block) for block in model.blocks]),
        section("Critic", list(_critic(model))),
        section("Wires", [f"{name}: {_wire(wire)}" for name, wire in model.wires.items()]),
    ]


def _phase(phase: TaskPhase) -> list[str]:
    every = f"only each {phase.every}th trial" if phase.every > 1 else ""
    state = f"levels of {phase.state}" if phase.state else ""
    clear = f"clears eligibility of {', '.join(phase.clear)}" if phase.clear else ""
    return [_duration(phase), ", ".join(part for part in (every, state, clear) if part)]


def _duration(phase: TaskPhase) -> str:
    drawn = phase.duration
    if drawn is None:
        return ""
    ends = (drawn.a, drawn.b) if isinstance(drawn, Distribution) else (drawn.quantity,)
    return " to ".join(f"{end.value * 1e3:g} ms" for end in ends if isinstance(end, Quantity))


def _alternatives(model: TaskTemplate) -> Iterator[str]:
    if model.cues:
        yield f"cue: {', '.join(f'{name} (share {cue.share:g})' for name, cue in model.cues.items())}"
    if model.contexts:
        names = (f"{name} (share {entry.share:g})" for name, entry in model.contexts.items())
        yield f"context: {', '.join(names)}"
    for name, event in model.events.items():
        yield f"{name}: in {event.share:.0%} of the trials"


def _stimulus(stimulus: TaskStimulus, value: Node | None) -> str:
    change = f"is {value.value}" if value is not None else f"times {stimulus.factor or 0:g}"
    channel = "" if stimulus.channel is None else f", channel {stimulus.channel}"
    event = f", with {stimulus.event}" if stimulus.event else ""
    names = ", ".join(stimulus.phases)
    return f"{stimulus.parameter} of {stimulus.population}{channel} {change} in {names}{event}"


def _choice(model: TaskTemplate) -> Iterator[str]:
    decision, outcome = model.decision, model.outcome
    if decision is not None:
        rule = str(decision.rule).replace("_", " ")
        limit = f" of {decision.spikes} spikes" if decision.spikes else ""
        limit = f" of {decision.rate:g} Hz" if decision.rate else limit
        yield f"{model.actions} actions; in {decision.phase}, by {decision.population}: {rule}{limit}"
    if outcome is not None:
        chances = ", ".join(f"{p:g}" for p in outcome.probability or ())
        values = f"{outcome.magnitude:g}, else {outcome.otherwise:g}"
        if outcome.drift is None:
            yield f"in {outcome.phase}: {values}; probability from the correct action on: {chances}"
            return
        low, high = outcome.drift.between
        walk = f"wander in steps of {outcome.drift.sd:g} (SD) between {low:g} and {high:g}"
        yield f"in {outcome.phase}: {values}; probabilities of actions begin with {chances} and {walk}"


def _block(block: TaskBlock) -> str:
    long = block.trials if isinstance(block.trials, int) else " to ".join(map(str, block.trials or ()))
    parts = [f"{long} trials", "reversed" if block.reverse else ""]
    if block.reverse_every:
        every = block.reverse_every
        parts.append(f"reversed every {every if isinstance(every, int) else ' to '.join(map(str, every))}")
    return ", ".join(part for part in parts if part)


def _critic(model: TaskTemplate) -> Iterator[str]:
    critic = model.critic
    if critic is not None:
        if critic.read is not None:
            yield f"V is the rate of {critic.read.population}, 1 at {critic.read.rate:g} Hz"
            yield "prediction error d = r - V, in [-1, 1]"
            return
        by = f" by {' and '.join(critic.by)}" if critic.by else ""
        yield f"V at {', '.join(critic.states)}{by}, {critic.initial:g} at first"
        yield f"prediction error d = r + {critic.discount:g} V' - V, in [-1, 1]"
        yield f"V grows by {critic.learning_rate:g} d"


def _wire(wire: TaskWire) -> str:
    if wire.drive is not None:
        return f"{wire.signal} drives {wire.drive.parameter} of {wire.drive.population}"
    targets = (
        f"{gain:g} {modulator} in {region}"
        for modulator, parts in wire.release.items()
        for region, gain in parts.items()
    )
    return f"{wire.signal} releases {', '.join(targets)}"
