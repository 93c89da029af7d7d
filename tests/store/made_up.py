"""A recording made up from numbers: small, with every kind of signal, and cut into segments anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from neuromod.store.layout import Layout, SegmentData, Signal, SpikeSource
from neuromod.store.provenance import PopulationInfo, ProjectionInfo, Provenance, SynapseIds
from neuromod.store.results import write_results
from neuromod.store.segments import write_segment

DT = 1e-4
STEPS = 12_345
RATES_HZ = {"PC": 30.0, "PV": 80.0, "SOM": 0.0}
SIZES = {"PC": 40, "PV": 10, "SOM": 5}
WEIGHTS = "PC->PV:fast"
SYNAPSES = 30
NUMBERS = tuple(range(5, 5 + 3 * SYNAPSES, 3))
"""Which synapses of the projection these are."""
EDGES = (0, 1, 777, 1_000, 5_000, 5_003, 12_000, STEPS)
"""Segment boundaries, some in the middle of a bin."""

SIGNALS = (
    Signal("lfp", "PV", "lfp", "pA", "LFP proxy", 10, 1),
    Signal("report", "PC", "V", "mV", "membrane potential", 5, 3, ids=(3, 0, 7)),
    Signal("rates", "PC", "rate", "Hz", "mean firing rate of PC", 1_000, 1),
    Signal("modulators", "dopamine_PFC", "level", "1", "level of dopamine in PFC", 300, 1, first=100),
    Signal("modulators", "dopamine_PFC", "rho_D1", "1", "drive of D1", 300, 1, first=100),
    Signal(
        "weights",
        WEIGHTS,
        "weight",
        "nS",
        f"weights of {WEIGHTS}",
        5_000,
        SYNAPSES,
        ids=NUMBERS,
        bounds=(-100.0, 0.1),
    ),
    Signal("weights", WEIGHTS, "c", "nS", f"eligibility c of {WEIGHTS}", 5_000, SYNAPSES, ids=NUMBERS),
    Signal("weights", WEIGHTS, "stdp.z", "1", f"state z of {WEIGHTS}", 5_000, SYNAPSES, ids=NUMBERS),
    Signal("report", "PV", "w", "pA", "adaptation current", 3, 1, ids=(9,)),
)
LAYOUT = Layout(DT, tuple(SpikeSource(name, size) for name, size in SIZES.items()), SIGNALS)
MEANS = frozenset({"lfp", "rates"})


def provenance(**run: str | int | float) -> Provenance:
    """Where the made-up recording comes from."""
    rng = np.random.default_rng(7)
    ids = SynapseIds(
        rng.integers(0, SIZES["PC"], SYNAPSES, np.int32),
        rng.integers(0, SIZES["PV"], SYNAPSES, np.int32),
        NUMBERS,
    )
    return Provenance(
        config_text="name: made_up  # with µ\n",
        resolved_config="name: made_up\nseed: 7\n",
        plan='{"populations": 3}',
        structure_key="0123abcd",
        versions={"neuromod": "0.1", "numpy": np.__version__},
        seed=7,
        commit="v0.1-3-gabcdef0",
        populations={name: PopulationInfo(size, "PFC", "adex") for name, size in SIZES.items()},
        projections={WEIGHTS: ProjectionInfo("PC", "PV", "ampa", SYNAPSES)},
        synapses={WEIGHTS: ids},
        run=run or {"host": "here", "seconds": 1.5, "cores": 2},
    )


def recording() -> SegmentData:
    """The whole recording as one segment."""
    rng = np.random.default_rng(3)
    spikes = {}
    for name, size in SIZES.items():
        fired = rng.random((STEPS, size)) < RATES_HZ[name] * DT
        steps, ids = np.nonzero(fired)
        spikes[name] = steps.astype(np.int64), ids.astype(np.int32)
    signals = {
        signal.key: rng.normal(-60, 10, (samples_before(signal, STEPS), signal.columns)) for signal in SIGNALS
    }
    return SegmentData(0, STEPS, spikes, signals)


def samples_before(signal: Signal, step: int) -> int:
    """How many samples a run has delivered: means when their bin is full, others when they are taken."""
    return signal.complete(step) if signal.kind in MEANS else signal.begun(step)


def cut(whole: SegmentData, edges: Sequence[int]) -> list[SegmentData]:
    """The recording in segments with these boundaries."""
    return [_part(whole, start, stop) for start, stop in pairwise(edges)]


def _part(whole: SegmentData, start: int, stop: int) -> SegmentData:
    spikes = {}
    for name, (steps, ids) in whole.spikes.items():
        inside = (steps >= start) & (steps < stop)
        spikes[name] = steps[inside], ids[inside]
    signals = {
        signal.key: whole.signals[signal.key][samples_before(signal, start) : samples_before(signal, stop)]
        for signal in SIGNALS
    }
    return SegmentData(start, stop, spikes, signals)


def write_segments(directory: Path, segments: Iterable[SegmentData]) -> None:
    """Commit segments into a run directory, which is made if it is not there."""
    directory.mkdir(exist_ok=True)
    for number, segment in enumerate(segments):
        write_segment(directory, number, LAYOUT, segment)


def write_file(directory: Path, edges: Sequence[int] = EDGES, **run: str | int | float) -> Path:
    """The results file of the recording, merged from segments with these boundaries."""
    write_segments(directory, cut(recording(), edges))
    return write_results(directory, LAYOUT, provenance(**run))
