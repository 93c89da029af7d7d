"""Programs for the GPU, compiled as C++: their threads run one after the other, forwards or backwards."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from neuromod.plan.fused import FusedPlan
from neuromod.plan.structure import ProgramStructure
from neuromod.program.cache import generate, obtain
from neuromod.program.common import common_part
from neuromod.program.cpp import FLAGS, NATIVE, find_compiler
from tests.program.same_results import Inputs, assert_same_results, chunks, planned


def emulated(structure: ProgramStructure, folder: Path, *more: str) -> Path:
    """The CUDA program of a structure, compiled as C++, with `more` flags."""
    compiler = find_compiler()
    assert compiler is not None, "these tests need a C++ compiler"
    (folder / "structure.json").write_text(structure.to_json())
    generate(folder, "cuda")
    flags = [*FLAGS, "-O1", "-DNM_EMULATE", *more, f"-I{NATIVE}"]
    source, target = folder / "program.cu", folder / "emulated"
    with common_part(compiler, folder) as common:
        words = ["-x", "c++", source, "-x", "none", common(), "-o", target]
        subprocess.run([compiler.path, *flags, *words], check=True)
    return target


def assert_spikes(parts: list[dict[str, np.ndarray]]) -> None:
    """A comparison without spikes would say nothing, nor one without trials where there is a task."""
    rows = [part["task.rows"] for part in parts if "task.rows" in part]
    assert not rows or sum(map(len, rows)) > 20
    assert sum(len(v) for part in parts for name, v in part.items() if name.startswith("spikes.cell")) > 5


def assert_emulated_as_cpp(
    fused: FusedPlan, inputs: Inputs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both orders of threads give the bits of the C++ program."""
    expected = chunks(obtain(fused.structure), inputs, folder / "cpp")
    assert_spikes(expected)
    program = emulated(fused.structure, folder)
    assert_same_results(chunks(program, inputs, folder / "forwards"), expected)
    monkeypatch.setenv("NM_EMULATE_BACKWARDS", "1")
    assert_same_results(chunks(program, inputs, folder / "backwards"), expected)


def counted(config: Path, folder: Path) -> dict[str, float]:
    """Per step of the second half of the first second: kernels that ran, copies, and waits for the device.

    Everything counts: steps, means, what is fetched at the end of a window, tasks, ticks and samples.
    """
    program, counts = emulated(planned(config)[0].structure, folder), folder / "counts"
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NM_EMULATE_COUNT", str(counts))
        for seconds in (0.5, 1):
            inputs = planned(config, f"duration={seconds} s")[1]
            chunks(program, inputs, folder / str(seconds))
            seen.append(np.array(counts.read_text().split()[:3], int))
    return dict(zip(("kernels", "copies", "waits"), (seen[1] - seen[0]) / 5000, strict=True))


@contextmanager
def emulated_backend(folder: Path) -> Iterator[None]:
    """Until the end `backend="cuda"` runs programs for the GPU as C++, compiled once below `folder`."""

    def program(structure: ProgramStructure, *, cuda: bool = False) -> Path:
        if not cuda:
            return obtain(structure)
        at = folder / f"emulated_{structure.key[:16]}"
        if not (at / "emulated").exists():
            at.mkdir(exist_ok=True)
            emulated(structure, at)
        return at / "emulated"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("neuromod.simulation.backends.require_gpu", lambda: None)
        patch.setattr("neuromod.simulation.backends.is_cached", lambda structure, cuda: True)
        patch.setattr("neuromod.simulation.backends.obtain", program)
        patch.setattr("neuromod.simulation.provenance.cuda_compiler", lambda: None)
        yield
