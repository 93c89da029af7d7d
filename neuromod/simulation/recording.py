"""What a run keeps: from the experiment's wishes to the program's instructions, and from its chunks back to
logical names.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from neuromod.analysis.targets import PopulationRate
from neuromod.config.schema import RecordState
from neuromod.errors import ConfigError, Problem
from neuromod.plan.equations import LFP
from neuromod.plan.fused import FusedPlan, ProgramArrays
from neuromod.plan.modulators import REGIONS, region_row, used_receptors
from neuromod.plan.rule_variables import cell_variables
from neuromod.program.records import Array
from neuromod.simulation.readout import Readout, Samples
from neuromod.simulation.trial_log import trial_table
from neuromod.simulation.weights import weight_readouts
from neuromod.store.layout import DRIVE, Layout, SegmentData, Signal, SpikeSource
from neuromod.units import parse_unit

MILLISECOND = 1e-3


class Recorder:
    """The recording of one run: its layout, the instructions for the program, and the reading of its
    chunks.
    """

    def __init__(self, fused: FusedPlan, data: ProgramArrays) -> None:
        self.fused = fused
        self.experiment = fused.network.experiment
        self.populations = list(fused.network.populations)
        self.samples = Samples()
        self.readouts: list[Readout] = []
        self.means: list[tuple[Signal, str, tuple[int, int]]] = []
        for state in self.experiment.record.states:
            self._add_states(state, data)
        self._add_modulators()
        for weights in self.experiment.record.weights:
            every = self._steps(weights.every)
            self.readouts += weight_readouts(fused, data, self.samples, weights, every)
        for name in self.experiment.record.lfp:
            self._add_lfp(name)
        trials = trial_table(fused)
        self.layout = Layout(self.experiment.dt, self._spike_sources(), self._signals(), trials)
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
        means = [signal for signal, _, _ in self.means]
        return (*rates, *(readout.signal for readout in self.readouts), *means)

    def _add_states(self, state: RecordState, data: ProgramArrays) -> None:
        population = self.fused.network.populations[state.population]
        place = self.fused.placements[state.population]
        cells = (
            range(min(state.neurons, population.size)) if isinstance(state.neurons, int) else state.neurons
        )
        ids = tuple(cells)
        every = self._steps(state.every)
        for variable in state.variables:
            array = f"{place.group}.{variable}"
            if array not in data.arrays:
                raise ConfigError(
                    Problem(
                        f"got `{variable}` of {state.population}, which is constant in this run and not kept "
                        "by the program; allowed are variables that change",
                        "record.states",
                    )
                )
            unit = variable_unit(self.fused, state.population, variable)
            signal = Signal("report", state.population, variable, unit, variable, every, len(ids), ids=ids)
            cells_at = np.array(ids, np.int64) + place.start
            self.readouts.append(self.samples.plain(signal, array, cells_at, parse_unit(unit).scale))

    def _add_modulators(self) -> None:
        modulators = self.experiment.record.modulators
        if modulators is None:
            return
        every = self._steps(modulators.every)
        network = self.fused.network
        drives = {"used": used_receptors(network), "none": []}.get(str(modulators.drives), modulators.drives)
        for plan in network.compartments.values():
            row = np.array([region_row(network, plan.region)], np.int64)
            owner = f"{plan.modulator}_{plan.region}"
            title = f"level of {plan.modulator} in {plan.region} (1: tonic)"
            signals = {f"level_{plan.modulator}": Signal("modulators", owner, "level", "1", title, every, 1)}
            for name in (name for name in drives if name in plan.receptors):
                title = f"drive of {name} receptors in {plan.region} (0: tonic level)"
                key = f"{DRIVE}{name}"
                signals[key] = Signal("modulators", owner, key, "1", title, every, 1)
            for variable, signal in signals.items():
                self.readouts.append(self.samples.plain(signal, f"{REGIONS}.{variable}", row))

    def _add_lfp(self, name: str) -> None:
        place = self.fused.placements[name]
        long_name = "LFP proxy: mean over cells of |I_AMPA| + |I_GABA|"
        signal = Signal("lfp", name, "lfp", "pA", long_name, self._steps(MILLISECOND), 1)
        self.means.append((signal, f"{place.group}.{LFP}", (place.start, place.stop)))

    def instructions(self) -> dict[str, Array | str]:
        """Records that tell the program what to keep."""
        rows = self._rows()
        sampled = self.samples.taken
        out: dict[str, Array | str] = {
            "record.spikes": "\n".join(
                sorted({self.fused.placements[s.population].group for s in self.layout.spikes})
            ),
            "record.bin": np.array([self.bin], np.int64),
            "record.sample": "\n".join(s.array for s in sampled),
            "record.sample.every": np.array([s.every for s in sampled], np.int64),
            "record.mean": "\n".join(array for _, array, _ in self.means),
            "record.mean.range": np.array([span for _, _, span in self.means], np.int64).reshape(-1),
            "record.mean.every": np.array([signal.every for signal, _, _ in self.means], np.int64),
        }
        out |= {f"record.sample.cells.{k}": s.cells for k, s in enumerate(sampled)}
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
        for readout in self.readouts:
            signals[readout.signal.key] = readout.of(chunk, self.samples.taken)
        for number, (signal, _, _) in enumerate(self.means):
            signals[signal.key] = chunk[f"mean.{number}"].astype(float).reshape(-1, 1) * 1e12
        return SegmentData(start, stop, self._spikes(chunk, start), signals, self._trials(chunk))

    def _trials(self, chunk: Mapping[str, Array]) -> NDArray[np.float64]:
        columns = len(self.layout.trials.columns) if self.layout.trials else 0
        return chunk.get("task.rows", np.zeros(0)).astype(float).reshape(-1, max(1, columns))

    def nothing(self, step: int) -> SegmentData:
        """What is recorded between a step and itself."""
        none = np.zeros(0, np.int64), np.zeros(0, np.int32)
        signals = {signal.key: np.zeros((0, signal.columns)) for signal in self.layout.signals}
        return SegmentData(step, step, {source.population: none for source in self.layout.spikes}, signals)

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

    def count(self, spikes: NDArray[np.int64], bins: int) -> None:
        """Go on counting from here."""
        self.spikes[:], self.bins = spikes, bins

    def population_rates(self) -> tuple[PopulationRate, ...]:
        """Mean rates over all whole bins so far."""
        seconds = max(self.bins, 1) * self.bin * self.experiment.dt
        plans = self.fused.network.populations.values()
        return tuple(
            PopulationRate(plan.name, float(count / (plan.size * seconds)), plan.target_rate)
            for plan, count in zip(plans, self.spikes, strict=True)
        )

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
    """Display unit of a state variable, receptor state (`g_ampa`), variable of a rule or parameter."""
    plan = fused.network.populations[population]
    for name, receptor in plan.receptors.items():
        own = {f"{key}_{name}": state.unit for key, state in receptor.template.state.items()}
        if variable in own:
            return own[variable]
    cells = cell_variables(population, fused.network.projections.values())
    if variable in cells:
        return cells[variable].unit
    state = plan.template.state.get(variable)
    parameter = plan.template.parameters.get(variable)
    return state.unit if state else parameter.unit if parameter else "1"
