"""What a run will need: memory, disk and time, roughly (within a factor of two)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neuromod.config.schema import RecordWeights
from neuromod.plan.modulators import used_receptors
from neuromod.plan.network import NetworkPlan, PopulationPlan, ProjectionPlan
from neuromod.plan.plasticity import RuleRows, rows_of, rule_rows

NEURON_BYTES = 200
BUILDING_BYTES = 50
"""Of a synapse while its projection is drawn and sorted, before the program starts."""
STATIC_BYTES = 24
PLASTIC_BYTES = 20
"""Of a plastic synapse besides its variables: its ends, its place in the order of postsynaptic spikes."""
DOUBLE, SINGLE, INTEGER = 8, 4, 4
CARD_SYNAPSE_BYTES = 16
"""Of a synapse on a GPU, besides what it has anywhere: its place at its target, and to be noted."""
CARD_NEURON_BYTES = 8_000
"""Of a neuron on a GPU: its share of the log of spikes, which has room for all cells in every step."""
CARD_BYTES = 500e6
"""Of the program itself on a GPU."""
CHANGE_BYTES = 200
SPIKE_BYTES = 16
NEURON_STEP = 8e-9
SYNAPTIC_EVENT = 12e-9
DEFAULT_RATE = 5.0
"""Mean rate (Hz) of a population that names no target."""
LFP_BIN = 1e-3
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Estimate:
    """Counts, bytes, bytes per simulated second, and seconds of computing for the whole run on one core."""

    neurons: int
    synapses: float
    plastic_synapses: float
    memory_bytes: float
    disk_bytes_per_second: float
    disk_bytes: float
    run_seconds: float
    seconds_per_second: float

    def lines(self) -> list[str]:
        """The estimate in words, one fact per line."""
        plastic = f", {_counted(self.plastic_synapses)} of them plastic" if self.plastic_synapses else ""
        return [
            f"{_counted(self.neurons)} neurons, {_counted(self.synapses)} synapses{plastic}",
            f"about {bytes_text(self.memory_bytes)} of memory",
            f"about {bytes_text(self.disk_bytes)} on disk "
            f"({bytes_text(self.disk_bytes_per_second)} per simulated s)",
            f"about {_duration(self.run_seconds)} of computing "
            f"({self.seconds_per_second:.2g} s per simulated s)",
        ]


def estimate(plan: NetworkPlan) -> Estimate:
    """Estimate a run from its counts, target rates and recording."""
    duration = plan.experiment.duration
    neurons = sum(population.size for population in plan.populations.values())
    synapses = sum(projection.count for projection in plan.projections.values())
    plastic = sum(projection.count for projection in plan.projections.values() if projection.rules)
    rates = {name: mean_rate(population) for name, population in plan.populations.items()}
    events = sum(projection.count * rates[projection.source] for projection in plan.projections.values())
    listed = sum(SPIKE_BYTES * spikes.steps.size for spikes in plan.spike_lists)
    memory = NEURON_BYTES * neurons + max(BUILDING_BYTES * synapses, synaptic_bytes(plan))
    per_second = neurons / plan.experiment.dt * NEURON_STEP + events * SYNAPTIC_EVENT
    disk = _disk(plan, rates)
    return Estimate(
        neurons=neurons,
        synapses=synapses,
        plastic_synapses=plastic,
        memory_bytes=memory + listed + CHANGE_BYTES * len(plan.timeline),
        disk_bytes_per_second=disk,
        disk_bytes=disk * duration,
        run_seconds=per_second * duration,
        seconds_per_second=per_second,
    )


def synaptic_bytes(plan: NetworkPlan) -> float:
    """Bytes of all synapses while the program runs."""
    rows = rule_rows(plan)
    plans = plan.projections.values()
    sizes = {p.name: _plastic_bytes(plan, p, rows) if p.rules else STATIC_BYTES for p in plans}
    return sum(sizes[projection.name] * projection.count for projection in plans)


def card_bytes(plan: NetworkPlan) -> float:
    """Bytes of a run in the memory of a GPU."""
    neurons = sum(population.size for population in plan.populations.values())
    synapses = sum(projection.count for projection in plan.projections.values())
    return CARD_BYTES + CARD_NEURON_BYTES * neurons + CARD_SYNAPSE_BYTES * synapses + synaptic_bytes(plan)


def _plastic_bytes(plan: NetworkPlan, projection: ProjectionPlan, rows: Sequence[RuleRows]) -> int:
    """Of one synapse: its weight, eligibilities and states, and for every rule that other projections have,
    too, the number of its row.
    """
    own = rows_of(rows, projection.name)
    numbers = 1 + sum(len(part.template.eligibility) + len(part.template.state) for part in own)
    size = SINGLE if plan.experiment.precision == "single" else DOUBLE
    return PLASTIC_BYTES + size * numbers + INTEGER * sum(len(part.rules) > 1 for part in own)


def mean_rate(population: PopulationPlan) -> float:
    """Expected mean rate in Hz: the middle of the target range, or `DEFAULT_RATE`."""
    return DEFAULT_RATE if population.target_rate is None else sum(population.target_rate) / 2


def _disk(plan: NetworkPlan, rates: dict[str, float]) -> float:
    """Bytes per simulated second of everything recorded, uncompressed."""
    record = plan.experiment.record
    names = (
        list(plan.populations)
        if record.spikes == "all"
        else []
        if record.spikes == "none"
        else list(record.spikes)
    )
    total = sum(SPIKE_BYTES * rates[name] * plan.populations[name].size for name in names)
    if record.rates is not None:
        count = len(plan.populations) if record.rates.populations == "all" else len(record.rates.populations)
        total += 8 * count / record.rates.bin
    if record.modulators is not None:
        total += 8 * (len(plan.compartments) + _drives(plan)) / record.modulators.every
    total += 8 * len(record.lfp) / LFP_BIN
    for state in record.states:
        size = plan.populations[state.population].size
        columns = len(state.neurons) if isinstance(state.neurons, tuple) else min(state.neurons, size)
        total += 8 * columns * len(state.variables) / state.every
    return total + sum(_weights(plan, entry) for entry in record.weights)


def _weights(plan: NetworkPlan, entry: RecordWeights) -> float:
    """Bytes per simulated second of the recorded synapses of a projection."""
    count = plan.projections[entry.projection].count
    if entry.synapses is not None:
        count = len(entry.synapses) if isinstance(entry.synapses, tuple) else min(entry.synapses, count)
    return 8 * count * (1 + len(entry.variables)) / entry.every


def _drives(plan: NetworkPlan) -> int:
    """Number of recorded drives: receptors times the regions that have them."""
    record = plan.experiment.record.modulators
    if record is None or record.drives == "none":
        return 0
    wanted = used_receptors(plan) if record.drives == "used" else record.drives
    return sum(name in compartment.receptors for compartment in plan.compartments.values() for name in wanted)


def _counted(number: float) -> str:
    return f"{number:,.0f}"


def bytes_text(number: float) -> str:
    """A size with its unit."""
    for size, prefix in _PREFIXES:
        if number >= size:
            return f"{number / size:.3g} {prefix}B"
    return f"{number:.0f} B"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
