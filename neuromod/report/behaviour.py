"""What came of a task, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuromod.report.content import Table

PARTS = 6
"""Stretches of trials into which a block is divided at most."""
HEADS = ("trials", "block", "correct", "mean outcome", "omissions", "median latency (ms)", "mean |error|")


def behaviour_table(trials: Mapping[str, NDArray[Any]]) -> Table:
    """The log of trials by stretches of equal length within each block."""
    return Table(HEADS, [_row(trials, part) for part in _stretches(trials["block"])])


def _stretches(block: NDArray[Any]) -> list[NDArray[np.int64]]:
    """Numbers of the trials of each stretch; a new one begins where the block changes."""
    changes = np.flatnonzero(np.diff(block)) + 1
    blocks = np.split(np.arange(len(block)), changes)
    parts = max(1, PARTS // max(1, len(blocks)))
    return [part for one in blocks for part in np.array_split(one, parts) if len(part)]


def _row(trials: Mapping[str, NDArray[Any]], part: NDArray[np.int64]) -> tuple[str, ...]:
    choice, latency = trials["choice"][part], trials["latency"][part]
    chose = bool(np.any(trials["choice"] >= 0))
    known = latency[np.isfinite(latency)]
    return (
        f"{part[0]} to {part[-1]}",
        str(trials["block"][part[0]]),
        f"{np.mean(choice == trials['correct'][part]):.0%}" if chose else "",
        f"{np.mean(trials['outcome'][part]):.2f}",
        str(int(np.sum(choice < 0))) if chose else "",
        f"{np.median(known):.0f}" if chose and len(known) else "",
        f"{np.mean(np.abs(trials['prediction_error'][part])):.2f}",
    )
