"""One run with everything, and its report, shared by the tests that only read."""

from __future__ import annotations

import pytest

from neuromod.analysis import rhythms as analysis
from neuromod.report.build import build
from neuromod.report.page import write
from neuromod.store.reader import open_results
from tests.report.made_up import made_up


@pytest.fixture(scope="session")
def _small_maps():
    """Comodulograms of six pairs: the full ones take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis, "PHASE_HZ", (5, 7, 9))
        patch.setattr(analysis, "AMPLITUDE_HZ", (50, 70))
        yield


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    return made_up(tmp_path_factory.mktemp("report") / "run")


@pytest.fixture(scope="session")
def built(run, _small_maps):
    with open_results(run) as results:
        return build(results)


@pytest.fixture(scope="session")
def page(built, run):
    return write(built.report, run / "report.html")
