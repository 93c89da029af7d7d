"""Where the models and configs that come with neuromod lie, and a library over them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neuromod.errors import InternalError
from neuromod.library.registry import Library

_PACKAGE = Path(__file__).resolve().parents[1]


def models_root() -> Path:
    """The folder with the shipped model files: beside the package in a checkout, else inside it."""
    return _shipped("models")


def configs_root() -> Path:
    """The folder with the shipped experiments: beside the package in a checkout, else inside it."""
    return _shipped("configs")


def open_library(extra: Sequence[Path] = ()) -> Library:
    """The shipped models, with the folders in `extra` searched before them in their order.

    Raises:
        ConfigError: one of the folders does not exist.
    """
    return Library([*extra, models_root()])


def _shipped(folder: str) -> Path:
    for candidate in (_PACKAGE / "_shipped" / folder, _PACKAGE.parent / folder):
        if candidate.is_dir():
            return candidate
    raise InternalError(f"the folder `{folder}` that belongs to neuromod is missing; install neuromod again")
