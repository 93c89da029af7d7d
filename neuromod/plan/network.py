"""The expanded network: all populations and projections with their numbers, not yet how they are computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuromod.config.network import Projection
from neuromod.config.schema import Experiment
from neuromod.library.template import (
    InputTemplate,
    NeuronTemplate,
    PlasticityTemplate,
    SynapseTemplate,
)
from neuromod.plan.task_plan import TaskPlan

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Numbers = float | Floats
"""One SI number for the whole population, or an array (size,) float64."""


@dataclass(frozen=True)
class ReceptorPlan:
    """A receptor on a population: template and its parameters there (SI)."""

    name: str
    template: SynapseTemplate
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class InputPlan:
    """A drive into every cell of a population."""

    name: str
    template_name: str
    template: InputTemplate
    receptor: str | None
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class PopulationPlan:
    """Like cells, at their final size.

    `channel` is (size,) int32 with -1 for none; `initial` maps each state variable to (size,) SI values.
    `explicit` names the parameters that a model or config set (the others are at the template's default).
    """

    name: str
    size: int
    region: str
    template_name: str
    template: NeuronTemplate
    parameters: Mapping[str, Numbers]
    explicit: frozenset[str]
    receptors: Mapping[str, ReceptorPlan]
    inputs: Mapping[str, InputPlan]
    initial: Mapping[str, Floats]
    channel: Ints
    pacemaker: str | None = None
    target_rate: tuple[float, float] | None = None
    target_evidence: str = ""
    target_source: str = ""
    rate_limit: float | None = None
    description: str = ""


@dataclass(frozen=True)
class RulePlan:
    """A plasticity rule on a projection: template, SI parameters, and the signals it follows.

    `modulator`, `region` and `pacemaker` are empty where the rule needs none; `tick` is in seconds. `bounds`:
    lowest and highest weight (SI) of the projection, the narrowest of all its rules.
    """

    name: str
    template: PlasticityTemplate
    parameters: Mapping[str, float]
    modulator: str
    region: str
    pacemaker: str
    tick: float
    bounds: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class ProjectionPlan:
    """Synapses from `source` to `target`; `count` is exact for fixed rules, expected for random ones.

    `spec` is what the merged configuration says; `edges_file` is the file that it names, found and checked.
    """

    name: str
    source: str
    target: str
    receptor: str
    count: float
    uniform_delay: float | None
    rules: tuple[RulePlan, ...] = ()
    spec: Projection = field(default_factory=Projection)
    edges_file: Path | None = None


@dataclass(frozen=True)
class Edges:
    """The synapses of a projection: local indices (n,) int32, weights and delays (n,) float64 in SI units."""

    i: Ints
    j: Ints
    weight: Floats
    delay: Floats


@dataclass(frozen=True)
class ReceptorDrive:
    """A receptor in a compartment: half occupancy K, Hill coefficient n, share that is blocked, time constant
    of the second messenger (s; 0: none).
    """

    K: float
    n: float
    block: float = 0.0
    messenger: float = 0.0


@dataclass(frozen=True)
class UptakePlan:
    """Saturable clearance m' = -vmax m/(km + m): vmax in 1/s, km in units of the tonic level."""

    vmax: float
    km: float


@dataclass(frozen=True)
class ReleasePlan:
    """Release by the spikes of a nucleus of `size` cells.

    `rate` (Hz) per cell keeps up the level 1; spikes act after `delay` (s). Where there is an `autoreceptor`,
    release is multiplied by max(0, 1 - strength rho).
    """

    nucleus: str
    size: int
    rate: float
    delay: float
    autoreceptor: str = ""
    strength: float = 0.0


@dataclass(frozen=True)
class TonicMove:
    """The tonic level begins to move at `at` (s) and is `level` from `at + duration` on; `key` is where it
    says so.
    """

    key: tuple[str | int, ...]
    at: float
    level: float
    duration: float


@dataclass(frozen=True)
class CompartmentPlan:
    """One neuromodulator in one region: tonic level, clearance, receptors, and what is done to it.

    `level` is the tonic level at t = 0, before `dose`; `decay` and `rise` (0: none) are time constants (s),
    of a `slow` one after its acceleration; where there is an `uptake`, `decay` has no meaning. With `held`
    the level stays where it is, `level` at first; `trace` gives further levels (n,) and the steps (n,) from
    which on they hold.
    """

    modulator: str
    region: str
    level: float
    decay: float
    receptors: Mapping[str, ReceptorDrive] = field(default_factory=dict)
    rise: float = 0.0
    uptake: UptakePlan | None = None
    release: ReleasePlan | None = None
    moves: tuple[TonicMove, ...] = ()
    dose: float = 1.0
    held: bool = False
    slow: bool = False
    trace: tuple[NDArray[np.int64], Floats] | None = None


@dataclass(frozen=True)
class DelayPlan:
    """Delay of a trigger in steps: low + (high - low) u, or lognormal: exp(centre + width z)."""

    low: float = 0.0
    high: float = 0.0
    centre: float = 0.0
    width: float = 0.0
    lognormal: bool = False


@dataclass(frozen=True)
class TriggerPlan:
    """Release that spikes bring about.

    A coincidence joins the cells `first` and `then` (population, cell); a count needs `spikes` spikes of
    `cells` of `population` in a window. `longest`, `window`, `start` and `stop` are in steps; `release` maps
    compartments `modulator.region` to amounts, before their dose.
    """

    name: str
    release: Mapping[str, float]
    delay: DelayPlan
    start: int
    stop: int
    first: tuple[str, int] | None = None
    then: tuple[str, int] | None = None
    longest: int = 0
    population: str = ""
    cells: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    spikes: int = 0
    window: int = 1


@dataclass(frozen=True)
class EffectPlan:
    """What a receptor does to one variable of a population or projection (`owner`).

    `variable` as in the model file (`gL`, `background.rate`, `nmda.current`, `release`, `plasticity.A_plus`).
    `shift`: added to it, in SI units, otherwise it is a factor. `rise` and `fall`: per unit of a positive and
    of a negative drive; `above`: drive at which the effect begins.
    """

    owner: str
    variable: str
    receptor: str
    region: str
    shift: bool
    rise: float
    fall: float
    above: float = 0.0


@dataclass(frozen=True)
class JitterPlan:
    """Relative deviations of a frequency: standard deviation and correlation time (s)."""

    sd: float
    tau: float


@dataclass(frozen=True)
class ResetPlan:
    """Pull of a population's spikes: `gain` (rad, all cells once) towards `phase` (rad), `delay` in s."""

    population: str
    gain: float
    phase: float
    delay: float


@dataclass(frozen=True)
class FollowPlan:
    """A resonator on a population's spikes: `phase` (rad) at which they are densest, `quality`, least
    amplitude (Hz), `delay` in s.
    """

    population: str
    phase: float
    quality: float
    least: float
    delay: float


@dataclass(frozen=True)
class PacemakerPlan:
    """A rhythm: frequency (Hz) and phase at t = 0 (rad), what disturbs it, and what it follows instead of a
    clock.
    """

    name: str
    frequency: float
    phase: float
    jitter: JitterPlan | None = None
    reset: ResetPlan | None = None
    follows: FollowPlan | None = None


@dataclass(frozen=True)
class Change:
    """At step `step`, elements `cells` of a population's variable are set to, or raised by, `value` (SI).

    `owner` is a population, or `modulator.region` for a compartment; `variable` may be `input.parameter`.
    """

    step: int
    owner: str
    variable: str
    cells: tuple[int, int]
    value: float | Floats
    add: bool = False


@dataclass(frozen=True)
class AdvancePlan:
    """At the beginning of `step` so many silent `steps` pass at once: `duration` (s) of biological time."""

    step: int
    steps: int
    duration: float


@dataclass(frozen=True)
class SpikeList:
    """When the cells of a replay population fire: steps (n,) int64, cells (n,) int32, by step and cell.

    `digest`: of all that the file lists, also after the end of the run.
    """

    population: str
    steps: NDArray[np.int64]
    cells: Ints
    digest: str


@dataclass(frozen=True)
class NetworkPlan:
    """Everything that will be simulated, under logical names.

    `experiment` is the configuration with regions and circuit merged into it; `timeline` is sorted by step.
    """

    experiment: Experiment
    populations: Mapping[str, PopulationPlan]
    projections: Mapping[str, ProjectionPlan]
    pacemakers: Mapping[str, PacemakerPlan] = field(default_factory=dict)
    compartments: Mapping[str, CompartmentPlan] = field(default_factory=dict)
    effects: tuple[EffectPlan, ...] = ()
    triggers: Mapping[str, TriggerPlan] = field(default_factory=dict)
    timeline: tuple[Change, ...] = ()
    spike_lists: tuple[SpikeList, ...] = ()
    advances: tuple[AdvancePlan, ...] = ()
    task: TaskPlan | None = None
    notices: tuple[str, ...] = ()
