"""The directory of a run: a new number each time, or one that the user names.

runs/<name>/<NNN>/   segments/  checkpoints/  results.h5  provenance.h5  .lock
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from neuromod.errors import AccessError, NeuromodError, OutputError, StorageError
from neuromod.store.disk import DISK, REFUSALS, Disk, storage_failures
from neuromod.store.lock import NAME, DirectoryLock

ROOT = Path("runs")
SEGMENTS = "segments"
CHECKPOINTS = "checkpoints"
WORK = ".work-"
"""Begin of the name of the folder in which a running program exchanges files with its parent."""
RESULTS = "results.h5"
PROVENANCE = "provenance.h5"


class RunDirectory:
    """A directory that this process holds; a path to functions that want one. `disk`: what its files are
    written with.
    """

    disk: Disk = DISK

    def __init__(self, path: Path) -> None:
        """Lock an existing directory.

        Raises:
            OutputError: another process holds it.
        """
        self.path = path
        self.lock = DirectoryLock(path)

    def __fspath__(self) -> str:
        return str(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lock.release()


def run_files(directory: Path) -> Iterator[Path]:
    """Everything in a run directory that is read as results, folders before what is in them: any of it may be
    a link to somewhere else.
    """
    segments = directory / SEGMENTS
    yield from (directory / RESULTS, directory / PROVENANCE, segments)
    yield from segments.glob("*")


def new_run_directory(output: Path | None, name: str, root: Path = ROOT) -> RunDirectory:
    """Make and lock the directory of a new run: `output` (new or empty), or a new number below root/name.

    Raises:
        OutputError: it cannot be created, is not empty, or is held by another run. AccessError: permission
        denied.
    """
    if output is None:
        return RunDirectory(_numbered(root / name))
    _make(output)
    directory = RunDirectory(output)
    # Looked at under the lock: of two runs started at once, the second is refused.
    with storage_failures("read", output):
        others = [entry.name for entry in output.iterdir() if not _is_left_over(entry.name)]
    if others:
        directory.lock.release()
        hint = "; --resume auto goes on with the run that it holds" if PROVENANCE in others else ""
        raise OutputError(f"{output} is not empty; allowed is a new or an empty directory{hint}")
    return directory


def _is_left_over(name: str) -> bool:
    """May a run that was killed before it began have left this."""
    return name == NAME or name.startswith((WORK, f".{PROVENANCE}."))


def has_begun(path: Path) -> bool:
    """Does a directory hold a run of which something is known.

    Raises:
        AccessError: permission denied.
    """
    with storage_failures("read", path):
        return (path / PROVENANCE).is_file()


def old_run_directory(path: Path) -> RunDirectory:
    """Lock the directory of a run that has begun.

    Raises:
        OutputError: it is held by another process. StorageError: there is no such run.
    """
    if not has_begun(path):
        raise StorageError(f"{path} holds no run that has begun ({PROVENANCE} is missing)")
    return RunDirectory(path)


def _numbered(parent: Path) -> Path:
    """A new directory with the next free number; mkdir is atomic, so two processes never get the same."""
    _make(parent)
    with storage_failures("read", parent):
        names = [entry.name for entry in parent.iterdir()]
    number = max((int(name) for name in names if name.isascii() and name.isdigit()), default=0) + 1
    while not _make(path := parent / f"{number:03d}", parents=False):
        number += 1
    return path


def _make(path: Path, *, parents: bool = True) -> bool:
    """Make a directory; False if it was there."""
    try:
        if parents and not path.parent.exists():
            _make(path.parent)
        RunDirectory.disk.make_directory(path)
        RunDirectory.disk.sync_directory(path.parent)
    except FileExistsError as error:
        if not path.is_dir():
            raise OutputError(f"cannot create the directory {path}: a file has that name") from error
        return False
    except NeuromodError:
        raise
    except OSError as error:
        if error.errno in REFUSALS:
            raise AccessError(f"cannot create the directory {path}: permission denied") from error
        reason = (
            "a file is in the way" if error.errno == errno.ENOTDIR else (error.strerror or str(error)).lower()
        )
        raise OutputError(f"cannot create the directory {path}: {reason}") from error
    except ValueError as error:  # a zero byte, or half a character
        raise OutputError(f"cannot create the directory {str(path)!a}: this is no name of a file") from error
    return True
