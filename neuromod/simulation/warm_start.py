"""The last state of an earlier run as the first one of a new run, whose time begins at 0."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from neuromod.config.load import LoadedExperiment
from neuromod.errors import ConfigError, NeuromodError, Problem
from neuromod.plan.changing import moments
from neuromod.plan.files import confined_results
from neuromod.plan.fused import FusedPlan, ProgramArrays
from neuromod.program.records import Array
from neuromod.simulation.checkpoints import Identity, Start, start_from, with_held_levels
from neuromod.store.checkpoint import Checkpoint, read_checkpoint
from neuromod.store.continuing import newest_checkpoint

KEY = "warm_start"


def first_start(loaded: LoadedExperiment, fused: FusedPlan, of: Identity, data: ProgramArrays) -> Start:
    """Where a run begins that has no checkpoint of its own: as planned, or as an earlier run ended.

    Raises:
        ConfigError: there is no such state, or it is of another network.
    """
    name = loaded.experiment.warm_start
    if name is None:
        return Start()
    try:
        checkpoint = _checkpoint(confined_results(loaded.path.parent, name))
        start = start_from(checkpoint, of, data, changed=True, inexact=False)
        start = with_held_levels(start, fused, data)
    except (ValueError, NeuromodError) as error:
        raise ConfigError(Problem(str(error), KEY, loaded.tree.place_of((KEY,)))) from None
    return Start(state=_at_the_beginning(start, fused))


def _checkpoint(path: Path) -> Checkpoint:
    if not path.is_dir():
        return read_checkpoint(path)
    checkpoint, _ = newest_checkpoint(path)
    if checkpoint is None:
        raise ValueError(f"got {path.name}, a run without a checkpoint")
    return checkpoint


def _at_the_beginning(start: Start, fused: FusedPlan) -> dict[str, Array]:
    """The state with its moments moved to before 0, and nothing half-recorded."""
    state = dict(start.state)
    passed = start.step * fused.structure.dt
    for name, unit in moments(fused.structure).items():
        state[f"state.{name}"] = state[f"state.{name}"] - passed / unit
    state.pop("saved.task", None)
    for name in [name for name in state if name.startswith("saved.")]:
        state[name] = np.zeros_like(state[name])
    return state
