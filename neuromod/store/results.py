"""The results file: all segments of a run merged into one, with its provenance (see docs/results.md).

Memory stays flat: data pass through in blocks whose size depends on the layout alone, so that the bytes of
the file do not depend on where the segments ended.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterable
from os import PathLike
from pathlib import Path
from typing import Protocol

import h5py

from neuromod.errors import InternalError
from neuromod.store.atomic import commit_hdf5
from neuromod.store.blocks import block_steps, blocks
from neuromod.store.directory import RESULTS
from neuromod.store.disk import DISK, Disk
from neuromod.store.layout import LAYOUT_VERSION, Layout, SegmentData
from neuromod.store.objects import attributes, group
from neuromod.store.provenance import Provenance, put_provenance
from neuromod.store.segments import read_segments
from neuromod.store.sonata import ReportWriter, SpikeWriter, mark_root
from neuromod.store.traces import TraceWriter
from neuromod.store.trials import TrialWriter


class _Writer(Protocol):
    def append(self, block: SegmentData) -> None: ...

    def finish(self, stop: int) -> None: ...


def write_results(
    directory: PathLike[str], layout: Layout, provenance: Provenance, disk: Disk = DISK
) -> Path:
    """Merge the segments of a run into `results.h5`.

    Raises:
        DamagedDataError: a segment is missing or damaged. AccessError, StorageError: the file cannot be
        written.
    """
    path = Path(directory) / RESULTS
    commit_hdf5(path, lambda file: _fill(file, layout, provenance, read_segments(directory, layout)), disk)
    return path


def _fill(
    file: h5py.File, layout: Layout, provenance: Provenance, segments: Iterable[SegmentData]
) -> Generator[None, None, None]:
    mark_root(file)
    attributes(file, {"NX_class": "NXroot", "default": "neuromod"})
    spikes, reports, root = group(file, "spikes"), group(file, "report"), group(file, "neuromod")
    attributes(root, {"NX_class": "NXentry", "layout_version": LAYOUT_VERSION, "dt_s": layout.dt})
    put_provenance(root, _with_recorded_synapses(provenance, layout))
    writers: list[_Writer] = [SpikeWriter(spikes, source, layout.dt) for source in layout.spikes]
    for order, signal in enumerate(layout.signals):
        if signal.kind == "report":
            writers.append(ReportWriter(reports, signal, order, layout.dt))
        else:
            writers.append(TraceWriter(_kind(root, signal.kind, signal.owner), signal, order, layout.dt))
    if layout.trials is not None:
        writers.append(TrialWriter(root, layout.trials))
    stop = 0
    for block in blocks(segments, layout, block_steps(layout)):
        for writer in writers:
            writer.append(block)
        stop = block.stop
        yield
    for writer in writers:
        writer.finish(stop)
    root.attrs["stop_step"] = stop


def _kind(root: h5py.Group, kind: str, first: str) -> h5py.Group:
    """The group of a kind of signal. NeXus viewers open its first member, and the first kind of the file."""
    part = group(root, kind)
    if "NX_class" not in part.attrs:
        attributes(part, {"NX_class": "NXsubentry", "default": first})
    if "default" not in root.attrs:
        root.attrs["default"] = kind
    return part


def _with_recorded_synapses(provenance: Provenance, layout: Layout) -> Provenance:
    """Only the identities that recorded weights need, and as many."""
    columns = {signal.owner: signal.columns for signal in layout.signals if signal.kind == "weights"}
    synapses = {name: ids for name, ids in provenance.synapses.items() if name in columns}
    for name, ids in synapses.items():
        if not len(ids.source) == len(ids.target) == columns[name]:
            raise InternalError(f"{name}: {len(ids.source)} synapses and {columns[name]} columns of weights")
    return dataclasses.replace(provenance, synapses=synapses)
