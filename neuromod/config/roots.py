"""How far the paths in a config may lead."""

from __future__ import annotations

from pathlib import Path


def project_root(folder: Path) -> Path:
    """The folder inside which models and earlier runs of a config in `folder` lie, links resolved.

    That is the folder of the config itself or, where it lies below a folder `configs`, the one that holds
    this.
    """
    own = folder.resolve()
    return next((part.parent for part in (own, *own.parents) if part.name == "configs"), own)
