"""The overview figure of a run: spikes, rates, field, modulators and weights on one time axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuromod.analysis import panels
from neuromod.analysis.lettering import tame
from neuromod.analysis.palette import STYLE, colours
from neuromod.analysis.panels import MAX_LINES, Floats, Trace, Train, thinned
from neuromod.analysis.rates import population_rate, smooth
from neuromod.analysis.recorded import (
    WIDTH_INCHES,
    Recorded,
    Window,
    changing,
    letter,
    owners,
    span_of,
    time_axis,
    trace,
)
from neuromod.errors import ConfigError

RASTER_INCHES = (1.2, 4.5)
LINES_INCHES = 1.05
RATE_BIN_MS = 10.0
"""Bin of a rate that was not recorded and is counted from the spikes."""
LONG_MS, CALM = 20_000.0, 250
"""Windows from this length on show lines smoothed with a 250th of it, about two printed points."""
MAX_RATE_BINS = 100_000
"""Longer runs have longer bins: the figure is far less wide."""
Panel = tuple[float, Callable[[Axes, float], None]]
"""Height in inches, and the function that draws it, given the axes and that height."""


def overview(
    results: Recorded,
    populations: Sequence[str] | None = None,
    window: tuple[float | None, float | None] | None = None,
    regions: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the run, or a window (start, stop) of it in ms; `populations` picks and orders, default all.

    `regions` maps a population to its region; then all populations of a region stand together, under a line.

    Raises:
        ConfigError: a population is not in the results, or the window is not within the recording.
    """
    where = dict.fromkeys(results.populations, "") | dict(regions or {})
    chosen = _chosen(results, populations, where)
    span = span_of(results, window)
    with style.context(STYLE):
        return _compose(list(_panels(results, {name: where[name] for name in chosen}, span)), span)


def save(figure: Figure, path: Path) -> tuple[Path, Path]:
    """Write PATH.png and PATH.pdf (an ending .png or .pdf of `path` is dropped); returns both paths.

    The files of equal figures are equal: no date is written into them.
    """
    stem = path.with_suffix("") if path.suffix in (".png", ".pdf") else path
    stem.parent.mkdir(parents=True, exist_ok=True)
    png, pdf = stem.with_name(stem.name + ".png"), stem.with_name(stem.name + ".pdf")
    tame(figure)
    with style.context(STYLE):
        figure.savefig(png, metadata={"Software": None})
        figure.savefig(pdf, metadata={"CreationDate": None})
    return png, pdf


def _chosen(results: Recorded, populations: Sequence[str] | None, where: Mapping[str, str]) -> list[str]:
    unknown = [name for name in populations or () if name not in results.populations]
    if unknown:
        raise ConfigError(
            f"population: got {', '.join(unknown)}; recorded are {', '.join(results.populations)}"
        )
    if populations:
        return list(populations)
    order = list(dict.fromkeys(where[name] for name in results.populations))
    return sorted(results.populations, key=lambda name: order.index(where[name]))


def _panels(results: Recorded, chosen: Mapping[str, str], span: Window) -> Iterator[Panel]:
    """The panels for which there is something to show, from top to bottom; `chosen`: population -> region."""
    colour = colours(chosen)
    trains = [_train(results, name, region, colour[name], span) for name, region in chosen.items()]
    rows = sum(panels.band_rows(train.size) + panels.GAP_ROWS for train in trains)
    height = min(max(rows * 0.0125, RASTER_INCHES[0]), RASTER_INCHES[1])
    yield height, lambda axes, inches: panels.raster(axes, trains, inches * 72)
    yield _lines(*_calm([_rate(results, train, span) for train in trains], span), label="rate (Hz)")
    fields = [name for name in owners(results, "lfp") if name in chosen]
    if fields:
        lines = [trace(name, colour[name], *_centred(*results.lfp(name)), span) for name in fields]
        yield _lines(*_calm(lines, span), label="LFP proxy (pA)", from_zero=False)
    moving, note = _levels(results, span)
    if moving:
        yield _lines(moving, note, label="modulator level\n(tonic: 1)")
    plastic = colours(owners(results, "weights"))
    if plastic:
        unit = next(s.unit for s in results.signals if s.kind == "weights")
        spreads = [_spread(name, plastic[name], *results.weights(name), span) for name in plastic]
        label = f"weight ({unit})" if unit != "1" else "weight"
        yield _lines(spreads, label=f"{label}\nmean, 10-90 %")


def _lines(lines: list[Trace], note: str = "", *, label: str, from_zero: bool = True) -> Panel:
    inches = LINES_INCHES if len(lines) <= MAX_LINES else max(LINES_INCHES, 0.16 * len(lines))

    def draw(axes: Axes, _: float) -> None:
        panels.traces(axes, lines, label, from_zero=from_zero)
        axes.set_title(note, loc="right", fontsize=7, color="0.3")

    return inches, draw


def _calm(lines: list[Trace], span: Window) -> tuple[list[Trace], str]:
    """The lines, in a long window so smooth that their fast rhythms do not fill the panel; and a note."""
    length = span[1] - span[0]
    if length < LONG_MS:
        return lines, ""
    sigma = length / CALM
    return [_smoothed(line, sigma) for line in lines], f"smoothed, SD {sigma / 1e3:.2g} s"


def _smoothed(line: Trace, sigma_ms: float) -> Trace:
    times, values = thinned(line.times_ms, line.values)
    if times.size < 2:
        return line
    return replace(line, times_ms=times, values=smooth(values, float(times[1] - times[0]), sigma_ms))


def _levels(results: Recorded, span: Window) -> tuple[list[Trace], str]:
    """The modulator levels that change within the window, and a note on those that do not."""
    names = owners(results, "modulators")
    lines = [trace(name.replace("_", " "), "", *results.modulator(name), span) for name in names]
    moving, note = changing(lines)
    palette = colours(line.name for line in moving)
    return [replace(line, colour=palette[line.name]) for line in moving], note


def _train(results: Recorded, name: str, region: str, colour: str, span: Window) -> Train:
    times, ids = results.spikes(name)
    inside = (times >= span[0]) & (times < span[1])
    return Train(name, results.size(name), region, colour, times[inside], ids[inside].astype(np.int64))


def _rate(results: Recorded, train: Train, span: Window) -> Trace:
    if train.name in owners(results, "rates"):
        return trace(train.name, train.colour, *_centred(*results.rates(train.name)), span)
    length = span[1] - span[0]
    bin_ms = min(max(RATE_BIN_MS, length / MAX_RATE_BINS), length)
    rate = population_rate(train.times_ms, train.size, *span, bin_ms)
    return Trace(train.name, train.colour, *rate)


def _centred(begins: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Means over intervals, moved from the begin of each interval to its middle."""
    return begins + (begins[1] - begins[0]) / 2 if begins.size > 1 else begins, means


def _spread(name: str, colour: str, times: Floats, weights: Floats, span: Window) -> Trace:
    """Mean of all synapses, and the range from the 10th to the 90th percentile."""
    inside = (times >= span[0]) & (times <= span[1])
    values = weights[inside]
    low, high = np.percentile(values, [10, 90], axis=1) if values.size else (values[:, 0], values[:, 0])
    return Trace(name, colour, times[inside], values.mean(axis=1), low, high)


def _compose(parts: list[Panel], span: Window) -> Figure:
    heights = [height for height, _ in parts]
    figure = Figure(figsize=(WIDTH_INCHES, sum(heights) + 0.25 * len(parts) + 0.3), layout="constrained")
    grid = figure.subplots(len(parts), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for k, (axes, (height, draw)) in enumerate(zip(grid, parts, strict=True)):
        draw(axes, height)
        letter(axes, k)
    time_axis(grid[-1], span)
    figure.align_ylabels(list(grid))
    return figure
