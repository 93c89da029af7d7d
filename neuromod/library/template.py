"""The kinds of model file and what each of them states; nothing here knows how a model is run.

Units are written in expressions where they are needed (`V/mV`). Besides its own parameters and state
variables an expression may use, by kind of model:

    neuron        I (the total input current, in derivatives and updates only), t, dt;
                  cos_phi and sin_phi where `pacemaker` is true
    synapse       V (the target's membrane potential); on_spike also weight and the transmitter's state,
                  and it may write V; an update also dt
    transmitter   t
    input         V, t, dt
    plasticity    m (the level of the projection's modulator), rho_NAME (the drive of a receptor), cos_phi and
                  sin_phi (of the projection's pacemaker); statements and increments also w, own state, traces
                  and cell variables; at ticks `tick` (the interval) and no traces

`normal()`, `uniform()` and `poisson(mean)` are independent draws per cell and step; they are allowed in the
threshold and updates of neurons and in the updates and the jump of inputs. All right-hand sides of a step use
the values at its beginning.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from neuromod.config.network import Network, Section
from neuromod.config.task import Task
from neuromod.config.values import Allowed, DrawnField, Evidence, Name, PositiveTime, ValueField
from neuromod.library.slopes import SlopesField

Text = Annotated[str, Field(max_length=2000)]
UnitText = Annotated[str, Field(max_length=40)]
_WORD = "[A-Za-z][A-Za-z0-9_]{0,63}"
_END = rf"(\*|{_WORD})"
ProjectionPattern = Annotated[
    str,
    Field(pattern=rf"^{_END}->{_END}(:{_END})?$"),
    Allowed("SOURCE->TARGET or SOURCE->TARGET:tag, where * stands for any name", "name"),
]
EffectTarget = Annotated[
    str,
    Field(pattern=rf"^{_WORD}(\.{_WORD})?$"),
    Allowed("PARAMETER, INPUT.PARAMETER, RECEPTOR.current, release or plasticity.PARAMETER", "name"),
]


class Reference(Section):
    """A publication."""

    text: str
    doi: str = ""


class Parameter(Section):
    """A constant of a template: one number per neuron, unless all are equal."""

    unit: UnitText
    default: ValueField
    description: str
    modulable: bool = Field(False, description="may a neuromodulator or a stimulus change it during a run")
    slow: bool = Field(False, description="a biological time, divided by the slow_factor of a run")


class StateVariable(Section):
    """A variable that changes in time: by a differential equation, or by an explicit map per step."""

    unit: UnitText
    description: str = ""
    derivative: Text | None = None
    method: Literal["euler", "exponential"] = Field(
        "euler", description="exponential: exact, for derivatives (target - x)/tau and -x/tau"
    )
    update: Text | None = Field(None, description="value after a step, instead of a derivative")
    initial: DrawnField | None = Field(None, description="default: 0")
    held: bool = Field(False, description="does not move while the cell is refractory")


class Model(Section):
    """What every model file has."""

    kind: str
    title: str
    description: str = ""
    references: tuple[Reference, ...] = Field((), strict=False)
    evidence: Evidence
    extends: Name | None = Field(None, description="model of the same kind whose entries this one changes")


class NeuronTemplate(Model):
    """A cell: membrane equations, threshold, reset. Cells without `I` in any equation are spike sources."""

    kind: Literal["neuron"]
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    state: dict[Name, StateVariable] = Field(default_factory=dict)
    threshold: Text
    reset: tuple[Text, ...] = Field((), strict=False)
    refractory: Name | None = Field(None, description="parameter that holds the refractory period")
    pacemaker: bool = Field(False, description="uses cos_phi and sin_phi of a pacemaker")
    replay: bool = Field(False, description="fires at listed times")


class Transmitter(Section):
    """State kept once per source neuron and advanced when its spike arrives (saturating receptors)."""

    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    state: dict[Name, StateVariable]
    on_arrival: tuple[Text, ...] = Field(strict=False)


class SynapseTemplate(Model):
    """A receptor: its state on the target cell, the current it carries, and what an arriving spike does."""

    kind: Literal["synapse"]
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    state: dict[Name, StateVariable] = Field(default_factory=dict)
    current: Text | None = Field(None, description="current into the target cell, added to I")
    weight: UnitText = Field(description="unit of the weight")
    on_spike: tuple[Text, ...] = Field(strict=False, min_length=1)
    transmitter: Transmitter | None = None
    lfp: bool = Field(False, description="does |current| count in the LFP proxy")


class InputTemplate(Model):
    """Drive computed in every cell: a current, or jumps in every step.

    A jump is added to the first state variable of the receptor that the population names for the input;
    where it names none, to the membrane potential V.
    """

    kind: Literal["input"]
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    state: dict[Name, StateVariable] = Field(default_factory=dict)
    current: Text | None = None
    jump: Text | None = Field(None, description="added in every step to the receptor, or to V")


class PlasticityTrace(Section):
    """An exponential trace of spikes, dimensionless, kept once per cell."""

    of: Literal["pre", "post"] = Field(description="whose spikes it follows")
    tau: Name = Field(description="parameter: time constant")
    pairing: Literal["all_to_all", "nearest"] = Field(
        "all_to_all", description="a spike adds 1, or (nearest) sets the trace to 1"
    )
    initial: Text | None = Field(None, description="value at t = 0, of the parameters; default: 0")


class Eligibility(Section):
    """A trace c of each synapse, dc/dt = -c/tau + events, that a third factor turns into weight."""

    tau: Name = Field(description="parameter: time constant")
    at_pre: Text | None = Field(None, description="added at a presynaptic event, in the unit of the weight")
    at_post: Text | None = Field(None, description="added at a postsynaptic event, in the unit of the weight")
    converted: Text = Field(description="third factor D in 1/s: dw/dt = c D")


class RuleVariable(Section):
    """A variable of a rule, per synapse or per target cell, that only the rule's own statements change."""

    unit: UnitText
    description: str = ""
    initial: ValueField | None = Field(None, description="default: 0")


class PlasticityTemplate(Model):
    """A plasticity rule, computed only at spikes of either side and at ticks of simulated time.

    Between two events dw/dt is the sum of c D over all eligibilities, in closed form; everything else are
    statements at presynaptic events, postsynaptic events and ticks. `delay` says where the delay of the
    projection lies: `axonal`, a presynaptic spike acts at t + d and a postsynaptic one at t; `dendritic`, a
    presynaptic spike acts on the synapse at t (and is transmitted at t + d), a postsynaptic one at t + d.
    """

    kind: Literal["plasticity"]
    parameters: dict[Name, Parameter]
    delay: Literal["axonal", "dendritic"] = "axonal"
    traces: dict[Name, PlasticityTrace] = Field(default_factory=dict)
    eligibility: dict[Name, Eligibility] = Field(default_factory=dict)
    state: dict[Name, RuleVariable] = Field(default_factory=dict, description="variables of each synapse")
    cell: dict[Name, RuleVariable] = Field(default_factory=dict, description="variables of each target cell")
    at_pre: tuple[Text, ...] = Field((), strict=False, description="direct changes at presynaptic events")
    at_post: tuple[Text, ...] = Field((), strict=False, description="direct changes at postsynaptic events")
    tick: PositiveTime = Field(1.0, description="interval at which every synapse is brought up to date")
    at_tick: tuple[Text, ...] = Field((), strict=False, description="then, for each synapse")
    cell_tick: tuple[Text, ...] = Field((), strict=False, description="then, for each target cell")
    transmitted: Text | None = Field(None, description="what a spike transmits; default: w")
    bounds: tuple[Name, Name] = Field(strict=False, description="parameters: lowest and highest weight")


class Receptor(Section):
    """Occupancy m^n/(m^n + K^n) of a level m; the drive rho is 0 at the tonic level 1 and in [-1, 1]."""

    K: ValueField = Field(description="level of half occupancy, in units of the tonic level")
    n: ValueField = Field(description="Hill coefficient")
    messenger: ValueField | None = Field(
        None, description="time constant of a second messenger that low-passes the drive"
    )
    description: str = ""


class Effect(Section):
    """What a receptor does to a parameter p of populations or projections.

    `scale` k: p (1 + k rho), floor 0; `shift`: p + shift rho. With `above: a` the drive rho is replaced by
    (rho - a)/(1 - a) where it is larger than a, and by 0 elsewhere. A projection without a tag stands for
    all projections between its ends.
    """

    receptor: Name
    populations: tuple[Name, ...] = Field((), strict=False)
    projections: tuple[ProjectionPattern, ...] = Field((), strict=False)
    parameter: EffectTarget = Field(
        description="of a population PARAMETER, INPUT.PARAMETER or RECEPTOR.current; of a projection "
        "release or plasticity.PARAMETER"
    )
    scale: SlopesField | None = Field(
        None, description="k, or {rise, fall}: k where the drive is positive and where it is negative"
    )
    shift: ValueField | None = Field(None, description="in the unit of the parameter")
    above: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        None, description="drive beyond which the effect begins"
    )
    evidence: Evidence
    source: str = ""


class Uptake(Section):
    """Saturable clearance: m' = -vmax m/(km + m)."""

    vmax: ValueField
    km: ValueField = Field(description="in units of the tonic level")


class NeuromodulatorTemplate(Model):
    """A neuromodulator: how it is released and cleared, its receptors, and what they do."""

    kind: Literal["neuromodulator"]
    nucleus: str = ""
    tonic_rate: ValueField | None = Field(None, description="rate of its cells that gives the level 1")
    decay: dict[Name, ValueField] = Field(description="region -> time constant of clearance")
    slow: bool = Field(False, description="its times are biological, divided by the slow_factor of a run")
    rise: ValueField | None = Field(None, description="time constant at which released substance arrives")
    uptake: Uptake | None = Field(None, description="saturable clearance, where a compartment asks for it")
    states: dict[Name, ValueField] = Field(default_factory=dict, description="state of the animal -> level")
    receptors: dict[Name, Receptor] = Field(default_factory=dict)
    effects: tuple[Effect, ...] = Field((), strict=False)


class RegionTemplate(Model, Network):
    """Populations and local projections of one brain region."""

    kind: Literal["region"]


class CircuitTemplate(Model, Network):
    """Regions joined by long-range projections."""

    kind: Literal["circuit"]
    regions: tuple[Name, ...] = Field((), strict=False)


class TaskTemplate(Model, Task):
    """A behavioural task, played by whatever populations an experiment gives its roles to."""

    kind: Literal["task"]
    roles: dict[Name, Text] = Field(description="role -> what the populations do that have it")


KINDS: dict[str, type[Model]] = {
    "neurons": NeuronTemplate,
    "synapses": SynapseTemplate,
    "inputs": InputTemplate,
    "plasticity": PlasticityTemplate,
    "neuromodulators": NeuromodulatorTemplate,
    "regions": RegionTemplate,
    "circuits": CircuitTemplate,
    "tasks": TaskTemplate,
}
