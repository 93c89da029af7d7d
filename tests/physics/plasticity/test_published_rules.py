"""Published and closed-form results: NEST's dopamine rule, and a third factor through a Hill receptor."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

from tests.physics.plasticity.bench import Bench, Pathway, Use
from tests.physics.plasticity.shipped import read_model, shipped_use
from tests.physics.plasticity.signals import Modulator, Receptor
from tests.physics.plasticity.texts import rule_text
from tests.physics.plasticity.zoo import XY

DT = 1e-4
PRE, POST, DOPAMINE = (100, 150, 310, 420, 640), (110, 145, 330, 400, 655), (200, 500)
NEST = {310: 34.738196, 330: 34.706502, 400: 34.676153, 420: 34.669963}
NEST |= {500: 34.591341, 640: 34.193786, 655: 34.167792, 1000: 34.120431}
LATE = {1: {310: 34.734277, 1000: 34.100619}, 10: {310: 34.698678, 1000: 33.921288}}
"""Weights (pA) at times (ms), by delay in steps of 0.1 ms."""


def listed(times: tuple[float, ...], dt: float) -> list[tuple[int, int]]:
    """Spikes of cell 0. They and releases act at the end of their step: w(T) is in sample T + dt."""
    return [(round(time * 1e-3 / dt), 0) for time in times]


def trace(use: Use, delay: int) -> Bench:
    """The published protocol; a dopamine spike adds 1/tau_n = 5 per second."""
    releases = tuple((round(time * 1e-3 / DT), 5.0) for time in DOPAMINE)
    spikes = listed(PRE, DT), listed(POST, DT)
    one = Pathway((use,), np.array([0]), np.array([0]), np.array([35.0]), delay, "pA")
    levels = {"dopamine": Modulator(0.0, 0.2, releases)}
    return Bench(DT, 10_002, (1, 1), spikes, {"one": one}, levels)


def axonal() -> Use:
    return Use(
        "nest_axonal", read_model("plasticity", "nest_dopamine") | {"delay": "axonal"}, modulator="dopamine"
    )


def at(weights: np.ndarray, time: int) -> float:
    return float(weights[time * 10 + 1, 0])


@pytest.mark.parametrize("use", [axonal(), shipped_use("nest_dopamine")], ids=["axonal", "dendritic"])
def test_v6_weights_are_those_of_nest_without_delay(tmp_path: Path, use: Use) -> None:
    made = trace(use, 0)
    weights = made.weights(made.run(tmp_path / "run"), "one")
    assert {time: at(weights, time) for time in NEST} == pytest.approx(NEST, abs=1e-5)
    assert made.expected_weights("one")[-1, 0] == pytest.approx(NEST[1000], abs=1e-5)


@pytest.mark.parametrize("delay", LATE)
def test_v6_weights_are_those_of_nest_with_a_dendritic_delay(tmp_path: Path, delay: int) -> None:
    made = trace(shipped_use("nest_dopamine"), delay)
    weights = made.weights(made.run(tmp_path / "run"), "one")
    assert {time: at(weights, time) for time in LATE[delay]} == pytest.approx(LATE[delay], abs=1e-5)


def test_v6_a_baseline_of_dopamine_changes_the_weight_as_in_nest(tmp_path: Path) -> None:
    text = read_model("plasticity", "nest_dopamine")
    made = trace(Use("nest_dopamine", text, {"b": "2"}, "dopamine", shipped=True), 0)
    weights = made.weights(made.run(tmp_path / "run"), "one")
    assert at(weights, 1000) == pytest.approx(34.710397, abs=1e-5)


HILL = Receptor(4.0, 2.0)


def hill_weight(time: float, releases: tuple[tuple[float, float], ...]) -> float:
    """Continuous solution (nS): one pair, 5 ms apart, and dopamine through a Hill receptor; times in s."""
    c0 = 0.02 * np.exp(-5e-3 / 20e-3)

    def level(t: float) -> float:
        return 1.0 + sum(amount * np.exp(-(t - at) / 0.2) for at, amount in releases if t >= at)

    def change(t: float) -> float:
        return float(np.exp(-(t - 0.105)) * 2.0 * HILL.rho(level(t)))

    edges = sorted({0.105, time, *(at for at, _ in releases if 0.105 < at < time)})
    pieces = [quad(change, a, b, epsabs=1e-14, epsrel=1e-13, limit=200)[0] for a, b in pairwise(edges)]
    return 1.0 + c0 * sum(pieces)


def hill_bench(dt: float) -> Bench:
    use = Use(
        "hill",
        rule_text(
            traces=XY, eligibility={"c": {"tau": "tau_c", "at_post": "A*x", "converted": "eta*rho_QA"}}
        ),
    )
    releases = tuple((round(at / dt), amount) for at, amount in RELEASES)
    spikes = listed((100,), dt), listed((105,), dt)
    one = Pathway((use,), np.array([0]), np.array([0]), np.array([1.0]), 0)
    levels = {"moda": Modulator(1.0, 0.2, releases, {"QA": HILL})}
    steps = round(0.8 / dt) + 2
    return Bench(dt, steps, (1, 1), spikes, {"one": one}, levels)


RELEASES = ((0.06, 2.0), (0.2, 5.0), (0.45, -1.5))


def test_v13_a_hill_third_factor_is_the_integral_that_quadrature_gives(tmp_path: Path) -> None:
    made = hill_bench(DT)
    weights = made.weights(made.run(tmp_path / "run"), "one")[1::1000, 0]
    expected = np.array([hill_weight(0.1 * k, RELEASES) if k > 1 else 1.0 for k in range(9)])
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(weights, expected, rtol=1e-6)
    np.testing.assert_allclose(weights, made.expected_weights("one")[1::1000, 0], rtol=1e-12)


def test_the_error_falls_with_the_square_of_the_step(tmp_path: Path) -> None:
    exact = hill_weight(0.8, RELEASES)
    errors = []
    for k, dt in enumerate((2e-4, 1e-4, 5e-5)):
        made = hill_bench(dt)
        errors.append(abs(made.weights(made.run(tmp_path / f"run{k}"), "one")[-1, 0] - exact))
    assert errors[0] > 1e-11
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.02)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.02)
