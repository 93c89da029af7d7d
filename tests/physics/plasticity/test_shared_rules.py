"""One rule on several projections: each has its own numbers, and a cell has its variables in common."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neuromod.store.reader import Results
from tests.physics.plasticity.bench import Bench, Use
from tests.physics.plasticity.brute_force import Synapses, simulate
from tests.physics.plasticity.deviation import EXACT, deviation
from tests.physics.plasticity.draws import bench
from tests.physics.plasticity.rule import number, read_rule
from tests.physics.plasticity.signals import Signals
from tests.physics.plasticity.zoo import ONE

LEVEL, LATE = ONE["level"], ONE["dendritic"]
OWN = {
    "plain": (LEVEL,),
    "fast": (replace(LEVEL, parameters={"tau_x": "7 ms", "tau_c": "1.5 s", "A": "0.05 nS"}),),
    "other": (replace(LEVEL, modulator="modb", parameters={"eta": "-3 1/s", "high": "1.9 nS"}),),
    "late": (LATE,),
    "late_fast": (replace(LATE, modulator="modb", parameters={"tau_y": "11 ms", "B": "0.03 nS"}),),
}
SHARED = {"one": (ONE["cell"],), "two": (ONE["cell"],)}
Made = tuple[Bench, Results]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    drawn = bench(6, OWN | SHARED, every=37)
    return drawn, drawn.run(tmp_path_factory.mktemp("shared") / "run")


@pytest.mark.parametrize("tag", OWN)
def test_every_projection_of_a_rule_has_its_own_numbers(made: Made, tag: str) -> None:
    assert deviation(*made, tag) < EXACT


def test_a_rule_with_variables_of_the_cell_shares_them_among_projections(made: Made) -> None:
    drawn, results = made
    expected = together(drawn, ONE["cell"])
    found = np.concatenate([drawn.weights(results, tag) for tag in SHARED], axis=1)
    assert np.abs(found - expected).max() < EXACT * expected.max()
    apart = np.concatenate([drawn.expected_weights(tag) for tag in SHARED], axis=1)
    assert np.abs(apart - expected).max() > 1e-4 * expected.max()


def together(drawn: Bench, use: Use) -> np.ndarray:
    """Weights (samples, n) in nS of all synapses of the shared rule, in the order of `SHARED`."""
    pathways = [drawn.pathways[tag] for tag in SHARED]
    pre, post, weight = (
        np.concatenate([getattr(one, key) for one in pathways]) for key in ("pre", "post", "weight")
    )
    delay = np.concatenate([np.full(one.pre.size, one.delay) for one in pathways])
    rule = read_rule(use.text, use.parameters), Signals(drawn.dt, drawn.modulators, use.modulator)
    synapses = Synapses(pre, post, weight * number("1 nS"), delay)
    return simulate([rule], synapses, *drawn.spikes, drawn.steps, drawn.reads).rows() / number("1 nS")
