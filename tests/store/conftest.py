"""One results file and one unfinished run, shared by the tests that only read."""

import pytest

from tests.store.made_up import EDGES, cut, recording, write_file, write_segments


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A results file, merged from segments."""
    return write_file(tmp_path_factory.mktemp("finished"))


@pytest.fixture(scope="session")
def unfinished(tmp_path_factory):
    """A run directory with segments only."""
    directory = tmp_path_factory.mktemp("unfinished")
    write_segments(directory, cut(recording(), EDGES))
    return directory
