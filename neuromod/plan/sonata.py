"""Reading foreign SONATA files without trusting them.

Links to other files, data stored elsewhere and data sets of the wrong shape or size are refused before
anything is read. h5py is imported where it is used: a network without such files is planned without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neuromod.config.read import shown

if TYPE_CHECKING:
    import h5py

MAX_ROWS = 200_000_000


@contextmanager
def population_group(path: Path, section: str, population: str | None) -> Iterator[h5py.Group]:
    """The group `/<section>/<population>` of a file; `population` may be left out when there is one only.

    Raises:
        ValueError: not an HDF5 file, or no such group.
    """
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError:
        raise ValueError(f"got {path.name}, which is not a readable HDF5 file") from None
    with file, _strange_files(path):
        groups = child(file, section, h5py.Group)
        names = sorted(groups)
        chosen = population if population is not None else names[0] if len(names) == 1 else ""
        if chosen not in names:
            allowed = ", ".join(shown(name) for name in names[:12]) or "none"
            raise ValueError(f"got the population `{chosen}` in {path.name}, allowed are {allowed}")
        yield child(groups, chosen, h5py.Group)


@contextmanager
def _strange_files(path: Path) -> Iterator[None]:
    """Turns what h5py raises on a file that is not what it seems into one sentence."""
    try:
        yield
    except (OSError, RuntimeError, KeyError, TypeError, AttributeError, UnicodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"got {path.name}, which is not laid out as a SONATA file ({reason})") from None


def child[T](group: h5py.Group, name: str, kind: type[T]) -> T:
    """The member `name` of a group, which must be of this kind and stored in the file itself."""
    import h5py

    link = group.get(name, getlink=True)
    if link is None:
        raise ValueError(f"got a file without `{group.name.rstrip('/')}/{name}`, which a SONATA file has")
    if not isinstance(link, h5py.HardLink):
        raise ValueError(
            f"got a link at `{group.name.rstrip('/')}/{name}`, allowed is data in the file itself"
        )
    found = group[name]
    if not isinstance(found, kind):
        raise ValueError(f"got a {type(found).__name__} at `{found.name}`, allowed is a {kind.__name__}")
    return found


def column(group: h5py.Group, name: str, *, rows: int | None = None) -> h5py.Dataset:
    """The one-dimensional data set `name`, checked but not yet read; `rows`: length it must have."""
    import h5py

    data = child(group, name, h5py.Dataset)
    if data.is_virtual or data.external:
        raise ValueError(
            f"got data stored in another file at `{data.name}`, allowed is data in the file itself"
        )
    if data.ndim != 1 or data.dtype.kind not in "iuf":
        raise ValueError(
            f"got {data.ndim} dimensions of {data.dtype} at `{data.name}`, allowed is one column of numbers"
        )
    if data.shape[0] > MAX_ROWS:
        raise ValueError(f"got {data.shape[0]} rows at `{data.name}`, allowed are at most {MAX_ROWS}")
    _check_storage(data)
    if rows is not None and data.shape[0] != rows:
        raise ValueError(f"got {data.shape[0]} rows at `{data.name}`, but {rows} in the columns beside it")
    return data


def _check_storage(data: h5py.Dataset) -> None:
    """Refuse data that the file does not hold, or that only unpack to a size out of all proportion."""
    from neuromod.store.guarded import DEFLATE_RATIO, unpacks_too_far

    packed = data.id.get_create_plist().get_nfilters() > 0
    if data.nbytes > data.id.get_storage_size() * (DEFLATE_RATIO if packed else 1):
        raise ValueError(f"got {data.nbytes} bytes at `{data.name}` that the file does not hold")
    if unpacks_too_far(data):
        raise ValueError(
            f"got `{data.name}`, which unpacks to {data.nbytes} bytes of one and the same value; "
            "allowed is to store it without compression"
        )


def read_numbers(data: h5py.Dataset) -> NDArray[np.float64]:
    """A checked column as float64; all values must be finite."""
    values = np.asarray(_all(data), dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError(f"got a value that is not finite in `{data.name}`, allowed are finite numbers")
    return values


def read_ids(data: h5py.Dataset, size: int) -> NDArray[np.int32]:
    """A checked column of neuron ids, all in [0, size)."""
    if data.dtype.kind not in "iu":
        raise ValueError(f"got {data.dtype} at `{data.name}`, allowed are whole numbers")
    return checked_ids(_all(data), size, str(data.name))


def checked_ids(ids: NDArray[np.number], size: int, where: str) -> NDArray[np.int32]:
    """Ids as int32; `ValueError` when one is not in [0, size)."""
    if ids.size and (ids.min() < 0 or ids.max() >= size):
        worst = ids.min() if ids.min() < 0 else ids.max()
        raise ValueError(f"got the neuron {worst} in {where}, allowed are 0 to {size - 1}")
    return ids.astype(np.int32)


def _all(data: h5py.Dataset) -> NDArray[np.number]:
    try:
        return np.asarray(data[:])
    except OSError:
        raise ValueError(f"got damaged data at `{data.name}`, which cannot be read") from None
