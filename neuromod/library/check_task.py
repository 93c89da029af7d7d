"""The check of a whole task: what is missing, what contradicts itself, and every name in it.

It knows no populations: whether these fit is found out when the task is bound to a network
(`neuromod.plan.tasks`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from neuromod.config.task import (
    Probabilities,
    Task,
    TaskCritic,
    TaskDecision,
    TaskDrift,
    TaskOutcome,
    TaskReading,
    TaskStimulus,
    TaskWire,
)
from neuromod.config.values import SECOND, Distribution, Value, suggestion
from neuromod.units import Quantity, dimension_name

Path = tuple[str | int, ...]
Found = Iterator[tuple[Path, str]]
SIGNALS = (
    "prediction_error",
    "value",
    "outcome",
    "salience",
    "novelty",
    "expected_uncertainty",
    "unexpected_uncertainty",
    "volatility",
    "average_outcome",
)
"""What a wire may carry besides events, in the order in which the program numbers them."""
JUDGED = frozenset(SIGNALS) - {"outcome", "salience", "novelty"}
"""Signals that need a critic."""
AT_OUTCOME = ("outcome", "expected_uncertainty", "unexpected_uncertainty", "volatility", "average_outcome")
ARROW = "->"
"""What the names of projections have, and no other names."""
LONGEST = 1e5
"""Longest phase in s."""


def check_task(task: Task, roles: Collection[str]) -> Found:
    """Every problem of a task, as the path to what is wrong and a sentence."""
    yield from _phases(task, roles)
    yield from _alternatives(task)
    yield from _decision(task, roles)
    yield from _outcome(task)
    yield from _blocks(task)
    for name, stimulus in task.stimuli.items():
        yield from _stimulus(("stimuli", name), stimulus, task, roles)
    if task.critic is not None:
        yield from _critic(task.critic, task, roles)
    for name, wire in task.wires.items():
        yield from _wire(("wires", name), wire, task, roles)


def _phases(task: Task, roles: Collection[str]) -> Found:
    if task.actions is None:
        yield (), "got no `actions`, needed is the number of choices (0: none are made)"
    if not any(phase.every == 1 for phase in task.phases.values()):
        yield ("phases",), "got no phase that every trial has, needed is at least one"
    for name, phase in task.phases.items():
        path = ("phases", name, "duration")
        if phase.duration is None:
            yield ("phases", name), "got no `duration`, needed is a time, or {uniform: [shortest, longest]}"
        else:
            yield from _duration(path, phase.duration)
        for cleared in phase.clear:
            if ARROW not in cleared:
                yield from _known(("phases", name, "clear"), cleared, roles, "role")


def _duration(path: Path, drawn: Value | Distribution) -> Found:
    if isinstance(drawn, Distribution):
        odd = drawn.kind != "uniform" or drawn.low is not None or drawn.high is not None
        if odd or isinstance(drawn.a, str) or isinstance(drawn.b, str):
            yield path, "got another distribution, allowed is a time, or {uniform: [shortest, longest]}"
            return
        ends: list[Quantity] = [drawn.a, drawn.b]
    else:
        ends = [drawn.quantity]
    for end in ends:
        if end.dimension != SECOND:
            yield path, f"got {dimension_name(end.dimension)}, allowed is {dimension_name(SECOND)}"
            return
        if not 1e-3 <= end.value <= LONGEST:
            yield path, f"got {end.value * 1e3:g} ms, allowed is 1 ms to {LONGEST:g} s"
            return
    if ends[0].value > ends[-1].value:
        yield path, "got a shortest time above the longest, allowed is {uniform: [shortest, longest]}"


def _alternatives(task: Task) -> Found:
    """Cues, contexts and events."""
    places = max(1, task.actions or 0)
    for key, shares in (
        ("cues", [cue.share for cue in task.cues.values()]),
        ("contexts", [context.share for context in task.contexts.values()]),
    ):
        if shares and not sum(shares) > 0:
            yield (key,), "got shares that are all 0, needed is at least one above 0"
    for name, cue in task.cues.items():
        if cue.correct >= places:
            yield ("cues", name, "correct"), f"got {cue.correct}, allowed are 0 to {places - 1}"
        yield from _probability(("cues", name, "probability"), cue.probability, places)
    for name, context in task.contexts.items():
        if context.shift >= places:
            yield ("contexts", name, "shift"), f"got {context.shift}, allowed are 0 to {places - 1}"
    for name in task.events:
        if name in SIGNALS:
            yield ("events", name), "got the name of a signal, allowed is another name"


def _probability(path: Path, given: Probabilities | None, places: int) -> Found:
    if given is not None and len(given) != places:
        yield path, f"got {len(given)} probabilities, needed {_is(places)} (one for each action)"


def _is(number: int) -> str:
    return "is 1" if number == 1 else f"are {number}"


def _decision(task: Task, roles: Collection[str]) -> Found:
    decision, path = task.decision, ("decision",)
    if decision is None:
        if task.actions:
            yield (), f"got {task.actions} actions and no `decision`, needed is how a choice is read"
        return
    if task.actions == 0:
        yield path, "got a decision with 0 actions, allowed is to leave it out"
    yield from _needed(path, decision, ("phase", "population", "rule"))
    yield from _known((*path, "population"), decision.population, roles, "role")
    yield from _known((*path, "phase"), decision.phase, task.phases, "phase")
    yield from _rule(path, decision)
    phase = task.phases.get(decision.phase or "")
    if phase is not None and phase.every != 1:
        yield (
            (*path, "phase"),
            f"got {decision.phase}, which some trials lack; allowed is a phase of every trial",
        )
    if decision.phase in task.phases and decision.phase == list(task.phases)[-1]:
        yield (*path, "phase"), f"got {decision.phase}, the last phase; allowed is one that another follows"


def _rule(path: Path, decision: TaskDecision) -> Found:
    needed = {"race": "spikes", "threshold": "rate"}.get(decision.rule or "")
    if needed and getattr(decision, needed) is None:
        yield path, f"got the rule {decision.rule} without `{needed}`, needed is one"
    for key in ("spikes", "rate"):
        if getattr(decision, key) is not None and key != needed and decision.rule is not None:
            yield (*path, key), f"got `{key}` with the rule {decision.rule}, allowed is to leave it out"


def _outcome(task: Task) -> Found:
    outcome, path = task.outcome, ("outcome",)
    if outcome is None:
        return
    yield from _needed(path, outcome, ("phase", "probability"))
    yield from _known((*path, "phase"), outcome.phase, task.phases, "phase")
    yield from _probability((*path, "probability"), outcome.probability, max(1, task.actions or 0))
    yield from _order(path, outcome, task)
    if outcome.drift is not None:
        yield from _drift((*path, "drift"), outcome, outcome.drift, task)


def _drift(path: Path, outcome: TaskOutcome, drift: TaskDrift, task: Task) -> Found:
    low, high = drift.between
    if low >= high:
        yield (*path, "between"), f"got {low:g} and {high:g}, allowed is [lowest, highest]"
    for number, start in enumerate(outcome.probability or ()):
        if not low <= start <= high:
            at = (*path[:-1], "probability", number)
            yield at, f"got {start:g}, from which a drift begins; allowed is {low:g} to {high:g}"
    fixed = (
        ("a cue with `correct` or `probability`", [c.correct or c.probability for c in task.cues.values()]),
        ("a context with `shift`", [context.shift for context in task.contexts.values()]),
        (
            "a block that reverses or has a `probability`",
            [b.reverse or b.reverse_every or b.probability for b in task.blocks],
        ),
    )
    for what, given in fixed:
        if any(given):
            yield path, f"got a drift and {what}, allowed is one of them"


def _order(path: Path, outcome: TaskOutcome, task: Task) -> Found:
    order = list(task.phases)
    if outcome.phase not in order:
        return
    if task.phases[outcome.phase].every != 1:
        yield (
            (*path, "phase"),
            f"got {outcome.phase}, which some trials lack; allowed is a phase of every trial",
        )
    decided = task.decision.phase if task.decision else None
    if decided in order and order.index(outcome.phase) <= order.index(decided):
        yield (*path, "phase"), f"got {outcome.phase}, which is not after the decision in {decided}"


def _blocks(task: Task) -> Found:
    for number, block in enumerate(task.blocks):
        path: Path = ("blocks", number)
        if block.trials is None:
            yield path, "got no `trials`, needed is how many, or [fewest, most]"
        for key in ("trials", "reverse_every"):
            ends = getattr(block, key)
            if isinstance(ends, tuple) and ends[0] > ends[1]:
                yield (*path, key), "got fewest above most, allowed is [fewest, most]"
        if (block.reverse or block.reverse_every) and (task.actions or 0) < 2:
            yield path, f"got a reversal with {task.actions} actions, needed are at least 2"
        yield from _probability((*path, "probability"), block.probability, max(1, task.actions or 0))
        if block.probability is not None and task.outcome is None:
            yield (*path, "probability"), "got a probability in a task without `outcome`"
        for name in block.cues:
            yield from _known((*path, "cues", name), name, task.cues, "cue")
        shares = {name: cue.share for name, cue in task.cues.items()} | dict(block.cues)
        if block.cues and not sum(shares.values()) > 0:
            yield (*path, "cues"), "got shares that are all 0, needed is at least one above 0"


def _stimulus(path: Path, stimulus: TaskStimulus, task: Task, roles: Collection[str]) -> Found:
    yield from _needed(path, stimulus, ("population", "parameter"))
    yield from _known((*path, "population"), stimulus.population, roles, "role")
    if (stimulus.value is None) == (stimulus.factor is None):
        given = "neither" if stimulus.value is None else "both"
        yield path, f"got {given} of value and factor, allowed is exactly one"
    if not stimulus.phases:
        yield path, "got no `phases`, needed is at least one in which it is on"
    for key, names in (("phases", task.phases), ("cues", task.cues), ("contexts", task.contexts)):
        for name in getattr(stimulus, key):
            yield from _known((*path, key), name, names, key.removesuffix("s"))
    yield from _known((*path, "event"), stimulus.event, task.events, "event")
    needed = {"cue": task.cues, "context": task.contexts, "choice": task.actions, "correct": task.actions}
    if isinstance(stimulus.channel, str) and not needed[stimulus.channel]:
        what = {"cue": "cues", "context": "contexts"}.get(stimulus.channel, "actions")
        yield (*path, "channel"), f"got {stimulus.channel} in a task without {what}"


def _critic(critic: TaskCritic, task: Task, roles: Collection[str]) -> Found:
    path: Path = ("critic",)
    if critic.read is not None:
        yield from _reading((*path, "read"), critic, critic.read, roles)
    order = list(task.phases)
    if task.outcome is None:
        yield path, "got a critic in a task without `outcome`, needed is one"
    if not critic.states:
        yield path, "got no `states`, needed is at least one phase"
    for name in critic.states:
        yield from _known((*path, "states"), name, order, "phase")
    places = [order.index(name) for name in critic.states if name in order]
    if places != sorted(set(places)):
        yield (
            (*path, "states"),
            "got phases that are not in their order, allowed are phases in the order of a trial",
        )
    end = task.outcome.phase if task.outcome else None
    if end in order and places and max(places) >= order.index(end):
        yield (*path, "states"), f"got a state that is not before the outcome in {end}"
    if "context" in critic.by and not task.contexts:
        yield (*path, "by"), "got context in a task without contexts"
    if "cue" in critic.by and not task.cues:
        yield (*path, "by"), "got cue in a task without cues"


def _reading(path: Path, critic: TaskCritic, read: TaskReading, roles: Collection[str]) -> Found:
    yield from _known((*path, "population"), read.population, roles, "role")
    if not read.rate > 0:
        yield (*path, "rate"), "got 0 Hz, allowed is a rate above 0"
    if len(critic.states) != 1 or critic.onset:
        what = "`onset`" if critic.onset else f"{len(critic.states)} states"
        yield path, f"got a value that is read with {what}, allowed is one state without `onset`"


def _wire(path: Path, wire: TaskWire, task: Task, roles: Collection[str]) -> Found:
    yield from _needed(path, wire, ("signal",))
    known = (*SIGNALS, *task.events)
    yield from _known((*path, "signal"), wire.signal, known, "signal")
    if wire.signal in JUDGED and task.critic is None:
        yield (*path, "signal"), f"got {wire.signal} in a task without `critic`, needed is one"
    if wire.signal == "outcome" and task.outcome is None:
        yield (*path, "signal"), "got outcome in a task without `outcome`, needed is one"
    for name in wire.phases:
        yield from _known((*path, "phases"), name, task.phases, "phase")
    if bool(wire.release) == (wire.drive is not None):
        given = "both" if wire.release else "neither"
        yield path, f"got {given} of release and drive, allowed is exactly one"
    if wire.drive is not None:
        yield from _known((*path, "drive", "population"), wire.drive.population, roles, "role")


def _needed(path: Path, section: object, keys: Iterable[str]) -> Found:
    for key in keys:
        if getattr(section, key) is None:
            yield path, f"got no `{key}`, needed is one"


def _known(path: Path, name: str | None, known: Collection[str], what: str) -> Found:
    if name is not None and name not in known:
        allowed = f"allowed are {', '.join(known)}" if known else "there are none"
        yield path, f"got the unknown {what} `{name}`, {allowed}{suggestion(name, list(known))}"
