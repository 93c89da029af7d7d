"""Runs of the small circuit that nothing disturbs, to compare with."""

from pathlib import Path

import pytest

from tests.faults.circuit import complete
from tests.faults.tape import Tape, record
from tests.identical.conftest import Datasets


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Datasets:
    """Results of an uninterrupted run of the command."""
    return complete(tmp_path_factory.mktemp("expected") / "run")


@pytest.fixture(scope="session")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Tape:
    """All that a program said and wrote in an uninterrupted run."""
    return record(Path(tmp_path_factory.mktemp("tape")) / "run")
