"""The engine against the reference, for every construct of the language of rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuromod.store.reader import Results
from tests.physics.plasticity.bench import Bench
from tests.physics.plasticity.deviation import EXACT, SINGLE, deviation
from tests.physics.plasticity.draws import bench
from tests.physics.plasticity.zoo import ALL, FEW

Made = tuple[Bench, Results]


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = bench(0, ALL, every=37)
    return made, made.run(tmp_path_factory.mktemp("double") / "run")


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = bench(0, ALL, every=37, precision="single")
    return made, made.run(tmp_path_factory.mktemp("single") / "run")


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = bench(2, FEW, steps=1500, every=37)
    return made, made.run(tmp_path_factory.mktemp("runtime") / "run", backend="runtime")


@pytest.mark.parametrize("tag", ALL)
def test_weights_are_those_of_brute_force(double: Made, tag: str) -> None:
    assert deviation(*double, tag) < EXACT


@pytest.mark.parametrize("tag", ALL)
def test_weights_in_single_precision_are_close_to_those_of_brute_force(single: Made, tag: str) -> None:
    assert deviation(*single, tag) < SINGLE


@pytest.mark.slow
@pytest.mark.parametrize("tag", FEW)
def test_weights_of_the_backend_without_compiler_are_those_of_brute_force(runtime: Made, tag: str) -> None:
    assert deviation(*runtime, tag) < EXACT


def test_single_precision_is_not_double(single: Made, double: Made) -> None:
    one, two = (made.weights(results, "level") for made, results in (single, double))
    assert not np.array_equal(one, two)


@settings(max_examples=3, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000),
    steps=st.integers(300, 4000),
    every=st.integers(1, 300),
    scale=st.floats(0.2, 4.0),
    tau=st.floats(2.0, 200.0),
)
def test_any_data_give_the_weights_of_brute_force(
    tmp_path_factory: pytest.TempPathFactory, seed: int, steps: int, every: int, scale: float, tau: float
) -> None:
    parameters = {
        "A": f"{0.02 * scale!r} nS", "eta": f"{2 * scale!r} 1/s", "tau_x": f"{tau!r} ms", "tau_c": "0.3 s",
    }  # fmt: skip
    rules = {tag: (replace(use, parameters=parameters, tick="40 ms"),) for tag, (use,) in FEW.items()}
    made = bench(seed, rules, steps=steps, every=every)
    results = made.run(tmp_path_factory.mktemp("any") / "run")
    for tag in FEW:
        expected = made.expected_weights(tag)
        np.testing.assert_allclose(made.weights(results, tag), expected, rtol=0, atol=EXACT * expected.max())
