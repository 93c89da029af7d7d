"""Where recorded data come from: a results file, or the segments of a run that has not finished."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import h5py
import numpy as np
from numpy.typing import NDArray

from neuromod.errors import DamagedDataError, StorageError
from neuromod.store.codec import in_order, read_dt, read_signal, read_source
from neuromod.store.directory import PROVENANCE
from neuromod.store.guarded import (
    children,
    integer,
    open_guarded,
    parsing,
    read_array,
    read_dense,
    text_of,
    within,
)
from neuromod.store.layout import LAYOUT_VERSION, MAIN, MAX_STEPS, Layout, Signal, milliseconds
from neuromod.store.provenance import Provenance, get_numbers, get_provenance, read_provenance
from neuromod.store.segments import SegmentFile, segment_paths
from neuromod.store.trials import TRIALS, get_rows, get_table


class Source(Protocol):
    """What `Results` reads; `steps` is how many steps are recorded."""

    path: Path
    layout: Layout
    steps: int

    def spikes(self, population: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Times (n,) in ms and local ids (n,)."""

    def samples(self, signal: Signal) -> NDArray[np.float64]:
        """Samples (n, columns)."""

    def trials(self) -> NDArray[np.float64]:
        """Trials that ended (n, columns)."""

    @property
    def has_provenance(self) -> bool:
        """Whether it is known where the data come from."""

    def provenance(self) -> Provenance:
        """Where the data come from."""

    def close(self) -> None:
        """Close all files."""


class FileSource:
    """A results file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = open_guarded(path)
        try:
            with parsing(path):
                self._read_layout()
        except BaseException:
            self.file.close()
            raise

    def _read_layout(self) -> None:
        root = self.file["neuromod"]
        version = integer(root, "layout_version")
        if version > LAYOUT_VERSION:
            raise DamagedDataError(
                f"{self.path}: has layout version {version}, this release reads {LAYOUT_VERSION}; update it"
            )
        self.steps = within(root, "stop_step", 0, MAX_STEPS)
        spikes = tuple(read_source(part) for part in children(self.file["spikes"]))
        trials = get_table(root[TRIALS]) if TRIALS in root else None
        self.layout = Layout(read_dt(root), spikes, in_order(self._signals()), trials)

    def _signals(self) -> Iterator[tuple[h5py.Dataset, Signal]]:
        for part in children(self.file["report"]):
            ids = tuple(read_array(part["neuron"]).tolist())
            yield part["data"], read_signal(part["data"], ids)
        for kind in MAIN:
            for part in children(self.file["neuromod"].get(kind, {})):
                ids = get_numbers(part) if "synapse" in part else ()
                names = [text_of(part, "signal"), *map(str, part.attrs.get("auxiliary_signals", ()))]
                yield from ((part[name], read_signal(part[name], ids)) for name in names)

    def spikes(self, population: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Times (n,) in ms and local ids (n,)."""
        with parsing(self.path):
            part = self.file["spikes"][population]
            times, ids = read_dense(part["timestamps"]), read_dense(part["node_ids"])
            return times.astype(np.float64), ids.astype(np.int64)

    def samples(self, signal: Signal) -> NDArray[np.float64]:
        """Samples (n, columns)."""
        with parsing(self.path):
            if signal.kind == "report":
                data = self.file["report"][signal.name]["data"]
            else:
                data = self.file["neuromod"][signal.kind][signal.owner][signal.variable]
            if data.shape[0] > signal.begun(self.steps):
                raise DamagedDataError(
                    f"{self.path}: {data.name} has more samples than the run has steps for"
                )
            return read_array(data).astype(np.float64).reshape(-1, signal.columns)

    def trials(self) -> NDArray[np.float64]:
        """Trials that ended (n, columns)."""
        with parsing(self.path):
            return get_rows(self.file["neuromod"][TRIALS])

    has_provenance = True

    def provenance(self) -> Provenance:
        """Where the data come from."""
        with parsing(self.path):
            return get_provenance(self.file["neuromod"])

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class SegmentSource:
    """The segments that a run directory has now; a run may add more, which are not seen."""

    def __init__(self, directory: Path) -> None:
        self.path = directory
        self.paths = segment_paths(directory)
        if not self.paths:
            raise StorageError(f"{directory} holds neither results.h5 nor segments of a run")
        with SegmentFile(self.paths[-1]) as segment:
            self.layout, self.steps = segment.layout, segment.stop

    def spikes(self, population: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Times (n,) in ms and local ids (n,)."""
        parts = [segment.spikes(population) for segment in self._segments()]
        steps, ids = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
        return milliseconds(steps, self.layout.dt), ids.astype(np.int64)

    def samples(self, signal: Signal) -> NDArray[np.float64]:
        """Samples (n, columns); of reports in single precision, which is what the results file will hold."""
        samples = np.concatenate([segment.signal(signal.key) for segment in self._segments()])
        return samples.astype(np.float32).astype(np.float64) if signal.kind == "report" else samples

    def trials(self) -> NDArray[np.float64]:
        """Trials that ended (n, columns)."""
        return np.concatenate([segment.trials() for segment in self._segments()])

    @property
    def has_provenance(self) -> bool:
        """Whether the run has written where the data come from."""
        return (self.path / PROVENANCE).exists()

    def provenance(self) -> Provenance:
        """Where the data come from.

        Raises:
            StorageError: the run has not written it.
        """
        return read_provenance(self.path)

    def close(self) -> None:
        """Nothing stays open."""

    def _segments(self) -> Iterator[SegmentFile]:
        for path in self.paths:
            with SegmentFile(path) as segment:
                if segment.layout != self.layout:
                    raise DamagedDataError(f"{path}: does not belong to the same run as the others")
                yield segment
