"""What a run records, under logical names: the contract between the run, its segments and its results file.

    /spikes/<population>/{timestamps,node_ids}       SONATA
    /report/<population>_<variable>/...              SONATA
    /neuromod/rates/<population>                     Hz, one value per bin
    /neuromod/lfp/<population>                       pA, 1 ms means
    /neuromod/modulators/<modulator>_<region>        1
    /neuromod/weights/<projection>                   one row per sample, one column per synapse
    /neuromod/plan, /neuromod/config, ...            provenance
    /neuromod/run                                    the only place for times, host and durations

Version 1 of this layout is read by every later release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LAYOUT_VERSION = 1
SignalKind = Literal["report", "rates", "lfp", "modulators", "weights"]


@dataclass(frozen=True)
class SpikeSource:
    """A population whose spikes are recorded."""

    population: str
    size: int


@dataclass(frozen=True)
class Signal:
    """A regularly sampled quantity: sample k, of `columns` values, is taken at step `first + k * every`.

    For `rates` and `lfp` the sample is the mean over the interval that begins at that step.
    `ids`: (columns,) local neuron ids of a report. `owner`: population, `modulator_region` or projection.
    """

    kind: SignalKind
    owner: str
    variable: str
    unit: str
    long_name: str
    every: int
    columns: int
    first: int = 0
    ids: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """Unique name: `<kind>/<owner>` and, for reports, `_<variable>`."""
        return f"{self.kind}/{self.owner}_{self.variable}" if self.kind == "report" else f"{self.kind}/{self.owner}"


@dataclass(frozen=True)
class Layout:
    """Everything a run records; `dt` in seconds."""

    dt: float
    spikes: tuple[SpikeSource, ...]
    signals: tuple[Signal, ...]


@dataclass(frozen=True)
class SegmentData:
    """What was recorded in steps [start, stop).

    `spikes`: population -> (steps int64, local ids int32), sorted by step then id; the step is the one in which V crossed.
    `signals`: key of the signal -> (samples, columns) float64, in the unit of the signal.
    """

    start: int
    stop: int
    spikes: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int32]]]
    signals: Mapping[str, NDArray[np.float64]]
