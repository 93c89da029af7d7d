"""Letting HDF5 write into a file of ours without ever telling it about a failure.

After a failed write HDF5 cannot close a file any more, and takes the process down sooner or later. An
exception out of a Python file object while HDF5 closes it does so at once, and an interrupt can come out of
any Python code. So the file object keeps failures to itself, and HDF5 works in a thread of its own, where no
signal handler runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor

import h5py

from neuromod.store.disk import Disk
from neuromod.store.seal import SEAL_SIZE

Fill = Callable[[h5py.File], Generator[None, None, None]]
"""Puts content into a file; yields now and then, so that a failure or an interrupt ends it there."""

CHUNK_CACHE = 1 << 18
"""Bytes that HDF5 holds back per dataset: rows are only ever appended, so a few chunks are enough."""


def build(descriptor: int, fill: Fill, disk: Disk) -> None:
    """Write an HDF5 file, with room for a seal, into an empty open file.

    Raises:
        OSError: the first failure of the disk. Besides, whatever `fill` raises.
    """
    sink = _Sink(descriptor, disk)
    with ThreadPoolExecutor(1, "hdf5") as worker:

        def call[**P, T](work: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
            try:
                return worker.submit(work, *arguments, **keywords).result()
            finally:
                sink.check()

        options = {"userblock_size": SEAL_SIZE, "track_order": True, "rdcc_nbytes": CHUNK_CACHE}
        file: h5py.File = call(h5py.File, sink, "w", **options)
        steps = fill(file)
        try:
            while call(next, steps, _END) is not _END:
                pass
        finally:
            worker.submit(_close, steps, file).result()
    sink.check()


_END = object()


def _close(steps: Generator[None, None, None], file: h5py.File) -> None:
    steps.close()
    file.close()


class _Sink:
    """A file as h5py wants it. From the first failure on, what is written is kept in memory until the end."""

    def __init__(self, descriptor: int, disk: Disk) -> None:
        self._descriptor, self._disk = descriptor, disk
        self._at = self._size = 0
        self._failure: BaseException | None = None
        self._kept: list[tuple[int, bytes]] = []

    def check(self) -> None:
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
        """Bytes that were written before, zeros where none were."""
        data = bytearray(size)
        self._attempt(lambda: self._read_into(data))
        for begin, piece in self._kept:
            first, last = max(begin, self._at), min(begin + len(piece), self._at + size)
            if first < last:
                data[first - self._at : last - self._at] = piece[first - begin : last - begin]
        self._at += size
        return bytes(data)

    def write(self, data: memoryview) -> int:
        """Write at the current place."""
        size = memoryview(data).nbytes
        if not self._attempt(lambda: self._disk.write(self._descriptor, self._at, data)):
            self._kept.append((self._at, bytes(data)))
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

    def _read_into(self, data: bytearray) -> None:
        piece = os.pread(self._descriptor, len(data), self._at)
        data[: len(piece)] = piece

    def _attempt(self, work: Callable[[], None]) -> bool:
        if self._failure is not None:
            return False
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - nothing may come out into HDF5; `check` raises it
            self._failure = error
        return self._failure is None
