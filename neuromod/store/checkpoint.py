"""Checkpoints: the whole state of a simulation between two steps, each in a sealed file of its own.

    checkpoints/00000041.h5   attributes checkpoint_version, step, segments, dt_s, structure_key,
                              fingerprint, exact
      versions                attributes: what computed it
      fixed                   name and SHA-256 of every array that the simulation does not change
      advances/{step,duration}     the advances that lie behind it; not there where there are none
      state/<array>           what the program handed over, under its names
      recorder/{spikes,bins}  what the parent of the program had counted

The number is that of the segments that belong to it: checkpoint 41 follows segments 0 to 40. A new checkpoint
has a new number, so nothing that is there is touched before it is safe; only then older ones go.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any  # arrays of several kinds in one table

import h5py
import numpy as np
from numpy.typing import NDArray

from neuromod.errors import DamagedDataError
from neuromod.store.advances import put_advances, read_advances
from neuromod.store.atomic import commit_hdf5, ensure_directory
from neuromod.store.directory import CHECKPOINTS
from neuromod.store.disk import DISK, Disk, in_folder, storage_failures
from neuromod.store.guarded import integer, number, open_guarded, parsing, read_array, read_texts, text_of
from neuromod.store.objects import attributes, describe, group, texts

CHECKPOINT_VERSION = 1
_NAME = re.compile(r"(\d{8,})\.h5")
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Checkpoint:
    """The state at the beginning of `step`, after `segments` segments.

    `state`: arrays under the names of the program. `fixed`: digests of the arrays that it does not change.
    `versions`: of what computed it. `exact`: was all of it computed by these versions. `spikes`:
    (populations,) counted so far, in `bins` bins. `advances`: (step, biological seconds) of those that lie
    behind this state.
    """

    step: int
    segments: int
    dt: float
    structure_key: str
    fingerprint: str
    versions: Mapping[str, str]
    fixed: Mapping[str, str]
    state: Arrays
    spikes: NDArray[np.int64]
    bins: int
    exact: bool = True
    advances: tuple[tuple[int, float], ...] = ()


def checkpoint_path(directory: PathLike[str], segments: int) -> Path:
    """Where the checkpoint after so many segments of a run is."""
    return in_folder(Path(directory) / CHECKPOINTS, f"{segments:08d}.h5")


def checkpoint_paths(directory: PathLike[str]) -> list[Path]:
    """The checkpoints of a run, the newest first."""
    folder = Path(directory) / CHECKPOINTS
    with storage_failures("read", folder):
        names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    numbers = sorted((int(match[1]) for name in names if (match := _NAME.fullmatch(name))), reverse=True)
    return [checkpoint_path(directory, number) for number in numbers]


def is_checkpoint(path: Path) -> bool:
    """Is a file a checkpoint, by its name."""
    return path.parent.name == CHECKPOINTS and _NAME.fullmatch(path.name) is not None


def write_checkpoint(
    directory: PathLike[str], checkpoint: Checkpoint, keep: int = 2, disk: Disk = DISK
) -> Path:
    """Commit a checkpoint of a run; then remove older ones beyond the newest `keep`.

    Raises:
        AccessError, StorageError: it cannot be written; what was there is still there.
    """
    path = checkpoint_path(directory, checkpoint.segments)
    ensure_directory(path.parent, disk)
    commit_hdf5(path, lambda file: _fill(file, checkpoint), disk)
    with storage_failures("tidy up", path.parent):
        for old in checkpoint_paths(directory)[keep:]:
            disk.remove(old)
    return path


def read_checkpoint(path: Path) -> Checkpoint:
    """Read and check a checkpoint.

    Raises:
        DamagedDataError: damaged, not a checkpoint, or of a later release. AccessError, StorageError: it
        cannot be read.
    """
    with open_guarded(path) as file, parsing(path):
        version = integer(file, "checkpoint_version")
        if version > CHECKPOINT_VERSION:
            known = f"this release reads {CHECKPOINT_VERSION}; update it"
            raise DamagedDataError(f"{path}: has checkpoint version {version}, {known}")
        names = read_texts(file["fixed/name"])
        return Checkpoint(
            step=integer(file, "step"),
            segments=integer(file, "segments"),
            dt=number(file, "dt_s"),
            structure_key=text_of(file, "structure_key"),
            fingerprint=text_of(file, "fingerprint"),
            versions={key: text_of(file["versions"], key) for key in file["versions"].attrs},
            fixed=dict(zip(names, read_texts(file["fixed/digest"]), strict=True)),
            state={name: read_array(file["state"][name]) for name in file["state"]},
            spikes=read_array(file["recorder/spikes"]).astype(np.int64),
            bins=integer(file["recorder"], "bins"),
            exact=bool(integer(file, "exact")),
            advances=read_advances(file),
        )


def _fill(file: h5py.File, checkpoint: Checkpoint) -> Generator[None, None, None]:
    attributes(
        file,
        {
            "checkpoint_version": CHECKPOINT_VERSION,
            "step": checkpoint.step,
            "segments": checkpoint.segments,
            "dt_s": checkpoint.dt,
            "structure_key": checkpoint.structure_key,
            "fingerprint": checkpoint.fingerprint,
            "exact": int(checkpoint.exact),
        },
    )
    attributes(group(file, "versions"), checkpoint.versions)
    fixed = group(file, "fixed")
    texts(fixed, "name", list(checkpoint.fixed), "array that the simulation does not change")
    texts(fixed, "digest", list(checkpoint.fixed.values()), "SHA-256 of its bytes")
    put_advances(file, checkpoint.advances)
    recorder = group(file, "recorder")
    recorder.attrs["bins"] = checkpoint.bins
    counted = recorder.create_dataset("spikes", data=checkpoint.spikes)
    describe(counted, "1", "spikes of each population so far")
    state = group(file, "state")
    for name, values in checkpoint.state.items():
        describe(state.create_dataset(name, data=values), "1", "array of the program, in SI units")
        yield
