"""One short run that records everything, for readers that know nothing of this project."""

from pathlib import Path

import h5py
import pytest

from neuromod.api import open_results, run

CONFIG = Path(__file__).with_name("everything.yaml")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where `neuromod run` was started: holds runs/example/001/results.h5."""
    folder = tmp_path_factory.mktemp("interop")
    run(CONFIG, output=folder / "runs/example/001", backend="cpp").close()
    return folder


@pytest.fixture(scope="session")
def path(folder):
    """The results file, as text: some readers take nothing else."""
    return str(folder / "runs/example/001/results.h5")


@pytest.fixture(scope="session")
def raw(path):
    """The file as HDF5."""
    with h5py.File(path) as file:
        yield file


@pytest.fixture(scope="session")
def results(path):
    """The file as neuromod reads it, while the other readers have it open, too."""
    with open_results(path) as opened:
        yield opened
