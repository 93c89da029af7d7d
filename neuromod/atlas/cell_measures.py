"""Measures of how cells answer to a drive that grows linearly, or to a step."""

from __future__ import annotations

import numpy as np

from neuromod.store.reader import Floats, Results

BIN_S = 0.25


def first_spike_drive(
    results: Results, *, population: str, start_s: float, stop_s: float, top: float
) -> float:
    """Current at the first spike, the median of cells, in pA; it grows from 0 at `start_s` to `top` at
    `stop_s`. NaN where fewer than half of the cells fire.
    """
    times, cells = _within(results, population, start_s, stop_s)
    fired, first = np.unique(cells, return_index=True)
    drives = np.full(results.size(population), np.inf)
    drives[fired.astype(np.int64)] = (times[first] * 1e-3 - start_s) / (stop_s - start_s) * top
    middle = float(np.median(drives))
    return middle if np.isfinite(middle) else float("nan")


def gain(results: Results, *, population: str, start_s: float, stop_s: float) -> float:
    """Slope of the rate in the second half of a drive that grows linearly, in Hz for the whole way."""
    middle = (start_s + stop_s) / 2
    edges = np.arange(middle, stop_s + BIN_S / 2, BIN_S)
    times, _ = _within(results, population, middle, stop_s)
    rates = np.histogram(times * 1e-3, edges)[0] / (BIN_S * results.size(population))
    return float(np.polyfit((edges[:-1] + edges[1:]) / 2, rates, 1)[0] * (stop_s - start_s))


def adaptation(results: Results, *, population: str, start_s: float) -> float:
    """How much longer intervals grow in a step of current: rate in its first 0.1 s over that from 1 to 2 s,
    less 1.
    """
    early, late = (
        _within(results, population, start_s + begin, start_s + end)[0].size / (end - begin)
        for begin, end in ((0.0, 0.1), (1.0, 2.0))
    )
    return early / late - 1 if late else float("nan")


def _within(results: Results, population: str, start_s: float, stop_s: float) -> tuple[Floats, Floats]:
    """Times (n,) in ms and cells (n,) of the spikes from `start_s` to before `stop_s`."""
    times, cells = results.spikes(population)
    inside = (times >= start_s * 1e3) & (times < stop_s * 1e3)
    return times[inside], cells[inside].astype(np.float64)
