"""The panels of a figure: each function draws one kind of data into one pair of axes. Times in ms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory
from numpy.typing import NDArray

MAX_SHOWN = 60
"""Neurons of a population that a raster shows."""
MIN_ROWS = 16
"""Rows of a raster that even the smallest population gets, so that its name fits beside it."""
GAP_ROWS = 5
MIN_TICK_POINTS = 1.8
"""Shorter ticks cannot be seen in sparse activity; in large networks they overlap a little."""
WIDTH_POINTS = 390.0
"""Width of the axes of a raster, about."""
MOST_INK = 0.3
"""Share of a band that ticks may cover; where there are more spikes, they are drawn paler."""
TICK_POINTS = 0.6
MAX_LINES = 6
"""Lines that share axes; more of them get a row each."""
MAX_POINTS = 2000
"""Points of a line; longer recordings are drawn as means of successive blocks."""

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Train:
    """The spikes of a population: `times_ms` (n,), `ids` (n,) from 0 to size - 1."""

    name: str
    size: int
    region: str
    colour: str
    times_ms: Floats
    ids: Ids


@dataclass(frozen=True)
class Trace:
    """A line: `times_ms` (n,), `values` (n,) and, for a spread around it, `low` and `high` (n,)."""

    name: str
    colour: str
    times_ms: Floats
    values: Floats
    low: Floats | None = None
    high: Floats | None = None


def raster(axes: Axes, trains: Sequence[Train], height_points: float) -> None:
    """Spikes as ticks, one band per population from top to bottom; `MAX_SHOWN` neurons at most.

    `height_points` is the height of the axes, which sets the size of the ticks.
    """
    heights = [band_rows(train.size) for train in trains]
    total = sum(heights) + GAP_ROWS * (len(trains) - 1)
    top = 0.0
    for k, (train, height) in enumerate(zip(trains, heights, strict=True)):
        if k and train.region != trains[k - 1].region:
            axes.axhline(top - GAP_ROWS / 2, color="0.6", linewidth=0.5)
        _band(axes, train, top, height, height_points / total)
        top += height + GAP_ROWS
    _number_heading(axes, "cells shown")
    axes.set_ylim(total, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def band_rows(size: int) -> int:
    """Rows that a population of this size takes in the raster."""
    return max(min(size, MAX_SHOWN), MIN_ROWS)


def shown_ids(size: int) -> Ids:
    """Up to `MAX_SHOWN` ids, evenly spread over the population: (n,) ascending."""
    return np.unique(np.linspace(0, size - 1, min(size, MAX_SHOWN)).round().astype(np.int64))


def _band(axes: Axes, train: Train, top: float, height: int, row_points: float) -> None:
    shown = shown_ids(train.size)
    row = np.minimum(np.searchsorted(shown, train.ids), shown.size - 1)
    rows = np.where(shown[row] == train.ids, row, -1)
    step = height / shown.size
    inked = np.count_nonzero(rows >= 0) * TICK_POINTS / (shown.size * WIDTH_POINTS)
    axes.plot(
        train.times_ms[rows >= 0],
        top + (rows[rows >= 0] + 0.5) * step,
        linestyle="none",
        marker="|",
        markersize=min(max(0.9 * row_points * step, MIN_TICK_POINTS), 5.0),
        markeredgewidth=TICK_POINTS,
        color=train.colour,
        alpha=min(1.0, max(MOST_INK / inked, 0.1)) if inked else 1.0,
        rasterized=True,
    )
    _name(axes, train.name, train.colour, top + height / 2)
    _number(axes, f"{shown.size}/{train.size}", top + height / 2)


def _name(axes: Axes, name: str, colour: str, y: float) -> None:
    place = blended_transform_factory(axes.transAxes, axes.transData)
    axes.text(-0.012, y, name, color=colour, transform=place, ha="right", va="center", fontsize=7)


def _number(axes: Axes, text: str, y: float) -> None:
    place = blended_transform_factory(axes.transAxes, axes.transData)
    axes.text(1.01, y, text, transform=place, va="center", fontsize=7, color="0.3")


def _number_heading(axes: Axes, text: str) -> None:
    axes.text(1.01, 1.0, text, transform=axes.transAxes, va="bottom", fontsize=7, color="0.3")


def traces(axes: Axes, lines: Sequence[Trace], label: str, *, from_zero: bool = True) -> None:
    """Lines in shared axes with a legend, small values in front; a row for each beyond `MAX_LINES`."""
    if len(lines) > MAX_LINES:
        _rows(axes, lines, label)
        return
    for line in lines:
        if line.low is not None and line.high is not None:
            t, low = thinned(line.times_ms, line.low)
            axes.fill_between(
                t, low, thinned(line.times_ms, line.high)[1], color=line.colour, alpha=0.2, linewidth=0
            )
        on_top = 2 + 1 / (2 + np.abs(line.values).mean()) if line.values.size else 2
        axes.plot(*thinned(line.times_ms, line.values), color=line.colour, label=line.name, zorder=on_top)
    axes.set_ylabel(label)
    if from_zero:
        axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.05), borderaxespad=0.3, labelspacing=0.25)


def _rows(axes: Axes, lines: Sequence[Trace], label: str) -> None:
    """Each line in a row of its own, scaled to its value farthest from 0, which stands at the right."""
    for k, line in enumerate(lines):
        base = len(lines) - 1 - k
        t, values = thinned(line.times_ms, line.values)
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        peak, scale = (high if high >= -low else low), 0.9 / ((high - low) or 1.0)
        y = base + scale * (values - low)
        axes.fill_between(t, base - scale * low, y, color=line.colour, alpha=0.3, linewidth=0)
        axes.plot(t, y, color=line.colour, linewidth=0.6)
        _name(axes, line.name, line.colour, base + 0.4)
        _number(axes, f"{peak:.3g}", base + 0.4)
    _number_heading(axes, f"peak {label}".replace("\n", " "))
    axes.set_ylim(-0.05, len(lines))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def thinned(times: Floats, values: Floats, most: int = MAX_POINTS) -> tuple[Floats, Floats]:
    """At most so many points: means of successive blocks; the last, incomplete block is a mean too."""
    block = -(-times.size // most)
    if block <= 1:
        return times, values
    starts = np.arange(0, times.size, block)
    counts = np.diff(np.append(starts, times.size))
    return np.add.reduceat(times, starts) / counts, np.add.reduceat(values, starts) / counts
