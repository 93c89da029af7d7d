"""Hours of sparse spikes: nothing drifts, underflows or overflows in between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.plasticity.bench import Bench, Pathway, Use
from tests.physics.plasticity.deviation import EXACT, SINGLE
from tests.physics.plasticity.draws import pulses, train
from tests.physics.plasticity.signals import Modulator, Receptor
from tests.physics.plasticity.texts import rule_text
from tests.physics.plasticity.zoo import XY

DT = 1e-3
CELLS = (4, 3)
HEBB = rule_text(
    traces=XY,
    eligibility={
        "c": {"tau": "tau_c", "at_pre": "-B*y", "at_post": "A*x", "converted": "eta*(rho_QA + 0.3*(m - 1))"},
        "d": {"tau": "tau_d", "at_post": "A*x*(high - w)/high", "converted": "-eta*rho_QA*rho_QA"},
    },
    tick="1 s",
)
USE = Use(
    "long",
    HEBB,
    {"tau_x": "400 ms", "tau_y": "300 ms", "tau_c": "5 s", "tau_d": "1 s", "A": "0.1 nS", "B": "0.08 nS"},
    "moda",
)


def sparse(minutes: int) -> Bench:
    """A spike per cell about every 20 s, a burst or dip about every 10 s, in steps of 1 ms."""
    random = np.random.default_rng(5)
    steps = round(minutes * 60 / DT)
    bursts = pulses(random, steps, 6 * minutes, -0.4, 3.0)
    spikes = train(random, CELLS[0], steps, 12 * minutes), train(random, CELLS[1], steps, 9 * minutes)
    pairs = np.arange(CELLS[0] * CELLS[1])
    drawn = random.uniform(0.5, 1.5, pairs.size)
    one = Pathway((USE,), pairs // CELLS[1], pairs % CELLS[1], drawn, 3)
    levels = {"moda": Modulator(1.0, 0.5, bursts, {"QA": Receptor(2.0, 1.5)})}
    return Bench(DT, steps, CELLS, spikes, {"one": one}, levels, every=20_011)


def largest_error(made: Bench, folder: Path) -> float:
    expected = made.expected_weights("one", leap=True)
    assert np.ptp(expected, axis=0).min() > 1e-3
    return float(np.abs(made.weights(made.run(folder / "run"), "one") - expected).max() / expected.max())


@pytest.mark.parametrize(("precision", "allowed"), [("double", EXACT), ("single", SINGLE)])
def test_ten_minutes_of_a_sparse_train_give_the_weights_of_the_reference(
    tmp_path: Path, precision: str, allowed: float
) -> None:
    assert largest_error(replace(sparse(10), precision=precision), tmp_path) < allowed


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("precision", "allowed"), [("double", EXACT), ("single", SINGLE)])
def test_ten_hours_of_a_sparse_train_give_the_weights_of_the_reference(
    tmp_path: Path, precision: str, allowed: float
) -> None:
    assert largest_error(replace(sparse(600), precision=precision), tmp_path) < allowed
