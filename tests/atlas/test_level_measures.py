"""Measures of accuracy over levels, on trials in which it is known."""

import numpy as np
import pytest

from neuromod.atlas.measures import measured
from neuromod.errors import ConfigError
from neuromod.store.reader import Results

TRIAL_MS, EVERY_MS = 1000.0, 50.0
WHERE = {"modulator": "dopamine_cortex", "receptor": "D1"}
DRIVES = (-0.9, 0.0, 0.2, 0.5, 0.7, 0.95)


class Told:
    """Results of a task at changing levels; `right`: drive -> share of its trials with the correct choice."""

    path = "made up"

    def __init__(self, right, each=20, transition=0.0, seed=0):
        rng = np.random.default_rng(seed)
        blocks = rng.permutation(list(right))
        self._drives = np.repeat(blocks, each)
        good = np.concatenate([np.arange(each) < round(right[drive] * each) for drive in blocks])
        self._choice = np.where(good, 2, 3)
        self._transition = transition
        self.duration_ms = TRIAL_MS * self._drives.size

    def trials(self):
        number = np.arange(self._drives.size)
        return {"choice": self._choice, "correct": np.full(number.size, 2), "begin": number * TRIAL_MS}

    def drive(self, modulator, receptor):
        assert (modulator, receptor) == tuple(WHERE.values())
        times = np.arange(0, self.duration_ms, EVERY_MS)
        begun = times % TRIAL_MS < self._transition
        return times, np.where(begun, 0.1, self._drives[(times // TRIAL_MS).astype(int)])


def of(right, name, options=None, **kwargs):
    return measured(Told(right, **kwargs), name, WHERE | (options or {}))


def along(curve):
    return {drive: curve(drive) for drive in DRIVES}


@pytest.mark.parametrize("curvature", [-0.4, 0.0, 0.4])
def test_the_curvature_that_accuracies_were_made_with_is_found(curvature):
    right = along(lambda x: 0.5 + 0.05 * x + curvature * x**2)
    assert of(right, "accuracy_curvature", each=1000) == pytest.approx(curvature, abs=0.01)


def test_levels_are_found_in_any_order_and_while_they_change_at_the_begin_of_trials():
    right = along(lambda x: 1 - x**2)
    plain = of(right, "accuracy_curvature")
    assert of(right, "accuracy_curvature", seed=5) == pytest.approx(plain)
    assert of(right, "accuracy_curvature", transition=400.0) == pytest.approx(plain)


def test_the_best_drive_is_that_of_the_peak_and_the_mean_of_equal_ones():
    assert of(along(lambda x: 0.9 if x == 0.5 else 0.3), "best_drive") == pytest.approx(0.5)
    assert of(along(lambda x: 0.9 if 0.1 < x < 0.6 else 0.3), "best_drive") == pytest.approx(0.35)
    assert of(along(lambda x: (x + 1) / 2), "best_drive") == pytest.approx(0.95)


def test_the_ends_are_shares_of_the_best_accuracy():
    right = dict(zip(DRIVES, (0.2, 0.4, 0.8, 0.8, 0.6, 0.4), strict=True))
    assert of(right, "best_accuracy") == pytest.approx(0.8)
    assert of(right, "end_of_best", {"end": "lowest"}) == pytest.approx(0.25)
    assert of(right, "end_of_best", {"end": "highest"}) == pytest.approx(0.5)


def test_what_cannot_be_known_is_no_number():
    assert np.isnan(of({0.0: 0.5, 0.5: 0.5}, "accuracy_curvature"))
    assert np.isnan(of(along(lambda x: 0), "end_of_best", {"end": "lowest"}))


def test_an_end_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="got the end `left`, allowed are lowest and highest"):
        of(along(lambda x: 0.5), "end_of_best", {"end": "left"})


def test_results_have_what_these_measures_ask_for():
    assert all(hasattr(Results, name) for name in ("trials", "drive", "duration_ms"))
