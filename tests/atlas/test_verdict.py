"""Verdicts from numbers that are made up."""

import numpy as np
import pytest

from neuromod.atlas.claim import Test, load_claim
from neuromod.atlas.verdict import Row, change, corrected, judge
from tests.atlas.conftest import CLAIM

RNG = np.random.default_rng(5)
HIGH, LOW = 10 + RNG.random(12), 5 + RNG.random(12)
MIXED = np.where(np.arange(12) % 2, 6.0, 4.0) + RNG.random(12)


@pytest.fixture
def claim(written):
    return load_claim(written(CLAIM)).claim


def of(expect="more", band=(1, 100), against="base", **other):
    fields = {"says": "x", "measure": "mean_rate", "options": {"population": "CELL"}, "arm": "more"}
    return Test(**fields, against=against, expect=expect, band=band, evidence="D", **other)


def row(claim, test, seeds=range(12), **values):
    return corrected([Row(claim, tuple(seeds), {"fires": judge(test, values)})])[0]


def test_a_claim_passes_in_the_expected_direction_inside_its_band(claim):
    found = row(claim, of(), more=HIGH, base=LOW)
    assert found.verdict == "pass"
    assert found.outcomes["fires"].corrected == pytest.approx(30 / 4096)


@pytest.mark.parametrize(
    ("test", "values", "reason"),
    [
        (of(), {"more": LOW, "base": HIGH}, "outside 1 to 100"),
        (of(expect="less", band=(None, -1)), {"more": LOW, "base": LOW + MIXED - 5}, "corrected p"),
        (of(band=(7, 9)), {"more": HIGH, "base": LOW}, "outside 7 to 9"),
        (of(levels={"base": (0, 1)}), {"more": HIGH, "base": LOW}, "base 5"),
        (of(), {"more": HIGH, "base": np.where(np.arange(12) == 3, np.nan, LOW)}, "gave no number"),
        (of(expect="equal", band=(-1, 1)), {"more": MIXED, "base": np.full(12, 5.0)}, "corrected p"),
    ],
)
def test_a_claim_fails_with_its_reason(claim, test, values, reason):
    found = row(claim, test, **values)
    assert found.verdict == "fail"
    assert reason in "; ".join(found.outcomes["fires"].problems)


def test_equal_passes_only_where_values_lie_well_inside_the_band(claim):
    near = row(claim, of(expect="equal", band=(-1, 1)), more=LOW, base=LOW + 0.1 * (RNG.random(12) - 0.5))
    assert near.verdict == "pass"


def test_other_seeds_than_those_fixed_give_no_verdict_whatever_comes_out(claim):
    assert row(claim, of(), seeds=range(100, 112), more=HIGH, base=LOW).verdict == "not yet tested"
    assert row(claim, of(), seeds=range(11), more=HIGH[:11], base=LOW[:11]).verdict == "not yet tested"
    assert Row(claim, range(12)).verdict == "not run"


def test_the_weakest_test_decides_about_a_claim(claim):
    good, bad = judge(of(), {"more": HIGH, "base": LOW}), judge(of(), {"more": MIXED, "base": LOW})
    (found,) = corrected([Row(claim, tuple(range(12)), {"good": good, "bad": bad})])
    assert found.p == bad.p
    assert found.verdict == "fail"
    assert found.outcomes["good"].passed


def test_correction_is_over_the_rows_of_the_whole_atlas(claim):
    strong, weak = judge(of(), {"more": HIGH, "base": LOW}), judge(of(), {"more": LOW + 0.2, "base": LOW})
    rows = corrected([Row(claim, tuple(range(12)), {"t": outcome}) for outcome in (strong, weak)])
    assert [r.outcomes["t"].corrected for r in rows] == pytest.approx([30 / 4096] * 2)


def test_changes_are_differences_ratios_or_turns():
    values = {"more": np.array([350.0, 10.0]), "base": np.array([10.0, 350.0])}
    assert change(of(change="turn"), values).tolist() == [-20, 20]
    assert change(of(change="ratio"), values).tolist() == [35, pytest.approx(1 / 35)]
    assert change(of(), values).tolist() == [340, -340]
    way = values | {"end": np.array([1010.0, 0.0])}
    assert change(of(change="share", whole="end"), way).tolist() == [0.34, pytest.approx(34 / 35)]
    assert change(of(times=2.0), values).tolist() == [330, -690]
    assert np.isnan(change(of(change="ratio"), values | {"base": np.zeros(2)})).all()


LEVELS = {"none": 0, "base": 1, "more": 3}


def over_levels(**other):
    return of(change="slope", doses=LEVELS, against="none", **other)


def test_a_slope_is_over_taken_receptors_and_a_share_of_the_mean():
    linear = {"none": np.array([0.0, 10.0]), "base": np.array([2.0, 8.0]), "more": np.array([3.0, 7.0])}
    expected = [4 / np.mean([0, 2, 3]), -4 / np.mean([10, 8, 7])]
    assert change(over_levels(), linear) == pytest.approx(expected)
    assert change(over_levels(), dict.fromkeys(LEVELS, np.array([0.1, 0.7]))).tolist() == [0, 0]
    assert np.isnan(change(over_levels(), dict.fromkeys(LEVELS, np.zeros(2)))).all()


def test_a_slope_passes_where_every_seed_grows_with_the_level(claim):
    found = row(claim, over_levels(band=(0.5, 2)), none=LOW, base=(LOW + HIGH) / 2, more=HIGH)
    assert found.verdict == "pass"
    assert found.outcomes["fires"].delta == 1
    assert row(claim, over_levels(), none=HIGH, base=LOW, more=LOW - 1).verdict == "fail"


def test_a_slope_that_drowns_in_scatter_fails_by_its_regression(claim):
    bent = row(claim, over_levels(band=(0, 2)), none=LOW, base=LOW / 4, more=LOW * 1.2)
    (problem,) = bent.outcomes["fires"].problems
    assert problem.startswith("regression p 0.")
    flat = row(claim, over_levels(expect="equal", band=(-0.1, 0.1)), none=LOW, base=LOW, more=LOW)
    assert flat.verdict == "pass"
    assert flat.outcomes["fires"].regression is None


def test_a_slope_with_an_unknown_value_fails(claim):
    unknown = np.where(np.arange(12) == 3, np.nan, LOW)
    found = row(claim, over_levels(band=(0, 2)), none=unknown, base=LOW + 1, more=HIGH)
    assert "some seeds gave no number" in found.outcomes["fires"].problems


def test_against_a_number_the_effect_is_the_arm_itself(claim):
    found = row(claim, of(against=5.0, band=(9, 12)), more=HIGH)
    assert found.verdict == "pass"
    assert found.outcomes["fires"].effect == pytest.approx(np.median(HIGH))
    assert row(claim, of(against=20.0, band=(9, 12)), more=HIGH).verdict == "fail"


def test_an_end_of_a_band_belongs_to_it_and_rounding_does_not_decide(claim):
    shares = np.repeat([0.525, 0.675], 6)
    assert np.median(shares) != 0.6
    at_the_end = of(against=1.0, expect="less", band=(0, 0.6))
    assert row(claim, at_the_end, more=shares).verdict == "pass"
    assert row(claim, at_the_end, more=shares + 1e-9).verdict == "fail"
