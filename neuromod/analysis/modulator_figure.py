"""The figure of neuromodulators over time: levels, and drives of their receptors."""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib import style
from matplotlib.figure import Figure

from neuromod.analysis.palette import STYLE
from neuromod.analysis.panels import Trace, traces
from neuromod.analysis.recorded import (
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
from neuromod.store.layout import DRIVE

MOST = 12
"""Panels, the first."""
PANEL_INCHES = 1.0


def modulator_figure(
    results: Recorded, window: tuple[float | None, float | None] | None = None
) -> Figure | None:
    """Level and drives of each neuromodulator whose level changes; None where none does.

    Raises:
        ConfigError: the window is not within the recording.
    """
    span = span_of(results, window)
    panels = list(_panels(results, span))[:MOST]
    if not panels:
        return None
    with style.context(STYLE):
        size = (WIDTH_INCHES, PANEL_INCHES * len(panels) + 0.5)
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for k, (axes, (label, lines, note, mark)) in enumerate(zip(grid, panels, strict=True)):
            traces(axes, lines, label, from_zero=False)
            axes.axhline(mark, color="0.6", linewidth=0.5, zorder=1)
            axes.set_title(note, loc="right", fontsize=7, color="0.3")
            letter(axes, k)
        time_axis(grid[-1], span)
        figure.align_ylabels(list(grid))
    return figure


def _panels(results: Recorded, span: Window) -> Iterator[tuple[str, list[Trace], str, float]]:
    """Label, lines, note and the tonic value of each panel."""
    names = owners(results, "modulators")
    for modulator in dict.fromkeys(name.rpartition("_")[0] or name for name in names):
        own = [name for name in names if (name.rpartition("_")[0] or name) == modulator]
        levels = [trace(name.rpartition("_")[2], "", *results.modulator(name), span) for name in own]
        lines, note = widest(levels)
        if lines:
            yield f"{modulator}\nlevel (tonic: 1)", lines, note, 1.0
            drives, note = widest(list(_drives(results, own, span)))
            if drives:
                yield "receptor drive\n(tonic: 0)", drives, note, 0.0


def _drives(results: Recorded, own: list[str], span: Window) -> Iterator[Trace]:
    for signal in results.signals:
        if signal.kind == "modulators" and signal.variable.startswith(DRIVE) and signal.owner in own:
            receptor, region = signal.variable.removeprefix(DRIVE), signal.owner.rpartition("_")[2]
            yield trace(f"{receptor} {region}", "", *results.drive(signal.owner, receptor), span)
