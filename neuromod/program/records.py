"""Files of named arrays, as a program reads and writes them (`native/nm_arrays.hpp` is the other side)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any  # dtypes of several kinds in one table

import numpy as np
from numpy.typing import NDArray

from neuromod.errors import InternalError

MAGIC = b"NMARRAY1"
_CODES: dict[str, np.dtype[Any]] = {
    "d": np.dtype("<f8"),
    "f": np.dtype("<f4"),
    "i": np.dtype("<i4"),
    "l": np.dtype("<i8"),
    "b": np.dtype("u1"),
}
_HEAD = struct.Struct("<IcQ")

Array = NDArray[np.float64] | NDArray[np.float32] | NDArray[np.int32] | NDArray[np.int64] | NDArray[np.uint8]


def write_records(path: Path, records: Mapping[str, Array | str]) -> None:
    """Write arrays (float64, float32, int32, int64) and texts under their names."""
    with open(path, "wb") as file:
        file.write(MAGIC)
        for name, value in records.items():
            array = (
                np.frombuffer(value.encode(), np.uint8)
                if isinstance(value, str)
                else np.ascontiguousarray(value)
            )
            code = next((c for c, dtype in _CODES.items() if dtype == array.dtype), None)
            if code is None:
                raise InternalError(f"cannot write {name}: type {array.dtype}")
            file.write(_HEAD.pack(len(name), code.encode(), array.nbytes) + name.encode())
            file.write(array.data)


def read_records(path: Path) -> dict[str, Array]:
    """Read every array of a file.

    Raises:
        InternalError: the file is not whole.
    """
    data = path.read_bytes()
    if data[:8] != MAGIC:
        raise InternalError(f"{path.name} is not a file of arrays")
    records: dict[str, Array] = {}
    at = 8
    while at < len(data):
        length, code, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        name = data[at : at + length].decode()
        at += length
        if at + size > len(data):
            raise InternalError(f"{path.name} is truncated")
        dtype = _CODES[code.decode()]
        records[name] = np.frombuffer(data, dtype, size // dtype.itemsize, at)
        at += size
    return records
