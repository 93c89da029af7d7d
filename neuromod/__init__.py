"""neuromod: networks of spiking neurons under neuromodulation, from a YAML file to an HDF5 file."""

from typing import TYPE_CHECKING

from neuromod.version import VERSION as __version__

if TYPE_CHECKING:
    from neuromod.api import open_results, resume, run

__all__ = ["__version__", "open_results", "resume", "run"]


def __getattr__(name: str) -> object:
    # What the notebook functions import takes a second, which the quick commands do not have.
    if name in ("open_results", "resume", "run"):
        import neuromod.api

        return getattr(neuromod.api, name)
    raise AttributeError(f"module 'neuromod' has no attribute {name!r}")
