"""Writing a file so that there is always a whole one: the old until the new is safe on the device.

A temporary file in the same directory is written, synced and read back; only then it takes the final name,
and the directory is synced. Whatever happens before that, the file that had the name is untouched. After a
failed sync nothing is tried again on the same file: the system may have dropped the data it could not write.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from neuromod.errors import StorageError
from neuromod.store.building import Fill, build
from neuromod.store.disk import DISK, Disk, storage_failures
from neuromod.store.seal import SEAL_SIZE, digest_of, header

SUFFIX = ".tmp"


def commit(path: Path, image: bytes, disk: Disk = DISK) -> None:
    """Write `image` as the file `path`, or leave everything as it was.

    Raises:
        AccessError: permission denied. StorageError: disk full, or another failure.
    """

    def write(descriptor: int) -> bytes:
        disk.write(descriptor, 0, image)
        return hashlib.sha256(image).digest()

    _commit(path, write, disk)


def commit_hdf5(path: Path, fill: Fill, disk: Disk = DISK) -> None:
    """Write a sealed HDF5 file with the content that `fill` puts into it; it is built on disk, not in memory.

    Raises:
        AccessError: permission denied. StorageError: disk full, or another failure.
    """

    def write(descriptor: int) -> bytes:
        build(descriptor, fill, disk)
        length = os.fstat(descriptor).st_size
        disk.write(descriptor, 0, header(length, digest_of(descriptor, SEAL_SIZE)))
        return digest_of(descriptor, 0)

    _commit(path, write, disk)


def ensure_directory(path: Path, disk: Disk = DISK) -> None:
    """Make a directory, and its name safe, unless it is there.

    Raises:
        AccessError: permission denied. StorageError: another failure.
    """
    with storage_failures("write", path):
        if not path.is_dir():
            disk.make_directory(path)
            disk.sync_directory(path.parent)


def sweep(directory: Path) -> list[Path]:
    """Remove the temporary files that a killed process left in a directory; returns what was removed."""
    with storage_failures("tidy up", directory):
        left = sorted(directory.glob(f".*{SUFFIX}"))
        for path in left:
            path.unlink(missing_ok=True)
    return left


def _commit(path: Path, write: Callable[[int], bytes], disk: Disk) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{SUFFIX}")
    with storage_failures("write", path):
        try:
            descriptor = disk.create(temporary)
            try:
                digest = write(descriptor)
                disk.sync(descriptor)
                if digest_of(descriptor, 0) != digest:
                    raise StorageError(f"cannot write {path}: what was read back is not what was written")
            finally:
                os.close(descriptor)
            disk.rename(temporary, path)
            disk.sync_directory(path.parent)
        except BaseException:
            disk.remove(temporary)
            raise
