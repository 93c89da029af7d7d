"""A behavioural task: phases of a trial, what is shown in them, the decision, and what it earns and tells.

Every field may be missing: a model file in `models/tasks` gives a task, an experiment binds it to its
populations and changes single fields of it. What is complete is decided when both are merged
(`neuromod.plan.tasks`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from neuromod.config.network import Count, Fraction, ProjectionName, Section
from neuromod.config.values import (
    Allowed,
    DrawnField,
    Name,
    PositiveTime,
    QuantityField,
    Rate,
    Time,
)

MAX_TRIALS = 100_000
MAX_ACTIONS = 16
Names = Annotated[tuple[Name, ...], Field(strict=False)]
Trials = Annotated[int, Field(ge=1, le=MAX_TRIALS)]
Range = Annotated[tuple[Trials, Trials], Field(strict=False)]
Share = Annotated[float, Field(ge=0, le=1_000_000)]
Action = Annotated[int, Field(ge=0, le=MAX_ACTIONS - 1)]
Amount = Annotated[float, Field(ge=-1000, le=1000)]
Probabilities = Annotated[tuple[Fraction, ...], Field(strict=False, min_length=1, max_length=MAX_ACTIONS)]
ParameterPath = Annotated[
    str,
    Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}(\.[A-Za-z][A-Za-z0-9_]{0,63})?$"),
    Allowed("PARAMETER of the cells, or INPUT.PARAMETER of one of their inputs", "name"),
]


Cleared = Annotated[
    Name | ProjectionName, Allowed("a projection, or a role of the task or a population", "name")
]


class TaskCue(Section):
    """What a trial may be about. Cues are numbered in the order in which they are written."""

    share: Share = Field(1.0, description="how often it is drawn, relative to the others")
    correct: Action = Field(0, description="action to which the first probability of `outcome` belongs")
    probability: Probabilities | None = Field(
        None, description="probabilities of the outcome after this cue, instead of those of `outcome`"
    )


class TaskContext(Section):
    """Where a trial may take place; drawn independently of the cue."""

    share: Share = Field(1.0, description="how often it is drawn, relative to the others")
    shift: Action = Field(0, description="added to the number of the correct action here, modulo `actions`")


class TaskEvent(Section):
    """Something that happens in some trials only: a distractor, a stressor, an encounter."""

    share: Fraction = Field(0.0, description="probability that it happens in a trial")
    trials: Annotated[tuple[Annotated[int, Field(ge=0, le=MAX_TRIALS - 1)], ...], Field(strict=False)] = (
        Field((), description="trials, counted from 0, in which it happens in any case")
    )


class TaskPhase(Section):
    """A stretch of a trial. Phases follow each other in the order in which they are written."""

    duration: DrawnField | None = Field(
        None,
        description="how long it lasts, or {uniform: [shortest, longest]}, drawn anew in each trial; rounded "
        "to whole milliseconds",
    )
    every: Trials = Field(
        1, description="only in each so-manieth trial, the first one of them not (rest, sleep)"
    )
    state: Name | None = Field(
        None, description="state of the animal during it, which sets tonic levels (as in `states`)"
    )
    clear: Annotated[tuple[Cleared, ...], Field(strict=False)] = Field(
        (),
        description="eligibility traces that are set to 0 at its begin: of a plastic projection, or of all "
        "plastic projections onto the cells of a role",
    )


class TaskStimulus(Section):
    """A parameter of a population while a phase lasts."""

    population: Name | None = Field(None, description="role of the task, or population of the experiment")
    parameter: ParameterPath | None = Field(
        None, description="what is changed; its template must allow it (`modulable`)"
    )
    value: QuantityField | None = Field(None, description="value while the stimulus is on")
    factor: Annotated[float, Field(ge=0, le=1000)] | None = Field(
        None, description="or a factor on the resting value"
    )
    phases: Names = Field((), description="phases in which it is on")
    start: Time = Field(0.0, description="begin, counted from the begin of each of the phases")
    duration: PositiveTime | None = Field(None, description="how long; default: to the end of the phase")
    channel: Literal["cue", "context", "choice", "correct"] | Annotated[int, Field(ge=0, le=999)] | None = (
        Field(
            None,
            description="only the channel with this number, or with the number of the trial's cue, context, "
            "choice or correct action; default: all cells",
        )
    )
    cues: Names = Field((), description="only in trials with one of these cues; default: all")
    contexts: Names = Field((), description="only in trials with one of these contexts; default: all")
    event: Name | None = Field(None, description="only in trials with this event")


class TaskDecision(Section):
    """How spikes become a choice. Channel k of the population stands for action k."""

    phase: Name | None = Field(None, description="phase in which spikes are counted; the choice ends it")
    population: Name | None = Field(None, description="role, or population, whose channels decide")
    rule: Literal["fewest_spikes", "most_spikes", "race", "threshold"] | None = Field(
        None,
        description="fewest_spikes, most_spikes: by the spikes in the whole phase; race: the channel that "
        "first has so many `spikes`; threshold: the channel whose rate first exceeds `rate`",
    )
    spikes: Count | None = Field(None, description="of a race")
    rate: Rate | None = Field(None, description="of a threshold: mean rate of a channel's cells")
    window: PositiveTime = Field(0.05, description="of a threshold: time constant of the rate")


class TaskDrift(Section):
    """Probabilities that wander: after each trial that of every action takes a step, drawn beforehand."""

    sd: Annotated[float, Field(gt=0, le=1)] = Field(
        description="standard deviation of a step, which is normally distributed"
    )
    between: Annotated[tuple[Fraction, Fraction], Field(strict=False)] = Field(
        (0.0, 1.0), description="lowest and highest probability, at which walks are reflected"
    )


class TaskOutcome(Section):
    """What a choice earns. Entry d of a list belongs to the action d places after the correct one."""

    phase: Name | None = Field(None, description="phase at whose begin it comes")
    probability: Probabilities | None = Field(
        None, description="that the outcome is the `magnitude`, by action; one number without `actions`"
    )
    magnitude: Amount = Field(1.0, description="value of the outcome; negative for a punishment")
    otherwise: Amount = Field(0.0, description="value of the other outcome")
    omission: Amount = Field(0.0, description="value where no choice was made")
    drift: TaskDrift | None = Field(
        None,
        description="probabilities are those of the actions 0, 1, ... in the first trial and wander from "
        "there; the correct action is the one with the highest",
    )


class TaskBlock(Section):
    """Trials under the same rules. Blocks follow each other and begin again after the last one."""

    trials: Trials | Range | None = Field(
        None, description="how many, or [fewest, most], drawn anew each time"
    )
    reverse: bool = Field(False, description="the correct action moves by one place at the block's begin")
    reverse_every: Trials | Range | None = Field(
        None, description="and again after so many trials inside the block"
    )
    probability: Probabilities | None = Field(None, description="instead of that of `outcome`")
    cues: dict[Name, Share] = Field({}, description="shares of cues in this block")


class TaskReading(Section):
    """A value that the network keeps itself: the rate of some of its cells, when the outcome comes."""

    population: Name = Field(description="role, or population, whose rate is the value")
    rate: Rate = Field(description="mean rate of its cells that stands for the value 1")
    window: PositiveTime = Field(0.05, description="time constant of the rate")


class TaskCritic(Section):
    """The task's own values V and the prediction error r + gamma V' - V, limited to [-1, 1]."""

    states: Names = Field(
        (), description="phases at whose begin a state begins; the outcome ends the last one"
    )
    by: Annotated[tuple[Literal["cue", "context"], ...], Field(strict=False)] = Field(
        (), description="values are kept apart by cue, context or both"
    )
    learning_rate: Fraction = Field(0.1, description="V grows by this times the prediction error")
    discount: Fraction = Field(1.0, description="gamma, per state")
    initial: Annotated[float, Field(ge=-1000, le=1000)] = Field(0.5, description="V at first")
    read: TaskReading | None = Field(
        None, description="V is read from the network instead, as from the ventral striatum; with one state"
    )
    onset: bool = Field(
        False, description="the first state of a trial comes as a surprise of gamma V (else it is no event)"
    )
    uncertainty_rate: Fraction = Field(0.1, description="of the running mean of |prediction error|")
    volatility_rate: Fraction = Field(
        0.3, description="of the running means of prediction errors, one for each action, behind `volatility`"
    )
    reward_rate: Fraction = Field(0.05, description="of the running mean of outcomes")


class TaskDrive(Section):
    """A parameter of a population that follows a signal for a while, as the current into a nucleus does."""

    population: Name = Field(description="role of the task, or population of the experiment")
    parameter: ParameterPath = Field(description="what is changed; its template must allow it (`modulable`)")
    gain: QuantityField = Field(description="added to the resting value, per unit of the signal")
    duration: PositiveTime = Field(description="how long")


_SIGNALS = (
    "prediction_error, value, outcome, salience, novelty, expected_uncertainty, "
    "unexpected_uncertainty, volatility, average_outcome, or an event of the task"
)
Signal = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$"), Allowed(_SIGNALS, "name")]


class TaskWire(Section):
    """What tells a neuromodulator about the task: a signal, and the release or drive in proportion to it."""

    signal: Signal | None = Field(None, description=_SIGNALS)
    on: bool = Field(True, description="false cuts the wire; what it would carry is not logged either")
    phases: Names = Field(
        (), description="phases at whose begin it speaks; default: those where the signal arises"
    )
    release: dict[Name, dict[Name, Amount]] = Field(
        {}, description="modulator -> region -> what is added to the level, per unit of the signal"
    )
    drive: TaskDrive | None = Field(None, description="or what is done to a nucleus")


class Task(Section):
    """Everything that a task file and an experiment may say about a task."""

    actions: Annotated[int, Field(ge=0, le=MAX_ACTIONS)] | None = Field(
        None, description="number of choices; 0: none are made"
    )
    cues: dict[Name, TaskCue] = Field({}, description="what trials may be about")
    contexts: dict[Name, TaskContext] = Field({}, description="where trials may take place")
    events: dict[Name, TaskEvent] = Field({}, description="what happens in some trials only")
    phases: dict[Name, TaskPhase] = Field({}, description="the parts of a trial, in order")
    stimuli: dict[Name, TaskStimulus] = Field({}, description="what is done to populations in the phases")
    decision: TaskDecision | None = Field(None, description="how a choice is read")
    outcome: TaskOutcome | None = Field(None, description="what a choice earns")
    blocks: Annotated[tuple[TaskBlock, ...], Field(strict=False)] = Field(
        (), description="trials under other rules; default: one block"
    )
    critic: TaskCritic | None = Field(None, description="values and prediction errors of the task")
    wires: dict[Name, TaskWire] = Field({}, description="what tells neuromodulators about the task")


class ExperimentTask(Task):
    """The task of an experiment: a model, its populations here, and fields that differ from the model."""

    model: Name = Field(description="task in models/tasks")
    trials: Trials = Field(description="how many trials")
    start: Time = Field(0.0, description="begin of the first trial, in whole milliseconds")
    populations: dict[Name, Name | Names] = Field(
        {}, description="role of the task -> population, or list of populations (empty: nobody)"
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = Field(
        None, description="of the schedule; default: the seed of the experiment"
    )
