"""Weights and what rules keep with them, as they are at a moment: evaluated into a copy, never written back.

A synapse of the program holds its weight, less what its scaled eligibilities have added since the last tick,
and these, as its last event left them. With the shared sums of its row (`plan.plasticity`) they are completed
to the moment of the sample, and the weight is clipped, as an event would do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from neuromod.config.schema import RecordWeights
from neuromod.errors import ConfigError, Problem
from neuromod.library.check_plasticity import WEIGHT
from neuromod.library.grammar import substitute
from neuromod.library.hoist import evaluate, names_in
from neuromod.plan.equations import UNIT_NUMBERS
from neuromod.plan.fused import FusedPlan, ProgramArrays
from neuromod.plan.pathways import eligibility_names
from neuromod.plan.plasticity import RuleRows, row_signals
from neuromod.plan.rule_variables import TRANSMITTED, synapse_variables
from neuromod.plan.structure import Link
from neuromod.simulation.readout import Floats, Readout, Samples, Values
from neuromod.store.layout import Signal
from neuromod.units import parse_unit


def recorded_synapses(wish: RecordWeights, count: int) -> NDArray[np.int64]:
    """Numbers of the synapses, of `count` in the projection, that are recorded.

    Raises:
        ConfigError: one does not exist.
    """
    if wish.synapses is None or isinstance(wish.synapses, int):
        return np.arange(count if wish.synapses is None else min(wish.synapses, count), dtype=np.int64)
    outside = [number for number in wish.synapses if number >= count]
    if outside:
        allowed = f"allowed are 0 to {count - 1}" if count else "it has none in this run"
        message = f"got the synapse {outside[0]} of {wish.projection}; {allowed}"
        raise ConfigError(Problem(message, "record.weights"))
    return np.array(wish.synapses, np.int64)


def synapse_ids(numbers: NDArray[np.int64]) -> tuple[int, ...]:
    """The numbers of recorded synapses as a file holds them: nothing where they are 0, 1, 2, ..."""
    return () if np.array_equal(numbers, np.arange(len(numbers))) else tuple(numbers.tolist())


def weight_now(values: Values, eligibilities: Sequence[str], bounds: tuple[float, float] | None) -> Floats:
    """Weights at the moment of the sample, clipped; static ones as they are."""
    weight = values["weight"]
    for own in eligibilities:
        weight = weight + values[own] * values[f"integral_{own}"]
    return weight if bounds is None else np.clip(weight, *bounds)


def transmitted_now(values: Values, text: str, weight: Callable[[Values], Floats]) -> Floats:
    """What a spike would transmit at the moment of the sample, by the expression of the rule."""
    known = {name: values[f"of {name}"] for name in names_in(text) - {WEIGHT}}
    return np.asarray(evaluate(text, {**known, WEIGHT: weight(values)}))


def weight_readouts(
    fused: FusedPlan, data: ProgramArrays, samples: Samples, wish: RecordWeights, every: int
) -> list[Readout]:
    """The weights of a projection and the variables recorded with them, every `every` steps."""
    synapses = _Synapses(fused, data, samples, wish, every)
    return [synapses.weight(), *map(synapses.variable, wish.variables)]


@dataclass
class _Synapses:
    """The recorded synapses of one projection."""

    fused: FusedPlan
    data: ProgramArrays
    samples: Samples
    wish: RecordWeights
    every: int

    def __post_init__(self) -> None:
        places = self.data.positions[self.wish.projection]
        self.numbers = recorded_synapses(self.wish, len(places))
        self.ids = synapse_ids(self.numbers)
        self.places = places.of(self.numbers)
        self.projection = self.fused.network.projections[self.wish.projection]
        self.plan = next(plan for plan in self.fused.sets if self.wish.projection in plan.projections)
        self.unit = self.plan.template.weight
        own = eligibility_names(self.plan)
        rules = self.projection.rules
        self.now = partial(weight_now, eligibilities=own, bounds=rules[0].bounds if rules else None)

    def weight(self) -> Readout:
        """The weight now, within its bounds."""
        title = f"weights of {self.wish.projection}"
        return self._readout("weight", title, self.unit, self._weight_samples(), self.now)

    def variable(self, name: str) -> Readout:
        """A variable of the rules by its recorded name."""
        found = synapse_variables(self.projection)[name]
        rows = self.plan.rules[found.position]
        if name == TRANSMITTED:
            return self._transmitted(found.position, rows)
        own = self._synaptic(f"{found.name}_{found.position}")
        if found.unit:
            title = f"state {name} of {self.wish.projection}"
            return self._readout(name, title, found.unit, {"own": own}, lambda values: values["own"])
        kept = self._of_row(rows, found.position, f"row_kept_{found.name}")
        title = f"eligibility {name} of {self.wish.projection}"
        samples = {"own": own, "kept": kept}
        return self._readout(name, title, self.unit, samples, lambda values: values["own"] * values["kept"])

    def _transmitted(self, position: int, rows: RuleRows) -> Readout:
        """The rule's expression, of the weight now, its state, its parameters and the signals it follows."""
        text = substitute(str(rows.template.transmitted), UNIT_NUMBERS)
        signals = row_signals(rows)
        samples = self._weight_samples()
        for name in names_in(text) - {WEIGHT}:
            if name in rows.template.state:
                number = self._synaptic(f"{name}_{position}")
            elif name in signals:
                number = self._signal(rows, position, signals[name])
            else:
                number = self._of_row(rows, position, name)
            samples[f"of {name}"] = number

        value = partial(transmitted_now, text=text, weight=self.now)

        title = f"what a spike through {self.wish.projection} transmits"
        return self._readout(TRANSMITTED, title, self.unit, samples, value)

    def _weight_samples(self) -> dict[str, int]:
        samples = {"weight": self._synaptic("weight")}
        for position, rows in enumerate(self.plan.rules):
            for name in rows.template.eligibility:
                own = f"{name}_{position}"
                samples[own] = self._synaptic(own)
                samples[f"integral_{own}"] = self._of_row(rows, position, f"row_integral_{name}")
        return samples

    def _synaptic(self, variable: str) -> int:
        return self.samples.take(f"{self.plan.name}.{variable}", self.places, self.every)

    def _of_row(self, rows: RuleRows, position: int, variable: str) -> int:
        row = np.array([rows.row(self.wish.projection, position)], np.int64)
        return self.samples.take(f"{rows.name}.{variable}", row, self.every)

    def _signal(self, rows: RuleRows, position: int, link: Link) -> int:
        row = rows.row(self.wish.projection, position)
        place = np.array([self.data.arrays[f"{rows.name}.{link.index}"][row]], np.int64)
        return self.samples.take(f"{link.group}.{link.variable}", place, self.every)

    def _readout(
        self,
        name: str,
        title: str,
        unit: str,
        samples: Mapping[str, int],
        value: Callable[[Values], Floats],
    ) -> Readout:
        bounds = None
        rules = self.projection.rules
        scale = parse_unit(unit).scale
        if name == "weight" and rules:
            bounds = (rules[0].bounds[0] / scale, rules[0].bounds[1] / scale)
        signal = Signal(
            kind="weights",
            owner=self.wish.projection,
            variable=name,
            unit=unit,
            long_name=title,
            every=self.every,
            columns=len(self.numbers),
            ids=self.ids,
            bounds=bounds,
        )
        return Readout(signal, samples, value, scale)
