"""The overview figure of a run: spikes, rates, field, modulators and weights on one time axis."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from neuromod.analysis import panels
from neuromod.analysis.palette import STYLE, colours
from neuromod.analysis.panels import MAX_LINES, Floats, Trace, Train
from neuromod.analysis.rates import population_rate
from neuromod.errors import ConfigError
from neuromod.store.layout import Signal, SignalKind

WIDTH_INCHES = 7.2
"""Two columns of a journal page (183 mm)."""
RASTER_INCHES = (1.2, 4.5)
LINES_INCHES = 1.05
RATE_BIN_MS = 10.0
"""Bin of a rate that was not recorded and is counted from the spikes."""
SECONDS_FROM_MS = 3000.0
"""Windows at least this long have their axis in seconds."""

Window = tuple[float, float]
Panel = tuple[float, Callable[[Axes, float], None]]
"""Height in inches, and the function that draws it, given the axes and that height."""


class Recorded(Protocol):
    """What the figure reads of the results of a run."""

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

    def weights(self, projection: str) -> tuple[Floats, Floats]:
        """Times (n,) in ms and weights (n, synapses) in the unit of the signal."""


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
    span = _span(results, window)
    with style.context(STYLE):
        return _compose(list(_panels(results, {name: where[name] for name in chosen}, span)), span)


def save(figure: Figure, path: Path) -> tuple[Path, Path]:
    """Write PATH.png and PATH.pdf (an ending .png or .pdf of `path` is dropped); returns both paths.

    The files of equal figures are equal: no date is written into them.
    """
    stem = path.with_suffix("") if path.suffix in (".png", ".pdf") else path
    stem.parent.mkdir(parents=True, exist_ok=True)
    png, pdf = stem.with_name(stem.name + ".png"), stem.with_name(stem.name + ".pdf")
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


def _span(results: Recorded, window: tuple[float | None, float | None] | None) -> Window:
    first, last = window or (None, None)
    start = 0.0 if first is None else first
    stop = results.duration_ms if last is None else last
    if not 0 <= start < stop <= results.duration_ms:
        allowed = f"the recording lasts from 0 to {results.duration_ms:g} ms"
        raise ConfigError(f"window: got {start:g} to {stop:g} ms; {allowed}")
    return start, stop


def _panels(results: Recorded, chosen: Mapping[str, str], span: Window) -> Iterator[Panel]:
    """The panels for which there is something to show, from top to bottom; `chosen`: population -> region."""
    colour = colours(chosen)
    trains = [_train(results, name, region, colour[name], span) for name, region in chosen.items()]
    rows = sum(panels.band_rows(train.size) + panels.GAP_ROWS for train in trains)
    height = min(max(rows * 0.0125, RASTER_INCHES[0]), RASTER_INCHES[1])
    yield height, lambda axes, inches: panels.raster(axes, trains, inches * 72)
    yield _lines([_rate(results, train, span) for train in trains], "rate (Hz)")
    fields = [name for name in _owners(results, "lfp") if name in chosen]
    if fields:
        lines = [_trace(name, colour[name], *_centred(*results.lfp(name)), span) for name in fields]
        yield _lines(lines, "LFP proxy (pA)")
    changing, constant = _levels(results, span)
    if changing:
        yield _lines(changing, "modulator level", f"{constant} constant, not shown" if constant else "")
    plastic = colours(_owners(results, "weights"))
    if plastic:
        unit = next(s.unit for s in results.signals if s.kind == "weights")
        spreads = [_spread(name, plastic[name], *results.weights(name), span) for name in plastic]
        label = f"weight ({unit})" if unit != "1" else "weight"
        yield _lines(spreads, f"{label}\nmean, 10-90 %")


def _owners(results: Recorded, kind: SignalKind) -> list[str]:
    return [signal.owner for signal in results.signals if signal.kind == kind]


def _lines(lines: list[Trace], label: str, note: str = "") -> Panel:
    inches = LINES_INCHES if len(lines) <= MAX_LINES else max(LINES_INCHES, 0.16 * len(lines))

    def draw(axes: Axes, _: float) -> None:
        panels.traces(axes, lines, label)
        axes.set_title(note, loc="right", fontsize=7, color="0.3")

    return inches, draw


def _levels(results: Recorded, span: Window) -> tuple[list[Trace], int]:
    """The modulator levels that change within the window, and the number of those that do not."""
    names = _owners(results, "modulators")
    lines = [_trace(name.replace("_", " "), "", *results.modulator(name), span) for name in names]
    changing = [line for line in lines if line.values.size and np.ptp(line.values) > 1e-9]
    palette = colours(line.name for line in changing)
    return [replace(line, colour=palette[line.name]) for line in changing], len(lines) - len(changing)


def _train(results: Recorded, name: str, region: str, colour: str, span: Window) -> Train:
    times, ids = results.spikes(name)
    inside = (times >= span[0]) & (times < span[1])
    return Train(name, results.size(name), region, colour, times[inside], ids[inside].astype(np.int64))


def _rate(results: Recorded, train: Train, span: Window) -> Trace:
    if train.name in _owners(results, "rates"):
        return _trace(train.name, train.colour, *_centred(*results.rates(train.name)), span)
    rate = population_rate(train.times_ms, train.size, *span, min(RATE_BIN_MS, span[1] - span[0]))
    return Trace(train.name, train.colour, *rate)


def _centred(begins: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Means over intervals, moved from the begin of each interval to its middle."""
    return begins + (begins[1] - begins[0]) / 2 if begins.size > 1 else begins, means


def _trace(name: str, colour: str, times: Floats, values: Floats, span: Window) -> Trace:
    inside = (times >= span[0]) & (times <= span[1])
    return Trace(name, colour, times[inside], values.reshape(times.size)[inside])


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
        axes.text(
            -0.13, 1.0, "ABCDE"[k], transform=axes.transAxes, fontsize=10, fontweight="bold", va="bottom"
        )
    _time_axis(grid[-1], span)
    figure.align_ylabels(list(grid))
    return figure


def _time_axis(axes: Axes, span: Window) -> None:
    axes.set_xlim(*span)
    if span[1] - span[0] < SECONDS_FROM_MS:
        axes.set_xlabel("time (ms)")
        return
    axes.xaxis.set_major_formatter(lambda ms, _: f"{ms / 1000:g}")
    axes.set_xlabel("time (s)")
