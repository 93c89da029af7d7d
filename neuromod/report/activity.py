"""Mean rates of a run, per population, against their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuromod.analysis.rates import mean_rates, population_rate
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
    """The activity of every population whose spikes are recorded."""
    return [_activity(results, plan, name, start_ms, stop_ms) for name in results.populations]


def _activity(results: Results, plan: Planned, name: str, start: float, stop: float) -> Activity:
    times, ids = results.spikes(name)
    inside = (times >= start) & (times < stop)
    times, ids = times[inside], ids[inside]
    size, length = results.size(name), stop - start
    target = plan.targets.get(name)
    per_cell = mean_rates(ids, size, length)
    middle = np.searchsorted(times, (start + stop) / 2)
    halves = [count / size / length * 2e3 for count in (middle, times.size - middle)]
    binned = population_rate(times, size, start, stop, min(BIN_MS, length))[1]
    low, high = np.percentile(per_cell, [10, 90])
    return Activity(
        PopulationRate(name, float(per_cell.mean()), (target.low, target.high) if target else None),
        (float(low), float(high)),
        (float(halves[0]), float(halves[1])),
        float(binned.max(initial=0.0)),
        int(times.size),
    )


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
                f"{one.spread[0]:.3g} to {one.spread[1]:.3g}",
                f"{target.low:g} to {target.high:g}" if target else "",
                one.rate.verdict,
                target.evidence if target else "",
                target.source if target else "",
            )
        )
    return Table(heads, rows, EVIDENCE)
