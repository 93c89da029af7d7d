"""An experiment: one network, what is done to it, and what is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from neuromod.config.network import Count, Fraction, Network, ProjectionName, Section
from neuromod.config.task import ExperimentTask, ParameterPath
from neuromod.config.values import (
    Allowed,
    DrawnField,
    Name,
    One,
    PositiveTime,
    QuantityField,
    Rate,
    Time,
)

FORMAT = 1
MAX_SEED = 2**31 - 1
Names = Annotated[tuple[Name, ...], Field(strict=False)]
Ids = Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(strict=False)]
ExperimentName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,63}$"),
    Allowed("a name (a small letter, then small letters, digits or _, at most 64 in all)", "name"),
]
SynapseVariableName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}(\.[A-Za-z][A-Za-z0-9_]{0,63})?$"),
    Allowed("NAME of a variable, or RULE.NAME", "name"),
]


class Stimulus(Section):
    """A timed change of one parameter of a population or of one of its inputs (`input.parameter`)."""

    population: Name = Field(description="population that is stimulated")
    parameter: ParameterPath = Field(description="what is changed; its template must allow it (`modulable`)")
    value: QuantityField = Field(description="value while the stimulus is on; end of the ramp")
    shape: Literal["pulse", "ramp"] = Field(
        "pulse", description="ramp: linearly from the resting value, in 1 ms steps"
    )
    start: Time = Field(description="begin of the (first) stimulus")
    duration: PositiveTime = Field(description="how long the stimulus is on")
    every: PositiveTime | None = Field(None, description="period of repetition")
    times: Count = Field(1, description="number of stimuli")
    channel: Annotated[int, Field(ge=0)] | None = Field(None, description="only neurons of this channel")
    fraction: Fraction | None = Field(None, description="only the first share of the (channel's) neurons")


class RecordRates(Section):
    """Population rates in fixed bins."""

    populations: Literal["all"] | Names = Field("all", description="which populations")
    bin: PositiveTime = Field(0.01, description="width of a bin, a multiple of dt")


class RecordState(Section):
    """State variables or parameters of some neurons, sampled at a fixed interval."""

    population: Name = Field(description="population of the neurons")
    variables: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)] = Field(
        description="state variables and parameters of the neuron template"
    )
    neurons: Count | Ids = Field(10, description="how many (the first), or which (counted from 0)")
    every: PositiveTime = Field(0.001, description="interval of sampling, a multiple of dt")


class RecordWeights(Section):
    """Weights of a projection at a fixed interval, and what its rules keep at the same synapses."""

    projection: ProjectionName = Field(description="projection whose weights are kept")
    variables: Annotated[tuple[SynapseVariableName, ...], Field(strict=False)] = Field(
        (),
        description="eligibilities and states of its rules that are kept with the weights, and "
        "`transmitted`, where a rule says what a spike transmits; RULE.NAME where several have the name",
    )
    synapses: Count | Ids | None = Field(
        None,
        description="how many (the first, which are those of the first target neurons), or which (counted "
        "from 0); default: all",
    )
    every: PositiveTime = Field(1.0, description="interval of sampling, a multiple of dt")


class RecordModulators(Section):
    """Levels of all modulator compartments, and drives of receptors, at a fixed interval."""

    every: PositiveTime = Field(0.01, description="interval of sampling, a multiple of dt")
    drives: Literal["used", "none"] | Names = Field(
        "used", description="receptors whose drive is kept; used: those that an effect or a rule follows"
    )


class Record(Section):
    """What is kept."""

    spikes: Literal["all", "none"] | Names = Field("all", description="populations whose spikes are kept")
    rates: RecordRates | None = Field(RecordRates(), description="population rates; null: none")
    lfp: Names = Field((), description="populations whose mean |I_AMPA| + |I_GABA| is kept (1 ms means)")
    states: tuple[RecordState, ...] = Field((), strict=False, description="traces of single neurons")
    weights: tuple[RecordWeights, ...] = Field((), strict=False, description="synaptic weights over time")
    modulators: RecordModulators | None = Field(
        RecordModulators(), description="levels of neuromodulators; null: none"
    )


class Guards(Section):
    """When a run is stopped or warned about. NaN and infinity always stop it."""

    rate_limit: Rate = Field(
        500.0, description="mean rate of a population over 100 ms that counts as runaway and stops the run"
    )
    silence: Literal["warn", "stop", "ignore"] = Field(
        "warn", description="what happens at the end when a population has not fired a single spike"
    )


class Checkpoints(Section):
    """When the state is saved from which a run can go on. At a stop and at the end it is always saved."""

    every: PositiveTime = Field(300.0, description="interval between two checkpoints")
    clock: Literal["wall", "simulated"] = Field("wall", description="what the interval is measured in")
    keep: Annotated[int, Field(ge=2, le=1_000_000)] = Field(2, description="how many are kept, the newest")


class StateChange(Section):
    """A state of the animal: the tonic level of each neuromodulator that knows it moves to its level there.

    Where a nucleus keeps up the level, the release by its spikes changes.
    """

    at: Time = Field(description="time at which the state begins")
    state: Name = Field(description="name of a state in the model files, for example nrem")
    duration: Time = Field(0.0, description="how long the levels take to get there")


class Advance(Section):
    """Hours of rest that are not stepped through: nothing fires, and what is slow moves on all the same.

    What is slow passes duration/slow_factor of simulated time; what is fast comes to rest.
    """

    at: PositiveTime = Field(
        description="simulated time at which it happens, a multiple of dt; later than the advance before it"
    )
    duration: PositiveTime = Field(description="how long it lasts, in biological time, for example 8 h")


class Coincidence(Section):
    """A spike of one neuron after the last spike of another; two in the same step do not count."""

    first: tuple[Name, Annotated[int, Field(ge=0)]] = Field(strict=False, description="[population, neuron]")
    then: tuple[Name, Annotated[int, Field(ge=0)]] = Field(strict=False, description="[population, neuron]")
    within: PositiveTime = Field(description="longest time between the two")


class SpikeCount(Section):
    """So many spikes of some neurons within a window; windows follow each other from the start, and each
    triggers at most once, when the number is reached.
    """

    population: Name = Field(description="whose spikes are counted")
    neurons: Count | Ids | None = Field(None, description="how many (the first), or which; default: all")
    spikes: Count = Field(description="spikes in a window that trigger")
    window: PositiveTime = Field(description="length of the windows")


class Trigger(Section):
    """Release of neuromodulators that the activity of named neurons brings about, as a reward does."""

    coincidence: Coincidence | None = Field(None, description="either a coincidence")
    count: SpikeCount | None = Field(None, description="or a number of spikes")
    release: dict[Name, dict[Name, Annotated[float, Field(ge=-1000, le=1000)]]] = Field(
        description="modulator -> region -> what is added to the level"
    )
    delay: DrawnField | None = Field(
        None,
        description="time from the event to the release, fixed or drawn anew each time (uniform, lognormal); "
        "at least one step",
    )
    start: Time = Field(0.0, description="no event counts before")
    stop: PositiveTime | None = Field(None, description="no event counts after; default: the end")


class Experiment(Network):
    """The whole config file."""

    neuromod: One = Field(description="format version of the config")
    name: ExperimentName = Field(description="name of the experiment and of its folder in runs/")
    description: str = Field("", description="what the experiment is about, in words")
    circuit: Name | None = Field(
        None, description="circuit in models/circuits that the experiment starts from"
    )
    regions: Names = Field(
        (), description="single regions in models/regions to start from, instead of a circuit"
    )
    models: tuple[str, ...] = Field(
        (), strict=False, description="folders with own models, searched first; relative to the config"
    )
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = Field(0, description="seed of all random numbers")
    duration: PositiveTime = Field(description="simulated time, a multiple of dt")
    dt: PositiveTime = Field(1e-4, description="integration step, from 1 us to 10 ms")
    scale: Annotated[float, Field(gt=0, le=10_000)] = Field(
        1.0, description="factor on all sizes; in-degrees are kept"
    )
    backend: Literal["auto", "cpp", "cuda", "runtime"] = Field(
        "auto",
        description="cpp: a compiled program; cuda: one for an NVIDIA GPU; runtime: Brian2 with numpy; "
        "auto: cpp if there is a compiler",
    )
    precision: Literal["double", "single"] = Field(
        "double", description="of the state of plastic synapses; everything else is double"
    )
    slow_factor: Annotated[float, Field(ge=1, le=100_000)] = Field(
        60.0, description="slow biological times (hormones, proteins, late plasticity) pass so much faster"
    )
    states: tuple[StateChange, ...] = Field((), strict=False, description="wake and sleep, in order")
    advances: tuple[Advance, ...] = Field(
        (), strict=False, description="hours of rest between parts of the run, in order"
    )
    triggers: dict[Name, Trigger] = Field({}, description="releases that spikes bring about")
    stimuli: dict[Name, Stimulus] = Field({}, description="timed changes of parameters")
    task: ExperimentTask | None = Field(None, description="a task that the network plays in a closed loop")
    record: Record = Field(Record(), description="what is kept")
    guards: Guards = Field(Guards(), description="when the run is stopped or warned about")
    warm_start: str | None = Field(
        None,
        description="an earlier run of the same network, or one of its checkpoints, relative to the config: "
        "its (last) state is the initial one; time begins at 0",
    )
    checkpoint: Checkpoints | None = Field(
        Checkpoints(), description="saving of the state; null: never, also not at a stop"
    )
