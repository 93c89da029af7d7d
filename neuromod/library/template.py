"""The kinds of model file and what each of them states; nothing here knows how a model is run.

Units are written in expressions where they are needed (`V/mV`). Besides its own parameters and state
variables an expression may use, by kind of model:

    neuron        I (the total input current, in derivatives and updates only), t, dt;
                  cos_phi and sin_phi where `pacemaker` is true
    synapse       V (the target's membrane potential); on_spike also weight and the transmitter's state,
                  and it may write V; an update also dt
    transmitter   t
    input         V, t, dt
    plasticity    third_factor m (the modulator's level); at_pre y, at_post x (traces of spikes)

`normal()`, `uniform()` and `poisson(mean)` are independent draws per cell and step; they are allowed in the
threshold and updates of neurons and in the updates and the jump of inputs. All right-hand sides of a step use
the values at its beginning.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from neuromod.config.network import Network, Section
from neuromod.config.values import DrawnField, Evidence, Name, PositiveTime, ValueField

Text = Annotated[str, Field(max_length=2000)]
UnitText = Annotated[str, Field(max_length=40)]


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


class PlasticityTemplate(Model):
    """A lazy three-factor rule with one eligibility trace per synapse.

    dc/dt = -c/tau + events, dw/dt = c D(t); D is `third_factor`, a function of the modulator level `m`.
    """

    kind: Literal["plasticity"]
    parameters: dict[Name, Parameter]
    pre_trace: Name = Field(description="parameter: time constant of the trace x of presynaptic arrivals")
    post_trace: Name = Field(description="parameter: time constant of the trace y of postsynaptic spikes")
    eligibility: Name = Field(description="parameter: time constant of the eligibility trace")
    third_factor: Text = Field(description="D, in 1/s; may use m")
    at_pre: Text = Field(description="added to the eligibility at a presynaptic arrival; may use y")
    at_post: Text = Field(description="added to the eligibility at a postsynaptic spike; may use x")
    bounds: tuple[Name, Name] = Field(strict=False, description="parameters: lowest and highest weight")
    rebase: PositiveTime = Field(0.1, description="interval at which all synapses are brought up to date")


class NeuromodulatorTemplate(Model):
    """A neuromodulator: its clearance per region."""

    kind: Literal["neuromodulator"]
    nucleus: str = ""
    decay: dict[Name, ValueField] = Field(description="region -> time constant of clearance")


class RegionTemplate(Model, Network):
    """Populations and local projections of one brain region."""

    kind: Literal["region"]


class CircuitTemplate(Model, Network):
    """Regions joined by long-range projections."""

    kind: Literal["circuit"]
    regions: tuple[Name, ...] = Field((), strict=False)


KINDS: dict[str, type[Model]] = {
    "neurons": NeuronTemplate,
    "synapses": SynapseTemplate,
    "inputs": InputTemplate,
    "plasticity": PlasticityTemplate,
    "neuromodulators": NeuromodulatorTemplate,
    "regions": RegionTemplate,
    "circuits": CircuitTemplate,
}
