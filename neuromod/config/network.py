"""What a network is made of, as it is written in regions, circuits and experiments alike.

Every field may be missing: a region gives populations, a circuit joins regions, an experiment changes single fields of them.
Whether a population is complete is decided when all layers are merged (`neuromod.plan.merge`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from neuromod.config.values import DrawnField, Evidence, Name, PositiveTime, Rate, Time, ValueField

MAX_SIZE = 100_000_000
Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, le=MAX_SIZE)]
ProjectionName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*->[A-Za-z][A-Za-z0-9_]*(:[A-Za-z][A-Za-z0-9_]*)?$")]
RateRange = Annotated[tuple[Rate, Rate], Field(strict=False)]


class Section(BaseModel):
    """Base of every block in a file: strict, frozen, no unknown keys, no NaN."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class Channels(Section):
    """Subgroups of a population that stand for one action, cue or item each; consecutive neurons, the rest in none."""

    count: Annotated[int, Field(ge=1, le=1000)]
    fraction: Fraction | None = Field(None, description="share of the population in each channel; default: even split")


class Input(Section):
    """Drive that every neuron of the population receives on its own."""

    input: Name | None = Field(None, description="input template, for example poisson or ou")
    receptor: Name | None = Field(None, description="receptor that the input acts on, where the template needs one")
    parameters: dict[Name, ValueField] = {}


class Population(Section):
    """A named set of like neurons (or of spike sources)."""

    neuron: Name | None = Field(None, description="neuron template in models/neurons")
    size: Count | None = Field(None, description="number of neurons at scale 1")
    region: Name | None = Field(None, description="region whose neuromodulators reach the population")
    description: str = ""
    evidence: Evidence | None = None
    source: str = ""
    parameters: dict[Name, ValueField] = Field({}, description="template parameters that differ from their default")
    receptors: dict[Name, dict[Name, ValueField]] = Field({}, description="receptor -> its parameters here")
    heterogeneity: dict[Name, ValueField] = Field({}, description="standard deviation over neurons, with unit or in %")
    initial: dict[Name, DrawnField] = Field({}, description="state variable -> value or distribution at t = 0")
    inputs: dict[Name, Input] = {}
    channels: Channels | None = None
    pacemaker: Name | None = Field(None, description="pacemaker that phase-locked cells follow")
    spikes: str | None = Field(None, description="file with the spikes of a replay population (SONATA .h5 or .csv)")
    spikes_population: Name | None = Field(None, description="population inside the SONATA file")
    target_rate: RateRange | None = Field(None, description="[low, high] rate that the summary compares with")
    rate_limit: Rate | None = Field(None, description="the run stops when the mean rate over 100 ms exceeds it")


class Connect(Section):
    """How source and target neurons are paired; exactly one rule."""

    in_degree: Count | None = Field(None, description="this many distinct sources per target, kept when sizes scale")
    probability: Fraction | None = Field(None, description="each pair with this probability at scale 1")
    one_to_one: Literal[True] | None = None
    all_to_all: Literal[True] | None = None
    edges: str | None = Field(None, description="SONATA edges file (.h5)")
    edges_population: Name | None = None
    channels: Literal["same", "other", "any"] = "any"
    autapses: bool = Field(False, description="may a neuron project to itself")

    @property
    def rule(self) -> str:
        """Name of the rule given, empty when none or several are given."""
        given = [r for r in ("in_degree", "probability", "one_to_one", "all_to_all", "edges") if getattr(self, r) is not None]
        return given[0] if len(given) == 1 else ""


def _one_rule(connect: Connect) -> Connect:
    if not connect.rule:
        raise ValueError("got no rule or several, allowed is exactly one of in_degree, probability, one_to_one, all_to_all, edges")
    return connect


class ChannelWeights(Section):
    """Factors on the weight by channel of source and target (working-memory assemblies: w+ and w-)."""

    same: Annotated[float, Field(ge=0, le=100)] = 1.0
    different: Annotated[float, Field(ge=0, le=100)] = 1.0


class Plasticity(Section):
    """Which rule changes the weights of a projection, and the neuromodulator it follows."""

    rule: Name | None = None
    modulator: Name | None = None
    region: Name | None = Field(None, description="region whose modulator level is the third factor; default: the target's")
    parameters: dict[Name, ValueField] = {}


class Projection(Section):
    """Synapses from one population to another; the key is `SOURCE->TARGET`, with `:tag` when there are several."""

    receptor: Name | None = Field(None, description="synapse template in models/synapses")
    connect: Annotated[Connect, AfterValidator(_one_rule)] | None = None
    weight: DrawnField | None = None
    delay: DrawnField | None = None
    channel_weights: ChannelWeights | None = None
    plasticity: Plasticity | None = None
    description: str = ""
    evidence: Evidence | None = None
    source: str = ""


class Pacemaker(Section):
    """A rhythm that phase-locked cells follow: phase' = 2 pi frequency."""

    frequency: Rate | None = None
    phase: Annotated[float, Field(ge=-7, le=7)] = Field(0.0, description="phase at t = 0 in radians")


class Pulse(Section):
    """Additions to a modulator level, as by a burst of its nucleus."""

    at: Time
    amount: Annotated[float, Field(ge=-1000, le=1000)]
    every: PositiveTime | None = None
    times: Count = 1


class Compartment(Section):
    """One neuromodulator in one region. Level 1 is the tonic level of quiet waking."""

    level: Annotated[float, Field(ge=0, le=1000)] | None = Field(None, description="tonic level")
    decay: PositiveTime | None = Field(None, description="time constant of clearance; default: from the model file")
    pulses: tuple[Pulse, ...] = Field((), strict=False)


class Network(Section):
    """Populations, projections, pacemakers and modulators of a region, circuit or experiment."""

    populations: dict[Name, Population] = {}
    projections: dict[ProjectionName, Projection] = {}
    pacemakers: dict[Name, Pacemaker] = {}
    modulators: dict[Name, dict[Name, Compartment]] = Field({}, description="modulator -> region -> compartment")
