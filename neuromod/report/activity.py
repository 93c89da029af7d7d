"""Mean rates of a run, per population, against their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuromod.analysis.rates import mean_rates, population_rate
from neuromod.analysis.recorded import owners
from neuromod.analysis.targets import PopulationRate
from neuromod.report.captions import EVIDENCE
from neuromod.report.content import Table
from neuromod.report.planned import Planned
from neuromod.store.provenance import PopulationInfo
from neuromod.store.reader import Results

BIN_MS = 100.0
"""As long as the window in which a run is watched for runaway activity."""


@dataclass(frozen=True)
class Activity:
    """The spikes of a population in a part of a run: mean rate; 10th and 90th percentile of its cells (Hz);
    mean rates of the first and second half and highest rate within 100 ms (Hz); number of spikes.
    """

    rate: PopulationRate
    spread: tuple[float, float]
    halves: tuple[float, float]
    highest: float
    spikes: int


def activities(results: Results, plan: Planned, start_ms: float, stop_ms: float) -> list[Activity]:
    """The activity of every population whose spikes, or at least rates, are recorded."""
    spikes = [_activity(results, plan, name, start_ms, stop_ms) for name in results.populations]
    sizes = results.provenance().populations if results.has_provenance else {}
    others = [name for name in owners(results, "rates") if name in sizes and name not in results.populations]
    return spikes + [_by_rate(results, plan, name, sizes[name].size, start_ms, stop_ms) for name in others]


def _activity(results: Results, plan: Planned, name: str, start: float, stop: float) -> Activity:
    times, ids = results.spikes(name)
    inside = (times >= start) & (times < stop)
    times, ids = times[inside], ids[inside]
    size, length = results.size(name), stop - start
    per_cell = mean_rates(ids, size, length)
    middle = np.searchsorted(times, (start + stop) / 2)
    halves = [count / size / length * 2e3 for count in (middle, times.size - middle)]
    binned = population_rate(times, size, start, stop, min(BIN_MS, length))[1]
    low, high = np.percentile(per_cell, [10, 90])
    return Activity(
        _against(plan, name, float(per_cell.mean())),
        (float(low), float(high)),
        (float(halves[0]), float(halves[1])),
        float(binned.max(initial=0.0)),
        int(times.size),
    )


def _by_rate(results: Results, plan: Planned, name: str, size: int, start: float, stop: float) -> Activity:
    """From the recorded rates; nothing is known of single cells."""
    times, hz = results.rates(name)
    inside = (times >= start) & (times < stop)
    times, hz = times[inside], hz[inside]
    if not times.size:
        return Activity(_against(plan, name, np.nan), (np.nan, np.nan), (np.nan, np.nan), np.nan, 0)
    bin_ms = float(times[1] - times[0]) if times.size > 1 else stop - start
    middle = max(1, min(int(np.searchsorted(times, (start + stop) / 2)), times.size - 1))
    together = max(1, round(BIN_MS / bin_ms))
    smooth = np.convolve(hz, np.full(together, 1 / together), "valid") if together <= hz.size else hz
    return Activity(
        _against(plan, name, float(hz.mean())),
        (np.nan, np.nan),
        (float(hz[:middle].mean()), float(hz[middle:].mean() if times.size > 1 else hz.mean())),
        float(smooth.max()),
        round(float(hz.sum()) * size * bin_ms / 1e3),
    )


def _against(plan: Planned, name: str, hz: float) -> PopulationRate:
    target = plan.targets.get(name)
    return PopulationRate(name, hz, (target.low, target.high) if target else None)


def rate_table(found: Sequence[Activity], plan: Planned, about: Mapping[str, PopulationInfo]) -> Table:
    """Rates against targets, with evidence and source of the targets."""
    heads = (
        "population",
        "region",
        "cells",
        "rate (Hz)",
        "10-90 % of cells (Hz)",
        "target (Hz)",
        "verdict",
        "evidence",
        "source of the target",
    )
    rows = []
    for one in found:
        name = one.rate.population
        info, target = about.get(name), plan.targets.get(name)
        rows.append(
            (
                name,
                info.region if info else "",
                f"{info.size:,}" if info else "",
                f"{one.rate.hz:.3g}",
                "" if np.isnan(one.spread[0]) else f"{one.spread[0]:.3g} to {one.spread[1]:.3g}",
                f"{target.low:g} to {target.high:g}" if target else "",
                one.rate.verdict,
                target.evidence if target else "",
                target.source if target else "",
            )
        )
    return Table(heads, rows, EVIDENCE)
