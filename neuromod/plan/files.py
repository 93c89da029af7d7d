"""Data files that a config names: they lie in the folder of the config or below it."""

from __future__ import annotations

from pathlib import Path

from neuromod.config.read import shown
from neuromod.config.roots import project_root
from neuromod.store.directory import run_files


def confined_file(folder: Path, name: str) -> Path:
    """The regular file `name`, relative to `folder`, links followed.

    Raises:
        ValueError: it does not exist, is no regular file, or lies outside the folder.
    """
    root = folder.resolve()
    try:
        path = (root / name).resolve()
        found = path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError, RuntimeError):
        raise ValueError(f"got {shown(name)}, which is not the name of a file that can be read") from None
    if not path.is_relative_to(root):
        allowed = "allowed are files in it or below it"
        raise ValueError(f"got {shown(name)}, which lies outside the folder of the config; {allowed}")
    if not found:
        raise ValueError(f"got {shown(name)}, which is no file in the folder of the config")
    return path


def confined_results(folder: Path, name: str) -> Path:
    """The results file or directory of an earlier run, relative to `folder`, the folder of the config.

    It lies in this folder or below; where the config lies in a folder `configs`, also beside that, as `runs`
    does.

    Raises:
        ValueError: it does not exist, or lies elsewhere.
    """
    root = project_root(folder)
    try:
        path = (folder.resolve() / name).resolve()
        found = path.is_relative_to(root) and path.exists()
        inside = all(part.resolve().is_relative_to(root) for part in run_files(path))
    except (OSError, ValueError, RuntimeError):
        raise ValueError(f"got {shown(name)}, which is not the name of a file that can be read") from None
    if not (path.is_relative_to(root) and inside):
        allowed = "allowed are runs in it or below it"
        raise ValueError(f"got {shown(name)}, which lies outside the folder {root.name}; {allowed}")
    if not found:
        raise ValueError(f"got {shown(name)}, which is no results file or directory of a run")
    return path
