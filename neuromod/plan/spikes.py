"""Spike trains of replay populations, from SONATA files and from tables.

SONATA: `/spikes/<population>/{timestamps,node_ids}`, in ms unless the timestamps' attribute `units` says s.
Table (.csv): a header with `timestamps` (ms) and `node_ids`, and perhaps `population`; columns separated
by blanks or commas.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neuromod.plan.expansion import Expansion
from neuromod.plan.files import confined_file
from neuromod.plan.network import Floats, Ints, PopulationPlan, SpikeList
from neuromod.plan.sonata import checked_ids, column, population_group, read_ids, read_numbers

MAX_TABLE_BYTES = 1 << 30
SCALES = {"ms": 1e-3, "milliseconds": 1e-3, "s": 1.0, "second": 1.0, "seconds": 1.0}


@dataclass(frozen=True)
class SpikeTimes:
    """Spikes as listed in a file: times in seconds (n,), local cells (n,)."""

    times: Floats
    cells: Ints


def plan_spikes(expansion: Expansion, population: PopulationPlan) -> SpikeList | None:
    """The spikes of a replay population in the run; None, and the problem noted, when the file is wrong."""
    spec = expansion.network.populations[population.name]
    if spec.spikes is None or not population.template.replay:
        return None
    path = ("populations", population.name, "spikes")
    try:
        file = confined_file(expansion.folder, spec.spikes)
        listed = read_spikes(file, spec.spikes_population, population.size)
    except ValueError as error:
        expansion.refuse(path, str(error))
        return None
    experiment = expansion.experiment
    spikes, late, double = to_steps(
        population.name, listed, experiment.dt, round(experiment.duration / experiment.dt)
    )
    if late:
        expansion.notices.append(
            f"populations.{population.name}: {late} of {listed.times.size} listed spikes come after the end"
        )
    if double:
        expansion.notices.append(
            f"populations.{population.name}: {double} listed spikes fall into the step of another one"
        )
    return spikes


def read_spikes(path: Path, population: str | None, size: int) -> SpikeTimes:
    """Read a file of spikes of `size` cells.

    Raises:
        ValueError: not a spike file, times that are negative or not finite, or unknown cells.
    """
    listed = _table(path, population, size) if path.suffix == ".csv" else _sonata(path, population, size)
    if listed.times.size and not listed.times.min() >= 0:
        raise ValueError(f"got a negative time in {path.name}, allowed is zero or more")
    return listed


def to_steps(population: str, listed: SpikeTimes, dt: float, stop: int) -> tuple[SpikeList, int, int]:
    """Spikes before step `stop`, a cell at most once per step; how many were late, and how many doubled."""
    steps = np.rint(np.minimum(listed.times / dt, stop)).astype(np.int64)
    within = steps < stop
    pairs = np.unique(np.stack([steps[within], listed.cells[within].astype(np.int64)], axis=1), axis=0)
    late = int(np.count_nonzero(~within))
    double = steps.size - late - len(pairs)
    return SpikeList(population, pairs[:, 0].copy(), pairs[:, 1].astype(np.int32)), late, double


def _sonata(path: Path, population: str | None, size: int) -> SpikeTimes:
    with population_group(path, "spikes", population) as group:
        times = column(group, "timestamps")
        unit = times.attrs.get("units", "ms")
        unit = unit.decode("ascii", "replace") if isinstance(unit, bytes) else str(unit)
        if unit not in SCALES:
            raise ValueError(f"got timestamps in {unit!r}, allowed are ms and s")
        cells = read_ids(column(group, "node_ids", rows=times.shape[0]), size)
        return SpikeTimes(read_numbers(times) * SCALES[unit], cells)


def _table(path: Path, population: str | None, size: int) -> SpikeTimes:
    if path.stat().st_size > MAX_TABLE_BYTES:
        raise ValueError(
            f"got {path.name} of {path.stat().st_size} bytes, "
            f"allowed are at most {MAX_TABLE_BYTES}; use SONATA"
        )
    try:
        with path.open(encoding="utf-8") as file:
            header = file.readline(1000)
            rest = file.read()
    except UnicodeDecodeError:
        raise ValueError(f"got {path.name}, which is not a text file") from None
    delimiter = "," if "," in header else None
    names = [name.strip() for name in header.split(delimiter)]
    missing = [name for name in ("timestamps", "node_ids") if name not in names]
    if missing:
        raise ValueError(
            f"got {path.name} without the column `{missing[0]}`, "
            "needed are timestamps and node_ids in its first line"
        )
    lines = rest.splitlines()
    if population is not None or "population" in names:
        lines = _of_population(path, lines, names, delimiter, population)
    return _parsed(path, lines, names, delimiter, size)


def _of_population(
    path: Path, lines: list[str], names: list[str], delimiter: str | None, population: str | None
) -> list[str]:
    """The lines of one population, which may be left out when the table has one only."""
    if "population" not in names:
        raise ValueError(f"got `spikes_population`, but {path.name} has no column `population`")
    place = names.index("population")
    fields = ((line, line.split(delimiter)) for line in lines if line.strip())
    owners = [(line, parts[place].strip() if len(parts) > place else "") for line, parts in fields]
    there = sorted({owner for _, owner in owners})
    chosen = there[0] if population is None and len(there) == 1 else population
    if there and chosen not in there:
        raise ValueError(
            f"got the population `{chosen or ''}` in {path.name}, allowed are {', '.join(there[:12])}"
        )
    return [line for line, owner in owners if owner == chosen]


def _parsed(path: Path, lines: list[str], names: list[str], delimiter: str | None, size: int) -> SpikeTimes:
    if not any(line.strip() for line in lines):
        return SpikeTimes(np.empty(0), np.empty(0, np.int32))
    columns = (names.index("timestamps"), names.index("node_ids"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            table = np.loadtxt(lines, delimiter=delimiter, usecols=columns, ndmin=2, comments=None)
    except (ValueError, IndexError, UserWarning) as error:
        raise ValueError(
            f"got a line in {path.name} that is not two numbers ({str(error).partition(';')[0]})"
        ) from None
    if not np.isfinite(table).all() or np.any(table[:, 1] % 1):
        raise ValueError(
            f"got a value in {path.name} that is not allowed: times are finite and node ids whole numbers"
        )
    return SpikeTimes(table[:, 0] * 1e-3, checked_ids(table[:, 1], size, path.name))
