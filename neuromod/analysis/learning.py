"""The figure of what was learned: weights before and after, single synapses, modulators and receptors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch

from neuromod.analysis.distributions import Distribution, distribution
from neuromod.analysis.figures import LINES_INCHES
from neuromod.analysis.palette import AFTER, BEFORE, OKABE_ITO, STYLE
from neuromod.analysis.panels import Floats, Trace, traces
from neuromod.analysis.recorded import (
    SECONDS_FROM_MS,
    WIDTH_INCHES,
    Recorded,
    Window,
    letter,
    owners,
    span_of,
    time_axis,
    trace,
    widest,
)
from neuromod.store.layout import DRIVE, MAIN, Signal

ACROSS = 4
"""Histograms in a row."""
HISTOGRAM_INCHES = 1.35
MAX_HISTOGRAMS = 12
MAX_TRACED = 3
"""Projections whose single synapses are shown."""
MAX_BESIDE = 4
"""Variables of rules that are shown for one projection."""


@dataclass(frozen=True)
class Panel:
    """Lines over time; `mark`: a value to show as a thin line. A panel that `continues` the one above it has
    the same colours and no legend.
    """

    label: str
    lines: list[Trace]
    note: str = ""
    mark: float | None = None
    from_zero: bool = False
    continues: bool = False


def learning(results: Recorded, window: tuple[float | None, float | None] | None = None) -> Figure | None:
    """Draw how recorded plastic weights changed; None where there are none.

    Of each projection those synapses are followed that grew most, shrank most, and changed as the median did.

    Raises:
        ConfigError: the window is not within the recording.
    """
    plastic = plastic_weights(results)
    span = span_of(results, window)
    if not plastic or not _moments(results, plastic[0], span).any():
        return None
    with style.context(STYLE):
        return _compose(results, plastic, list(_panels(results, plastic, span)), span)


def plastic_weights(results: Recorded) -> list[Signal]:
    """Recorded weights that a rule may change, with at least one synapse."""
    weights = [s for s in results.signals if s.kind == "weights" and s.variable == MAIN["weights"]]
    return [signal for signal in weights if signal.bounds is not None and signal.columns]


def followed(change: Floats) -> list[int]:
    """Columns of the synapses with the largest, the median and the smallest change (n,), in this order."""
    order = np.argsort(change, kind="stable")
    picked = (order[-1], order[order.size // 2], order[0])
    return list(dict.fromkeys(int(column) for column in picked))


def _moments(results: Recorded, signal: Signal, span: Window) -> np.ndarray:
    """Which samples of the weights lie within the window."""
    times = results.weights(signal.owner)[0]
    return np.asarray((times >= span[0]) & (times <= span[1]))


def _distribution(results: Recorded, signal: Signal, span: Window) -> Distribution:
    values = results.weights(signal.owner)[1][_moments(results, signal, span)]
    return Distribution(signal.owner, signal.unit, signal.bounds or (0.0, 0.0), values[0], values[-1])


def _panels(results: Recorded, plastic: Sequence[Signal], span: Window) -> Iterator[Panel]:
    """The panels over time, from top to bottom."""
    for signal in plastic[:MAX_TRACED]:
        yield from _synapses(results, signal, span, several=len(plastic) > 1)
    names = owners(results, "modulators")
    lines = [trace(name.replace("_", " "), "", *results.modulator(name), span) for name in names]
    moving, note = widest(lines)
    if moving:
        yield Panel("modulator level\n(tonic: 1)", moving, note, 1.0, from_zero=True)
    moving, note = widest(list(_drives(results, span)))
    if moving:
        yield Panel("receptor drive\n(tonic: 0)", moving, note, 0.0)


def _synapses(results: Recorded, signal: Signal, span: Window, *, several: bool) -> Iterator[Panel]:
    """What the rules keep of the followed synapses, and then their weights."""
    values = results.weights(signal.owner)[1][_moments(results, signal, span)]
    change = values[-1] - values[0]
    columns = followed(change)
    unit = "" if signal.unit == "1" else f" {signal.unit}"
    names = [f"synapse {signal.ids[k] if signal.ids else k}: {change[k]:+.2g}{unit}" for k in columns]
    beside = [s for s in results.signals if s.owner == signal.owner and s.kind == "weights" and s != signal]
    for k, shown in enumerate((*beside[:MAX_BESIDE], signal)):
        times, samples = results.weights(signal.owner, shown.variable)
        lines = [
            trace(name, colour, times, samples[:, column], span)
            for name, column, colour in zip(names, columns, OKABE_ITO, strict=False)
        ]
        title = shown.long_name.removesuffix(f" of {signal.owner}") if shown is not signal else "weight"
        title = shown.variable if signal.owner in title else title
        label = f"{title}\n({shown.unit})" if shown.unit != "1" else title
        note = signal.owner if several and not k else ""
        yield Panel(label, lines, note, 0.0 if title.startswith("eligibility") else None, continues=k > 0)


def _drives(results: Recorded, span: Window) -> Iterator[Trace]:
    for signal in results.signals:
        if signal.kind == "modulators" and signal.variable.startswith(DRIVE):
            receptor = signal.variable.removeprefix(DRIVE)
            region = signal.owner.partition("_")[2]
            yield trace(f"{receptor} {region}", "", *results.drive(signal.owner, receptor), span)


def _compose(results: Recorded, plastic: Sequence[Signal], panels: list[Panel], span: Window) -> Figure:
    shown = [_distribution(results, signal, span) for signal in plastic[:MAX_HISTOGRAMS]]
    heights = [LINES_INCHES] * len(panels)
    top = HISTOGRAM_INCHES * -(-len(shown) // ACROSS) + 0.3
    bottom = sum(heights) + 0.25 * len(panels) + 0.3
    figure = Figure(figsize=(WIDTH_INCHES, top + bottom), layout="constrained")
    parts = figure.subfigures(2, 1, height_ratios=[top, bottom], squeeze=False)[:, 0]
    times = results.weights(plastic[0].owner)[0][_moments(results, plastic[0], span)]
    hidden = len(plastic) - len(shown)
    _histograms(parts[0], shown, [_moment(ms, span) for ms in (times[0], times[-1])], hidden)
    grid = parts[1].subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for k, (axes, panel) in enumerate(zip(grid, panels, strict=True)):
        _over_time(axes, panel)
        letter(axes, k + 1)
    time_axis(grid[-1], span)
    parts[1].align_ylabels(list(grid))
    return figure


def _histograms(part: SubFigure, shown: Sequence[Distribution], moments: Sequence[str], hidden: int) -> None:
    """Histograms in rows of `ACROSS`, with one legend for all."""
    rows = -(-len(shown) // ACROSS)
    columns = ACROSS if rows > 1 else max(len(shown), 2)
    grid = part.subplots(rows, columns, squeeze=False)
    for axes, weights in zip(grid.flat, shown, strict=False):
        distribution(axes, weights)
    for axes in grid.flat[len(shown) :]:
        axes.remove()
    for axes in grid[:, 0]:
        axes.set_ylabel("synapses")
    letter(grid[0, 0], 0, columns)
    last = grid.flat[min(len(shown), columns) - 1]
    more = f"{hidden} more\nprojections" if hidden else None
    handles = [Patch(color=BEFORE), Patch(facecolor="none", edgecolor=AFTER)]
    labels = [f"at {moment}" for moment in moments]
    last.legend(handles, labels, title=more, title_fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.05))


def _moment(ms: float, span: Window) -> str:
    return f"{ms:g} ms" if span[1] - span[0] < SECONDS_FROM_MS else f"{ms / 1000:g} s"


def _over_time(axes: Axes, panel: Panel) -> None:
    traces(axes, panel.lines, panel.label, from_zero=panel.from_zero)
    legend = axes.get_legend()
    if legend is not None and panel.continues:
        legend.remove()
    if panel.mark is not None:
        axes.axhline(panel.mark, color="0.6", linewidth=0.5, zorder=1)
    axes.set_title(panel.note, loc="right", fontsize=7, color="0.3")
