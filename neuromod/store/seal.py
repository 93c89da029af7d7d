"""The seal: a file carries the proof that it is complete and unchanged.

The first 512 bytes of a sealed file are an HDF5 user block, which HDF5 readers skip:

    offset  bytes
    0       8      magic `NEUROMOD`
    8       8      length of the whole file, little endian
    16      32     SHA-256 of everything after the user block
    48      32     SHA-256 of the first 48 bytes
    80      432    zero

A seal shows damage. It is not a signature: whoever changes a file on purpose can seal it again.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import h5py

from neuromod.errors import DamagedDataError
from neuromod.store.disk import storage_failures

MAGIC = b"NEUROMOD"
SEAL_SIZE = 512
BLOCK = 1 << 20
_SEALED = 48


def header(length: int, body_digest: bytes) -> bytes:
    """The 512 bytes that seal a file of `length` bytes whose body has this SHA-256."""
    front = MAGIC + length.to_bytes(8, "little") + body_digest
    return (front + hashlib.sha256(front).digest()).ljust(SEAL_SIZE, b"\0")


def write_image(fill: Callable[[h5py.File], None]) -> bytes:
    """A sealed HDF5 file in memory, with the content that `fill` puts into it.

    The same content gives the same bytes: objects keep the order of their creation and carry no times.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=SEAL_SIZE, track_order=True) as file:
        fill(file)
    image = buffer.getbuffer()
    image[:SEAL_SIZE] = header(len(image), hashlib.sha256(image[SEAL_SIZE:]).digest())
    return bytes(image)


def digest_of(descriptor: int, offset: int) -> bytes:
    """SHA-256 of an open file from `offset` to its end, read in pieces."""
    digest = hashlib.sha256()
    while piece := os.pread(descriptor, BLOCK, offset):
        digest.update(piece)
        offset += len(piece)
    return digest.digest()


def check_image(image: bytes, name: str) -> None:
    """Raise DamagedDataError unless the bytes of file `name` carry a seal that holds."""
    _check_header(image[:SEAL_SIZE], len(image), name)
    _check_body(image[:SEAL_SIZE], hashlib.sha256(memoryview(image)[SEAL_SIZE:]).digest(), name)


def verify(path: Path) -> int:
    """Raise DamagedDataError unless the seal of a file holds; returns the length of the file in bytes.

    Raises:
        AccessError, StorageError: the file cannot be read.
    """
    with storage_failures("read", path):
        # Without waiting: a named pipe would otherwise be opened when its writer comes, perhaps never.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise DamagedDataError(f"{path}: not a regular file")
            length = about.st_size
            front = os.pread(descriptor, SEAL_SIZE, 0)
            _check_header(front, length, str(path))
            _check_body(front, digest_of(descriptor, SEAL_SIZE), str(path))
        finally:
            os.close(descriptor)
    return length


def _check_header(front: bytes, length: int, name: str) -> None:
    if front[:8] != MAGIC:
        raise DamagedDataError(f"{name}: not a file written by neuromod, or its first bytes are damaged")
    if len(front) < SEAL_SIZE or front != header(int.from_bytes(front[8:16], "little"), front[16:_SEALED]):
        raise DamagedDataError(f"{name}: damaged, its seal is not whole")
    stated = int.from_bytes(front[8:16], "little")
    if stated != length:
        raise DamagedDataError(f"{name}: damaged, it has {length} bytes and was written with {stated}")


def _check_body(front: bytes, digest: bytes, name: str) -> None:
    if digest != front[16:_SEALED]:
        raise DamagedDataError(f"{name}: damaged or changed after it was written, its seal does not hold")
