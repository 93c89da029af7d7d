"""Measures of inputs at the phases of a rhythm, and of its window, on numbers that are known."""

import numpy as np
import pytest

from neuromod.atlas.measures import measured

PHASES, SECONDS = 12, 400
GAIN = {"inputs": "IN", "beside": "OUT", "target": "CELL", "phases": PHASES}


class Made:
    """Results with given changes of weights, population -> (phases,), and one population of spikes."""

    path = "made up"

    def __init__(self, changes=None, times=(), seconds=SECONDS):
        self._changes, self._times = changes or {}, np.sort(np.asarray(times, float))
        self.duration_ms = seconds * 1e3

    def weights(self, projection):
        name, _, phase = projection.partition("->")[0].partition("_")
        begin = np.array([0.5, 1.5])
        return np.array([0.0, 1e3]), np.array([begin, begin + self._changes[name][int(phase)]])

    def spikes(self, population):
        return self._times, np.zeros(self._times.size, int)


def cosine(mean, amplitude, best_degrees):
    angles = 2 * np.pi * np.arange(PHASES) / PHASES
    return mean + amplitude * np.cos(angles - np.radians(best_degrees))


def volleys(rng, period_ms=25.0, spread_ms=3.0, each=20, seconds=SECONDS):
    """Spikes around the beats of a clock that are drawn independently: pairs in excess within about
    +-sqrt(2) times the spread.
    """
    beats = np.arange(period_ms, seconds * 1e3 - period_ms, period_ms)
    return (beats[:, None] + spread_ms * rng.normal(size=(beats.size, each))).ravel()


@pytest.mark.parametrize("best", [0, 40, 224])
def test_gain_is_that_at_the_best_phase_wherever_it_lies(best):
    results = Made({"IN": cosine(0.1, 0.12, best), "OUT": np.full(PHASES, 0.1)})
    assert measured(results, "cycle_gain", GAIN) == pytest.approx(2.2)
    assert measured(results, "cycle_gain", GAIN | {"turn": 180}) == pytest.approx(-0.2)
    assert measured(results, "cycle_gain", GAIN | {"turn": 90}) == pytest.approx(1)


def test_gain_compares_with_the_mean_of_the_others_whatever_their_phase():
    results = Made({"IN": cosine(0.2, 0.1, 30), "OUT": cosine(0.1, 0.05, 200)})
    assert measured(results, "cycle_gain", GAIN) == pytest.approx(3)
    assert measured(results, "cycle_gain", GAIN | {"inputs": "OUT"}) == pytest.approx(1.5)


def test_gain_is_unknown_where_nothing_else_changes():
    results = Made({"IN": cosine(0.2, 0.1, 30), "OUT": np.zeros(PHASES)})
    assert np.isnan(measured(results, "cycle_gain", GAIN))


@pytest.mark.parametrize("spread", [2.0, 4.0])
def test_width_is_where_two_volleys_cross_the_mean(spread):
    """Two draws from beats k periods apart: a Gaussian with sqrt(2) times the spread, and one of the 20
    spikes of a beat has 19 others in it.
    """
    lags = np.arange(0, 25, 0.01)
    double = np.sqrt(2) * spread
    density = sum(np.exp(-(((lags - 25 * k) / double) ** 2) / 2) * (1 if k else 0.95) for k in range(-4, 5))
    expected = 2 * lags[np.flatnonzero(density * 25 / (double * np.sqrt(2 * np.pi)) < 1)[0]]
    made = Made(times=volleys(np.random.default_rng(0), spread_ms=spread))
    assert measured(made, "coincidence_width", {"population": "CELL"}) == pytest.approx(expected, abs=0.3)


def test_width_grows_with_the_period():
    narrow, wide = (
        measured(
            Made(times=volleys(np.random.default_rng(0), period, period / 8)),
            "coincidence_width",
            {"population": "CELL"},
        )
        for period in (25.0, 75.0)
    )
    assert wide == pytest.approx(3 * narrow, rel=0.05)


def test_width_is_unknown_of_spikes_that_shun_each_other_and_of_none():
    clock = Made(times=np.arange(0.5, SECONDS * 1e3, 20))
    assert np.isnan(measured(clock, "coincidence_width", {"population": "CELL"}))
    assert np.isnan(measured(Made(), "coincidence_width", {"population": "CELL"}))
