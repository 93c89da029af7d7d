"""What a fused group of neurons computes besides its membrane equations.

Features are what distinguishes populations of the same neuron template: receptors, input slots, transmitter
states and plasticity traces. A group is the union of its members' features; a member that lacks an input gets
the flag 0 for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from neuromod.library.hoist import calls_in
from neuromod.library.template import InputTemplate, SynapseTemplate
from neuromod.plan.network import InputPlan, PopulationPlan

DRAWS = ("normal", "poisson", "uniform")
FACTOR, SHIFT, CURRENT_GAIN = "effect_factor_", "effect_shift_", "effect_current_"
"""Beginnings of the names under which a group reads what receptors do to its variables and currents."""


@dataclass(frozen=True)
class InputSlot:
    """The n-th input of a template onto a receptor; populations share a slot whatever they call their input.

    `first_draw`: number of the slot's first draw of each kind that it uses. It depends on the population
    alone, never on the fusion, so that the same cell receives the same input in every arrangement.
    """

    template_name: str
    ordinal: int
    receptor: str | None
    first_draw: tuple[int, ...]

    @property
    def suffix(self) -> str:
        """Ending of the slot's variable names."""
        parts = [
            self.template_name + str(self.ordinal),
            self.receptor or "",
            *(str(n) for n in self.first_draw if n),
        ]
        return "_".join(part for part in parts if part)


@dataclass(frozen=True)
class Trace:
    """An exponential trace of a cell's spikes: moved at the reset (`at_reset`), or later by a pathway.

    A spike adds 1, or where only the nearest spike counts (`nearest`) sets the trace to 1. Cells keep it
    scaled (`plan.traces`).
    """

    name: str
    tau: float
    at_reset: bool
    nearest: bool = False
    initial: float = 0.0

    @property
    def operator(self) -> str:
        """How a spike moves the trace."""
        return "=" if self.nearest else "+="


@dataclass(frozen=True)
class TransmitterState:
    """State of a saturating receptor on its source neurons, for one class of delays."""

    name: str
    initial: float


@dataclass(frozen=True)
class CellVariable:
    """A variable of a plasticity rule on its target cells."""

    name: str
    initial: float


@dataclass(frozen=True)
class Features:
    """Union of what the members of a group need; `effects` are names of factors and shifts."""

    receptors: Mapping[str, SynapseTemplate]
    inputs: Mapping[InputSlot, InputTemplate]
    traces: frozenset[Trace] = frozenset()
    transmitters: frozenset[TransmitterState] = frozenset()
    cells: frozenset[CellVariable] = frozenset()
    effects: frozenset[str] = frozenset()
    lfp: bool = False

    def joined(self, other: Features) -> Features:
        """Features of a group with the members of both."""
        return Features(
            {**self.receptors, **other.receptors},
            {**self.inputs, **other.inputs},
            self.traces | other.traces,
            self.transmitters | other.transmitters,
            self.cells | other.cells,
            self.effects | other.effects,
            self.lfp or other.lfp,
        )

    def cost(self) -> float:
        """Rough time per neuron and step in ns; only differences between groups matter."""
        receptors = sum(0.5 + 3.0 * ("exp" in calls_in(t.current or "0")) for t in self.receptors.values())
        inputs = sum(_input_cost(template) for template in self.inputs.values())
        return receptors + inputs + 0.5 * len(self.effects) + self.lfp


def _input_cost(template: InputTemplate) -> float:
    texts = [template.jump or "0", *(s.update or s.derivative or "0" for s in template.state.values())]
    return 0.3 + 2.0 * sum(bool(calls_in(text) & set(DRAWS)) for text in texts)


def input_slots(population: PopulationPlan) -> dict[str, InputSlot]:
    """Slot of each input of a population, by the input's name."""
    texts = [population.template.threshold, *(s.update or "0" for s in population.template.state.values())]
    drawn = _count_draws(texts)
    seen: dict[tuple[str, str | None], int] = {}
    slots: dict[str, InputSlot] = {}
    for name, plan in population.inputs.items():
        kind = (plan.template_name, plan.receptor)
        own = _count_draws(input_texts(plan))
        first = tuple(n if used else 0 for n, used in zip(drawn, own, strict=True))
        slots[name] = InputSlot(plan.template_name, seen.get(kind, 0), plan.receptor, first)
        seen[kind] = seen.get(kind, 0) + 1
        drawn = [a + b for a, b in zip(drawn, own, strict=True)]
    return slots


def group_name(population: PopulationPlan, variable: str) -> str:
    """Name inside its group of a population's `parameter` or `input.parameter`."""
    owner, dot, parameter = variable.partition(".")
    return f"{parameter}_{input_slots(population)[owner].suffix}" if dot else variable


def input_texts(plan: InputPlan) -> list[str]:
    """Expressions of an input that may contain draws, in the order in which the draws are numbered."""
    return [plan.template.jump or "0", *(s.update or "0" for s in plan.template.state.values())]


def _count_draws(texts: Iterable[str]) -> list[int]:
    joined = " + ".join(f"({text})" for text in texts)
    return [joined.count(kind + "(") for kind in DRAWS]
