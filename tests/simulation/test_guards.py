"""A simulation that became invalid is stopped, and the message names population, cell and time."""

from pathlib import Path

import pytest

from neuromod.errors import InvalidSimulation
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import open_results
from tests.simulation.conftest import Runner

UNSTABLE = """
neuromod: 1
name: unstable
duration: 400 ms
models: [models]
populations:
  QUIET: {neuron: lif, size: 5}
  WILD: {neuron: runaway_cell, size: 4}
stimuli:
  kick: {population: WILD, parameter: drive, value: 1e200 V, start: 150 ms, duration: 10 ms}
"""
CELL = """
kind: neuron
title: A cell whose potential grows without bound
evidence: D
parameters:
  drive: {unit: V, default: 0 V, description: what it grows from, modulable: true}
state:
  V: {unit: V, derivative: "(V*V + drive*drive)/(1*ms)/(1*volt)", initial: 0 V}
threshold: V < -1*volt
"""


@pytest.fixture
def unstable(tmp_path: Path) -> Path:
    (tmp_path / "models" / "neurons").mkdir(parents=True)
    (tmp_path / "models" / "neurons" / "runaway_cell.yaml").write_text(CELL)
    (tmp_path / "unstable.yaml").write_text(UNSTABLE)
    return tmp_path / "unstable.yaml"


@pytest.mark.parametrize("backend", ["cpp", "runtime"])
def test_infinity_stops_the_run_and_names_variable_population_cell_and_time(
    unstable: Path, tmp_path: Path, backend: str
) -> None:
    with pytest.raises(InvalidSimulation, match=r"V of WILD, cell 0, is not finite at 0\.2 s"):
        run(unstable, output=tmp_path / "out", backend=backend, progress=Silent())
    assert not (tmp_path / "out" / "results.h5").exists()


@pytest.mark.parametrize("backend", ["cpp", pytest.param("runtime", marks=pytest.mark.slow)])
def test_a_runaway_population_stops_the_run_and_what_was_recorded_stays(
    simulate: Runner, tmp_path: Path, backend: str
) -> None:
    with pytest.raises(
        InvalidSimulation, match=r"CELL fires at \d+ Hz in the 100 ms before 0\.[45] s, allowed is 60 Hz"
    ):
        simulate(
            "guards.rate_limit=60 Hz", "stimuli.push.value=3 nA", output=tmp_path / "out", backend=backend
        )
    with open_results(tmp_path / "out") as results:
        assert len(results.spikes("CELL")[0]) > 0


def test_a_population_may_have_a_limit_of_its_own(simulate: Runner) -> None:
    done = simulate(
        "guards.rate_limit=1 Hz", "populations.CELL.rate_limit=400 Hz", "populations.SOURCE.rate_limit=400 Hz"
    )
    assert done.rates[1].hz > 1


def test_silence_is_a_notice_unless_the_config_says_otherwise(simulate: Runner) -> None:
    quiet = ("populations.SOURCE.parameters.rate=0 Hz",)
    assert "no spike in SOURCE" in simulate(*quiet).notices
    assert simulate(*quiet, "guards.silence=ignore").notices == []
    with pytest.raises(InvalidSimulation, match="no spike in SOURCE"):
        simulate(*quiet, "guards.silence=stop")
