"""The figure of a claim: for each test, all seeds in the arms that it compares, and the effect in its
band.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuromod.analysis.lettering import readable
from neuromod.analysis.palette import OKABE_ITO, STYLE
from neuromod.analysis.recorded import WIDTH_INCHES
from neuromod.atlas.claim import Range
from neuromod.atlas.doses import place_of
from neuromod.atlas.measures import UNITS
from neuromod.atlas.verdict import Outcome, Row, neutral

ROW_INCHES = 1.75
ONE_COLUMN = 8
"""Tests that stand below each other; more stand in two columns, in a wider figure."""
WIDE_INCHES = 10.0
PASS, FAIL, OPEN = OKABE_ITO[2], OKABE_ITO[1], "0.45"
BAND = "0.88"
NAME_LENGTH = 22


def claim_figure(row: Row) -> Figure:
    """Two panels per test: arms with all seeds, pairs joined; change with median, 95 % interval, and the band
    that the median must lie in.
    """
    columns = 2 if len(row.outcomes) > ONE_COLUMN else 1
    lines = math.ceil(len(row.outcomes) / columns)
    with style.context(STYLE):
        width = WIDTH_INCHES if columns == 1 else WIDE_INCHES
        figure = Figure(figsize=(width, ROW_INCHES * lines + 0.3), layout="constrained")
        grid = figure.subplots(lines, 2 * columns, squeeze=False, width_ratios=[3, 2] * columns)
        decided = row.verdict in ("pass", "fail")
        panels = grid.reshape(-1, 2)
        for axes in panels[len(row.outcomes) :].flat:
            axes.remove()
        for axes, (name, outcome) in zip(panels, row.outcomes.items(), strict=False):
            draw = _levels if outcome.test.doses else _arms
            draw(axes[0], outcome)
            axes[0].set_ylabel(_quantity(outcome.test.measure), fontsize=7)
            axes[0].set_title(readable(name.replace("_", " "), 60), loc="left", fontweight="bold")
            _effect(axes[1], outcome, (PASS if outcome.passed else FAIL) if decided else OPEN)
    return figure


def _levels(axes: Axes, outcome: Outcome) -> None:
    """All seeds and their median over the levels of a neuromodulator."""
    levels = outcome.test.doses
    places = [place_of(level) for level in levels.values()]
    values = np.array([outcome.values[arm] for arm in levels])
    axes.plot(places, values, color="0.75", linewidth=0.6, zorder=1)
    axes.plot(places, values, "o", color=OKABE_ITO[0], markersize=2.5, zorder=2)
    axes.plot(places, np.median(values, axis=1), color="black", linewidth=1.4, zorder=3)
    axes.set_xticks(places, [f"{level:g}" for level in levels.values()])
    test, p = outcome.test, outcome.regression
    regression = "" if p is None else f", regression p {p:.1g}"
    axes.set_xlabel(readable(f"level, {test.against} to {test.arm}{regression}", 60))


def _arms(axes: Axes, outcome: Outcome) -> None:
    arms = list(outcome.values)
    values = np.array([outcome.values[arm] for arm in arms])
    places = np.arange(len(arms))
    if len(arms) > 1:
        axes.plot(places, values, color="0.75", linewidth=0.6, zorder=1)
    for place in range(len(arms)):
        width = 0.08 if len(arms) == 1 else 0.0
        around = place + np.linspace(-width, width, values.shape[1])
        axes.plot(around, values[place], "o", color=OKABE_ITO[0], markersize=3.5, zorder=2)
        axes.plot([place - 0.2, place + 0.2], [np.median(values[place])] * 2, color="black", linewidth=1.4)
    if isinstance(outcome.test.against, float):
        axes.axhline(outcome.test.against, color="0.5", linewidth=0.6, linestyle="--")
    for place, arm in enumerate(arms):
        band = outcome.test.levels.get(arm)
        if band is None and isinstance(outcome.test.against, float) and arm == outcome.test.arm:
            band = outcome.test.band
        if band is not None:
            _shade(axes, band, (place - 0.35, place + 0.35))
    axes.set_xlim(-0.6, len(arms) - 0.4)
    axes.set_xticks(places, [readable(arm, NAME_LENGTH) for arm in arms])


def _quantity(measure: str) -> str:
    unit = f" ({UNITS[measure]})" if measure in UNITS else ""
    return readable(measure.replace("_", " "), NAME_LENGTH + 10) + unit


def _effect(axes: Axes, outcome: Outcome, colour: str) -> None:
    test, low_high = outcome.test, outcome.interval
    shown = outcome.changes
    spread = np.linspace(-0.25, 0.25, len(shown))
    axes.plot(shown, spread, "o", color="0.6", markersize=3, zorder=2)
    axes.plot(low_high, [0, 0], color=colour, linewidth=2.2, zorder=3)
    axes.plot([outcome.effect], [0], "D", color=colour, markersize=6, zorder=4)
    axes.axvline(neutral(test), color="0.5", linewidth=0.6, linestyle="--")
    _shade(axes, test.band, (0, 0), across=True)
    axes.set_ylim(-0.6, 0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(readable(_label(outcome), 60))
    axes.set_title(readable(_said(outcome), 60), loc="right", fontsize=7, color=colour)


def _label(outcome: Outcome) -> str:
    test = outcome.test
    if isinstance(test.against, float):
        return f"{test.arm}" + (f" ({test.unit})" if test.unit != "1" else "")
    if test.whole is not None:
        return f"{test.arm} on the way from {test.against} to {test.whole}"
    if test.doses:
        return "slope (share of mean)"
    sign = {"difference": "-", "ratio": "/", "turn": "-"}[test.change]
    factor = f"{test.times:g} x " if test.times != 1 else ""
    return f"{test.arm} {sign} {factor}{test.against}" + (f" ({test.unit})" if test.unit != "1" else "")


def _said(outcome: Outcome) -> str:
    return f"median {outcome.effect:.3g}, p (Holm) {outcome.corrected:.2g}"


def _shade(axes: Axes, band: Range, span: tuple[float, float], *, across: bool = False) -> None:
    """A band in grey, after everything else is drawn: an open end reaches to the edge of the axes."""
    inner = [float(limit) for limit in band if limit is not None]
    places = [span[0]] * len(inner)
    axes.plot(*((inner, places) if across else (places, inner)), alpha=0)
    lowest, highest = axes.get_xlim() if across else axes.get_ylim()
    low, high = band
    edges = (lowest if low is None else low, highest if high is None else high)
    if across:
        axes.axvspan(*edges, color=BAND, linewidth=0, zorder=0)
        axes.set_xlim(lowest, highest)
    else:
        axes.fill_between(span, *edges, color=BAND, linewidth=0, zorder=0)
        axes.set_ylim(lowest, highest)
