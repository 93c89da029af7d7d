"""What is compiled for which GPU, and by which compiler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from neuromod.errors import BackendError
from neuromod.program import cuda
from neuromod.simulation.backends import choose


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """What was found on this machine is looked for anew, before and after."""
    for remembered in (cuda.find_nvcc, cuda.gpu_architecture):
        remembered.cache_clear()
    yield
    for remembered in (cuda.find_nvcc, cuda.gpu_architecture):
        remembered.cache_clear()


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with two GPUs and a compiler for them: all that is on its PATH."""
    folder = tmp_path / "tools"
    script(folder / "nvcc", "echo 'release 13.0, made up'")
    script(
        folder / "nvidia-smi",
        'case "$*" in *--id=1*) n=1;; *) n=0;; esac\n'
        'case "$*" in *compute_cap*) [ $n = 1 ] && echo 8.6 || echo 9.0;;'
        " *memory.free*) [ $n = 1 ] && echo 1000 || echo 2000;; esac",
    )
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    for name in ("NVCC", "CUDA_VISIBLE_DEVICES", cuda.ARCHITECTURES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cuda, "_USUAL", str(folder / "none"))
    monkeypatch.setattr(cuda, "_WHEELS", folder / "wheels")
    return folder


def test_it_compiles_for_the_gpu_that_is_there(tools: Path) -> None:
    compiler = cuda.cuda_compiler()
    assert compiler.path == str(tools / "nvcc")
    assert compiler.flags[-1] == "-arch=sm_90"
    assert cuda.free_bytes() == 2000 * 2**20
    assert choose("cuda") == ("cuda", "")


def test_the_first_gpu_that_is_visible_counts(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,0")
    assert cuda.gpu_architecture() == "sm_86"
    assert cuda.free_bytes() == 1000 * 2**20


def test_gpus_may_be_hidden(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(BackendError, match="no NVIDIA GPU was found"):
        choose("cuda")


def test_several_architectures_go_into_one_program(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cuda.ARCHITECTURES, "9.0, 80")
    assert cuda.cuda_compiler().flags[-3:] == (
        "-gencode=arch=compute_80,code=sm_80",
        "-gencode=arch=compute_90,code=sm_90",
        "-gencode=arch=compute_90,code=compute_90",
    )


@pytest.mark.parametrize("named", ["", "sm_90", "9", "80,,90", "ninety"])
def test_a_wrong_architecture_is_said(tools: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv(cuda.ARCHITECTURES, named)
    with pytest.raises(BackendError, match=r"NEUROMOD_CUDA_ARCH: got .*, allowed are compute capabilities"):
        cuda.cuda_compiler()


def test_without_a_gpu_it_compiles_for_one_that_is_named_and_runs_on_none(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tools / "nvidia-smi").unlink()
    with pytest.raises(BackendError, match=r"name what to compile for with NEUROMOD_CUDA_ARCH=90"):
        cuda.cuda_compiler()
    monkeypatch.setenv(cuda.ARCHITECTURES, "90")
    assert cuda.cuda_compiler().flags[-1] == "-arch=sm_90"
    with pytest.raises(BackendError, match="no NVIDIA GPU was found"):
        choose("cuda")


def test_the_compiler_of_the_packages_gets_their_libraries(tools: Path) -> None:
    (tools / "nvcc").unlink()
    with pytest.raises(
        BackendError, match=r"no CUDA compiler was found .*pip install 'neuromod-sim\[cuda\]'"
    ):
        cuda.cuda_compiler()
    cuda.find_nvcc.cache_clear()
    packaged = script(tools / "wheels/bin/nvcc", "echo 'release 13.0, of a wheel'")
    compiler = cuda.cuda_compiler()
    assert compiler.path == str(packaged)
    assert f"-L{tools / 'wheels/lib'}" in compiler.flags
