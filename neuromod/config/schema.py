"""An experiment: one network, what is done to it, and what is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from neuromod.config.network import Count, Fraction, Network, Section
from neuromod.config.values import Name, PositiveTime, QuantityField, Rate, Time

FORMAT = 1
MAX_SEED = 2**31 - 1
Names = Annotated[tuple[Name, ...], Field(strict=False)]
Ids = Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(strict=False)]


class Stimulus(Section):
    """A timed change of one parameter of a population or of one of its inputs (`input.parameter`)."""

    population: Name
    parameter: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?$")]
    value: QuantityField = Field(description="value while the stimulus is on; end of the ramp")
    shape: Literal["pulse", "ramp"] = Field("pulse", description="ramp: linearly from the resting value, in 1 ms steps")
    start: Time
    duration: PositiveTime
    every: PositiveTime | None = Field(None, description="period of repetition")
    times: Count = 1
    channel: Annotated[int, Field(ge=0)] | None = Field(None, description="only neurons of this channel")
    fraction: Fraction | None = Field(None, description="only the first share of the (channel's) neurons")


class RecordRates(Section):
    """Population rates in fixed bins."""

    populations: Literal["all"] | Names = "all"
    bin: PositiveTime = 0.01


class RecordState(Section):
    """State variables or parameters of some neurons, sampled at a fixed interval."""

    population: Name
    variables: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)]
    neurons: Count | Ids = Field(10, description="how many (the first), or which")
    every: PositiveTime = 0.001


class RecordWeights(Section):
    """All weights of a projection at a fixed interval."""

    projection: str
    every: PositiveTime = 1.0


class RecordModulators(Section):
    """Levels of all modulator compartments at a fixed interval."""

    every: PositiveTime = 0.01


class Record(Section):
    """What is kept."""

    spikes: Literal["all", "none"] | Names = "all"
    rates: RecordRates | None = RecordRates()
    lfp: tuple[Name, ...] = Field((), strict=False, description="populations whose mean |I_AMPA| + |I_GABA| is kept (1 ms means)")
    states: tuple[RecordState, ...] = Field((), strict=False)
    weights: tuple[RecordWeights, ...] = Field((), strict=False)
    modulators: RecordModulators | None = RecordModulators()


class Guards(Section):
    """When a run is stopped or warned about. NaN and infinity always stop it."""

    rate_limit: Rate = Field(500.0, description="mean rate of a population over 100 ms that counts as runaway")
    silence: Literal["warn", "stop", "ignore"] = Field("warn", description="a population without a single spike")


class Experiment(Network):
    """The whole config file."""

    neuromod: Literal[1] = Field(description="format version of the config")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    description: str = ""
    circuit: Name | None = Field(None, description="circuit in models/circuits that the experiment starts from")
    regions: tuple[Name, ...] = Field((), strict=False, description="single regions to start from, instead of a circuit")
    models: tuple[str, ...] = Field((), strict=False, description="folders with own models, searched first; relative to the config")
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0
    duration: PositiveTime
    dt: PositiveTime = Field(1e-4, description="integration step")
    scale: Annotated[float, Field(gt=0, le=10_000)] = Field(1.0, description="factor on all sizes; in-degrees are kept")
    backend: Literal["auto", "cpp", "runtime"] = "auto"
    stimuli: dict[Name, Stimulus] = {}
    record: Record = Record()
    guards: Guards = Guards()
