"""One run per directory: a lock that the system takes back when its holder dies, however it dies."""

from __future__ import annotations

import errno
import fcntl
import os
import platform
from pathlib import Path
from types import TracebackType
from typing import Self

from neuromod.errors import OutputError
from neuromod.store.disk import storage_failures

NAME = ".lock"


class DirectoryLock:
    """The lock of a directory, held from creation to `release` or the end of the process.

    The file `.lock` names the holder (process and host). It stays when the lock is released: removing it
    would let two processes hold locks of two different files.
    """

    def __init__(self, directory: Path) -> None:
        """Take the lock at once.

        Raises:
            OutputError: another process holds it. AccessError, StorageError: the file cannot be made.
        """
        path = directory / NAME
        with storage_failures("lock", directory):
            self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
            try:
                self._take(directory)
            except BaseException:
                os.close(self.descriptor)
                raise

    def _take(self, directory: Path) -> None:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            holder = os.pread(self.descriptor, 300, 0).decode("utf-8", "replace").strip() or "another process"
            raise OutputError(f"{directory} is in use by {holder}") from error
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"process {os.getpid()} on {platform.node()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
