"""Is there room for a run: looked at before anything is computed."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from neuromod.errors import BackendError, StorageError
from neuromod.plan.estimate import bytes_text, card_bytes, estimate
from neuromod.plan.network import NetworkPlan
from neuromod.program.cuda import free_bytes


def check_memory(network: NetworkPlan, backend: str) -> None:
    """Look whether a network may fit into the memory of the machine, and of its GPU where that computes.

    Raises:
        BackendError: it needs more than there is.
    """
    import psutil

    _fit(network, estimate(network).memory_bytes, psutil.virtual_memory().total, "memory, this machine has")
    free = free_bytes() if backend == "cuda" else None
    if free is not None:
        _fit(network, card_bytes(network), free, "memory on the GPU, free are")


def _fit(network: NetworkPlan, needed: float, there: float, where: str) -> None:
    if needed > there:
        # Sizes follow the scale, and each cell keeps its number of synapses.
        scale = _rounded_down(network.experiment.scale * there / needed)
        raise BackendError(
            f"the network needs about {bytes_text(needed)} of {where} {bytes_text(there)}: "
            f"reduce `scale` to {scale:g}"
        )


def _rounded_down(number: float) -> float:
    """To its first digit."""
    digits = -math.floor(math.log10(number))
    return round(math.floor(number * 10.0**digits) / 10.0**digits, max(digits, 0))


def check_room(directory: Path, network: NetworkPlan, seconds: float) -> None:
    """Look whether so many simulated seconds may fit on the disk.

    Raises:
        StorageError: they need more than is free.
    """
    needed = estimate(network).disk_bytes_per_second * seconds
    free = shutil.disk_usage(directory).free
    if needed > free:
        raise StorageError(
            f"the run needs about {bytes_text(needed)} on disk, {bytes_text(free)} are free in {directory}; "
            "record less, or choose another disk with -o"
        )
