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

import h5py

from neuromod.errors import StorageError
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


def commit_hdf5(path: Path, fill: Callable[[h5py.File], None], disk: Disk = DISK) -> None:
    """Write a sealed HDF5 file with the content that `fill` puts into it; it is built on disk, not in memory.

    Raises:
        AccessError: permission denied. StorageError: disk full, or another failure.
    """

    def write(descriptor: int) -> bytes:
        sink = _Sink(descriptor, disk)
        with h5py.File(sink, "w", userblock_size=SEAL_SIZE, track_order=True) as file:
            sink.call(lambda: fill(file))
        sink.finish()
        length = os.fstat(descriptor).st_size
        disk.write(descriptor, 0, header(length, digest_of(descriptor, SEAL_SIZE)))
        return digest_of(descriptor, 0)

    _commit(path, write, disk)


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


class _Sink:
    """A file as h5py wants it. The first failure is kept and everything after it ignored, so that HDF5 can
    close cleanly.

    HDF5 on its own may report a failed write and then close the broken file as if nothing had happened.
    """

    def __init__(self, descriptor: int, disk: Disk) -> None:
        self._descriptor, self._disk = descriptor, disk
        self._at = self._size = 0
        self._failure: OSError | None = None

    def call(self, work: Callable[[], None]) -> None:
        """Do the work; of two failures the one of the file counts, not what HDF5 makes of it."""
        try:
            work()
        except Exception:
            self.finish()
            raise

    def finish(self) -> None:
        """Raise the first failure, if there was one."""
        if self._failure is not None:
            raise self._failure

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; see io.IOBase."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """Where the next byte goes."""
        return self._at

    def read(self, size: int) -> bytes:
        """Bytes that were written before; zeros after a failure."""
        data = os.pread(self._descriptor, size, self._at).ljust(size, b"\0")
        self._at += size
        return data

    def write(self, data: memoryview) -> int:
        """Write at the current place."""
        size = memoryview(data).nbytes
        self._attempt(lambda: self._disk.write(self._descriptor, self._at, data))
        self._at += size
        self._size = max(self._size, self._at)
        return size

    def truncate(self, size: int) -> int:
        """Set the length."""
        self._attempt(lambda: self._disk.truncate(self._descriptor, size))
        self._size = size
        return size

    def flush(self) -> None:
        """Nothing is held back here."""

    def _attempt(self, work: Callable[[], None]) -> None:
        if self._failure is None:
            try:
                work()
            except OSError as error:
                self._failure = error
