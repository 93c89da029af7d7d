"""HDF5 objects as this project writes them: in order of creation, described, in types every reader knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import h5py
import numpy as np
from numpy.typing import NDArray

COMPRESSED = {"compression": "gzip", "compression_opts": 4, "shuffle": True}
ELEMENTS = 8192
"""Elements of a chunk: 64 KiB of float64."""


def group(parent: h5py.Group, name: str) -> h5py.Group:
    """The group of that name, made if it is not there."""
    return parent[name] if name in parent else parent.create_group(name, track_order=True)


def describe(dataset: h5py.Dataset, units: str, long_name: str) -> h5py.Dataset:
    """Give a dataset its unit and its description."""
    dataset.attrs["units"] = units
    dataset.attrs["long_name"] = long_name
    return dataset


def growing(
    parent: h5py.Group,
    name: str,
    dtype: str,
    columns: int | None,
    *,
    compressed: bool,
    elements: int = ELEMENTS,
) -> h5py.Dataset:
    """An empty dataset that rows are appended to: (n,), or (n, columns)."""
    options = COMPRESSED if compressed else {}
    if columns is None:
        return parent.create_dataset(name, (0,), dtype, maxshape=(None,), chunks=(elements,), **options)
    width = max(1, min(columns, elements))
    chunks = (max(1, elements // width), width)
    return parent.create_dataset(
        name, (0, columns), dtype, maxshape=(None, columns), chunks=chunks, **options
    )


def append(dataset: h5py.Dataset, rows: NDArray[np.generic]) -> None:
    """Append rows to a growing dataset."""
    if len(rows):
        begin = dataset.shape[0]
        dataset.resize(begin + len(rows), axis=0)
        dataset[begin:] = rows


def array(
    parent: h5py.Group,
    name: str,
    values: NDArray[np.generic],
    units: str,
    long_name: str,
    *,
    compressed: bool = True,
) -> h5py.Dataset:
    """A described one-dimensional dataset with these values, chunked."""
    chunks = (max(1, min(len(values), ELEMENTS)),)
    options = COMPRESSED if compressed else {}
    data = parent.create_dataset(name, data=values, maxshape=(None,), chunks=chunks, **options)
    return describe(data, units, long_name)


def texts(parent: h5py.Group, name: str, values: Sequence[str], long_name: str) -> h5py.Dataset:
    """A described dataset of short texts: UTF-8 of fixed length, because h5py reads others as objects."""
    encoded = [value.encode() for value in values]
    dtype = h5py.string_dtype("utf-8", max([1, *map(len, encoded)]))
    return array(parent, name, np.array(encoded, dtype), "1", long_name)


def text(parent: h5py.Group, name: str, value: str, long_name: str) -> h5py.Dataset:
    """A described dataset that is one text."""
    encoded = value.encode()
    dtype = h5py.string_dtype("utf-8", max(1, len(encoded)))
    return describe(parent.create_dataset(name, data=np.array(encoded, dtype)), "1", long_name)


def attributes(target: h5py.Group | h5py.Dataset, values: Mapping[str, object]) -> None:
    """Set attributes, in this order."""
    for key, value in values.items():
        target.attrs[key] = value


def dimension(dataset: h5py.Dataset, axis: int, scale: h5py.Dataset) -> None:
    """Say that `scale`, in the same group, holds the coordinates of an axis."""
    if not scale.is_scale:
        scale.make_scale(scale.name.rsplit("/", 1)[1])
    dataset.dims[axis].attach_scale(scale)
