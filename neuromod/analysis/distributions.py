"""Distributions of weights: one pair of axes for each projection, before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from neuromod.analysis.palette import AFTER, BEFORE
from neuromod.analysis.panels import Floats

BINS = 30
TOO_HIGH = 3
"""A bar that is so many times higher than all later ones is cut."""
SHARE_OF_BOUNDS = 0.2
"""Weights that spread over less than this share of their bounds are shown without them."""

Counts = NDArray[np.intp]


@dataclass(frozen=True)
class Distribution:
    """The weights (synapses,) of a projection at two moments, and their bounds, in `unit`."""

    name: str
    unit: str
    bounds: tuple[float, float]
    first: Floats
    last: Floats


def distribution(axes: Axes, weights: Distribution) -> None:
    """Histograms of both moments over the same bins; dashed lines are the bounds."""
    low, high = limits(weights)
    edges = np.linspace(low, high, BINS + 1)
    first, last = (np.histogram(values, edges)[0] for values in (weights.first, weights.last))
    axes.stairs(first, edges, fill=True, color=BEFORE)
    axes.stairs(last, edges, color=AFTER, linewidth=1.1)
    _height(axes, first, last, edges)
    pad = 0.03 * (high - low)
    axes.set_xlim(low - pad, high + pad)
    for bound in weights.bounds:
        if low <= bound <= high:
            axes.axvline(bound, color="0.3", linewidth=0.7, linestyle=(0, (4, 3)))
    unit = "" if weights.unit == "1" else f" {weights.unit}"
    axes.set_xlabel(f"weight ({weights.unit})" if unit else "weight")
    lowest, highest = weights.bounds
    axes.set_title(f"{weights.name}\nbounds {lowest:.4g} and {highest:.4g}{unit}", fontsize=7)
    axes.locator_params(axis="both", nbins=5)


def _height(axes: Axes, first: Counts, last: Counts, edges: Floats) -> None:
    """Room for the later histogram; an earlier bar far above it is cut, with its number beside it."""
    if first.max() <= TOO_HIGH * last.max():
        axes.set_ylim(bottom=0)
        return
    top = 1.25 * last.max()
    axes.set_ylim(0, top)
    bar = int(first.argmax())
    axes.text(edges[bar + 1], top, f" {first[bar]}", fontsize=6, color="0.3", va="top")


def limits(weights: Distribution) -> tuple[float, float]:
    """What a histogram spans: the bounds, or where the weights fill little of them, the weights alone."""
    values = np.concatenate([weights.first, weights.last])
    low, high = (float(values.min()), float(values.max())) if values.size else weights.bounds
    whole = weights.bounds[1] - weights.bounds[0]
    if high - low >= SHARE_OF_BOUNDS * whole:
        return min(low, weights.bounds[0]), max(high, weights.bounds[1])
    if high == low:
        return low - 0.5 * (whole or 1.0) * SHARE_OF_BOUNDS, high + 0.5 * (whole or 1.0) * SHARE_OF_BOUNDS
    return low, high
