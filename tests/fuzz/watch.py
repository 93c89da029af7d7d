"""Who opens what: Python's own audit events, and inotify for what C libraries open without asking Python."""

from __future__ import annotations

import ast
import ctypes
import os
import struct
import sys
from pathlib import Path

IN_ACCESS, IN_OPEN, NONBLOCK = 0x1, 0x20, 0x800
_HEAD = struct.Struct("iIII")
FORBIDDEN = (
    "exec",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.spawn",
    "os.posix_spawn",
    "os.fork",
    "socket.",
    "pickle.",
)
CHANGING = (
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
    "shutil.",
)


class Bait:
    """Folders nothing may look into."""

    def __init__(self, *folders: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(NONBLOCK)
        for folder in folders:
            for place in (
                folder,
                *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()),
            ):
                assert self._libc.inotify_add_watch(self._watch, os.fsencode(place), IN_ACCESS | IN_OPEN) >= 0

    def touched(self) -> list[str]:
        """Names of what has been opened or read since the last call."""
        names = set()
        while True:
            try:
                data = os.read(self._watch, 1 << 16)
            except BlockingIOError:
                return sorted(names)
            while data:
                _, _, _, length = _HEAD.unpack_from(data)
                names.add(data[_HEAD.size : _HEAD.size + length].rstrip(b"\0").decode() or "the folder")
                data = data[_HEAD.size + length :]


class Audit:
    """Notes files opened outside some folders, anything opened for writing, processes and code."""

    def __init__(self, *allowed: Path) -> None:
        self.seen: list[str] = []
        self.watching = False
        self._inside = False
        self._allowed = tuple(os.path.realpath(place) for place in allowed)
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.watching or self._inside:
            return
        self._inside = True
        if self._is_wrong(event, arguments):
            self.seen.append(f"{event} {str(arguments)[:120]}")
        self._inside = False

    def _is_wrong(self, event: str, arguments: tuple[object, ...]) -> bool:
        if event == "open":
            return self._is_outside(arguments[0], arguments[2])
        if event == "compile":
            return not any(frame_is(ast.parse.__code__, depth) for depth in range(2, 6))
        return event.startswith((*FORBIDDEN, *CHANGING)) and not (event == "exec" and _imports())

    def _is_outside(self, path: object, flags: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        real = os.path.realpath(os.fsdecode(path))
        writes = isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        return writes or not any(real == root or real.startswith(root + "/") for root in self._allowed)


def frame_is(code: object, depth: int) -> bool:
    """Whether the caller so many frames up runs this code."""
    try:
        return sys._getframe(depth + 1).f_code is code
    except ValueError:
        return False


def _imports() -> bool:
    """Whether code runs because Python imports a module."""
    depth = 3
    while True:
        try:
            if "importlib" in sys._getframe(depth).f_code.co_filename:
                return True
        except ValueError:
            return False
        depth += 1
