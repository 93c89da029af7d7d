"""Results of a run, finished or not, under the names of the config."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from neuromod.errors import ConfigError, DamagedDataError
from neuromod.store.directory import RESULTS
from neuromod.store.layout import DRIVE, MAIN, SINGLE, Signal, SignalKind, Table, milliseconds, sample_times
from neuromod.store.provenance import Provenance, SynapseIds
from neuromod.store.sources import FileSource, SegmentSource, Source
from neuromod.store.spike_summary import SpikeSummary, summarise
from neuromod.store.trials import as_columns

Floats = NDArray[np.float64]


def open_results(path: PathLike[str] | str) -> Results:
    """Open a results file or a run directory; of a run without results yet, what its segments hold now.

    Raises:
        DamagedDataError: the file is damaged or not written by neuromod. AccessError, StorageError: it cannot
        be read.
    """
    path = Path(path)
    if not path.is_dir():
        return Results(FileSource(path))
    return Results(FileSource(path / RESULTS) if (path / RESULTS).exists() else SegmentSource(path))


class Results:
    """What a run recorded. Times are in ms from the begin of the simulation; neurons count from 0.

    Arrays are read when asked for. Names that were not recorded raise ConfigError with those that were.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def path(self) -> Path:
        """The file, or the directory of an unfinished run."""
        return self._source.path

    @property
    def finished(self) -> bool:
        """Whether this is a results file; otherwise the run goes on or was stopped."""
        return isinstance(self._source, FileSource)

    @property
    def dt_ms(self) -> float:
        """Time step."""
        return float(milliseconds(1, self._source.layout.dt))

    @property
    def duration_ms(self) -> float:
        """Simulated time that is recorded."""
        return float(milliseconds(self._source.steps, self._source.layout.dt))

    @property
    def populations(self) -> Mapping[str, int]:
        """Populations whose spikes are recorded, with their number of neurons."""
        return {source.population: source.size for source in self._source.layout.spikes}

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Everything that was sampled regularly."""
        return self._source.layout.signals

    def size(self, population: str) -> int:
        """Number of neurons."""
        return self.populations[_known("population", population, self.populations)]

    def spikes(self, population: str) -> tuple[Floats, NDArray[np.int64]]:
        """Times (n,) in ms and local ids (n,) of all spikes, in order of time."""
        size = self.size(population)
        times, ids = self._source.spikes(population)
        if len(times) != len(ids) or not (_in_order(times) and _known_ids(ids, size)):
            raise DamagedDataError(f"{self.path}: the spikes of {population} are not those of {size} neurons")
        return times, ids

    def signal(self, key: str) -> tuple[Floats, Floats]:
        """Times (n,) in ms and samples of a signal by its key: (n,), for reports and weights (n, columns)."""
        by_key = {signal.key: signal for signal in self.signals}
        signal = by_key[_known("signal", key, by_key)]
        samples = self._source.samples(signal)
        times = sample_times(signal, 0, len(samples), self._source.layout.dt)
        return times, samples[:, 0] if signal.kind in SINGLE else samples

    def rates(self, population: str) -> tuple[Floats, Floats]:
        """Begins of the bins (n,) in ms and mean firing rates (n,) in Hz."""
        return self._of_kind("rates", population)

    def lfp(self, population: str) -> tuple[Floats, Floats]:
        """Times (n,) in ms and LFP proxy (n,) in pA."""
        return self._of_kind("lfp", population)

    def modulator(self, name: str) -> tuple[Floats, Floats]:
        """Times (n,) in ms and level (n,) of `modulator_region`."""
        return self._of_kind("modulators", name)

    def report(self, population: str, variable: str) -> tuple[Floats, Floats]:
        """Times (n,) in ms and values (n, neurons), of the neurons that are the `ids` of the signal."""
        return self._of_kind("report", f"{population}_{variable}")

    def drive(self, name: str, receptor: str) -> tuple[Floats, Floats]:
        """Times (n,) in ms and signed drive (n,), from -1 to 1, of a receptor; `name`: `modulator_region`."""
        return self._beside("modulators", name, f"{DRIVE}{receptor}")

    def weights(self, projection: str, variable: str = "weight") -> tuple[Floats, Floats]:
        """Times (n,) in ms and weights (n, synapses), or another variable that was kept with them."""
        return self._beside("weights", projection, variable)

    @property
    def has_trials(self) -> bool:
        """Whether the run has a task, whose trials are logged."""
        return self._source.layout.trials is not None

    def trials(self) -> dict[str, NDArray[np.generic]]:
        """The log of a task: column -> (trials,), of the trials that have ended; cues and contexts by name.

        `pandas.DataFrame(results.trials())` is a table.
        """
        table = self._source.layout.trials
        if table is None:
            raise ConfigError("trials: recorded is none; the run has no task")
        return as_columns(table, self._source.trials())

    def schedule(self) -> dict[str, NDArray[np.generic]]:
        """What a task had drawn beforehand: column -> (trials,), of all trials."""
        schedule = self.provenance().schedule
        if not schedule:
            raise ConfigError("schedule: recorded is none; the run has no task")
        rows = np.stack([values.astype(np.float64) for values in schedule.values()], axis=1)
        return as_columns(Table(tuple(schedule)), rows)

    def synapses(self, projection: str) -> SynapseIds:
        """The neurons that the synapses of recorded weights join, in the order of the columns."""
        known = self.provenance().synapses
        return known[_known("projection", projection, known)]

    @property
    def has_provenance(self) -> bool:
        """Whether `provenance` is known; an unfinished run may not have written it."""
        return self._source.has_provenance

    def provenance(self) -> Provenance:
        """Config, plan, versions, seed and the circumstances of the run.

        Raises:
            StorageError: an unfinished run has not written it.
        """
        return self._source.provenance()

    def advances(self) -> tuple[tuple[float, float], ...]:
        """Simulated time in ms, and biological time in s, of every advance of the run."""
        if not self.has_provenance:
            return ()
        dt = self._source.layout.dt
        known = self.provenance().advances
        return tuple((float(milliseconds(step, dt)), duration) for step, duration in known)

    def summary(self) -> dict[str, SpikeSummary]:
        """Spikes of every population in a few numbers."""
        return {
            name: summarise(name, size, *self.spikes(name), self.duration_ms)
            for name, size in self.populations.items()
        }

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _beside(self, kind: SignalKind, owner: str, variable: str) -> tuple[Floats, Floats]:
        of_kind = [signal for signal in self.signals if signal.kind == kind]
        _known(kind, owner, [signal.owner for signal in of_kind if signal.variable == MAIN[kind]])
        known = {signal.variable: signal.key for signal in of_kind if signal.owner == owner}
        return self.signal(known[_known(f"variable of {owner}", variable, known)])

    def _of_kind(self, kind: SignalKind, name: str) -> tuple[Floats, Floats]:
        _known(kind, name, [signal.name for signal in self.signals if signal.kind == kind])
        return self.signal(f"{kind}/{name}")


def _in_order(times: Floats) -> bool:
    """Whether times begin at 0 or later and never go back; what is not a number is in no order."""
    if not times.size:
        return True
    return bool(times[0] >= 0 and times[-1] < np.inf and np.all(times[1:] >= times[:-1]))


def _known_ids(ids: NDArray[np.int64], size: int) -> bool:
    return not ids.size or bool(ids.min() >= 0 and ids.max() < size)


def _known(what: str, name: str, allowed: Iterable[str]) -> str:
    names = list(allowed)
    if name in names:
        return name
    close = difflib.get_close_matches(name, names, 1)
    hint = f"; did you mean {close[0]}?" if close else ""
    recorded = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    raise ConfigError(f"{what}: got {name}, recorded {'are ' + recorded if names else 'is none'}{hint}")
