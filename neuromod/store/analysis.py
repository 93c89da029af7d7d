"""The file of an analysis, beside the results that it was computed from (see docs/analysis.md).

/neuromod            attributes analysis_version, seed, structure_key: of the run
  parameters         attributes: everything that was chosen
  versions           attributes: of the software that computed it
  run                attributes; the only part that may differ between equal runs: the digest of the results
/rhythms/<table>/<column>
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from neuromod.errors import DamagedDataError, StorageError
from neuromod.store.atomic import commit_hdf5
from neuromod.store.directory import RESULTS
from neuromod.store.disk import DISK, Disk, storage_failures
from neuromod.store.guarded import integer, open_guarded, parsing, text_of
from neuromod.store.objects import COMPRESSED, array, attributes, describe, dimension, group, texts
from neuromod.store.provenance import Fact
from neuromod.store.seal import SEAL_SIZE

ANALYSIS = "analysis.h5"
ANALYSIS_VERSION = 1


@dataclass(frozen=True)
class Column:
    """Values (n,), numbers or texts, or (n, m) over the columns that `axes` names."""

    name: str
    values: NDArray[np.generic] | Sequence[str]
    units: str
    long_name: str
    axes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Columns; the first is the coordinate of the others, unless they name theirs."""

    name: str
    columns: tuple[Column, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """Which results an analysis is of: digest of the file, program and seed of the run."""

    digest: str
    structure_key: str
    seed: int


def results_of(path: Path) -> Path:
    """The results file that a path means: itself, or the one in a run directory.

    Raises:
        StorageError: the run has not finished.
    """
    if not path.is_dir():
        return path
    if not (path / RESULTS).exists():
        raise StorageError(f"{path} holds no {RESULTS} yet; neuromod resume {path} finishes the run")
    return path / RESULTS


def digest_of_results(path: Path) -> str:
    """The SHA-256, in hexadecimal, that the seal of a results file states; opening the file has checked it.

    Raises:
        AccessError, StorageError: it cannot be read.
    """
    with storage_failures("read", path), path.open("rb") as file:
        return file.read(SEAL_SIZE)[16:48].hex()


def write_analysis(
    path: Path,
    tables: Sequence[Table],
    origin: Origin,
    parameters: Mapping[str, Fact],
    versions: Mapping[str, str],
    disk: Disk = DISK,
) -> Path:
    """Commit an analysis as a whole, in the place of an older one.

    Raises:
        AccessError, StorageError: it cannot be written; an older one is still there.
    """

    def fill(file: h5py.File) -> Generator[None, None, None]:
        root = group(file, "neuromod")
        facts = {"seed": origin.seed, "structure_key": origin.structure_key}
        attributes(root, {"analysis_version": ANALYSIS_VERSION} | facts)
        attributes(group(root, "parameters"), parameters)
        attributes(group(root, "versions"), versions)
        attributes(group(root, "run"), {"results_sha256": origin.digest})
        part = group(file, "rhythms")
        for table in tables:
            _put(part, table)
            yield

    commit_hdf5(path, fill, disk)
    return path


def is_analysis(path: Path) -> bool:
    """Is a file an analysis, by what it holds.

    Raises:
        DamagedDataError: its seal does not hold. AccessError, StorageError: it cannot be read.
    """
    if path.is_dir() or path.name == RESULTS:
        return False
    with open_guarded(path) as file:
        return "neuromod" in file and "analysis_version" in file["neuromod"].attrs


def about_analysis(path: Path) -> dict[str, object]:
    """What an analysis is of and how it was made.

    Raises:
        DamagedDataError: damaged, or of a later release. AccessError, StorageError: it cannot be read.
    """
    with open_guarded(path) as file, parsing(path):
        root = file["neuromod"]
        version = integer(root, "analysis_version")
        if version > ANALYSIS_VERSION:
            known = f"this release reads {ANALYSIS_VERSION}; update it"
            raise DamagedDataError(f"{path}: has analysis version {version}, {known}")
        return {
            "results_sha256": text_of(root["run"], "results_sha256"),
            "structure_key": text_of(root, "structure_key"),
            "seed": integer(root, "seed"),
            "parameters": {name: _plain(value) for name, value in root["parameters"].attrs.items()},
            "versions": {name: str(value) for name, value in root["versions"].attrs.items()},
        }


def _plain(value: object) -> Fact:
    plain = value.item() if isinstance(value, np.generic) else value
    return plain if isinstance(plain, (str, int, float)) else str(plain)


def _put(parent: h5py.Group, table: Table) -> None:
    part = parent
    for name in table.name.split("/"):
        part = group(part, name)
    attributes(part, table.facts)
    data = {column.name: _column(part, column) for column in table.columns}
    first = table.columns[0].name
    for column in table.columns[1:]:
        axes = column.axes or (first,)
        for axis, name in enumerate(axes):
            if name != column.name:
                dimension(data[column.name], axis, data[name])


def _column(part: h5py.Group, column: Column) -> h5py.Dataset:
    if not isinstance(column.values, np.ndarray):
        return texts(part, column.name, list(column.values), column.long_name)
    if column.values.ndim == 1:
        return array(part, column.name, column.values, column.units, column.long_name)
    data = part.create_dataset(column.name, data=column.values, **COMPRESSED)
    return describe(data, column.units, column.long_name)
