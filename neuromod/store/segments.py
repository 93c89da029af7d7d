"""Segments: what was recorded between two commits, each in a small sealed file of its own.

    segments/seg-000041.h5   attributes layout_version, dt_s, start_step, stop_step
      /spikes/<population>/{step,node_ids}
      /signals/<kind>/<name>/{values,ids}
      /trials/<column>

A run never adds to a file, so whatever happens to it, all earlier segments stay whole and readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import h5py
import numpy as np
from numpy.typing import NDArray

from neuromod.errors import DamagedDataError, InternalError
from neuromod.store.atomic import commit, ensure_directory
from neuromod.store.codec import describe_signal, in_order, read_dt, read_signal, read_source
from neuromod.store.directory import SEGMENTS
from neuromod.store.disk import DISK, Disk, in_folder, storage_failures
from neuromod.store.guarded import children, integer, open_guarded, parsing, read_array
from neuromod.store.layout import LAYOUT_VERSION, Layout, SegmentData, Signal, SpikeSource
from neuromod.store.objects import attributes, describe, group
from neuromod.store.seal import write_image
from neuromod.store.trials import TRIALS, get_rows, get_table, put_rows

_NAME = re.compile(r"seg-(\d{6,})\.h5")


def segment_path(directory: PathLike[str], number: int) -> Path:
    """Where segment `number` of a run is."""
    return in_folder(Path(directory) / SEGMENTS, f"seg-{number:06d}.h5")


def segment_paths(directory: PathLike[str]) -> list[Path]:
    """The segments that a run directory has, in order.

    Raises:
        DamagedDataError: one is missing in between.
    """
    numbers = segment_numbers(directory)
    if numbers != list(range(len(numbers))):
        missing = next(k for k, number in enumerate(numbers) if number != k)
        raise DamagedDataError(f"{segment_path(directory, missing)} is missing")
    return [segment_path(directory, number) for number in numbers]


def segment_numbers(directory: PathLike[str]) -> list[int]:
    """The numbers of the segments that a run directory has, in order."""
    folder = Path(directory) / SEGMENTS
    with storage_failures("read", folder):
        names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return sorted(int(match[1]) for name in names if (match := _NAME.fullmatch(name)))


def write_segment(
    directory: PathLike[str], number: int, layout: Layout, data: SegmentData, disk: Disk = DISK
) -> Path:
    """Commit a segment of a run.

    Raises:
        AccessError, StorageError: it cannot be written. InternalError: the data are not what the layout says.
    """
    _check(layout, data)
    path = segment_path(directory, number)
    ensure_directory(path.parent, disk)
    commit(path, write_image(lambda file: _fill(file, layout, data)), disk)
    return path


def read_segments(directory: PathLike[str], layout: Layout) -> Iterator[SegmentData]:
    """All segments of a run in order, each read and checked when its turn comes.

    Raises:
        DamagedDataError: a segment is missing, damaged, or of another run.
    """
    reached = 0
    for path in segment_paths(directory):
        with SegmentFile(path) as segment:
            if segment.layout != layout or segment.start != reached:
                raise DamagedDataError(f"{path}: does not continue the segments before it")
            reached = segment.stop
            yield segment.data()


class SegmentFile:
    """One segment, open for reading."""

    def __init__(self, path: Path) -> None:
        """Open and check.

        Raises:
            DamagedDataError: damaged, or not a segment. AccessError, StorageError: it cannot be read.
        """
        self.path = path
        self._file = open_guarded(path)
        try:
            with parsing(path):
                self._read_layout()
        except BaseException:
            self._file.close()
            raise

    def _read_layout(self) -> None:
        version = integer(self._file, "layout_version")
        if version > LAYOUT_VERSION:
            raise DamagedDataError(
                f"{self.path}: has layout version {version}, this release reads {LAYOUT_VERSION}"
            )
        self.start, self.stop = integer(self._file, "start_step"), integer(self._file, "stop_step")
        signals = [part for kind in children(self._file["signals"]) for part in children(kind)]
        self.layout = Layout(
            dt=read_dt(self._file),
            spikes=tuple(read_source(part) for part in children(self._file["spikes"])),
            signals=in_order((part["values"], _signal(part)) for part in signals),
            trials=get_table(self._file[TRIALS]) if TRIALS in self._file else None,
        )

    def spikes(self, population: str) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Steps and local ids."""
        with parsing(self.path):
            part = self._file["spikes"][population]
            return read_array(part["step"]).astype(np.int64), read_array(part["node_ids"]).astype(np.int32)

    def signal(self, key: str) -> NDArray[np.float64]:
        """Samples (n, columns)."""
        with parsing(self.path):
            return read_array(self._file["signals"][key]["values"]).astype(np.float64)

    def trials(self) -> NDArray[np.float64]:
        """Trials that ended (n, columns)."""
        if self.layout.trials is None:
            return np.zeros((0, 0))
        with parsing(self.path):
            return get_rows(self._file[TRIALS])

    def data(self) -> SegmentData:
        """Everything in it."""
        spikes = {source.population: self.spikes(source.population) for source in self.layout.spikes}
        signals = {signal.key: self.signal(signal.key) for signal in self.layout.signals}
        return SegmentData(self.start, self.stop, spikes, signals, self.trials())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _signal(part: h5py.Group) -> Signal:
    ids = tuple(read_array(part["ids"]).tolist()) if "ids" in part else ()
    return read_signal(part["values"], ids)


def _fill(file: h5py.File, layout: Layout, data: SegmentData) -> None:
    attributes(file, {"layout_version": LAYOUT_VERSION, "dt_s": layout.dt})
    attributes(file, {"start_step": data.start, "stop_step": data.stop})
    spikes, signals = group(file, "spikes"), group(file, "signals")
    for source in layout.spikes:
        part = group(spikes, source.population)
        part.attrs["size"] = source.size
        step, ids = data.spikes[source.population]
        describe(
            part.create_dataset("step", data=np.asarray(step, np.int64)),
            "1",
            "step of the spike, of dt_s each",
        )
        describe(part.create_dataset("node_ids", data=np.asarray(ids, np.int32)), "1", "neuron, from 0")
    for order, signal in enumerate(layout.signals):
        part = group(group(signals, signal.kind), signal.name)
        values = part.create_dataset("values", data=np.asarray(data.signals[signal.key], np.float64))
        describe_signal(values, signal, order)
        if signal.ids:
            ids = part.create_dataset("ids", data=np.array(signal.ids, np.int64))
            describe(ids, "1", "neuron or synapse of each column")
    if layout.trials is not None:
        put_rows(group(file, TRIALS), layout.trials, data.trials)


def _check(layout: Layout, data: SegmentData) -> None:
    if not 0 <= data.start <= data.stop:
        raise InternalError(f"a segment from step {data.start} to {data.stop}")
    for source in layout.spikes:
        _check_spikes(source, data)
    for signal in layout.signals:
        _check_signal(signal, data)


def _check_spikes(source: SpikeSource, data: SegmentData) -> None:
    step, ids = data.spikes[source.population]
    name = f"spikes of {source.population} in steps {data.start} to {data.stop}"
    if step.shape != ids.shape or step.ndim != 1:
        raise InternalError(f"{name}: steps {step.shape}, ids {ids.shape}")
    if not len(step):
        return
    if step[0] < data.start or step[-1] >= data.stop or ids.min() < 0 or ids.max() >= source.size:
        raise InternalError(f"{name}: out of range")
    later, same = step[1:] > step[:-1], step[1:] == step[:-1]
    if not np.all(later | (same & (ids[1:] > ids[:-1]))):
        raise InternalError(f"{name}: not sorted by step and then by neuron")


def _check_signal(signal: Signal, data: SegmentData) -> None:
    samples = data.signals[signal.key]
    fewest = max(0, signal.complete(data.stop) - signal.begun(data.start))
    most = signal.begun(data.stop) - signal.complete(data.start)
    columns = len(signal.ids) if signal.kind == "report" else signal.columns
    right = samples.ndim == 2 and samples.shape[1] == signal.columns == columns
    if not (right and fewest <= len(samples) <= most):
        raise InternalError(f"{signal.key} in steps {data.start} to {data.stop}: {samples.shape} samples")
