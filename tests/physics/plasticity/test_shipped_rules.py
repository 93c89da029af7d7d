"""Every rule of models/plasticity against the reference; a new rule is covered by being there."""

from __future__ import annotations

import pytest

from neuromod.store.reader import Results
from tests.physics.plasticity.bench import Bench
from tests.physics.plasticity.deviation import EXACT, deviation
from tests.physics.plasticity.draws import bench
from tests.physics.plasticity.shipped import RULES, followed, shipped_use


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Results]:
    rules = {name: (shipped_use(name),) for name in RULES}
    uses = [use for uses in rules.values() for use in uses]
    made = bench(
        0, rules, steps=12_000, dt=2e-4, every=53, given=lambda random, steps: followed(random, steps, uses)
    )
    return made, made.run(tmp_path_factory.mktemp("shipped") / "run")


@pytest.mark.parametrize("rule", RULES)
def test_weights_of_a_shipped_rule_are_those_of_brute_force(
    shipped: tuple[Bench, Results], rule: str
) -> None:
    assert deviation(*shipped, rule) < EXACT
