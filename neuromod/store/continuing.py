"""From what a run left behind to the state in which it can go on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from neuromod.errors import ConfigError, DamagedDataError, StorageError
from neuromod.store.atomic import commit, ensure_directory, sweep
from neuromod.store.checkpoint import Checkpoint, checkpoint_path, checkpoint_paths, read_checkpoint
from neuromod.store.directory import SEGMENTS, WORK
from neuromod.store.disk import DISK, Disk, storage_failures
from neuromod.store.layout import Layout
from neuromod.store.segments import SegmentFile, segment_numbers, segment_path

ASIDE = ".unused"


def tidy(directory: PathLike[str]) -> None:
    """Remove what a killed process left half-written or was working with; the directory must be locked."""
    folder = Path(directory)
    sweep(folder)
    for part in folder.iterdir():
        if part.name.startswith(WORK):
            shutil.rmtree(part, ignore_errors=True)
        elif part.is_dir() and not part.is_symlink():
            sweep(part)


def newest_checkpoint(
    directory: PathLike[str],
    until: int | None = None,
    fits: Callable[[Checkpoint], bool] = lambda found: True,
) -> tuple[Checkpoint | None, list[str]]:
    """The newest checkpoint (at or before step `until`) that `fits` and is whole, with whole segments before
    it; and a sentence about each newer one that is not whole. None where there is no checkpoint at all.

    Raises:
        DamagedDataError: there are checkpoints, and none can be used. AccessError: permission denied.
    """
    notices: list[str] = []
    paths = checkpoint_paths(directory)
    for path in paths:
        try:
            checkpoint = read_checkpoint(path)
            if (until is not None and checkpoint.step > until) or not fits(checkpoint):
                continue
            _check_segments(directory, path, checkpoint)
        except (DamagedDataError, StorageError) as error:
            notices.append(f"{error}; going back to the checkpoint before")
            continue
        return checkpoint, notices
    if notices:
        raise DamagedDataError(f"{notices[0].rpartition(';')[0]}, and no checkpoint before it can be used")
    return None, []


def _check_segments(directory: PathLike[str], path: Path, checkpoint: Checkpoint) -> None:
    if path != checkpoint_path(directory, checkpoint.segments):
        raise DamagedDataError(f"{path}: holds the checkpoint of another moment")
    reached = 0
    for number in range(checkpoint.segments):
        segment_file = segment_path(directory, number)
        if not segment_file.exists():
            raise DamagedDataError(f"{segment_file} is missing")
        with SegmentFile(segment_file) as segment:
            if segment.start != reached:
                raise DamagedDataError(f"{segment_file}: does not continue the segments before it")
            reached = segment.stop
    if reached != checkpoint.step:
        raise DamagedDataError(f"{path}: is of step {checkpoint.step}, the segments end at step {reached}")


def go_back(directory: PathLike[str], segments: int, disk: Disk = DISK) -> None:
    """Let a run have only its first `segments` segments again: later checkpoints are set aside, then later
    segments are removed, the last one first.
    """
    folder = Path(directory)
    with storage_failures("tidy up", folder):
        for path in checkpoint_paths(folder):
            if int(path.stem) > segments:
                disk.rename(path, path.with_name(path.name + ASIDE))
                disk.sync_directory(path.parent)
        later = [number for number in segment_numbers(folder) if number >= segments]
        for number in reversed(later):
            disk.remove(segment_path(folder, number))
            # Each name goes for good before the next one: those that are left always follow each other.
            disk.sync_directory(folder / SEGMENTS)


def branch(directory: PathLike[str], segments: int, target: Path, layout: Layout, disk: Disk = DISK) -> None:
    """Give a new run the first segments of another; they never change, so both may share the files.

    Raises:
        ConfigError: the new run records something else.
    """
    if segments:
        with SegmentFile(segment_path(directory, 0)) as first:
            if first.layout != layout:
                raise ConfigError("record: what is recorded must be the same before and after a fork")
    ensure_directory(target / SEGMENTS, disk)
    with storage_failures("write", target):
        for number in range(segments):
            source, copy = segment_path(directory, number), segment_path(target, number)
            try:
                disk.link(source, copy)
            except OSError:
                commit(copy, source.read_bytes(), disk)
        disk.sync_directory(target / SEGMENTS)
