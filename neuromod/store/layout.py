"""What a run records, under logical names: the contract between the run, its segments and its results file.

    /spikes/<population>/{timestamps,node_ids}            SONATA
    /report/<population>_<variable>/{data,mapping/...}    SONATA
    /neuromod/rates/<population>/{rate,time}              Hz, one value per bin
    /neuromod/lfp/<population>/{lfp,time}                 pA, 1 ms means
    /neuromod/modulators/<modulator>_<region>/{level,rho_<receptor>,time}
    /neuromod/weights/<projection>/{weight,<variable>,time,synapse,source,target}
    /neuromod/{trials,schedule}/<column>                  one value for each trial of a task
    /neuromod/{config,resolved_config,plan,...}           provenance
    /neuromod/run                                         the only place for times, host and durations

Version 1 of this layout is read by every later release. The full description is in docs/results.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neuromod.errors import ConfigError

LAYOUT_VERSION = 1
MAX_OBJECTS, SPIKE_OBJECTS, SIGNAL_OBJECTS = 20_000, 3, 9
"""Most groups and datasets of a file, so many as are looked at within 2 s; and those that one thing makes."""
MAX_STEPS, MAX_SIZE = 2**53, 2**31 - 1
"""Steps of a run: whole numbers that a double holds; neurons of a population: local ids are of 32 bits."""
SignalKind = Literal["report", "rates", "lfp", "modulators", "weights"]
SINGLE = frozenset({"rates", "lfp", "modulators"})
"""Kinds that have one column and are stored as one."""
MAIN = {"rates": "rate", "lfp": "lfp", "modulators": "level", "weights": "weight"}
"""The variable that a kind is about; others of the same owner are sampled together with it."""
COORDINATES = frozenset({"time", "synapse", "source", "target"})
"""Datasets beside the variables of an owner, whose names no variable can have."""
DRIVE = "rho_"
"""Before the name of a receptor: its signed drive, beside the level of its neuromodulator."""


@dataclass(frozen=True)
class SpikeSource:
    """A population whose spikes are recorded."""

    population: str
    size: int


@dataclass(frozen=True)
class Signal:
    """A regularly sampled quantity: sample k, of `columns` values, is taken at step `first + k * every`.

    For `rates` and `lfp` the sample is the mean over the interval that begins at that step.
    `ids`: (columns,) local neuron ids of a report, or numbers of the synapses of a projection unless they
    are 0 to columns - 1. `owner`: population, `modulator_region` or projection. `bounds`: lowest and highest
    value, of the weights of a projection that learns.
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
    bounds: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """Name among the signals of its kind: `owner_variable` for reports; otherwise `owner`, and
        `owner.variable` for what is kept beside the main variable of the kind.
        """
        if self.kind == "report":
            return f"{self.owner}_{self.variable}"
        return self.owner if self.variable == MAIN[self.kind] else f"{self.owner}.{self.variable}"

    @property
    def key(self) -> str:
        """Unique name: `kind/name`."""
        return f"{self.kind}/{self.name}"

    def begun(self, step: int) -> int:
        """How many samples have begun before a step."""
        return max(0, -((self.first - step) // self.every))

    def complete(self, step: int) -> int:
        """How many samples have their whole interval before a step."""
        return max(0, (step - self.first) // self.every)


@dataclass(frozen=True)
class Column:
    """A column of a table with one row for each trial: its name, unit and meaning.

    `whole`: whole numbers; `labels`: what they stand for, from 0.
    """

    name: str
    unit: str
    long_name: str
    whole: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """The log of the trials of a task, a row for each trial that has ended."""

    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Layout:
    """Everything a run records; `dt` in seconds.

    Raises:
        ConfigError: something is to be recorded twice under one name, or there is too much of it.
    """

    dt: float
    spikes: tuple[SpikeSource, ...]
    signals: tuple[Signal, ...]
    trials: Table | None = None

    def __post_init__(self) -> None:
        keys = [f"spikes/{source.population}" for source in self.spikes] + [
            signal.key for signal in self.signals
        ]
        objects = SPIKE_OBJECTS * len(self.spikes) + SIGNAL_OBJECTS * len(self.signals)
        objects += len(self.trials.columns) if self.trials else 0
        if objects > MAX_OBJECTS:
            things = len(self.spikes) + len(self.signals)
            raise ConfigError(f"record: got {things} things to record, which is more than one file can hold")
        twice = [key for key, times in Counter(keys).items() if times > 1]
        if twice:
            raise ConfigError(f"record: got {', '.join(twice)} more than once, allowed is once")


@dataclass(frozen=True)
class SegmentData:
    """What was recorded in steps [start, stop).

    `spikes`: population -> (steps int64, local ids int32), sorted by step then id; the step is the one in
    which V crossed.
    `signals`: key of the signal -> (samples, columns) float64, in the unit of the signal.
    `trials`: (n, columns) float64, the trials that ended.
    """

    start: int
    stop: int
    spikes: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int32]]]
    signals: Mapping[str, NDArray[np.float64]]
    trials: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))


def milliseconds(steps: ArrayLike, dt: float) -> NDArray[np.float64]:
    """Times of steps in ms, float64, for `dt` in s.

    With a whole number of steps per ms this divides, so that step 3 of 0.1 ms is 0.3 and not
    0.30000000000000004.
    """
    per_ms = 1e-3 / dt
    if round(per_ms) >= 1 and abs(per_ms - round(per_ms)) < 1e-9 * per_ms:
        return np.asarray(steps, np.float64) / round(per_ms)
    return np.asarray(steps, np.float64) * float(f"{dt * 1e3:.12g}")


def sample_times(signal: Signal, begin: int, samples: int, dt: float) -> NDArray[np.float64]:
    """Times in ms of `samples` samples of a signal, from number `begin` on."""
    return milliseconds(signal.first + signal.every * np.arange(begin, begin + samples, dtype=np.int64), dt)
