"""The circuits' rhythms: one short run against what is expected, and the judge of the recorded ones."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import rhythms as benchmark
from neuromod.analysis.bands import Band
from neuromod.analysis.rhythms import PHASE
from neuromod.analysis.spectra import Spectrum
from tests.physics import rhythm_claims, rhythms
from tests.physics.rhythm_claims import BASE, INDICES


def alike(name: str, found: rhythms.Measured) -> dict[str, dict[str, np.ndarray]]:
    """As if every seed had given the same."""
    return {name: {key: np.full(12, value) for key, value in found.items()}}


def test_theta_nests_gamma_in_ca1_on_one_seed() -> None:
    found = rhythms.ca1(BASE, 100, replace(rhythms.LONG, duration_s=11))
    assert found["usable"] == 1
    assert failing(alike(BASE, found)) == []


def nested(seconds: float) -> np.ndarray:
    """A field (n,) with theta at 7 Hz, gamma at 41 Hz that is large at its trough, and noise."""
    t = np.arange(round(seconds * rhythms.RATE_HZ)) / rhythms.RATE_HZ
    theta = np.cos(2 * np.pi * 7 * t)
    noise = np.random.default_rng(100).normal(size=t.size)
    return 30 * theta + 8 * (1 - theta) * np.cos(2 * np.pi * 41 * t) + 5 * noise


def test_short_recordings_are_read_as_the_expected_numbers_were() -> None:
    found = rhythms.spectrum_of(nested(5), PHASE, rhythms.SHORT)
    assert found["usable"] == 1
    for peak, planted_hz in (("theta", 7), ("gamma", 41)):
        assert abs(found[peak] - planted_hz) < 0.5
        assert found[peak] * 2.048 == pytest.approx(round(found[peak] * 2.048))
    long = rhythms.spectrum_of(nested(5), PHASE, rhythms.LONG)
    assert long["usable"] == 0


def test_a_peak_that_does_not_stand_out_has_no_place_in_either_protocol() -> None:
    noise = np.random.default_rng(100).normal(size=5000)
    for protocol in (rhythms.SHORT, rhythms.LONG):
        found = rhythms.spectrum_of(noise, PHASE, protocol)
        assert np.isnan([found["theta"], found["gamma"]]).all()
        assert found["usable"] == 0


def test_the_phase_of_gamma_as_mean_and_as_the_fullest_bin() -> None:
    found = rhythms.coupling_of(nested(11), PHASE)
    assert abs(abs(found["gamma_phase"]) - 180) < 5
    assert abs(found["gamma_bin"]) == pytest.approx(170)


def test_the_maximum_of_a_tilted_spectrum() -> None:
    spectrum = Spectrum(np.array([10.0, 20, 30, 40]), np.array([9.0, 8, 6, 2]), 2, np.ones(1))
    assert rhythms.maximum(spectrum, Band(15, 45), 0) == 20
    assert rhythms.maximum(spectrum, Band(15, 45), 1) == 30


def test_both_protocols_judge_the_same_rows() -> None:
    rows = [
        [
            (c.config, c.measure, c.low, c.high)
            for c in rhythm_claims.claims_of(benchmark.table(benchmark.complete(protocol)))
        ]
        for protocol in ("long", "short")
    ]
    assert rows[0] == rows[1]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["septum", "septum_silenced", "triad", "triad_memory", "triad_memory_weak"])
def test_circuits_do_what_is_expected_on_one_seed(name: str) -> None:
    assert failing(alike(name, benchmark.measures("long")[name](100))) == []


def planted(**measures: float) -> dict[str, np.ndarray]:
    """A condition that meets the expectations of the base on every seed, but for some measures."""
    usual = {
        "CA1_PYR": 4.9, "CA1_PV": 13.5, "CA1_OLM": 5.0, "theta": 6.9, "gamma": 40, "theta_power": 2000,
        "gamma_power": 2000, "usable": 1, "mi": 0.015, "gamma_phase": -100, "CA1_PYR_locked": 0.3,
        "CA1_PV_locked": 0.3, "locked_p": 1e-9,
    }  # fmt: skip
    spread = np.linspace(0.99, 1.01, 12)
    return {key: value * spread for key, value in (usual | measures).items()}


def failing(table: dict[str, dict[str, np.ndarray]]) -> list[str]:
    return [f"{c.config}: {c.measure}" for c in rhythm_claims.claims_of(table) if not c.passed]


def test_what_meets_the_expectations_passes() -> None:
    assert failing({BASE: planted()}) == []


@pytest.mark.parametrize(
    ("measure", "value", "claim"),
    [
        ("CA1_PYR", 6.0, "CA1_PYR (Hz)"),
        ("theta", 7.5, "theta peak (Hz)"),
        ("gamma", 50.0, "gamma peak (Hz)"),
        ("mi", 0.005, "modulation index"),
        ("mi", 0.04, "modulation index"),
        ("locked_p", 0.01, "largest p of locking"),
    ],
)
def test_what_does_not_fails(measure: str, value: float, claim: str) -> None:
    assert failing({BASE: planted(**{measure: value})}) == [f"{BASE}: {claim}"]


def test_a_peak_that_two_seeds_lack_is_missing() -> None:
    gamma = np.r_[[np.nan] * 2, [40.0] * 10]
    assert failing({BASE: planted() | {"gamma": gamma}}) == [f"{BASE}: seeds with a gamma peak"]
    gamma[0] = 40
    assert failing({BASE: planted() | {"gamma": gamma}}) == []


def test_a_refused_index_counts_as_no_coupling() -> None:
    weak = planted(CA1_PYR=7.4, CA1_PV=2.8, CA1_OLM=10, gamma=np.nan, gamma_power=500)
    assert failing({BASE: planted(), "weak_ping": weak}) == [
        "weak_ping: modulation index / base, 0 where refused"
    ]
    assert failing({BASE: planted(), "weak_ping": weak | {"usable": np.zeros(12)}}) == []


def test_an_order_that_only_half_of_the_seeds_show_fails() -> None:
    silenced = planted(CA1_PYR=3.7, CA1_PV=11.8, CA1_OLM=7.5, mi=0.004)
    assert failing({BASE: planted(), "ms_silenced": silenced}) == []
    silenced["mi"][::2] = 0.02
    assert "ordering: mi, theta_gamma > ms_silenced: p (Holm)" in failing(
        {BASE: planted(), "ms_silenced": silenced}
    )


def test_every_condition_of_the_family_is_judged_and_measured() -> None:
    family = {path.stem for path in (rhythms.path_of(BASE).parent / BASE).glob("*.yaml")}
    assert family | {BASE} <= set(benchmark.measures("short"))
    assert set(INDICES) <= set(benchmark.measures("short"))


def test_the_page_is_made_from_the_recorded_numbers() -> None:
    above, mark, below = benchmark.TARGET.read_text().partition(benchmark.MARK)
    assert above.startswith("# ")
    assert mark + below == benchmark.page()
