"""Where things are kept between runs."""

from __future__ import annotations

import os
from pathlib import Path


def cache_root() -> Path:
    """NEUROMOD_CACHE, else the XDG cache directory of the user."""
    own = os.environ.get("NEUROMOD_CACHE")
    if own:
        return Path(own).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neuromod"
