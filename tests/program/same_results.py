"""What two programs of one experiment hand over, and whether it is the same."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from neuromod.config.load import load
from neuromod.plan.fused import FusedPlan, program_arrays
from neuromod.program.process import Process
from neuromod.program.records import Array, read_records
from neuromod.simulation.checkpoints import Start
from neuromod.simulation.execute import plan_experiment, steps_of
from neuromod.simulation.inputs import program_inputs
from neuromod.simulation.recording import Recorder
from neuromod.simulation.task import task_inputs

Inputs = dict[str, Array | str]


def planned(config: Path, *settings: str) -> tuple[FusedPlan, Inputs]:
    """Plan of an experiment, and what a program is handed at its start."""
    fused = plan_experiment(load(config, settings))
    data = program_arrays(fused)
    steps = steps_of(fused.network.experiment)
    return fused, program_inputs(fused, data, task_inputs(fused), Recorder(fused, data), steps, Start())


def chunks(
    program: Path | list[str], inputs: Inputs, folder: Path, save: bool = False
) -> list[dict[str, Array]]:
    """Everything that a program, or a command with it, hands over, until it ends; with its state saved after
    each chunk or not.
    """
    folder.mkdir()
    found = []
    command = program if isinstance(program, list) else [str(program)]
    with Process(command, inputs, folder, os.environ) as process:
        for event in process.events():
            if event.kind == "chunk":
                found.append(read_records(folder / f"chunk-{event.number(0)}"))
                if save:
                    process.save()
                process.go_on()
    return found


def from_saved(inputs: Inputs, saved: Path) -> Inputs:
    """Inputs of a run that goes on from a saved state."""
    state = read_records(saved)
    return inputs | state | {"run.start": state["saved.step"]}


def joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
    """Chunks as one, whose boundaries depend on the speed of the machine; steps counted from the start."""
    moved = [
        {n: v + part["span"][0] if n.startswith("spikes.step") else v for n, v in part.items()}
        for part in parts
    ]
    return {name: np.concatenate([part[name] for part in moved]) for name in parts[0] if name != "span"}


def assert_same_state(got: Path, expected: Path) -> None:
    """Saved states bit for bit, but for sums of means that are not complete yet."""
    a, b = read_records(got), read_records(expected)
    assert a.keys() == b.keys()
    names = [name for name in b if name != "saved.mean_sum"]
    assert [name for name in names if a[name].tobytes() != b[name].tobytes()] == []


def assert_same_results(got: list[dict[str, Array]], expected: list[dict[str, Array]]) -> None:
    """Spikes, counts and samples bit for bit; means to rounding (a GPU adds the cells in another order)."""
    a, b = joined(got), joined(expected)
    assert a.keys() == b.keys()
    for name, values in b.items():
        if name.startswith("mean"):
            np.testing.assert_allclose(a[name], values, rtol=1e-12, atol=0)
        else:
            assert a[name].tobytes() == values.tobytes(), f"{name} differs"
