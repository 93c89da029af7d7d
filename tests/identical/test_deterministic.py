"""A network without any noise, driven by listed spikes, on both backends."""

from pathlib import Path

import numpy as np
import pytest

from tests.identical.conftest import Runner, differing

CONFIG = """
neuromod: 1
name: deterministic
duration: 300 ms
seed: 1
populations:
  INPUT: {neuron: replay_cell, size: 12, spikes: spikes.csv}
  E: {neuron: adex, size: 40, parameters: {I_bias: 500 pA}, initial: {V: -65 mV, w: 0 pA}}
  I: {neuron: lif, size: 10, parameters: {I_bias: 190 pA}, initial: {V: -60 mV}}
projections:
  INPUT->E: {receptor: ampa, connect: {in_degree: 4}, weight: 12 nS, delay: 1 ms}
  E->I: {receptor: ampa, connect: {in_degree: 10}, weight: 2 nS, delay: 1.5 ms}
  I->E: {receptor: gaba_fast, connect: {in_degree: 5}, weight: 3 nS, delay: 0.8 ms}
guards: {silence: ignore}
"""


@pytest.fixture
def listed(tmp_path: Path) -> list[tuple[float, int]]:
    """(ms, cell), in order of time."""
    rng = np.random.default_rng(5)
    steps = rng.choice(12 * 2800, 400, replace=False)
    return sorted((float(step // 12 + 50) / 10, int(step % 12)) for step in steps)


@pytest.fixture
def config(tmp_path: Path, listed: list[tuple[float, int]]) -> Path:
    folder = tmp_path / "configs"
    folder.mkdir()
    lines = ["timestamps,node_ids", *(f"{time},{cell}" for time, cell in listed)]
    (folder / "spikes.csv").write_text("\n".join(lines) + "\n")
    (folder / "deterministic.yaml").write_text(CONFIG)
    return folder / "deterministic.yaml"


def test_both_backends_give_the_same_spikes(simulate: Runner, config: Path) -> None:
    compiled, numpy = simulate(config=config), simulate(config=config, backend="runtime")
    assert differing(compiled, numpy) == []
    assert len(compiled["spikes/E/timestamps"]) > 100
    assert len(compiled["spikes/I/timestamps"]) > 20


def test_listed_spikes_are_fired_as_listed(
    simulate: Runner, config: Path, listed: list[tuple[float, int]]
) -> None:
    found = simulate(config=config)
    times, cells = found["spikes/INPUT/timestamps"], found["spikes/INPUT/node_ids"]
    order = np.lexsort((cells, times))
    assert [(round(float(times[k]), 6), int(cells[k])) for k in order] == listed


def test_without_noise_another_seed_changes_nothing_but_the_connections(
    simulate: Runner, config: Path
) -> None:
    one, other = simulate("seed=1", config=config), simulate("seed=2", config=config)
    assert "spikes/INPUT/timestamps" not in differing(one, other)
    assert "spikes/E/timestamps" in differing(one, other)
