"""What arrives at the target cells, and that looking at weights changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neuromod.store.reader import Results
from tests.physics.plasticity.bench import Bench
from tests.physics.plasticity.draws import bench
from tests.physics.plasticity.rule import number
from tests.physics.plasticity.shipped import read_model
from tests.physics.plasticity.zoo import ALL

RULES = {
    tag: ALL[tag]
    for tag in ("level", "sent", "bounds", "dendritic_bounds", "dendritic_direct", "three", "sent_second")
}
REPORTS = 1e-6
"""Reports are single precision: 6e-8 of a value."""


def made(**options: object) -> Bench:
    return replace(bench(3, RULES, steps=3000), conductances=True, **options)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Results]:
    """The same network, its weights kept at every step, rarely and never."""
    folder = tmp_path_factory.mktemp("runs")
    return {
        "always": made(every=1).run(folder / "always"),
        "rarely": made(every=2999).run(folder / "rarely"),
        "never": made(record=False).run(folder / "never"),
    }


def conductance(bench: Bench, *, sent: bool = True) -> np.ndarray:
    """g (steps, cells) in nS at the beginning of every step."""
    decay = np.exp(-bench.dt / number(read_model("synapses", "ampa")["parameters"]["tau"]["default"]))
    jumps = np.zeros((bench.steps, bench.cells[1]))
    for tag, pathway in bench.pathways.items():
        for step, where, values in bench.expected(tag).transmitted:
            np.add.at(
                jumps[step], pathway.post[where], values / number("1 nS") if sent else pathway.weight[where]
            )
    g = np.zeros_like(jumps)
    for step in range(1, bench.steps):
        g[step] = g[step - 1] * decay + jumps[step - 1]
    return g


def test_conductances_are_those_of_the_transmitted_weights(runs: dict[str, Results]) -> None:
    expected = conductance(made())
    _, found = runs["never"].report("POST", "g_ampa")
    assert np.abs(found - expected).max() < REPORTS * expected.max()
    static = conductance(made(), sent=False)
    assert np.abs(static - expected).max() > 1e3 * REPORTS * expected.max()


def test_recording_weights_often_or_never_changes_no_conductance(runs: dict[str, Results]) -> None:
    always, rarely, never = (runs[key].report("POST", "g_ampa")[1] for key in ("always", "rarely", "never"))
    assert np.array_equal(always, rarely)
    assert np.array_equal(always, never)


@pytest.mark.parametrize("tag", RULES)
def test_recording_weights_often_or_rarely_gives_the_same_weights(runs: dict[str, Results], tag: str) -> None:
    often, rarely = (made().weights(runs[key], tag) for key in ("always", "rarely"))
    assert rarely.shape[0] == 2
    assert np.array_equal(often[[0, 2999]], rarely)


def test_cells_that_learn_fire_the_same_spikes_however_often_weights_are_kept(tmp_path: Path) -> None:
    import neuromod

    (tmp_path / "learn.yaml").write_text(LEARN)
    found = []
    for k, weights in enumerate(([], [{"projection": "CUE->CELL", "every": "0.1 ms"}])):
        results = neuromod.run(
            tmp_path / "learn.yaml",
            set={"record.weights": weights},
            output=tmp_path / f"run{k}",
            backend="cpp",
        )
        found.append(results.spikes("CELL"))
    assert found[0][0].size > 50
    assert all(np.array_equal(one, two) for one, two in zip(*found, strict=True))
    moved = results.weights("CUE->CELL")[1]
    assert np.abs(moved[-1] - moved[0]).max() > 0.01


LEARN = """
neuromod: 1
name: learn
duration: 1 s
populations:
  CUE: {neuron: poisson_cell, size: 40, parameters: {rate: 40 Hz}}
  CELL: {neuron: lif, size: 10, region: striatum, parameters: {I_bias: 180 pA}}
projections:
  CUE->CELL:
    receptor: ampa
    connect: {in_degree: 20}
    weight: 1.2 nS
    delay: 1 ms
    plasticity: {rule: reward_stdp, modulator: dopamine, parameters: {eta: 4 1/s, w_max: 3 nS}}
modulators: {dopamine: {striatum: {pulses: [{at: 0.2 s, amount: 4}, {at: 0.6 s, amount: 3}]}}}
"""
