"""Without a third factor nothing moves."""

from __future__ import annotations

import numpy as np
import pytest

from neuromod.store.reader import Results
from tests.physics.plasticity.bench import Bench, Use
from tests.physics.plasticity.draws import bench
from tests.physics.plasticity.signals import Modulator, Receptor
from tests.physics.plasticity.texts import rule_text
from tests.physics.plasticity.zoo import XY


def gated(name: str, plus: str, minus: str, modulator: str | None = None) -> tuple[Use]:
    """dw/dt = eta (c+ M+ - c- M-)."""
    pair = {"tau": "tau_c", "at_post": "A*x", "converted": f"eta*{plus}"}
    other = {"tau": "tau_d", "at_pre": "B*y", "converted": f"-eta*{minus}"}
    text = rule_text(traces=XY, eligibility={"c": pair, "d": other}, tick="50 ms")
    return (Use(name, text, {}, modulator),)


RULES = {
    "receptors": gated("gate_receptors", "positive(rho_QA)", "positive(-rho_QA)"),
    "level": gated("gate_level", "positive(m - 1)", "positive(1 - m)", "moda"),
    "two": gated("gate_two", "rho_QA*rho_QC", "positive(rho_QC)"),
    "above": gated("gate_above", "positive(rho_QA - 0.2)", "positive(-0.2 - rho_QC)"),
}


def levels(pulses: tuple[tuple[int, float], ...]) -> dict[str, Modulator]:
    return {
        "moda": Modulator(1.0, 0.2, pulses, {"QA": Receptor(4.0, 2.0)}),
        "modb": Modulator(1.0, 0.3, pulses, {"QC": Receptor(2.0, 1.5)}),
    }


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Results]:
    made = bench(4, RULES, steps=3000, every=50, given=lambda random, steps: levels(()))
    return made, made.run(tmp_path_factory.mktemp("quiet") / "run")


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Results]:
    made = bench(4, RULES, steps=3000, every=50, given=lambda random, steps: levels(((1500, 6.0),)))
    return made, made.run(tmp_path_factory.mktemp("burst") / "run")


@pytest.mark.parametrize("tag", RULES)
def test_no_weight_of_a_gated_rule_changes_at_tonic_levels(quiet: tuple[Bench, Results], tag: str) -> None:
    made, results = quiet
    weights = made.weights(results, tag)
    assert np.array_equal(weights, np.broadcast_to(weights[0], weights.shape))
    np.testing.assert_allclose(weights[0], made.pathways[tag].weight, rtol=1e-15)


@pytest.mark.parametrize("tag", RULES)
def test_weights_of_a_gated_rule_change_from_the_burst_on(burst: tuple[Bench, Results], tag: str) -> None:
    made, results = burst
    weights = made.weights(results, tag)
    assert np.array_equal(weights[:31], np.broadcast_to(weights[0], weights[:31].shape))
    assert np.abs(weights[-1] - weights[0]).max() > 1e-4
