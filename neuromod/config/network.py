"""What a network is made of, as it is written in regions, circuits and experiments alike.

Every field may be missing: a region gives populations, a circuit joins regions, an experiment changes single
fields of them. Whether a population is complete is decided when all are merged (`neuromod.plan.merge`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from neuromod.config.values import (
    Allowed,
    DrawnField,
    Evidence,
    Name,
    PositiveTime,
    Rate,
    Time,
    ValueField,
    Yes,
)

MAX_SIZE = 100_000_000
RULES = ("in_degree", "probability", "one_to_one", "all_to_all", "edges")
_NAME = "[A-Za-z][A-Za-z0-9_]{0,63}"

Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=MAX_SIZE)]
ProjectionName = Annotated[
    str,
    Field(pattern=rf"^{_NAME}->{_NAME}(:{_NAME})?$"),
    Allowed("SOURCE->TARGET or SOURCE->TARGET:tag, each part a name (letters, digits and _)", "name"),
]
RateRange = Annotated[tuple[Rate, Rate], Field(strict=False)]


class Section(BaseModel):
    """Base of every block in a file: strict, frozen, no unknown keys, no NaN."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Channels(Section):
    """Subgroups that stand for one action, cue or item each: consecutive neurons, the rest in none."""

    count: Annotated[int, Field(ge=1, le=1000)] = Field(description="number of channels")
    fraction: Fraction | None = Field(
        None, description="share of the population in each channel; default: even split"
    )


class Input(Section):
    """Drive that every neuron of the population receives on its own."""

    input: Name | None = Field(None, description="input template in models/inputs, for example poisson or ou")
    receptor: Name | None = Field(
        None, description="receptor that the input acts on, where the template needs one"
    )
    parameters: dict[Name, ValueField] = Field(
        {}, description="template parameters that differ from their default"
    )


class Population(Section):
    """A named set of like neurons (or of spike sources)."""

    neuron: Name | None = Field(None, description="neuron template in models/neurons")
    size: Count | None = Field(None, description="number of neurons at scale 1")
    region: Name | None = Field(None, description="region whose neuromodulators reach the population")
    description: str = Field("", description="what it is, in words")
    evidence: Evidence | None = Field(None, description="how well the numbers are supported")
    source: str = Field("", description="where the numbers come from")
    parameters: dict[Name, ValueField] = Field(
        {}, description="template parameters that differ from their default"
    )
    receptors: dict[Name, dict[Name, ValueField]] = Field({}, description="receptor -> its parameters here")
    heterogeneity: dict[Name, ValueField] = Field(
        {}, description="parameter -> standard deviation over neurons, with unit or in %"
    )
    initial: dict[Name, DrawnField] = Field(
        {}, description="state variable -> value or distribution at t = 0"
    )
    inputs: dict[Name, Input] = Field({}, description="drives that every neuron receives on its own")
    channels: Channels | None = Field(None, description="subgroups for actions, cues or items")
    pacemaker: Name | None = Field(None, description="pacemaker that phase-locked cells follow")
    spikes: str | None = Field(
        None, description="file with the spikes of a replay population (SONATA .h5 or .csv)"
    )
    spikes_population: Name | None = Field(None, description="population inside the SONATA file")
    target_rate: RateRange | None = Field(None, description="[low, high] rate that the summary compares with")
    target_evidence: Evidence | None = Field(None, description="how well the target is supported")
    target_source: str = Field("", description="where the target comes from")
    rate_limit: Rate | None = Field(
        None, description="the run stops when the mean rate over 100 ms exceeds it"
    )


class Connect(Section):
    """How source and target neurons are paired; exactly one rule."""

    in_degree: Count | None = Field(
        None, description="this many distinct sources per target, kept when sizes scale"
    )
    probability: Fraction | None = Field(None, description="each pair with this probability at scale 1")
    one_to_one: Yes | None = Field(None, description="neuron k to neuron k of an equally large population")
    all_to_all: Yes | None = Field(None, description="every pair")
    edges: str | None = Field(None, description="SONATA edges file (.h5)")
    edges_population: Name | None = Field(None, description="population of edges inside the SONATA file")
    channels: Literal["same", "other", "any"] = Field(
        "any", description="pairs only neurons of the same channel, of different channels, or any"
    )
    autapses: bool = Field(False, description="may a neuron project to itself")

    @property
    def rule(self) -> str:
        """Name of the rule given, empty when none or several are given."""
        given = [rule for rule in RULES if getattr(self, rule) is not None]
        return given[0] if len(given) == 1 else ""


def _one_rule(connect: Connect) -> Connect:
    given = [rule for rule in RULES if getattr(connect, rule) is not None]
    if len(given) != 1:
        got = " and ".join(given) or "no rule"
        raise ValueError(f"got {got}, allowed is exactly one of {', '.join(RULES)}")
    if connect.edges_population is not None and connect.edges is None:
        raise ValueError(f"got edges_population with {given[0]}, allowed is only with edges")
    return connect


class ChannelWeights(Section):
    """Factors on the weight by channel of source and target (working-memory assemblies: w+ and w-)."""

    same: Annotated[float, Field(ge=0, le=100)] = Field(1.0, description="source and target in one channel")
    different: Annotated[float, Field(ge=0, le=100)] = Field(1.0, description="in different channels")


class PlasticityRule(Section):
    """A rule that changes the weights of a projection, and the signals that it follows."""

    rule: Name | None = Field(None, description="rule template in models/plasticity")
    modulator: Name | None = Field(None, description="neuromodulator whose level the rule calls m")
    region: Name | None = Field(
        None, description="region whose modulator levels and receptors it follows; default: the target's"
    )
    pacemaker: Name | None = Field(None, description="pacemaker whose phase the rule follows")
    tick: PositiveTime | None = Field(
        None, description="interval at which every synapse is brought up to date; default: the template's"
    )
    parameters: dict[Name, ValueField] = Field(
        {}, description="template parameters that differ from their default"
    )


class Plasticity(PlasticityRule):
    """The rule of a projection, and further ones that act on the same weights after it."""

    also: tuple[PlasticityRule, ...] = Field((), strict=False, description="further rules, in order")


class Projection(Section):
    """Synapses between two populations; the key is `SOURCE->TARGET`, with `:tag` when there are several."""

    receptor: Name | None = Field(None, description="synapse template in models/synapses")
    connect: Annotated[Connect, AfterValidator(_one_rule)] | None = Field(
        None, description="how neurons are paired"
    )
    weight: DrawnField | None = Field(None, description="weight of a synapse, in the unit of the receptor")
    delay: DrawnField | None = Field(None, description="time from a spike to its arrival")
    channel_weights: ChannelWeights | None = Field(
        None, description="factors on the weight within and between channels"
    )
    plasticity: Plasticity | None = Field(None, description="rule that changes the weights during the run")
    description: str = Field("", description="what it is, in words")
    evidence: Evidence | None = Field(None, description="how well the numbers are supported")
    source: str = Field("", description="where the numbers come from")


class Jitter(Section):
    """The frequency wanders: relative deviations of an Ornstein-Uhlenbeck process."""

    sd: Annotated[float, Field(ge=0, le=1)] = Field(description="standard deviation, as a share of it")
    tau: PositiveTime = Field(description="how long a deviation lasts")


class Reset(Section):
    """Spikes pull the phase towards one: each moves it by gain/size sin(phase - phi)."""

    population: Name | None = Field(None, description="population whose spikes pull")
    gain: Annotated[float, Field(ge=0, le=3)] = Field(
        1.0, description="pull in radians when every cell fires once, a quarter of a cycle away"
    )
    phase: Annotated[float, Field(ge=-7, le=7)] = Field(0.0, description="phase that they pull to, radians")
    delay: Time = Field(0.0, description="time from a spike to its pull")


class Follow(Section):
    """The phase is that of a population's rate, found by a causal resonator; there is no clock."""

    population: Name | None = Field(None, description="population whose spikes are followed")
    phase: Annotated[float, Field(ge=-7, le=7)] = Field(
        0.0, description="phase, in radians, at which the population fires most"
    )
    quality: Annotated[float, Field(gt=0.5, le=100)] = Field(
        2.0, description="Q of the resonator, which is centred on the frequency"
    )
    least: Rate = Field(
        10.0, description="amplitude of the rate below which cos and sin of the phase shrink towards 0"
    )
    delay: Time = Field(0.0, description="time from a spike to the resonator")


class Pacemaker(Section):
    """A rhythm that phase-locked cells and rules follow: phase' = 2 pi frequency, or that of a population."""

    frequency: Rate | None = Field(None, description="cycles per second")
    phase: Annotated[float, Field(ge=-7, le=7)] = Field(0.0, description="phase at t = 0 in radians")
    jitter: Jitter | None = Field(None, description="irregular frequency; default: none")
    reset: Reset | None = Field(None, description="feedback of a population on the phase; default: none")
    follows: Follow | None = Field(
        None, description="take the phase from a population instead, at about this frequency; default: do not"
    )


class Pulse(Section):
    """Additions to a modulator level, as by a burst of its nucleus."""

    at: Time = Field(description="time of the (first) addition")
    amount: Annotated[float, Field(ge=-1000, le=1000)] = Field(description="what is added to the level")
    every: PositiveTime | None = Field(None, description="period of repetition")
    times: Count = Field(1, description="number of additions")


Level = Annotated[float, Field(ge=0, le=1000)]


class Ramp(Section):
    """The tonic level moves linearly to a new one and stays there."""

    at: Time = Field(description="time at which it begins to move")
    level: Level = Field(description="new tonic level")
    duration: Time = Field(0.0, description="how long it takes; 0 s: at once")


class CompartmentReceptor(Section):
    """A receptor of one compartment, where it differs from the model."""

    K: Annotated[float, Field(gt=0, le=1000)] | None = Field(None, description="level of half occupancy")
    n: Annotated[float, Field(gt=0, le=10)] | None = Field(None, description="Hill coefficient")
    messenger: Time | None = Field(None, description="time constant of the second messenger; 0 s: none")
    block: Fraction = Field(0.0, description="share of the receptors that an antagonist or lesion takes away")


class Autoreceptor(Section):
    """Release falls when the level rises: release (1 - strength rho), floor 0; rho is 0 at the level 1."""

    receptor: Name = Field(description="receptor of this neuromodulator")
    strength: Annotated[float, Field(ge=0, le=100)] = Field(description="how strongly its drive acts")


class Uptake(Section):
    """Saturable clearance m' = -vmax m/(km + m), instead of the exponential one."""

    vmax: Rate | None = Field(None, description="default: from the model file")
    km: Annotated[float, Field(gt=0, le=1000)] | None = Field(
        None, description="default: from the model file"
    )


class Shuffle(Section):
    """The level of an earlier run with its trials in another order."""

    results: str = Field(
        description="results of the earlier run, relative to the config; {seed} stands for the seed"
    )
    trial: PositiveTime = Field(description="length of a trial, a multiple of the recorded interval")
    start: Time = Field(0.0, description="begin of the first trial")


class Compartment(Section):
    """One neuromodulator in one region. Level 1 is the tonic level of quiet waking."""

    level: Level | None = Field(None, description="tonic level; default: 1")
    decay: PositiveTime | None = Field(
        None,
        description="time constant of clearance; default: from the model file. Of a slow neuromodulator: in "
        "biological time",
    )
    rise: PositiveTime | None = Field(
        None,
        description="time constant with which what is released arrives; default: from the model file, or at "
        "once",
    )
    uptake: Uptake | None = Field(None, description="saturable clearance instead of the exponential one")
    nucleus: Name | None = Field(
        None, description="population whose spikes release it and keep the tonic level up"
    )
    tonic_rate: Rate | None = Field(
        None, description="rate of the nucleus that gives the tonic level; default: from the model file"
    )
    delay: Time = Field(0.0, description="time from a spike of the nucleus to the release")
    autoreceptor: Autoreceptor | None = Field(None, description="receptor that limits the release")
    pulses: tuple[Pulse, ...] = Field((), strict=False, description="additions to the level")
    ramps: tuple[Ramp, ...] = Field((), strict=False, description="changes of the tonic level")
    receptors: dict[Name, CompartmentReceptor] = Field(
        {}, description="receptors that differ from the model here"
    )
    effects: bool = Field(True, description="do its receptors act on parameters (rules follow them anyway)")
    dose: Annotated[float, Field(ge=0, le=1000)] = Field(
        1.0, description="factor on the tonic level and on everything released"
    )
    clamp: Level | None = Field(None, description="the level stays here, whatever is released")
    lesion: bool = Field(False, description="the level stays 0")
    mean_clamp: str | None = Field(
        None,
        description="results of an earlier run, relative to the config: the level stays at its mean there; "
        "{seed} stands for the seed",
    )
    shuffle: Shuffle | None = Field(None, description="the level of an earlier run with its trials permuted")


class Network(Section):
    """Populations, projections, pacemakers and modulators of a region, circuit or experiment."""

    populations: dict[Name, Population] = Field({}, description="neurons and spike sources")
    projections: dict[ProjectionName, Projection] = Field({}, description="synapses between populations")
    pacemakers: dict[Name, Pacemaker] = Field({}, description="rhythms that phase-locked cells follow")
    modulators: dict[Name, dict[Name, Compartment]] = Field(
        {}, description="modulator -> region -> compartment"
    )
