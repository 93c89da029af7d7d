"""The few operations on a file system from which everything that is written is put together.

One small class, so that a test can stop before any operation, record their order, or let one fail.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from neuromod.errors import AccessError, NeuromodError, StorageError

REFUSALS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Disk:
    """The operating system's files; descriptors are plain numbers, every failure is an OSError."""

    def create(self, path: Path) -> int:
        """A new file, open for reading and writing; it must not exist."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)

    def write(self, descriptor: int, offset: int, data: memoryview | bytes) -> None:
        """All of `data` at `offset` (the system may write less at once)."""
        rest = memoryview(data).cast("B")
        while rest:
            done = os.pwrite(descriptor, rest, offset)
            rest, offset = rest[done:], offset + done

    def truncate(self, descriptor: int, size: int) -> None:
        """Set the length of a file."""
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        """Wait until the content is on the device."""
        os.fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file its final name, replacing what had it, in one step."""
        os.replace(source, target)

    def sync_directory(self, path: Path) -> None:
        """Wait until the names in a directory are on the device."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""
        path.unlink(missing_ok=True)

    def make_directory(self, path: Path) -> None:
        """A new directory; it must not exist."""
        path.mkdir()

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name."""
        os.link(source, target)


DISK = Disk()


def in_folder(folder: Path, name: str) -> Path:
    """`folder / name` for one of many names. CPython 3.12 keeps every part of a path that it takes apart in
    memory for ever; this one it does not take apart.
    """
    return folder.joinpath("name").with_name(name)


@contextmanager
def storage_failures(action: str, path: Path) -> Iterator[None]:
    """Turns an OSError into one sentence: `cannot <action> <path>: <reason>`.

    Raises:
        AccessError: the system refused access. StorageError: anything else went wrong.
    """
    try:
        yield
    except NeuromodError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        kind = AccessError if error.errno in REFUSALS else StorageError
        raise kind(f"cannot {action} {path}: {reason[:1].lower()}{reason[1:]}") from error
