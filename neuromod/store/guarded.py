"""Opening HDF5 files that may come from anyone.

HDF5 follows links into other files, reads raw data from any path that a file names, and believes the sizes it
states. So before anything is read, the seal must hold, and every object must be of the plain kinds that this
project writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from neuromod.errors import DamagedDataError, NeuromodError, StorageError
from neuromod.store.layout import MAX_OBJECTS
from neuromod.store.seal import SEAL_SIZE, verify

FILTERS = frozenset({h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE})
DEFLATE_RATIO = 1100
"""Deflate makes data at most 1032 times smaller; a file that claims more claims data it does not have."""
LARGE, LIKELY_RATIO = 1 << 26, 500
"""Bytes from which a dataset is large; constant data are made 1000 times smaller, no others 500 times."""
DEPTH = 8


@contextmanager
def parsing(path: Path) -> Iterator[None]:
    """Turns what h5py raises on a strange file into one sentence.

    Raises:
        DamagedDataError: always in place of the others.
    """
    try:
        yield
    except NeuromodError:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DamagedDataError(f"{path}: not laid out as neuromod writes its files ({reason})") from error


def open_guarded(path: Path) -> h5py.File:
    """Open a sealed file for reading, after checking the seal and every object in it.

    Raises:
        DamagedDataError: the seal does not hold, or the file has objects that neuromod does not write.
        AccessError, StorageError: the file cannot be read.
    """
    verify(path)
    with parsing(path):
        file = h5py.File(path, "r", locking="best-effort")
        try:
            if file.userblock_size != SEAL_SIZE:
                raise DamagedDataError(f"{path}: its seal is not a user block of HDF5")
            _Walk(path).group(file["/"].id, "", 0)
        except BaseException:
            file.close()
            raise
    return file


class _Walk:
    """Looks at every link and every dataset once, without following or reading any.

    In the low-level interface of h5py: the other one takes several times as long, and a file may have many
    objects.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: set[int] = set()

    def group(self, group: h5py.h5g.GroupID, where: str, depth: int) -> None:
        """Check what the group called `where` holds."""
        if depth > DEPTH:
            self._refuse(where, "lies too deep")
        for name in group:
            self._member(group, name, f"{where}/{name.decode('utf-8', 'backslashreplace')}", depth)

    def _member(self, group: h5py.h5g.GroupID, name: bytes, where: str, depth: int) -> None:
        link = group.links.get_info(name)
        if link.type != h5py.h5l.TYPE_HARD:
            self._refuse(where, "is a link to something outside the file or by name")
        address = link.u
        if address in self.seen:
            return
        self.seen.add(address)
        if len(self.seen) > MAX_OBJECTS:
            self._refuse(where, f"is one of more than {MAX_OBJECTS} objects")
        child = h5py.h5o.open(group, name)
        if isinstance(child, h5py.h5g.GroupID):
            self.group(child, where, depth + 1)
        elif isinstance(child, h5py.h5d.DatasetID):
            self._dataset(child, where)
        else:
            self._refuse(where, "is neither a group nor a dataset")

    def _dataset(self, data: h5py.h5d.DatasetID, where: str) -> None:
        settings = data.get_create_plist()
        if settings.get_layout() == h5py.h5d.VIRTUAL or settings.get_external_count():
            self._refuse(where, "takes its data from another file")
        used = {settings.get_filter(k)[0] for k in range(settings.get_nfilters())}
        if not used <= FILTERS:
            self._refuse(where, "uses a filter other than gzip and shuffle")
        kind, space = data.get_type(), data.get_space()
        if kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING):
            self._refuse(where, "is neither numbers nor text")
        if kind.get_class() == h5py.h5t.STRING and kind.is_variable_str():
            self._refuse(where, "has elements of variable length")
        size = space.get_simple_extent_npoints() * kind.get_size()
        empty = space.get_simple_extent_type() == h5py.h5s.NULL
        if empty or size > data.get_storage_size() * (DEFLATE_RATIO if used else 1):
            self._refuse(where, "claims more data than the file holds")

    def _refuse(self, where: str, reason: str) -> None:
        raise DamagedDataError(f"{self.path}: {where} {reason}, which neuromod does not write")


def read_array(data: h5py.Dataset) -> NDArray[np.generic]:
    """All values of a checked dataset.

    Raises:
        StorageError: it is larger than the memory of this machine.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if data.nbytes > memory:
        need, have = data.nbytes / 2**30, memory / 2**30
        name = f"{data.name} of {data.file.filename}"
        raise StorageError(
            f"{name} needs {need:.1f} GiB, memory is {have:.1f} GiB; read it in parts with h5py"
        )
    return np.asarray(data[()])


def read_dense(data: h5py.Dataset) -> NDArray[np.generic]:
    """All values of a checked dataset that cannot be the same over and over, such as the times of spikes.

    Raises:
        DamagedDataError: compression has made it so small that it must be. StorageError: as `read_array`.
    """
    if unpacks_too_far(data):
        raise DamagedDataError(
            f"{data.file.filename}: {data.name} unpacks to {data.nbytes} bytes of one and the same value, "
            "which neuromod does not write"
        )
    return read_array(data)


def unpacks_too_far(data: h5py.Dataset) -> bool:
    """Whether a large dataset is stored in so few bytes that it can hold nothing but one value."""
    return bool(data.nbytes > LARGE and data.nbytes > LIKELY_RATIO * data.id.get_storage_size())


def children(group: h5py.Group) -> list[h5py.Group]:
    """The members of a group. h5py's own views lock HDF5 for as long as an iteration is under way, which is
    for good where it ends in an error that somebody keeps: every other thread would then wait for ever."""
    return [group[name] for name in group]


def read_text(data: h5py.Dataset) -> str:
    """A dataset that is one text."""
    return bytes(read_array(data)[()]).decode()


def read_texts(data: h5py.Dataset) -> list[str]:
    """A dataset of short texts."""
    return [bytes(value).decode() for value in read_array(data)]


def text_of(target: h5py.Group | h5py.Dataset, name: str) -> str:
    """An attribute that must be a text.

    Raises:
        DamagedDataError: it is something else, or has control characters.
    """
    value = target.attrs[name]
    if not isinstance(value, str) or not value.isprintable():
        raise DamagedDataError(f"{target.file.filename}: attribute {name} of {target.name} is not a text")
    return value


def number(target: h5py.Group | h5py.Dataset, name: str) -> float:
    """An attribute that must be a number."""
    return float(target.attrs[name])


def integer(target: h5py.Group | h5py.Dataset, name: str) -> int:
    """An attribute that must be a whole number."""
    value = target.attrs[name]
    if not isinstance(value, np.integer):
        raise DamagedDataError(
            f"{target.file.filename}: attribute {name} of {target.name} is not a whole number"
        )
    return int(value)


def within(target: h5py.Group | h5py.Dataset, name: str, low: int, high: int) -> int:
    """An attribute that must be a whole number from `low` to `high`."""
    value = integer(target, name)
    if not low <= value <= high:
        allowed = f"allowed is {low} to {high}"
        raise DamagedDataError(f"{target.file.filename}: got {name} {value} of {target.name}, {allowed}")
    return value
