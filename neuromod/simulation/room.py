"""Is there room for a run: looked at before anything is computed."""

from __future__ import annotations

import shutil
from pathlib import Path

from neuromod.errors import StorageError
from neuromod.plan.estimate import bytes_text, estimate
from neuromod.plan.network import NetworkPlan


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
