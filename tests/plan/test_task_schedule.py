"""The schedule of a task: named streams, shares, blocks and reversals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from neuromod.config.task import Task
from neuromod.plan.seeds import stream
from neuromod.plan.task_plan import TaskSchedule
from neuromod.plan.task_schedule import draw_schedule

TWO = {"actions": 2, "phases": {"only": {"duration": "10 ms"}}, "outcome": {"probability": [0.8, 0.2]}}


def drawn(changes: Mapping[str, object] | None = None, trials: int = 2000, seed: int = 3) -> TaskSchedule:
    return draw_schedule(Task.model_validate({**TWO, **(changes or {})}), trials, seed, "probe")


def same(one: TaskSchedule, two: TaskSchedule, trials: int) -> bool:
    return all(
        np.array_equal(getattr(one, name)[:trials], getattr(two, name)[:trials])
        for name in TaskSchedule.__dataclass_fields__
    )


def test_equal_seeds_give_equal_schedules_and_more_trials_leave_the_first_ones() -> None:
    changes = {"cues": {"a": {}, "b": {}}, "events": {"e": {"share": 0.5}}, "blocks": [{"trials": [3, 9]}]}
    assert same(drawn(changes, 50), drawn(changes, 50), 50)
    assert same(drawn(changes, 50), drawn(changes, 300), 50)
    assert not np.array_equal(drawn(changes, 50).cue, drawn(changes, 50, seed=4).cue)


def test_another_part_of_a_task_leaves_the_draws_of_the_others() -> None:
    plain, more = drawn(), drawn({"cues": {"a": {}, "b": {}}, "phases": {"only": {"duration": "20 ms"}}})
    assert np.array_equal(plain.earned, more.earned)
    assert np.array_equal(plain.tie, more.tie)


def test_outcomes_have_their_probabilities_from_the_correct_action_on() -> None:
    earned = drawn({"outcome": {"probability": [0.8, 0.2], "otherwise": -1, "omission": -2}}).earned
    assert earned.shape == (2000, 3)
    assert np.mean(earned[:, 0] == 1) == pytest.approx(0.8, abs=0.03)
    assert np.mean(earned[:, 1] == 1) == pytest.approx(0.2, abs=0.03)
    assert set(np.unique(earned[:, :2])) == {-1, 1}
    assert set(earned[:, 2]) == {-2}
    assert abs(np.corrcoef(earned[:, 0], earned[:, 1])[0, 1]) < 0.06


def test_four_arms_turn_around_with_the_correct_one() -> None:
    four = {
        "actions": 4,
        "outcome": {"probability": [1, 0, 0, 0]},
        "blocks": [{"trials": 5, "reverse": True}],
    }
    schedule = drawn(four, 20)
    assert schedule.correct.tolist() == [1] * 5 + [2] * 5 + [3] * 5 + [0] * 5
    assert np.argmax(schedule.earned[:, :4], axis=1).tolist() == schedule.correct.tolist()


DRIFT = {
    "actions": 4,
    "outcome": {"probability": [0.3, 0.8, 0.4, 0.2], "drift": {"sd": 0.06, "between": [0.15, 0.85]}},
}


def reflected(x: float, low: float, high: float) -> float:
    """Where a step ends that is thrown back at two walls."""
    while not low <= x <= high:
        x = 2 * low - x if x < low else 2 * high - x
    return x


def test_probabilities_that_drift_walk_between_walls_in_steps_of_their_size() -> None:
    chance = drawn(DRIFT).chance
    assert chance.shape == (2000, 4)
    assert chance[0].tolist() == [0.3, 0.8, 0.4, 0.2]
    assert 0.15 <= chance.min() < 0.17 < 0.83 < chance.max() <= 0.85
    steps = np.diff(chance, axis=0)
    inner = np.all(np.abs(chance[:-1] - 0.5) < 0.15, axis=1)
    assert np.std(steps[inner]) == pytest.approx(0.06, rel=0.1)
    assert np.mean(chance) == pytest.approx(0.5, abs=0.06)
    assert np.abs(np.corrcoef(steps.T) - np.eye(4)).max() < 0.1


def test_walks_are_those_of_steps_that_are_thrown_back_one_by_one() -> None:
    steps = stream(3, "task/probe/drift").standard_normal((2000, 4))
    place, expected = [0.3, 0.8, 0.4, 0.2], [[0.3, 0.8, 0.4, 0.2]]
    mirrored = [1, 1, 1, 1]
    for row in steps[1:]:
        for k, step in enumerate(row):
            free = place[k] + mirrored[k] * 0.06 * step
            place[k] = reflected(free, 0.15, 0.85)
            if place[k] != free:
                mirrored[k] = -mirrored[k]
        expected.append(list(place))
    np.testing.assert_allclose(drawn(DRIFT).chance, expected, rtol=0, atol=1e-9)


def test_the_correct_action_of_a_drift_is_the_best_one_and_outcomes_follow_it() -> None:
    schedule = drawn(DRIFT, 4000)
    assert np.array_equal(schedule.correct, np.argmax(schedule.chance, axis=1))
    assert set(schedule.correct) == {0, 1, 2, 3}
    for low in (0.2, 0.4, 0.6):
        there = (schedule.chance > low) & (schedule.chance < low + 0.1)
        assert np.mean(schedule.earned[:, :4][there]) == pytest.approx(low + 0.05, abs=0.04)


def test_a_drift_leaves_the_other_draws_and_its_first_trials() -> None:
    plain, moved = drawn({**DRIFT, "outcome": {"probability": [0.3, 0.8, 0.4, 0.2]}}), drawn(DRIFT)
    assert np.array_equal(plain.tie, moved.tie)
    assert np.array_equal(plain.earned[0], moved.earned[0])
    assert same(drawn(DRIFT, 50), moved, 50)
    assert not np.array_equal(drawn(DRIFT, seed=4).chance, moved.chance)


def test_probabilities_stand_by_action_where_the_correct_one_moves() -> None:
    blocks = [{"trials": 5}, {"trials": 5, "reverse": True}]
    chance = drawn({"blocks": blocks}, 10).chance
    assert chance.tolist() == [[0.8, 0.2]] * 5 + [[0.2, 0.8]] * 5
    assert not drawn({"outcome": None}, 10).chance.any()


def test_cues_contexts_and_events_come_with_their_shares() -> None:
    schedule = drawn(
        {
            "cues": {"a": {"share": 3, "correct": 1}, "b": {}},
            "contexts": {"x": {}, "y": {"share": 4, "shift": 1}},
            "events": {"e": {"share": 0.1, "trials": [0, 5000]}, "never": {}},
        }
    )
    assert np.mean(schedule.cue == 0) == pytest.approx(0.75, abs=0.03)
    assert np.mean(schedule.context == 1) == pytest.approx(0.8, abs=0.03)
    assert np.mean(schedule.event[:, 0]) == pytest.approx(0.1, abs=0.03)
    assert schedule.event[0].tolist() == [1, 0]
    assert not schedule.event[:, 1].any()
    assert np.array_equal(schedule.correct, ((schedule.cue == 0) + schedule.context) % 2)


def test_cues_and_blocks_have_probabilities_of_their_own() -> None:
    schedule = drawn(
        {
            "cues": {"sure": {"probability": [1, 1]}, "usual": {}},
            "blocks": [{"trials": 500}, {"trials": 500, "probability": [0, 0]}],
        }
    )
    usual = schedule.cue == 1
    assert np.all(schedule.earned[~usual][:, :2] == 1)
    assert not schedule.earned[usual & (schedule.block == 1)][:, :2].any()
    assert np.mean(schedule.earned[usual & (schedule.block == 0)][:, 0]) == pytest.approx(0.8, abs=0.06)


def test_a_block_may_show_other_cues() -> None:
    blocks = [{"trials": 100}, {"trials": 100, "cues": {"a": 0}}]
    schedule = drawn({"cues": {"a": {}, "b": {}}, "blocks": blocks}, 400)
    assert set(schedule.cue[schedule.block == 0]) == {0, 1}
    assert set(schedule.cue[schedule.block == 1]) == {1}


def test_a_volatile_block_reverses_again_and_again() -> None:
    blocks = [{"trials": 60}, {"trials": 60, "reverse": True, "reverse_every": [12, 18]}]
    schedule = drawn({"blocks": blocks}, 240)
    turns = np.flatnonzero(np.diff(schedule.correct)) + 1
    assert not np.any(turns < 60)
    assert turns[0] == 60
    inside = turns[(turns > 60) & (turns < 120)]
    assert 3 <= len(inside) <= 4
    assert np.all(np.diff([60, *inside]) >= 12)
    assert np.all(np.diff([60, *inside]) <= 18)
    assert not np.any((turns > 120) & (turns < 180))


def test_durations_are_whole_milliseconds_and_some_phases_are_rare() -> None:
    phases = {
        "fixed": {"duration": "10.4 ms"},
        "drawn": {"duration": {"uniform": ["5 ms", "8 ms"]}},
        "rest": {"duration": "1 s", "every": 100},
    }
    duration = drawn({"phases": phases}, 301).duration
    assert set(duration[:, 0]) == {10}
    assert set(duration[:, 1]) == {5, 6, 7, 8}
    assert np.flatnonzero(duration[:, 2]).tolist() == [100, 200, 300]
    assert set(duration[[100, 200, 300], 2]) == {1000}


def test_without_actions_one_number_says_whether_the_outcome_comes() -> None:
    schedule = drawn({"actions": 0, "outcome": {"probability": [0.5]}})
    assert schedule.earned.shape == (2000, 1)
    assert np.mean(schedule.earned) == pytest.approx(0.5, abs=0.04)
