"""The checks of a run: each of them can fail, and says what was found."""

from dataclasses import replace

import numpy as np
import pytest

from neuromod.analysis.circuit import Circuit, Link
from neuromod.analysis.targets import PopulationRate
from neuromod.report.activity import Activity, activities
from neuromod.report.health import Check, checks, summary, verdict
from neuromod.report.planned import Planned, planned
from neuromod.report.weights import WeightChange, weight_changes
from neuromod.store.reader import open_results

CALM = Activity(PopulationRate("PYR", 4.0, (1.0, 5.0)), (3.0, 5.0), (4.0, 4.1), 9.0, 1000)
PLAN = Planned(duration_s=12.0, rate_limit_hz=100.0)


@pytest.fixture(scope="module")
def results(run):
    with open_results(run) as opened:
        yield opened


def found(results, question, plan=PLAN, activity=(CALM,), weights=()):
    return next(check for check in checks(results, plan, activity, weights) if question in check.question)


def test_a_run_without_faults_is_healthy(results):
    all_checks = checks(results, PLAN, [CALM], [])
    assert {check.verdict for check in all_checks} == {"ok"}
    assert verdict(all_checks) == "ok"
    assert summary(all_checks) == f"Healthy: all {len(all_checks)} checks passed."


@pytest.mark.parametrize(
    ("question", "changed", "expected", "words"),
    [
        ("complete", {"plan": replace(PLAN, duration_s=20.0)}, "bad", "12 s are recorded of 20 s planned"),
        ("complete", {"plan": Planned()}, "look", "not known"),
        (
            "all populations fire",
            {"activity": [replace(CALM, spikes=0)]},
            "look",
            "Not a single spike of",
        ),
        ("all populations fire", {"activity": []}, "look", "Neither spikes nor rates are recorded"),
        (
            "target",
            {"activity": [replace(CALM, rate=PopulationRate("PYR", 6.0, (1, 5)))]},
            "look",
            "PYR 6 Hz",
        ),
        ("run away", {"activity": [replace(CALM, highest=101.0)]}, "bad", "101 Hz in PYR"),
        ("steady", {"activity": [replace(CALM, halves=(4.0, 5.0))]}, "look", "PYR 4 to 5 Hz"),
        (
            "remark",
            {"plan": replace(PLAN, notices=("a stimulus comes late",))},
            "look",
            "a stimulus comes late",
        ),
    ],
)
def test_each_check_can_fail(results, question, changed, expected, words):
    check = found(results, question, **changed)
    assert check.verdict == expected
    assert words in check.found


def test_a_limit_of_its_own_counts_for_a_population(results):
    wild = [replace(CALM, highest=101.0)]
    assert found(results, "run away", replace(PLAN, rate_limits={"PYR": 200.0}), wild).verdict == "ok"


def test_few_spikes_are_no_drift_and_stimuli_or_learning_explain_one(results):
    moved = replace(CALM, halves=(1.0, 8.0))
    few = checks(results, PLAN, [replace(moved, spikes=100)], [])
    assert not [check for check in few if "steady" in check.question]
    learns = Circuit((), (Link("A", "B", "ampa", "excitatory", 1.0, ("stdp",)),))
    for plan in (replace(PLAN, events={"cue": (1.0,)}), replace(PLAN, circuit=learns)):
        assert found(results, "steady", plan, [moved]).verdict == "ok"


def test_weights_at_a_bound_ask_for_a_look(results):
    change = WeightChange("A->B", "nS", 10, (0.0, 1.0), 0.5, 0.9, 0.0, 0.6)
    assert found(results, "bounds", weights=[change]).verdict == "look"
    assert found(results, "bounds", weights=[replace(change, at_high=0.5)]).verdict == "ok"


def test_numbers_that_are_not_finite_fail(results, monkeypatch):
    times, values = results.signal("lfp/PYR")
    spoilt = np.where(np.arange(values.size) == 7, np.nan, values)
    original = results.signal
    monkeypatch.setattr(results, "signal", lambda key: (times, spoilt) if key == "lfp/PYR" else original(key))
    check = found(results, "finite")
    assert (check.verdict, check.found) == ("bad", "Values that are not finite in lfp/PYR.")


def test_failures_come_before_looks_in_the_summary():
    some = [Check("One?", "look", "a."), Check("Two?", "bad", "b."), Check("Three?", "ok", "c.")]
    assert verdict(some) == "bad"
    assert summary(some) == "Not healthy: 1 of 3 checks failed. Two? b. One? a."


def test_rates_are_those_of_the_part_that_is_looked_at(results):
    one = activities(results, planned(results.provenance()), 2000.0, 8000.0)[0]
    times, ids = results.spikes("PYR")
    inside = (times >= 2000) & (times < 8000)
    assert one.spikes == inside.sum()
    assert one.rate.hz == pytest.approx(inside.sum() / 40 / 6)
    assert sum(one.halves) / 2 == pytest.approx(one.rate.hz)
    per_cell = np.bincount(ids[inside], minlength=40) / 6
    assert one.spread == pytest.approx(tuple(np.percentile(per_cell, [10, 90])))
    assert one.rate.target == (1, 5)


def test_weights_are_compared_at_the_first_and_the_last_sample(results):
    (change,) = weight_changes(results)
    values = results.weights("DA->PYR")[1]
    assert (change.first, change.last) == (values[0].mean(), values[-1].mean())
    assert change.last > change.first
