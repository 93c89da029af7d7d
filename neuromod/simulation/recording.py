"""What a run keeps: from the experiment's wishes to the program's instructions, and from its chunks back to
logical names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuromod.config.schema import RecordState
from neuromod.errors import ConfigError, Problem
from neuromod.plan.equations import LFP
from neuromod.plan.fused import FusedPlan, ProgramArrays
from neuromod.plan.modulators import REGIONS, region_row
from neuromod.program.records import Array
from neuromod.simulation.summary import PopulationRate
from neuromod.store.layout import Layout, SegmentData, Signal, SpikeSource
from neuromod.units import parse_unit

MILLISECOND = 1e-3


@dataclass(frozen=True)
class Sampled:
    """Elements of one program array, sampled every `every` steps."""

    array: str
    cells: NDArray[np.int64]
    every: int


@dataclass(frozen=True)
class Conversion:
    """How samples become a signal: factor to its unit.

    `bounds`: of plastic weights, to which their eligibilities are added: after the weight itself, two samples
    for each (scaled eligibility, the row's sum).
    """

    signal: Signal
    samples: tuple[int, ...]
    factor: float
    bounds: tuple[float, float] | None = None


class Recorder:
    """The recording of one run: its layout, the instructions for the program, and the reading of its
    chunks.
    """

    def __init__(self, fused: FusedPlan, data: ProgramArrays) -> None:
        self.fused, self.data = fused, data
        self.experiment = fused.network.experiment
        self.populations = list(fused.network.populations)
        self.sampled: list[Sampled] = []
        self.conversions: list[Conversion] = []
        self.means: list[tuple[Signal, str, tuple[int, int]]] = []
        for state in self.experiment.record.states:
            self._add_states(state)
        self._add_modulators()
        for weights in self.experiment.record.weights:
            self._add_weights(weights.projection, self._steps(weights.every))
        for name in self.experiment.record.lfp:
            self._add_lfp(name)
        self.layout = Layout(self.experiment.dt, self._spike_sources(), self._signals())
        self.spikes = np.zeros(len(self.populations), np.int64)
        self.bins = 0

    def _steps(self, seconds: float) -> int:
        return max(1, round(seconds / self.experiment.dt))

    def _spike_sources(self) -> tuple[SpikeSource, ...]:
        wanted = self.experiment.record.spikes
        names = self.populations if wanted == "all" else () if wanted == "none" else wanted
        return tuple(SpikeSource(name, self.fused.network.populations[name].size) for name in names)

    def _rated(self) -> list[str]:
        rates = self.experiment.record.rates
        if rates is None:
            return []
        return self.populations if rates.populations == "all" else list(rates.populations)

    @property
    def bin(self) -> int:
        """Steps per rate bin."""
        rates = self.experiment.record.rates
        return self._steps(rates.bin) if rates else self._steps(0.1)

    def _signals(self) -> tuple[Signal, ...]:
        rates = [
            Signal("rates", name, "rate", "Hz", f"mean firing rate of {name}", self.bin, 1)
            for name in self._rated()
        ]
        return (*rates, *(c.signal for c in self.conversions), *(signal for signal, _, _ in self.means))

    def _sample(self, array: str, cells: NDArray[np.int64], every: int) -> int:
        self.sampled.append(Sampled(array, cells, every))
        return len(self.sampled) - 1

    def _add_states(self, state: RecordState) -> None:
        population = self.fused.network.populations[state.population]
        place = self.fused.placements[state.population]
        cells = (
            range(min(state.neurons, population.size)) if isinstance(state.neurons, int) else state.neurons
        )
        ids = tuple(cells)
        every = self._steps(state.every)
        for variable in state.variables:
            array = f"{place.group}.{variable}"
            if array not in self.data.arrays:
                raise ConfigError(
                    Problem(
                        f"got `{variable}` of {state.population}, which is constant in this run and not kept "
                        "by the program; allowed are variables that change",
                        "record.states",
                    )
                )
            unit = variable_unit(self.fused, state.population, variable)
            signal = Signal("report", state.population, variable, unit, variable, every, len(ids), ids=ids)
            number = self._sample(array, np.array(ids, np.int64) + place.start, every)
            self.conversions.append(Conversion(signal, (number,), 1.0 / parse_unit(unit).scale))

    def _add_modulators(self) -> None:
        modulators = self.experiment.record.modulators
        if modulators is None:
            return
        every = self._steps(modulators.every)
        network = self.fused.network
        for compartment in network.compartments.values():
            row = np.array([region_row(network, compartment.region)], np.int64)
            owner = f"{compartment.modulator}_{compartment.region}"
            name = f"level of {compartment.modulator} in {compartment.region} (1: tonic)"
            number = self._sample(f"{REGIONS}.level_{compartment.modulator}", row, every)
            signal = Signal("modulators", owner, "level", "1", name, every, 1)
            self.conversions.append(Conversion(signal, (number,), 1.0))

    def _add_weights(self, projection: str, every: int) -> None:
        group = next(plan for plan in self.fused.sets if projection in plan.projections)
        cells = self.data.positions[projection]
        unit = group.template.weight
        signal = Signal("weights", projection, "weight", unit, f"weights of {projection}", every, len(cells))
        numbers = [self._sample(f"{group.name}.weight", cells, every)]
        rules = self.fused.network.projections[projection].rules
        for position, rows in enumerate(group.rules):
            row = np.array([rows.row(projection, position)], np.int64)
            for name in rows.template.eligibility:
                own = f"{name}_{position}"
                numbers.append(self._sample(f"{group.name}.{own}", cells, every))
                numbers.append(self._sample(f"{rows.name}.row_integral_{name}", row, every))
        bounds = rules[0].bounds if rules else None
        self.conversions.append(Conversion(signal, tuple(numbers), 1.0 / parse_unit(unit).scale, bounds))

    def _add_lfp(self, name: str) -> None:
        place = self.fused.placements[name]
        long_name = "LFP proxy: mean over cells of |I_AMPA| + |I_GABA|"
        signal = Signal("lfp", name, "lfp", "pA", long_name, self._steps(MILLISECOND), 1)
        self.means.append((signal, f"{place.group}.{LFP}", (place.start, place.stop)))

    def instructions(self) -> dict[str, Array | str]:
        """Records that tell the program what to keep."""
        rows = self._rows()
        every = [s.every for s in self.sampled]
        out: dict[str, Array | str] = {
            "record.spikes": "\n".join(
                sorted({self.fused.placements[s.population].group for s in self.layout.spikes})
            ),
            "record.bin": np.array([self.bin], np.int64),
            "record.sample": "\n".join(s.array for s in self.sampled),
            "record.sample.every": np.array(every, np.int64),
            "record.mean": "\n".join(array for _, array, _ in self.means),
            "record.mean.range": np.array([span for _, _, span in self.means], np.int64).reshape(-1),
            "record.mean.every": np.array([signal.every for signal, _, _ in self.means], np.int64),
        }
        out |= {f"record.sample.cells.{k}": s.cells for k, s in enumerate(self.sampled)}
        return out | {f"record.rows.{group}": row for group, row in rows.items()}

    def _rows(self) -> dict[str, NDArray[np.int32]]:
        """Per group, the number of each neuron's population."""
        return {
            group.name: np.concatenate(
                [
                    np.full(member.size, self.populations.index(member.name), np.int32)
                    for member in group.members
                ]
            )
            for group in self.fused.groups
        }

    def segment(self, chunk: Mapping[str, Array]) -> SegmentData:
        """A chunk of the program under logical names and in display units."""
        start, stop = (int(step) for step in chunk["span"])
        signals: dict[str, NDArray[np.float64]] = self._rates(chunk)
        for conversion in self.conversions:
            signals[conversion.signal.key] = self._converted(conversion, chunk)
        for number, (signal, _, _) in enumerate(self.means):
            signals[signal.key] = chunk[f"mean.{number}"].astype(float).reshape(-1, 1) * 1e12
        return SegmentData(start, stop, self._spikes(chunk, start), signals)

    def _rates(self, chunk: Mapping[str, Array]) -> dict[str, NDArray[np.float64]]:
        counts = chunk["counts"].astype(np.int64).reshape(-1, len(self.populations))
        self.spikes += counts.sum(axis=0, dtype=np.int64)
        self.bins += len(counts)
        seconds = self.bin * self.experiment.dt
        rates = {}
        for name in self._rated():
            size = self.fused.network.populations[name].size
            rates[f"rates/{name}"] = counts[:, [self.populations.index(name)]] / (size * seconds)
        return rates

    def population_rates(self) -> tuple[PopulationRate, ...]:
        """Mean rates over all whole bins so far."""
        seconds = max(self.bins, 1) * self.bin * self.experiment.dt
        plans = self.fused.network.populations.values()
        return tuple(
            PopulationRate(plan.name, float(count / (plan.size * seconds)), plan.target_rate)
            for plan, count in zip(plans, self.spikes, strict=True)
        )

    def _converted(self, conversion: Conversion, chunk: Mapping[str, Array]) -> NDArray[np.float64]:
        parts = [chunk[f"sample.{k}"].reshape(-1, len(self.sampled[k].cells)) for k in conversion.samples]
        values = parts[0].astype(float)
        if conversion.bounds is not None:
            for own, integral in zip(parts[1::2], parts[2::2], strict=True):
                values = values + own * integral
            values = np.clip(values, *conversion.bounds)
        return values * conversion.factor

    def _spikes(
        self, chunk: Mapping[str, Array], start: int
    ) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int32]]]:
        spikes = {}
        for source in self.layout.spikes:
            place = self.fused.placements[source.population]
            cell = chunk[f"spikes.cell.{place.group}"]
            mine = (cell >= place.start) & (cell < place.stop)
            steps = chunk[f"spikes.step.{place.group}"][mine].astype(np.int64) + start
            spikes[source.population] = (steps, (cell[mine] - place.start).astype(np.int32))
        return spikes


def variable_unit(fused: FusedPlan, population: str, variable: str) -> str:
    """Display unit of a state variable, receptor state (`g_ampa`) or parameter of a population."""
    plan = fused.network.populations[population]
    for name, receptor in plan.receptors.items():
        own = {f"{key}_{name}": state.unit for key, state in receptor.template.state.items()}
        if variable in own:
            return own[variable]
    state = plan.template.state.get(variable)
    parameter = plan.template.parameters.get(variable)
    return state.unit if state else parameter.unit if parameter else "1"
