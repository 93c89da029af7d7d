"""What figures read of a run, and the part of it that they show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from neuromod.analysis.palette import colours
from neuromod.analysis.panels import MAX_LINES, Floats, Trace
from neuromod.errors import ConfigError
from neuromod.store.layout import MAIN, Signal, SignalKind

WIDTH_INCHES = 7.2
"""Two columns of a journal page (183 mm)."""
SECONDS_FROM_MS = 3000.0
"""Windows at least this long have their axis in seconds."""

Window = tuple[float, float]


class Recorded(Protocol):
    """What figures read of the results of a run."""

    @property
    def populations(self) -> Collection[str]:
        """Names of the populations, in the order of the network."""

    @property
    def duration_ms(self) -> float:
        """Simulated time."""

    @property
    def signals(self) -> Sequence[Signal]:
        """Everything that was sampled regularly."""

    def size(self, population: str) -> int:
        """Number of neurons."""

    def spikes(self, population: str) -> tuple[Floats, NDArray[np.int64]]:
        """Times (n,) in ms and local ids (n,)."""

    def rates(self, population: str) -> tuple[Floats, Floats]:
        """Begins of the bins (n,) in ms and rates (n,) in Hz."""

    def lfp(self, population: str) -> tuple[Floats, Floats]:
        """Begins of the means (n,) in ms and field proxy (n,) in pA."""

    def modulator(self, name: str) -> tuple[Floats, Floats]:
        """Times (n,) in ms and level (n,) of `modulator_region`."""

    def drive(self, name: str, receptor: str) -> tuple[Floats, Floats]:
        """Times (n,) in ms and drive (n,) of a receptor of `modulator_region`."""

    def weights(self, projection: str, variable: str = "weight") -> tuple[Floats, Floats]:
        """Times (n,) in ms and weights, or another variable, (n, synapses) in the unit of the signal."""


def owners(results: Recorded, kind: SignalKind) -> list[str]:
    """Populations, compartments or projections whose main variable of a kind was recorded."""
    return [s.owner for s in results.signals if s.kind == kind and s.variable == MAIN[kind]]


def span_of(results: Recorded, window: tuple[float | None, float | None] | None) -> Window:
    """The part of the recording that is shown, in ms; default: all of it.

    Raises:
        ConfigError: it is not within the recording.
    """
    first, last = window or (None, None)
    start = 0.0 if first is None else first
    stop = results.duration_ms if last is None else last
    if not 0 <= start < stop <= results.duration_ms:
        allowed = f"the recording lasts from 0 to {results.duration_ms:g} ms"
        raise ConfigError(f"window: got {start:g} to {stop:g} ms; {allowed}")
    return start, stop


def trace(name: str, colour: str, times: Floats, values: Floats, span: Window) -> Trace:
    """The samples within a window as a line."""
    inside = (times >= span[0]) & (times <= span[1])
    return Trace(name, colour, times[inside], values.reshape(times.size)[inside])


def changing(lines: Sequence[Trace]) -> tuple[list[Trace], str]:
    """The lines that change, and a note on how many do not."""
    moving = [line for line in lines if line.values.size and np.ptp(line.values) > 1e-9]
    still = len(lines) - len(moving)
    return moving, f"{still} constant, not shown" if still else ""


def widest(lines: Sequence[Trace]) -> tuple[list[Trace], str]:
    """The lines that change most, as many as share axes, in colour; and a note on the others."""
    moving, _ = changing(lines)
    order = sorted(range(len(moving)), key=lambda k: -float(np.ptp(moving[k].values)))
    kept = [moving[k] for k in sorted(order[:MAX_LINES])]
    left = len(lines) - len(kept)
    palette = colours(line.name for line in kept)
    note = f"{left} that change less, not shown" if left else ""
    return [replace(line, colour=palette[line.name]) for line in kept], note


def letter(axes: Axes, k: int, columns: int = 1) -> None:
    """Name panel number `k`, whose axes share the width of the figure with `columns - 1` others."""
    text = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[k % 26]
    axes.text(
        -0.13 * columns, 1.0, text, transform=axes.transAxes, fontsize=10, fontweight="bold", va="bottom"
    )


def time_axis(axes: Axes, span: Window) -> None:
    """Limits and label of a time axis in ms, written in s where it is long."""
    axes.set_xlim(*span)
    if span[1] - span[0] < SECONDS_FROM_MS:
        axes.set_xlabel("time (ms)")
        return
    axes.xaxis.set_major_formatter(lambda ms, _: f"{ms / 1000:g}")
    axes.set_xlabel("time (s)")
