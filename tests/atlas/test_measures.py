"""Measures of results whose numbers are known because they are made up."""

from types import SimpleNamespace

import numpy as np
import pytest

from neuromod.atlas.measures import MEASURES, UNITS, check_measure, describe_measure, measured
from neuromod.errors import ConfigError


class MadeUp:
    """What measures ask of results; `spikes`: population -> (size, times in ms, cells)."""

    path = "made up"
    duration_ms = 10_000.0

    def __init__(self, spikes=None, weights=None, trials=None, lfp=None, actions=2):
        self._actions = actions
        self._spikes, self._weights, self._trials, self._lfp = spikes or {}, weights or {}, trials, lfp

    def spikes(self, population):
        _, times, cells = self._spikes[population]
        order = np.argsort(times, kind="stable")
        return np.asarray(times, float)[order], np.asarray(cells)[order]

    def size(self, population):
        return self._spikes[population][0]

    def weights(self, projection):
        values = np.asarray(self._weights[projection], float)
        return np.arange(len(values)) * 1e3, values

    def synapses(self, projection):
        cells = np.arange(np.shape(self._weights[projection])[1])
        return SimpleNamespace(source=cells, target=cells)

    def provenance(self):
        count = {name: np.shape(values)[1] for name, values in self._weights.items()}
        return SimpleNamespace(
            projections={name: SimpleNamespace(source=name, target=name) for name in count},
            populations={name: SimpleNamespace(size=size) for name, size in count.items()},
        )

    def trials(self):
        return {name: np.asarray(values) for name, values in self._trials.items()}

    def schedule(self):
        return {
            name: np.zeros(1) for name in (*(f"outcome_{k}" for k in range(self._actions)), "outcome_none")
        }

    def lfp(self, population):
        return np.arange(len(self._lfp)) * 1.0, np.asarray(self._lfp)


def test_share_of_correct_is_that_of_the_last_trials_and_unknown_of_too_few():
    results = MadeUp(trials={"choice": [0, 1, 1, -1, 1], "correct": [1, 1, 1, 1, 1]})
    assert measured(results, "share_of_correct", {"last": 4}) == 0.75
    assert np.isnan(measured(results, "share_of_correct", {"last": 6}))


def test_share_difference_is_that_of_two_kinds_of_cues():
    cues = ["a_c", "a_d", "b_c", "b_d", "ab"]
    results = MadeUp(trials={"cue": cues, "choice": [0, 1, 0, 1, 0], "correct": [0, 1, 1, 1, 1]})
    assert measured(results, "share_difference", {"cue": "a_", "less": "b_"}) == 0.5
    assert np.isnan(measured(results, "share_difference", {"cue": "a_", "less": "c_"}))


def played(alpha, beta, trials=2000, actions=4, seed=0):
    """A run of choices by a softmax of learned values, between arms whose probabilities wander."""
    rng = np.random.default_rng(seed)
    chance, value = rng.uniform(0.1, 0.9, actions), np.full(actions, 0.5)
    choices, outcomes = [], []
    for _ in range(trials):
        weights = np.exp(beta * value)
        choice = rng.choice(actions, p=weights / weights.sum())
        outcome = float(rng.random() < chance[choice])
        value[choice] += alpha * (outcome - value[choice])
        chance = np.clip(chance + rng.normal(0, 0.04, actions), 0.1, 0.9)
        choices.append(choice)
        outcomes.append(outcome)
    return choices, outcomes


def choosing(choices, outcomes, actions=4):
    return MadeUp(trials={"choice": choices, "outcome": outcomes}, actions=actions)


@pytest.mark.parametrize(("alpha", "beta"), [(0.1, 8), (0.3, 3), (0.6, 5)])
def test_a_model_of_values_is_found_again_in_its_choices(alpha, beta):
    results = choosing(*played(alpha, beta))
    assert measured(results, "learning_rate", {}) == pytest.approx(alpha, rel=0.2)
    assert measured(results, "inverse_temperature", {}) == pytest.approx(beta, rel=0.15)
    assert measured(results, "inverse_temperature", {"alpha": alpha}) == pytest.approx(beta, rel=0.1)


def test_in_150_trials_a_lower_temperature_is_told_from_a_higher_one():
    fits = [
        [measured(choosing(*played(0.2, beta, 150, seed=k)), "inverse_temperature", {}) for k in range(8)]
        for beta in (3, 6)
    ]
    assert np.median(fits[0]) == pytest.approx(3, rel=0.25)
    assert np.median(fits[1]) == pytest.approx(6, rel=0.25)


def test_choices_that_follow_no_value_have_no_inverse_temperature():
    rng = np.random.default_rng(1)
    results = choosing(rng.integers(0, 4, 2000), (rng.random(2000) < 0.5).astype(float))
    assert measured(results, "inverse_temperature", {"alpha": 0.2}) < 0.4


def test_a_rate_is_fitted_to_some_trials_with_what_was_learned_before():
    slow, fast = played(0.1, 6, 1000, 2), played(0.5, 6, 1000, 2, seed=1)
    results = choosing(slow[0] + fast[0], slow[1] + fast[1], 2)
    rates = [
        measured(results, "learning_rate", part)
        for part in ({"last": 1000}, {"first": 1000}, {"first": 1000, "last": 2000})
    ]
    assert rates[0] == pytest.approx(0.1, rel=0.25)
    assert rates[1] == rates[2] == pytest.approx(0.5, rel=0.2)


def test_rates_of_blocks_are_compared_under_one_temperature():
    parts = [played(alpha, 5, 300, 2, seed=k) for k, alpha in enumerate((0.1, 0.6, 0.6, 0.1))]
    choices, outcomes = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    results = choosing(choices, outcomes, 2)
    results._trials["block"] = np.repeat([0, 1, 2, 0], 300)
    ratio = measured(results, "learning_rate_ratio", {"blocks": "1 2", "against": "0"})
    assert 4 < ratio < 9  # a rate is known to about 0.3 of itself from 600 choices
    assert np.isnan(measured(results, "learning_rate_ratio", {"blocks": "7", "against": "0"}))
    with pytest.raises(ConfigError, match="got the blocks `1,2`, allowed are whole numbers"):
        measured(results, "learning_rate_ratio", {"blocks": "1,2", "against": "0"})


def test_trials_without_a_choice_are_passed_over():
    choices, outcomes = played(0.3, 4, 500)
    holes = choosing(np.insert(choices, 250, -1), np.insert(outcomes, 250, 7.0))
    for name in ("learning_rate", "inverse_temperature"):
        assert measured(holes, name, {}) == measured(choosing(choices, outcomes), name, {})
    assert np.isnan(measured(choosing([-1, -1], [0, 0]), "learning_rate", {}))


def test_switches_are_counted_between_trials_with_choices():
    results = choosing([0, 0, 1, -1, 1, 2, 2], np.zeros(7))
    assert measured(results, "switches", {}) == 0.5
    assert measured(results, "switches", {"first": 5}) == 0.5
    assert measured(results, "switches", {"first": 6}) == 0
    assert np.isnan(measured(results, "switches", {"first": 7}))


def test_mean_rate_counts_within_a_window_and_of_some_cells():
    results = MadeUp(spikes={"A": (4, [0, 1000, 2000, 9999], [0, 1, 3, 3])})
    assert measured(results, "mean_rate", {"population": "A"}) == pytest.approx(4 / 40)
    window = {"population": "A", "start_s": 1, "stop_s": 3}
    assert measured(results, "mean_rate", window) == pytest.approx(2 / 8)
    assert measured(results, "mean_rate", window | {"first": 2, "count": 2}) == pytest.approx(1 / 4)


def test_weight_change_is_a_share_of_the_start_and_may_be_set_off():
    results = MadeUp(weights={"A": [[1, 1], [1.5, 1.1]], "B": [[2, 2], [1.8, 2.2]]})
    assert measured(results, "weight_change", {"projection": "A"}) == pytest.approx(0.3)
    assert measured(results, "weight_change", {"projection": "B", "beside": "A"}) == pytest.approx(-0.3)


def test_changes_of_channels_have_the_amplitude_of_their_cosine():
    phases = 2 * np.pi * np.arange(12) / 12
    end = np.repeat(1 + 0.05 + 0.2 * np.cos(phases - 0.4), 3)
    results = MadeUp(weights={"A": [np.ones(36), end]})
    options = {"projection": "A", "channels": 12}
    assert measured(results, "cosine_amplitude", options) == pytest.approx(0.2)
    third = measured(results, "channel_change", options | {"channel": 2})
    assert third == pytest.approx(0.05 + 0.2 * np.cos(phases[2] - 0.4))


def trials_with_responses(cue_hz, outcome_hz, base_hz=5.0):
    """Four trials of 2 s, the last without an outcome; 10 cells, evenly firing in each window of 0.3 s."""
    begins = np.arange(4) * 2000.0
    times = []
    for begin in begins:
        for start, width, hz in ((0, 0.5, base_hz), (0.5, 0.3, cue_hz), (1.5, 0.3, outcome_hz)):
            count = round(10 * width * hz)
            times += list(begin + start * 1e3 + np.arange(count) * width * 1e3 / max(count, 1))
    log = {"begin": begins, "outcome": [1.0, 1.0, 1.0, 0.0], "cue": ["a", "a", "b", "a"]}
    return MadeUp(spikes={"DA": (10, times, np.zeros(len(times), int))}, trials=log)


def test_evoked_rates_are_above_those_before_and_of_the_trials_asked_for():
    results = trials_with_responses(15, 10)
    options = {"population": "DA", "cue": "a", "at_s": 0.5}
    assert measured(results, "evoked_rate", options) == pytest.approx(10)
    assert measured(results, "evoked_rate", options | {"at_s": 1.5, "outcome": 0}) == pytest.approx(5)
    assert measured(results, "evoked_ratio", options | {"to_s": 1.5}) == pytest.approx(2)
    assert np.isnan(measured(results, "evoked_rate", options | {"cue": "b", "start": 3}))


def test_without_a_response_there_is_no_ratio():
    results = trials_with_responses(15, 0)
    options = {"population": "DA", "cue": "a", "at_s": 0.5, "to_s": 1.5}
    assert np.isnan(measured(results, "evoked_ratio", options))


def test_the_drive_at_the_first_spike_is_the_median_of_cells():
    drive = {"population": "A", "start_s": 1, "stop_s": 5, "top": 400}
    results = MadeUp(spikes={"A": (4, [500, 2000, 2500, 3000, 3500, 6000], [3, 0, 0, 1, 2, 3])})
    assert measured(results, "first_spike_drive", drive) == pytest.approx(225)
    assert np.isnan(measured(MadeUp(spikes={"A": (4, [2000], [0])}), "first_spike_drive", drive))


def test_gain_is_the_slope_of_the_rate_in_the_second_half():
    edges = np.arange(3, 5.01, 0.25)
    times = [
        edge * 1e3 + 250 * (np.arange(k) + 0.5) / k for k, edge in enumerate(edges[:-1], 1) for _ in range(4)
    ]
    times = np.concatenate(times)
    results = MadeUp(spikes={"A": (4, times, np.zeros(times.size, int))})
    ramp = {"population": "A", "start_s": 1, "stop_s": 5}
    assert measured(results, "gain", ramp) == pytest.approx(4 * 4 * 4)


def test_adaptation_compares_the_begin_of_a_step_with_later():
    times = np.concatenate([np.arange(6) * 15.0, 1000 + np.arange(20) * 50.0]) + 2000
    results = MadeUp(spikes={"A": (1, times, np.zeros(26, int))})
    assert measured(results, "adaptation", {"population": "A", "start_s": 2}) == pytest.approx(2)


def test_beta_stands_out_where_spikes_come_in_beta():
    rng = np.random.default_rng(0)
    rate = 0.3 * (1 + np.cos(2 * np.pi * 20 * np.arange(10_000) / 1e3))
    rhythmic = np.flatnonzero(rng.random(10_000) < rate) + 0.5
    plain = np.flatnonzero(rng.random(10_000) < 0.3) + 0.5
    of = {"population": "A"}
    ratios = [
        measured(MadeUp(spikes={"A": (1, times, np.zeros(times.size, int))}), "beta_ratio", of)
        for times in (rhythmic, plain)
    ]
    assert ratios[0] > 5
    assert ratios[1] == pytest.approx(1, abs=0.2)


def test_rhythms_of_a_field_are_those_that_were_put_in():
    time = np.arange(11_000) / 1e3
    theta, gamma = np.cos(2 * np.pi * 7 * time), np.cos(2 * np.pi * 50 * time)
    nested = MadeUp(lfp=10 * theta + 3 * (1 + np.cos(2 * np.pi * 7 * time - np.pi / 2)) * gamma)
    flat = MadeUp(lfp=10 * theta + 3 * gamma)
    of = {"population": "A"}
    assert measured(nested, "theta_power", of) == pytest.approx(50, rel=0.05)
    assert measured(flat, "gamma_power", of) == pytest.approx(4.5, rel=0.05)
    assert measured(nested, "gamma_phase", of) == pytest.approx(90, abs=5)
    assert measured(nested, "coupling", of) > 20 * measured(flat, "coupling", of)


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_described_and_its_options_have_known_kinds(name):
    assert describe_measure(name).endswith(".")
    assert all("whole number" not in text for _, text in check_measure(name, {}))


def test_units_are_of_measures_and_stand_in_their_descriptions():
    assert set(UNITS) <= set(MEASURES)
    for name, unit in UNITS.items():
        assert unit.replace("²", "^2") in describe_measure(name)


def test_what_a_run_has_not_recorded_is_said_with_the_measure():
    class Empty(MadeUp):
        def spikes(self, population):
            raise ConfigError("population: got B, recorded is none")

    with pytest.raises(ConfigError, match="measure mean_rate of made up: population: got B"):
        measured(Empty(), "mean_rate", {"population": "B"})


def test_an_answer_is_the_rate_at_one_moment_of_the_last_trials():
    spikes = {"A": (2, [50, 510, 1010, 1020, 1310, 1320, 1330], [0, 1, 0, 1, 0, 0, 1])}
    results = MadeUp(spikes=spikes, trials={"begin": [0, 500, 1000]})
    early = {"population": "A", "at_s": 0, "window_s": 0.1, "last": 2}
    assert measured(results, "answer", early) == pytest.approx(3 / 2 / (0.1 * 2))
    ratio = {"population": "A", "at_s": 0.3, "to_s": 0, "window_s": 0.1, "last": 1}
    assert measured(results, "answer_ratio", ratio) == pytest.approx(1.5)
    assert np.isnan(measured(results, "answer", early | {"last": 4}))
    assert np.isnan(measured(results, "answer_ratio", ratio | {"to_s": 0.2}))


def test_weights_from_one_channel_are_compared_with_those_from_another():
    results = MadeUp(weights={"A": [[1, 1, 1, 1], [3, 5, 1, 3]]})
    assert measured(results, "source_weight_ratio", {"projection": "A", "channels": 2}) == pytest.approx(2)
    back = {"projection": "A", "channels": 2, "channel": 1, "other": 0}
    assert measured(results, "source_weight_ratio", back) == pytest.approx(0.5)


def test_correct_choices_are_counted_among_trials_of_one_kind():
    trials = {
        "choice": [0, 1, 1, 0, 1],
        "correct": [0, 1, 0, 0, 0],
        "cue": ["left_a", "left_b", "right_a", "left_a", "right_b"],
        "event_seen": [1, 0, 1, 0, 1],
    }
    results = MadeUp(trials=trials)
    assert measured(results, "share_among", {"cue": "left"}) == 1
    assert measured(results, "share_among", {"event": "seen"}) == pytest.approx(1 / 3)
    assert measured(results, "share_among", {"without": "seen", "last": 2}) == 1
    assert measured(results, "share_among", {"last": 2}) == 0.5
    assert np.isnan(measured(results, "share_among", {"cue": "up"}))
    assert np.isnan(measured(results, "share_among", {"last": 6}))
