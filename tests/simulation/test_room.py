"""A network that cannot fit into memory is refused before anything of it is made."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from neuromod.errors import BackendError
from neuromod.simulation import backends, execute, room
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from tests.conftest import REPOSITORY

CONFIG = REPOSITORY / "configs/triad_rest.yaml"


def refused(tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said of the triad ten times as large."""

    def never(*_: object) -> None:
        raise AssertionError("the network was made")

    monkeypatch.setattr(execute, "program_arrays", never)
    with pytest.raises(BackendError) as caught:
        run(CONFIG, settings=["scale=10"], output=tmp_path / "run", backend=backend, progress=Silent())
    return str(caught.value)


def test_more_memory_than_the_machine_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=100e6))
    said = refused(tmp_path, "cpp", monkeypatch)
    assert re.fullmatch(
        r"the network needs about \d+ MB of memory, this machine has 100 MB: reduce `scale` to \d", said
    )


def test_more_memory_than_the_gpu_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "require_gpu", lambda: None)
    monkeypatch.setattr(room, "free_bytes", lambda: 300_000_000)
    said = refused(tmp_path, "cuda", monkeypatch)
    assert "of memory on the GPU, free are 300 MB: reduce `scale` to" in said


@pytest.mark.parametrize(
    ("number", "rounded"), [(0.39, 0.3), (3.99, 3), (0.012, 0.01), (25, 20), (1.0, 1), (0.3, 0.3)]
)
def test_a_scale_is_rounded_down(number: float, rounded: float) -> None:
    assert room._rounded_down(number) == rounded
