"""One run per directory: a lock that the system takes back when its holder dies, however it dies."""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import re
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from neuromod.errors import OutputError
from neuromod.store.disk import storage_failures

NAME = ".lock"
PATIENCE = 5.0
"""Seconds in which a new holder has written its name, and a program whose parent was killed has ended."""
_HOLDER = re.compile(r"process (\d+) on (.*)")


class DirectoryLock:
    """The lock of a directory, held from creation to `release` or the end of the process and of the program
    that it started.

    The file `.lock` names the holder (process and host). It stays when the lock is released: removing it
    would let two processes hold locks of two different files.
    """

    def __init__(self, directory: Path) -> None:
        """Take the lock at once; where its holder has just died, as soon as what it started is gone too.

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
        deadline = time.monotonic() + PATIENCE
        while not self._try():
            holder = os.pread(self.descriptor, 300, 0).decode("utf-8", "replace").strip()
            if _is_there(holder) or time.monotonic() > deadline:
                raise OutputError(f"{directory} is in use by {holder or 'another process'}")
            time.sleep(0.01)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"process {os.getpid()} on {platform.node()}\n".encode(), 0)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            return False
        return True

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self.descriptor >= 0:
            os.ftruncate(self.descriptor, 0)
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _is_there(holder: str) -> bool:
    """Is the process of that name alive, as far as this machine can know."""
    named = _HOLDER.fullmatch(holder)
    if named is None:
        return False
    if named[2] != platform.node():
        return True
    try:
        os.kill(int(named[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
