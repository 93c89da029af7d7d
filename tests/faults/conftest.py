"""Runs of the small circuit that nothing disturbs, to compare with."""

import shutil
from pathlib import Path

import pytest

from tests.faults.circuit import complete
from tests.faults.tape import Stage, Tape, record, stage
from tests.identical.conftest import Datasets


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Datasets:
    """Results of an uninterrupted run of the command."""
    return complete(tmp_path_factory.mktemp("expected") / "run")


@pytest.fixture(scope="session")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Tape:
    """All that a program said and wrote in an uninterrupted run."""
    return record(Path(tmp_path_factory.mktemp("tape")) / "run")


@pytest.fixture
def play(tape: Tape, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """What stands in for programs and says what was recorded."""
    return stage(tape, monkeypatch)


@pytest.fixture
def begun(tape: Tape, tmp_path: Path) -> Path:
    """A run that has come to its second checkpoint."""
    directory = tmp_path / "begun"
    shutil.copytree(tape.directory, directory)
    for path in ("results.h5", "checkpoints/00000003.h5", "segments/seg-000002.h5"):
        (directory / path).unlink()
    return directory
