"""The table of advances: at which steps hours of biological time passed at once."""

from __future__ import annotations

import h5py
import numpy as np

from neuromod.store.guarded import read_array
from neuromod.store.layout import milliseconds
from neuromod.store.objects import array, dimension, group

Advances = tuple[tuple[int, float], ...]
"""(step, biological seconds) of each, in order."""
NAME = "advances"


def put_advances(parent: h5py.Group, advances: Advances, dt: float | None = None) -> None:
    """Write the table, where there is anything in it; with `dt` (s) also the simulated time of each."""
    if not advances:
        return
    part = group(parent, NAME)
    steps = np.array([step for step, _ in advances], np.int64)
    scale = array(part, "step", steps, "1", "step at whose beginning the time passed")
    columns = [
        array(
            part,
            "duration",
            np.array([duration for _, duration in advances]),
            "s",
            "biological time that passed",
        )
    ]
    if dt is not None:
        columns.append(
            array(part, "time", milliseconds(steps, dt), "ms", "simulated time at which it passed")
        )
    for column in columns:
        dimension(column, 0, scale)


def read_advances(parent: h5py.Group) -> Advances:
    """Read the table; empty where there is none."""
    if NAME not in parent:
        return ()
    steps, durations = (read_array(parent[NAME][name]) for name in ("step", "duration"))
    return tuple((int(step), float(duration)) for step, duration in zip(steps, durations, strict=True))
