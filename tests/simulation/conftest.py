"""A network that compiles once for all tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.simulation.summary import RunSummary

SMALL = """
neuromod: 1
name: small
duration: 500 ms
populations:
  SOURCE: {neuron: poisson_cell, size: 20, parameters: {rate: 20 Hz}}
  CELL:
    neuron: adex
    size: 25
    parameters: {I_bias: 900 pA}
    target_rate: [1 Hz, 60 Hz]
projections:
  SOURCE->CELL: {receptor: ampa, connect: {probability: 0.4}, weight: 1 nS, delay: 1.5 ms}
  CELL->CELL: {receptor: gaba_fast, connect: {in_degree: 5}, weight: 0.5 nS, delay: 1 ms}
stimuli:
  push: {population: CELL, parameter: I_bias, value: 1 nA, start: 300 ms, duration: 100 ms}
"""
Runner = Callable[..., RunSummary]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def simulate(config: Path, tmp_path: Path) -> Runner:
    def simulated(*settings: str, backend: str = "cpp", output: Path | None = None) -> RunSummary:
        target = output or tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        return run(config, settings=settings, output=target, backend=backend, progress=Silent())

    return simulated
