"""Everything a program is handed at its start: arrays, timed changes, guards, and what to keep."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from neuromod.plan.changing import changing_arrays
from neuromod.plan.fused import FusedPlan, ProgramArrays
from neuromod.plan.modulators import REGIONS, modulators
from neuromod.program.records import Array
from neuromod.simulation.checkpoints import Start
from neuromod.simulation.recording import Recorder
from neuromod.simulation.targets import target_of

WINDOW = 0.1
"""Seconds of simulated time between looks at the guards; chunks end at such moments."""
CHUNK_SECONDS = 10.0
"""Wall time between segments. Each costs about a quarter of a second of computing, whatever is in it."""
CHUNK_VALUES = 4_000_000
ADD, EACH, EARLY, FLOOR = 1, 2, 4, 8


def program_inputs(
    fused: FusedPlan,
    data: ProgramArrays,
    task: Mapping[str, Array | str],
    recorder: Recorder,
    steps: int,
    start: Start,
    save_every: int = 0,
) -> dict[str, Array | str]:
    """Records for the steps from `start` to `steps`, those of the `task` among them; a chunk ends every
    `save_every` steps, if not 0.
    """
    window = max(1, round(WINDOW / fused.network.experiment.dt))
    inputs: dict[str, Array | str] = {f"array.{name}": array for name, array in data.arrays.items()}
    inputs |= {
        "run.start": np.array([start.step], np.int64),
        "run.stop": np.array([steps], np.int64),
        "run.first_chunk": np.array([start.segments], np.int64),
        "run.save_every": np.array([save_every], np.int64),
        "run.changing": "\n".join(changing_arrays(fused.structure)),
        "run.window": np.array([window], np.int64),
        "run.chunk_seconds": np.array([CHUNK_SECONDS]),
        "run.chunk_values": np.array([CHUNK_VALUES], np.int64),
        "guard.limit": _limits(fused, window),
        "guard.arrays": "\n".join(_guarded(fused)),
    }
    arrived = start.step if start.advanced else None
    inputs |= dict(start.state) | recorder.instructions() | timeline(fused, arrived)
    return inputs | dict(task)


def _limits(fused: FusedPlan, window: int) -> NDArray[np.float64]:
    """Spikes per window above which a population runs away."""
    experiment = fused.network.experiment
    seconds = window * experiment.dt
    populations = fused.network.populations.values()
    limits = [p.rate_limit if p.rate_limit is not None else experiment.guards.rate_limit for p in populations]
    return np.array([limit * p.size * seconds for limit, p in zip(limits, populations, strict=True)])


def _guarded(fused: FusedPlan) -> list[str]:
    """State that must stay finite."""
    arrays = [f"{group.name}.{name}" for group in fused.groups for name in group.equations.state]
    arrays += [f"{REGIONS}.level_{name}" for name in modulators(fused.network)]
    sums = [f"{rows.name}.row_integral_{name}" for rows in fused.rows for name in rows.template.eligibility]
    return arrays + sums


def timeline(fused: FusedPlan, arrived: int | None = None) -> dict[str, Array | str]:
    """Timed changes and replayed spikes as parallel arrays, sorted by step.

    A change happens at the beginning of its step; what is added (a pulse) arrives at its end, as the spikes
    of the step do, which is before the samples of the next one. A level falls to 0 and no lower. What was
    added at the beginning of the step `arrived` came before an advance there.
    """
    names: list[str] = []
    rows: list[tuple[int, int, int, int, int, int]] = []
    pool: list[NDArray[np.float64]] = []
    used = 0
    for change in fused.network.timeline:
        name, start = target_of(fused, change.owner, change.variable)
        values = np.atleast_1d(np.asarray(change.value, float))
        flags = (ADD | EARLY if change.add else 0) | (EACH if len(values) > 1 else 0)
        flags |= FLOOR if change.add and change.variable == "level" else 0
        rows.append(
            (
                change.step + change.add,
                _number(names, name),
                start + change.cells[0],
                start + change.cells[1],
                used,
                flags,
            )
        )
        pool.append(values)
        used += len(values)
    table = np.array(rows, np.int64).reshape(-1, 6)
    pool.append(np.ones(1))
    for spikes in fused.network.spike_lists:
        place = fused.placements[spikes.population]
        number = _number(names, f"{place.group}.fire")
        cells = spikes.cells.astype(np.int64) + place.start
        constant = np.ones(len(cells), np.int64)
        columns = (
            spikes.steps.astype(np.int64),
            number * constant,
            cells,
            cells + 1,
            used * constant,
            0 * constant,
        )
        table = np.concatenate([table, np.stack(columns, axis=1)])
    if arrived is not None:
        table = table[(table[:, 0] != arrived) | (table[:, 5] & EARLY == 0)]
    table = table[np.lexsort((table[:, 5] & EARLY == 0, table[:, 0]))]
    return {
        "timeline.names": "\n".join(names),
        "timeline.step": table[:, 0].copy(),
        "timeline.array": table[:, 1].astype(np.int32),
        "timeline.first": table[:, 2].copy(),
        "timeline.last": table[:, 3].copy(),
        "timeline.value": table[:, 4].copy(),
        "timeline.flags": table[:, 5].astype(np.int32),
        "timeline.pool": np.concatenate(pool),
    }


def _number(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)
