"""Where a run begins, when its state is saved, and whether a saved state fits."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version

import numpy as np

from neuromod.config.fingerprint import fingerprint
from neuromod.config.load import LoadedExperiment
from neuromod.errors import ConfigError, DamagedDataError
from neuromod.plan.changing import changing_arrays
from neuromod.plan.digests import digest
from neuromod.plan.fused import FusedPlan, ProgramArrays
from neuromod.plan.modulator_arrays import held_still
from neuromod.plan.network import AdvancePlan
from neuromod.program.records import Array
from neuromod.simulation.recording import Recorder
from neuromod.store.advances import Advances
from neuromod.store.checkpoint import Checkpoint, write_checkpoint
from neuromod.store.directory import RunDirectory
from neuromod.version import VERSION

COMPUTING = ("brian2", "numpy")
"""Packages on whose version the computed bits may depend."""


_CONNECTION = re.compile(r"\.(i|j|delay_\w+)$")


@dataclass(frozen=True)
class Start:
    """Where a run begins: at `step`, behind so many `segments` and these `advances`, with the `state` that a
    program saved.
    """

    step: int = 0
    segments: int = 0
    state: Mapping[str, Array] = field(default_factory=dict)
    exact: bool = True
    advances: Advances = ()

    @property
    def advanced(self) -> bool:
        """Was the state moved at this very step."""
        return bool(self.advances) and self.advances[-1][0] == self.step


@dataclass(frozen=True)
class Identity:
    """What a saved state must fit: experiment, program, the arrays that it does not change, and versions."""

    dt: float
    structure_key: str
    fingerprint: str
    fixed: Mapping[str, str]
    versions: Mapping[str, str]


def identity(
    loaded: LoadedExperiment, fused: FusedPlan, data: ProgramArrays, task: Mapping[str, Array | str]
) -> Identity:
    """Identity of a planned run; `task`: records of its task."""
    changing = set(changing_arrays(fused.structure))
    fixed = {name: digest(array) for name, array in data.arrays.items() if name not in changing}
    fixed |= {
        f"populations.{listed.population}.spikes": listed.digest for listed in fused.network.spike_lists
    }
    fixed |= {
        f"modulators.{name}": digest(*plan.trace)
        for name, plan in fused.network.compartments.items()
        if plan.trace is not None
    }
    fixed |= {name: digest(_bytes(record)) for name, record in task.items()}
    versions = {"neuromod": VERSION, **{name: version(name) for name in COMPUTING}}
    dt = fused.network.experiment.dt
    return Identity(dt, fused.structure.key, fingerprint(loaded.tree), fixed, versions)


def _bytes(record: Array | str) -> Array:
    return np.frombuffer(record.encode(), np.uint8) if isinstance(record, str) else record


def start_from(
    checkpoint: Checkpoint, of: Identity, data: ProgramArrays, *, changed: bool, inexact: bool
) -> Start:
    """The start of a run that continues a checkpoint; `changed`: other parameters are allowed, `inexact`:
    other versions, too.

    Raises:
        ConfigError: it belongs to another network, or was computed by other versions. DamagedDataError: it
        lacks a part of the state.
    """
    if (checkpoint.structure_key, checkpoint.dt) != (of.structure_key, of.dt):
        raise ConfigError(
            "the equations, sizes or recorded fields are not those of the checkpoint; they must not change"
        )
    _check_fixed(checkpoint.fixed, of.fixed, changed=changed)
    _check_state(checkpoint, data)
    same = dict(checkpoint.versions) == dict(of.versions)
    if not same and not inexact:
        theirs, ours = (_words(versions) for versions in (checkpoint.versions, of.versions))
        raise ConfigError(
            f"the checkpoint was written by {theirs}, these are {ours}: what follows may differ in the last "
            "bits; --inexact continues all the same, and says so in the results"
        )
    exact = checkpoint.exact and same
    return Start(checkpoint.step, checkpoint.segments, checkpoint.state, exact, checkpoint.advances)


def with_held_levels(start: Start, fused: FusedPlan, data: ProgramArrays) -> Start:
    """The start, with the levels that this experiment holds as planned and not as saved."""
    state = dict(start.state)
    for name, held in held_still(fused.network).items():
        saved = state.get(f"state.{name}")
        if saved is not None and held.any():
            state[f"state.{name}"] = np.where(held, data.arrays[name], saved)
    return replace(start, state=state)


def is_on_the_way(checkpoint: Checkpoint, advances: Sequence[AdvancePlan]) -> bool:
    """Does a run with these advances come by this checkpoint."""
    planned = tuple((plan.step, plan.duration) for plan in advances)
    made = checkpoint.advances
    later = planned[len(made) :]
    return planned[: len(made)] == made and (not later or later[0][0] >= checkpoint.step)


def _check_fixed(then: Mapping[str, str], now: Mapping[str, str], *, changed: bool) -> None:
    names = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    wiring = [name for name in names if _CONNECTION.search(name)]
    if changed and wiring:
        raise ConfigError(
            "the connections, delays or the seed are not those of the checkpoint; they must not change, "
            f"because spikes are under way ({', '.join(wiring[:3])} differ)"
        )
    if names and not changed:
        raise ConfigError(
            f"models or data files have changed since the run began: {', '.join(names[:5])} differ; "
            "put them back, or continue in a directory of its own with --fork"
        )


def _words(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _check_state(checkpoint: Checkpoint, data: ProgramArrays) -> None:
    for name, saved in checkpoint.state.items():
        planned = data.arrays.get(name.removeprefix("state."))
        if name.startswith("state.") and planned is not None and planned.shape != saved.shape:
            raise ConfigError(
                f"{name} has {saved.size} values in the checkpoint and {planned.size} now; "
                "the number of cells and synapses must not change"
            )
    if "saved.step" not in checkpoint.state or int(checkpoint.state["saved.step"][0]) != checkpoint.step:
        raise DamagedDataError("the checkpoint does not hold the state of its step")


class Checkpointer:
    """Decides when the state of a run is saved, and commits what the program hands over."""

    def __init__(self, directory: RunDirectory, of: Identity, recorder: Recorder, start: Start) -> None:
        self.directory, self.of, self.recorder, self.start = directory, of, recorder, start
        self.wish = recorder.experiment.checkpoint
        self.last = time.monotonic()

    @property
    def steps(self) -> int:
        """Interval in steps; 0 where it is measured in wall time, or nothing is saved."""
        if self.wish is None or self.wish.clock == "wall":
            return 0
        return max(1, round(self.wish.every / self.of.dt))

    def due(self, step: int, *, ending: bool) -> bool:
        """Is the state at this step to be saved."""
        if self.wish is None or ending:
            return self.wish is not None
        return step % self.steps == 0 if self.steps else time.monotonic() - self.last >= self.wish.every

    def commit(self, step: int, segments: int, state: Mapping[str, Array]) -> None:
        """Commit a state that the program saved after so many segments, where states are kept."""
        if self.wish is None:
            return
        checkpoint = Checkpoint(
            step=step,
            segments=segments,
            state=state,
            spikes=self.recorder.spikes,
            bins=self.recorder.bins,
            exact=self.start.exact,
            advances=self.start.advances,
            **vars(self.of),
        )
        write_checkpoint(self.directory, checkpoint, self.wish.keep, self.directory.disk)
        self.last = time.monotonic()
