"""The large circuits have the sizes that they are there for."""

from __future__ import annotations

import pytest

from neuromod.cli.planning import plan_of
from neuromod.plan.estimate import card_bytes, estimate
from tests.conftest import REPOSITORY

LARGE = REPOSITORY / "configs" / "large"


@pytest.mark.parametrize(
    ("name", "cells", "synapses", "plastic"),
    [("20k", 2e4, 5.6e6, 0.04), ("200k", 2e5, 5.8e7, 0.04), ("1e9", 1e6, 1e9, 0.33)],
)
def test_cells_synapses_and_the_plastic_share(
    name: str, cells: float, synapses: float, plastic: float
) -> None:
    found = estimate(plan_of(LARGE / f"triad_{name}.yaml", ()))
    assert found.neurons == pytest.approx(cells, rel=0.05)
    assert found.synapses == pytest.approx(synapses, rel=0.05)
    assert found.plastic_synapses / found.synapses == pytest.approx(plastic, rel=0.1)


def test_a_million_cells_need_less_than_a_card_of_40_gb() -> None:
    plan = plan_of(LARGE / "triad_1m.yaml", ())
    assert 5 * 290e6 < card_bytes(plan) < 40e9
