"""How weights that learn changed over a run, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neuromod.analysis.learning import plastic_weights
from neuromod.report.content import Table
from neuromod.store.reader import Results

NEAR = 0.01
"""Share of the distance between the bounds within which a weight is at a bound."""


@dataclass(frozen=True)
class WeightChange:
    """Recorded weights of a projection: means (in `unit`) of the first and last sample, and the shares of the
    synapses at the bounds in the last.
    """

    projection: str
    unit: str
    synapses: int
    bounds: tuple[float, float]
    first: float
    last: float
    at_low: float
    at_high: float


def weight_changes(results: Results) -> list[WeightChange]:
    """Every recorded projection that learns, and of which there is a sample."""
    found = []
    for signal in plastic_weights(results):
        _, values = results.weights(signal.owner)
        if not len(values):
            continue
        low, high = signal.bounds or (-np.inf, np.inf)
        near = NEAR * (high - low)
        last = values[-1]
        at_low, at_high = float(np.mean(last <= low + near)), float(np.mean(last >= high - near))
        found.append(
            WeightChange(
                signal.owner,
                signal.unit,
                signal.columns,
                (low, high),
                float(values[0].mean()),
                float(last.mean()),
                at_low,
                at_high,
            )
        )
    return found


def weight_table(found: Sequence[WeightChange]) -> Table:
    """The changes as a table."""
    heads = (
        "projection",
        "synapses",
        "unit",
        "bounds",
        "mean at first",
        "mean at last",
        "change",
        "at a bound",
    )
    rows = [
        (
            one.projection,
            f"{one.synapses:,}",
            one.unit,
            f"{one.bounds[0]:.4g} to {one.bounds[1]:.4g}",
            f"{one.first:.4g}",
            f"{one.last:.4g}",
            f"{100 * (one.last / one.first - 1):+.1f} %" if one.first else "",
            f"{100 * one.at_low:.0f} % low, {100 * one.at_high:.0f} % high",
        )
        for one in found
    ]
    return Table(heads, rows)
