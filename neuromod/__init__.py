"""neuromod: networks of spiking neurons under neuromodulation, from a YAML file to an HDF5 file."""

from neuromod.version import VERSION as __version__

__all__ = ["__version__"]
