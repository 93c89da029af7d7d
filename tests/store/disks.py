"""Disks on which something goes wrong."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from neuromod.store.atomic import SUFFIX
from neuromod.store.disk import Disk

OPERATIONS = (
    "create", "write", "truncate", "sync", "rename", "sync_directory", "remove", "make_directory", "link",
)  # fmt: skip


class Died(BaseException):
    """The process has been killed."""


class Watched(Disk):
    """Calls `before(number, operation)` before every operation except the removal of temporary files."""

    def __init__(self, before: Callable[[int, str], None]) -> None:
        self.before = before
        self.trace: list[str] = []

    def __getattribute__(self, name: str) -> object:
        operation = super().__getattribute__(name)
        if name not in OPERATIONS:
            return operation

        def watched(*arguments: object) -> object:
            if name == "remove" and str(arguments[0]).endswith(SUFFIX):
                self.tidy_up()
                return operation(*arguments)
            self.trace.append(name)
            self.before(len(self.trace) - 1, name)
            return operation(*arguments)

        return watched

    def tidy_up(self) -> None:
        """A temporary file is to be removed."""


def failing(at: int, number: int = errno.EIO) -> Watched:
    """Operation `at` fails once; the process lives on and can tidy up."""

    def fail(k: int, operation: str) -> None:
        if k == at:
            raise OSError(number, os.strerror(number))

    return Watched(fail)


class Dying(Watched):
    """From operation `at` on nothing reaches the disk, not even the removal of temporary files."""

    def __init__(self, at: int) -> None:
        def die(k: int, operation: str) -> None:
            if k >= at:
                raise Died

        super().__init__(die)
        self.at = at

    def tidy_up(self) -> None:
        if len(self.trace) > self.at:
            raise Died


class Full(Disk):
    """A disk with room for `room` bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, descriptor: int, offset: int, data: memoryview | bytes) -> None:
        self.room -= memoryview(data).nbytes
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(descriptor, offset, data)


class Forgetful(Disk):
    """A disk that changes one bit of what it is given."""

    def write(self, descriptor: int, offset: int, data: memoryview | bytes) -> None:
        changed = bytearray(data)
        changed[len(changed) // 2] ^= 1
        super().write(descriptor, offset, bytes(changed))
