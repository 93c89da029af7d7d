"""The figure of what happens around an event that repeats: rates, fields, spectrograms, neuromodulators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuromod.analysis.events import EventAverage, event_average, event_spectrogram
from neuromod.analysis.palette import STYLE, colours
from neuromod.analysis.panels import Floats
from neuromod.analysis.rates import psth
from neuromod.analysis.recorded import WIDTH_INCHES, Recorded, letter, owners

BEFORE_MS, AFTER_MS = 1000.0, 2000.0
LEAST_MS = 500.0
"""Of the time before and after, what must at least be there."""
BIN_MS = 20.0
WINDOW_S = 0.5
"""Of spectrograms: 2 Hz apart."""
MAX_LINES, MAX_FIELDS = 5, 2
LOWEST_HZ, HIGHEST_HZ = 2.0, 100.0
SPAN_DB = (2.0, 12.0)
"""The scale of a spectrogram reaches at least and at most so far from 0 dB."""
MAP = "PuOr_r"
"""Diverging about the time before the event, and read alike with every common colour vision."""


@dataclass(frozen=True)
class Around:
    """Events (ms) whose whole window, from `before` to `after`, lies within the recording."""

    onsets: Floats
    before: float
    after: float


Draw = Callable[[Axes], None]


def event_figure(results: Recorded, name: str, onsets_ms: Sequence[float]) -> Figure | None:
    """Means around the events: rates of the populations that change most, fields with their spectrograms
    relative to the time before, and levels; None where no event has its surroundings within the recording.
    """
    around = surroundings(onsets_ms, results.duration_ms)
    if around is None:
        return None
    with style.context(STYLE):
        panels = list(_panels(results, around))
        if not panels:
            return None
        heights = [height for height, _ in panels]
        figure = Figure(figsize=(WIDTH_INCHES, sum(heights) + 0.6), layout="constrained")
        grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        for k, (axes, (_, draw)) in enumerate(zip(grid, panels, strict=True)):
            draw(axes)
            axes.axvline(0, color="0.3", linewidth=0.7, linestyle=(0, (4, 3)))
            letter(axes, k)
        count = around.onsets.size
        grid[0].set_title(f"{name}, {f'mean of {count} events' if count > 1 else 'one event'}", loc="left")
        grid[-1].set_xlim(-around.before, around.after)
        grid[-1].set_xlabel("time after the begin of the event (ms)")
        figure.align_ylabels(list(grid))
    return figure


def surroundings(onsets_ms: Sequence[float], duration_ms: float) -> Around | None:
    """The events and how much around them is looked at: at most `BEFORE_MS` and `AFTER_MS`, less where the
    events follow each other sooner or stand near the ends of the recording.
    """
    onsets = np.unique(np.asarray(onsets_ms, np.float64))
    onsets = onsets[(onsets >= LEAST_MS) & (onsets + LEAST_MS <= duration_ms)]
    if not onsets.size:
        return None
    apart = float(np.diff(onsets).min()) if onsets.size > 1 else np.inf
    before = min(BEFORE_MS, max(apart / 2, LEAST_MS), float(onsets[0]))
    after = min(AFTER_MS, max(apart / 2, LEAST_MS), duration_ms - float(onsets[-1]))
    return Around(onsets, before, after)


def _panels(results: Recorded, around: Around) -> Iterator[tuple[float, Draw]]:
    """Height in inches and how to draw each panel."""
    rates = _rates(results, around)
    if rates:
        yield 1.5, partial(_lines, lines=rates, label="rate (Hz)")
    for name in owners(results, "lfp")[:MAX_FIELDS]:
        times, values = results.lfp(name)
        rate = _sampling(times)
        if rate is None or not np.ptp(values):
            continue
        average = event_average(values, rate, around.onsets, around.before, around.after, float(times[0]))
        if average.events:
            yield 1.1, partial(_lines, lines=[(name, average)], label="LFP proxy (pA)")
            found = event_spectrogram(
                values, rate, around.onsets, around.before, around.after, float(times[0]), WINDOW_S, 0.02
            )
            yield 1.6, partial(_spectrogram, spectrogram=found)
    levels = _levels(results, around)
    if levels:
        yield 1.2, partial(_lines, lines=levels, label="modulator level\n(tonic: 1)")


def _sampling(times: Floats) -> float | None:
    """Samples per second."""
    return 1e3 / float(times[1] - times[0]) if times.size > 1 else None


def _rates(results: Recorded, around: Around) -> list[tuple[str, EventAverage]]:
    """The populations whose rates change most, against their spread before the event, in order."""
    found = []
    for name in results.populations:
        times, _ = results.spikes(name)
        lags, rows = psth(times, around.onsets, results.size(name), around.before, around.after, BIN_MS)
        mean = rows.mean(axis=0)
        many = len(rows) > 1
        error = rows.std(axis=0, ddof=1) / np.sqrt(len(rows)) if many else np.full(mean.size, np.nan)
        calm = mean[lags < 0]
        change = np.abs(mean - calm.mean()).max() / (calm.std() + 0.1)
        found.append((change, name, EventAverage(lags, mean, error, len(rows))))
    found.sort(key=lambda entry: -entry[0])
    return [(name, average) for _, name, average in found[:MAX_LINES]]


def _levels(results: Recorded, around: Around) -> list[tuple[str, EventAverage]]:
    found = []
    for name in owners(results, "modulators"):
        times, values = results.modulator(name)
        rate = _sampling(times)
        if rate is None:
            continue
        start = float(times[0])
        average = event_average(values, rate, around.onsets, around.before, around.after, start)
        if average.events and np.ptp(average.mean) > 1e-6:
            found.append((float(np.ptp(average.mean)), name.replace("_", " "), average))
    found.sort(key=lambda entry: -entry[0])
    return [(name, average) for _, name, average in found[:MAX_LINES]]


def _lines(axes: Axes, lines: Sequence[tuple[str, EventAverage]], label: str) -> None:
    """Means with their standard errors, and a legend."""
    palette = colours(str(k) for k in range(len(lines)))
    for k, (name, one) in enumerate(lines):
        colour = palette[str(k)]
        low, high = one.mean - one.error, one.mean + one.error
        axes.fill_between(one.lags_ms, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(one.lags_ms, one.mean, color=colour, label=name)
    axes.set_ylabel(label)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.05), borderaxespad=0.3, labelspacing=0.25)


def _spectrogram(axes: Axes, spectrogram: tuple[Floats, Floats, Floats]) -> None:
    """Power in bands of a quarter octave or more, relative to the mean of the windows that end before the
    event, in dB.
    """
    edges, lags, power = in_bands(*spectrogram)
    earlier = lags <= -1e3 * WINDOW_S / 2
    base = power[:, earlier] if earlier.any() else power[:, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 10 * np.log10(power / base.mean(axis=1, keepdims=True))
    change = np.nan_to_num(change, nan=0.0, posinf=SPAN_DB[1], neginf=-SPAN_DB[1])
    reach = float(np.clip(np.percentile(np.abs(change), 98), *SPAN_DB))
    step = lags[1] - lags[0] if lags.size > 1 else 1.0
    sides = np.append(lags - step / 2, lags[-1] + step / 2)
    image = axes.pcolormesh(sides, edges, change, cmap=MAP, vmin=-reach, vmax=reach, rasterized=True)
    axes.set_yscale("log")
    axes.set_yticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    axes.minorticks_off()
    axes.set_ylim(edges[0], edges[-1])
    axes.set_ylabel("frequency (Hz)")
    beside = axes.inset_axes((1.015, 0.0, 0.02, 1.0))
    axes.figure.colorbar(image, cax=beside, label="change (dB)")


def in_bands(frequencies: Floats, lags: Floats, power: Floats) -> tuple[Floats, Floats, Floats]:
    """A spectrogram (f, t) as means over bands of equal ratio, but of one frequency at least: edges
    (bands + 1,) in Hz, lags (t,), power (bands, t).
    """
    step = frequencies[1] - frequencies[0]
    lowest = max(LOWEST_HZ, step)
    kept = (frequencies >= lowest) & (frequencies <= HIGHEST_HZ)
    ratio = np.floor(4 * np.log2(frequencies[kept] / lowest) + 1e-9)
    starts = np.flatnonzero(np.diff(ratio, prepend=-1.0))
    counts = np.diff(np.append(starts, ratio.size))
    means = np.add.reduceat(power[kept], starts, axis=0) / counts[:, None]
    edges = np.append(frequencies[kept][starts], frequencies[kept][-1] + step) - step / 2
    return edges, lags, np.asarray(means)
