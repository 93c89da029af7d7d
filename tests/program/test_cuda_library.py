"""Everything in models/ compiles for a GPU and gives the bits of the C++ program.

Making the text of a program refuses every statement whose threads could meet (`program.operations`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from neuromod.program.cache import obtain
from neuromod.program.cuda import ARCHITECTURES, find_nvcc
from neuromod.simulation.execute import build
from tests.program.emulation import assert_emulated_as_cpp, assert_spikes
from tests.program.same_results import assert_same_results, chunks, planned
from tests.program.whole_library import whole_library

PROBE = "tests/identical/task.yaml"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("config", ["", "configs/triad.yaml", "configs/bandit.yaml", PROBE])
def test_it_compiles_where_there_is_no_gpu(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str
) -> None:
    """The whole library in one program, the triad, the bandit with its task, all that a task may have."""
    if find_nvcc(("sm_90",)) is None:
        pytest.skip("no CUDA compiler here (nvcc)")
    monkeypatch.setenv("NEUROMOD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(ARCHITECTURES, "90")
    program, built = build(repository / config if config else whole_library(tmp_path), backend="cuda")
    assert built
    assert program.stat().st_size > 100_000


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_library_has_the_bits_of_the_cpp_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fused, inputs = planned(whole_library(tmp_path))
    assert_emulated_as_cpp(fused, inputs, tmp_path, monkeypatch)


@pytest.mark.gpu
def test_the_whole_library_has_the_bits_of_the_cpp_program_on_the_gpu(tmp_path: Path) -> None:
    fused, inputs = planned(whole_library(tmp_path))
    expected = chunks(obtain(fused.structure), inputs, tmp_path / "cpp")
    assert_spikes(expected)
    program = obtain(fused.structure, cuda=True)
    assert_same_results(chunks(program, inputs, tmp_path / "cuda"), expected)
