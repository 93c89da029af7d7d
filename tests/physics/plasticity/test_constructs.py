"""The engine against the reference, for every construct of the language of rules."""

from __future__ import annotations

import numpy as np
import pytest

from neuromod.store.reader import Results
from tests.physics.plasticity.bench import Bench
from tests.physics.plasticity.draws import bench
from tests.physics.plasticity.zoo import ALL

EXACT = 1e-9
SINGLE = 1e-4


def deviation(bench: Bench, results: Results, tag: str) -> float:
    """Largest difference of weights in units of the largest weight, after a check that they move at all."""
    expected, found = bench.expected_weights(tag), bench.weights(results, tag)
    assert np.ptp(expected, axis=0).max() > 1e-3
    return float(np.abs(found - expected).max() / np.abs(expected).max())


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Results]:
    made = bench(0, ALL, every=37)
    return made, made.run(tmp_path_factory.mktemp("double") / "run")


@pytest.mark.parametrize("tag", ALL)
def test_weights_are_those_of_brute_force(double: tuple[Bench, Results], tag: str) -> None:
    assert deviation(*double, tag) < EXACT
