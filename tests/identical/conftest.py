"""Runs of one small config on both backends, compared dataset by dataset."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent

CONFIG = Path(__file__).with_name("every_mechanism.yaml")
Datasets = dict[str, np.ndarray]
Runner = Callable[..., Datasets]


def datasets(path: Path) -> Datasets:
    """Every dataset of a results file except /neuromod/run, by name."""
    found: Datasets = {}

    def visit(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("neuromod/run"):
            found[name] = item[()]

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


@pytest.fixture
def simulate(tmp_path: Path) -> Runner:
    def simulated(*settings: str, backend: str = "cpp", config: Path = CONFIG) -> Datasets:
        output = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        done = run(config, settings=settings, output=output, backend=backend, progress=Silent())
        return datasets(done.results)

    return simulated


def differing(one: Datasets, two: Datasets) -> list[str]:
    """Names of datasets that are not identical to the last bit."""
    names = sorted(one.keys() | two.keys())
    return [name for name in names if name not in one or name not in two or not _same(one[name], two[name])]


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype == object or b.dtype == object:
        return bool(np.array_equal(a, b))
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
