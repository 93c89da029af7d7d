"""Published networks and cells with the tolerances of `claims`; a claim that fails is a failing test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import validation as benchmark
from neuromod.config.load import load
from tests.physics import claims
from tests.physics.claims import Check
from tests.physics.recording import config


def failures(checks: list[Check]) -> list[str]:
    return [
        f"{c.config}: {c.measure}: expected {c.expected}, got {c.got:.4g}" for c in checks if not c.passed
    ]


def test_v8_cells_fire_at_the_rates_of_their_f_i_curves() -> None:
    assert failures(claims.v8_f_i()) == []


def test_v8_adex_shows_the_published_firing_patterns() -> None:
    assert failures(claims.v8_patterns()) == []


@pytest.mark.parametrize("claim", [claims.v2_cuba, claims.v2_coba], ids=["cuba", "coba"])
def test_v2_vogels_abbott_on_one_seed(claim: Callable[[range], list[Check]]) -> None:
    assert failures(claim(range(1))) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("claim", [claims.v2_cuba, claims.v2_coba], ids=["cuba", "coba"])
def test_v2_vogels_abbott_on_three_seeds(claim: Callable[[range], list[Check]]) -> None:
    assert failures(claim(range(3))) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("regime", claims.REGIMES, ids=lambda regime: regime.name)
def test_v1_brunel_has_its_four_states(regime: claims.Regime) -> None:
    assert failures(claims.v1_brunel(regime)) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_v5_working_memory_persists_on_every_seed() -> None:
    assert failures(claims.v5_working_memory("v5_brunel_wang", (25, 26.5), range(8))) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["v5_weak_assembly", "v5_weak_nmda"])
def test_v5_without_strong_assemblies_or_nmda_nothing_persists(name: str) -> None:
    assert failures(claims.v5_control(name, range(8))) == []


def test_v6_the_weights_of_nest_s_dopamine_rule() -> None:
    assert failures(claims.v6_dopamine()) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("case", claims.COMPETITIONS, ids=lambda case: case.name)
def test_v3_inputs_of_a_cell_compete(case: claims.Competition) -> None:
    checks = claims.v3_song(case, range(3))
    assert failures([check for check in checks if claims.STATED not in check.measure]) == []


@pytest.mark.parametrize("pair_factor", [1.0, 1.0050125], ids=["overcharged", "stepped"])
@pytest.mark.parametrize("case", range(3), ids=[case.name for case in claims.COMPETITIONS])
def test_v3_variants_differ_by_their_factors_and_nothing_else(case: int, pair_factor: float) -> None:
    plain = claims.COMPETITIONS[case]
    variant = (claims.OVERCHARGED if pair_factor == 1 else claims.STEPPED)[case]
    assert variant.highest == pytest.approx(plain.highest * 1.0100333, rel=1e-7)
    assert pytest.approx(1.0050125, rel=1e-7) == claims.EARLY
    loaded = load(config(variant.name)).experiment
    step = variant.highest * (0.01 if "example" in plain.name else 0.005)
    up = step * (1 if pair_factor == 1 else claims.EARLY)
    highest, plus, minus = (f"{value:.8g} nS" for value in (variant.highest, up, 1.05 * step))
    path = "projections.INPUT->CELL"
    scaled = load(
        config(plain.name),
        [
            f"name={variant.name}",
            f"description={loaded.description}",
            f"{path}.weight={{uniform: [0 nS, {highest}]}}",
            f"{path}.plasticity.parameters={{A_plus: {plus}, A_minus: {minus}, w_max: {highest}}}",
        ],
    )
    assert loaded == scaled.experiment


def test_a_case_run_anew_replaces_its_own_rows_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "TARGET", tmp_path / "table.md")
    sheets = [claims.Sheet("V3", name, "0") for name in ("v3_song", "v3_song_fast")]
    benchmark.write([benchmark.row(sheet.within("rate", 1, 0, 2, "1")) for sheet in sheets])
    rows = benchmark.merged([sheets[0].within("rate", 3, 0, 2, "1")])
    assert [line.split(" | ")[1] for line in rows] == ["v3_song_fast", "v3_song"]
    assert "fail" in rows[1]
    assert "pass" in rows[0]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_v4_a_rewarded_synapse_grows_and_only_with_reward() -> None:
    assert failures([*claims.v4_distal_reward(range(4)), *claims.v4_no_reward(range(1))]) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_v11_tagged_synapses_capture_what_a_strong_stimulus_makes() -> None:
    assert failures(claims.v11_tagging(range(3))) == []
