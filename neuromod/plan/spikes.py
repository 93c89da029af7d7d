"""Spike trains of replay populations, from SONATA files and from tables.

SONATA: `/spikes/<population>/{timestamps,node_ids}`, in ms unless the timestamps' attribute `units` says s.
Table (.csv): a header with `timestamps` (ms) and `node_ids`, and perhaps `population`; columns separated
by blanks or commas.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

import numpy as np

from neuromod.plan.digests import digest
from neuromod.plan.expansion import Expansion
from neuromod.plan.files import confined_file
from neuromod.plan.network import Floats, Ints, PopulationPlan, SpikeList
from neuromod.plan.sonata import checked_ids, column, population_group, read_ids, read_numbers

MAX_TABLE_BYTES = 1 << 26
MAX_LINE, MAX_EMPTY, MAX_POPULATIONS = 1000, 1000, 1000
SCALES = {"ms": 1e-3, "milliseconds": 1e-3, "s": 1.0, "second": 1.0, "seconds": 1.0}


class _LineError(ValueError):
    """A line is wrong in a way that has its own sentence."""


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
    spikes = SpikeList(
        population, pairs[:, 0].copy(), pairs[:, 1].astype(np.int32), digest(listed.times, listed.cells)
    )
    return spikes, late, double


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
    """A table, line by line: whatever is in the file, only the two columns are ever in memory."""
    if path.stat().st_size > MAX_TABLE_BYTES:
        raise ValueError(
            f"got {path.name} of {path.stat().st_size} bytes, "
            f"allowed are at most {MAX_TABLE_BYTES}; use SONATA"
        )
    try:
        with path.open(encoding="utf-8") as file:
            header = file.readline(MAX_LINE)
            delimiter = "," if "," in header else None
            names = [name.strip() for name in header.split(delimiter)]
            missing = [name for name in ("timestamps", "node_ids") if name not in names]
            if missing:
                raise ValueError(
                    f"got {path.name} without the column `{missing[0]}`, "
                    "needed are timestamps and node_ids in its first line"
                )
            start = file.tell()
            lines = _lines(path, file)
            if population is not None or "population" in names:
                owner = _owner(path, lines, names, delimiter, population)
                file.seek(start)
                lines = _of_population(_lines(path, file), names, delimiter, owner)
            return _parsed(path, lines, names, delimiter, size)
    except UnicodeDecodeError:
        raise ValueError(f"got {path.name}, which is not a text file") from None


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    """The lines that are left and not empty."""
    empty = 0
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise _LineError(f"got a line in {path.name} that is longer than {MAX_LINE} characters")
        if line.strip():
            yield line
            continue
        empty += 1
        if empty > MAX_EMPTY:
            raise _LineError(f"got more than {MAX_EMPTY} empty lines in {path.name}")


def _owner(
    path: Path, lines: Iterable[str], names: list[str], delimiter: str | None, population: str | None
) -> str:
    """The population whose lines are read; it may be left out when the table has one only."""
    if "population" not in names:
        raise ValueError(f"got `spikes_population`, but {path.name} has no column `population`")
    there: set[str] = set()
    for line in lines:
        there.add(_field(line, names, delimiter))
        if len(there) > MAX_POPULATIONS:
            raise ValueError(f"got {path.name} with more than {MAX_POPULATIONS} populations")
    chosen = next(iter(there)) if population is None and len(there) == 1 else population
    if there and chosen not in there:
        known = ", ".join(sorted(there)[:12])
        raise ValueError(f"got the population `{chosen or ''}` in {path.name}, allowed are {known}")
    return chosen or ""


def _of_population(
    lines: Iterable[str], names: list[str], delimiter: str | None, owner: str
) -> Iterator[str]:
    return (line for line in lines if _field(line, names, delimiter) == owner)


def _field(line: str, names: list[str], delimiter: str | None) -> str:
    """What a line has in the column `population`."""
    place, parts = names.index("population"), line.split(delimiter)
    return parts[place].strip() if len(parts) > place else ""


def _parsed(
    path: Path, lines: Iterator[str], names: list[str], delimiter: str | None, size: int
) -> SpikeTimes:
    first = next(lines, None)
    if first is None:
        return SpikeTimes(np.empty(0), np.empty(0, np.int32))
    columns = (names.index("timestamps"), names.index("node_ids"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            table = np.loadtxt(
                chain([first], lines), delimiter=delimiter, usecols=columns, ndmin=2, comments=None
            )
    except (UnicodeDecodeError, _LineError):
        raise
    except (ValueError, IndexError, UserWarning) as error:
        raise ValueError(
            f"got a line in {path.name} that is not two numbers ({str(error).partition(';')[0]})"
        ) from None
    if not np.isfinite(table).all() or np.any(table[:, 1] % 1):
        raise ValueError(
            f"got a value in {path.name} that is not allowed: times are finite and node ids whole numbers"
        )
    return SpikeTimes(table[:, 0] * 1e-3, checked_ids(table[:, 1], size, path.name))
