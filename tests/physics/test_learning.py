"""Shipped experiments with tasks learn what they are about (docs/tasks.md); each runs once on one seed."""

from pathlib import Path

import numpy as np
import pytest

from neuromod.library.shipped import configs_root
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import Results, open_results
from tests.simulation.task_reference import Critic

SEED = 100
"""One of those with which parameters are chosen: this is a test of the software, not of a claim."""


def played(name: str, output: Path, *settings: str) -> Results:
    done = run(
        configs_root() / f"{name}.yaml",
        settings=[f"seed={SEED}", *settings],
        output=output,
        progress=Silent(),
    )
    return open_results(done.results)


def weights_of(results: Results, projection: str, cells: int) -> np.ndarray:
    """Mean weight of each channel of so many cells of the source, (times, channels)."""
    channel = np.asarray(results.synapses(projection).source) // cells
    values = results.weights(projection)[1]
    return np.stack([values[:, channel == k].mean(axis=1) for k in np.unique(channel)], axis=1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_dopamine_moves_from_the_reward_to_its_cue(tmp_path: Path) -> None:
    with played("conditioning", tmp_path / "run") as results:
        trials = results.trials()
        paired = trials["cue"] == "paired"
        at_cue, at_outcome = trials["prediction_error_cue"], trials["prediction_error"]
        paid = paired & (trials["outcome"] > 0)
        assert at_outcome[paid][0] == 1
        assert np.mean(at_outcome[paid][-10:]) < 0.4
        assert np.mean(at_cue[paired][-10:]) > 0.6
        assert np.all(at_cue[~paired] == 0)
        assert np.any(at_outcome[paired & (trials["outcome"] == 0)] < -0.5)
        first, last = weights_of(results, "CUE->MSN_D1", 100)[[0, -1]]
        assert last[0] > 1.5 * first[0]
        assert last[0] > 1.5 * last[1]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_values_and_dopamine_ramp_towards_a_reward(tmp_path: Path) -> None:
    with played("state_chain", tmp_path / "run") as results:
        trials = results.trials()
        values = [trials[f"value_{name}"][-1] for name in ("first", "second", "third", "fourth", "fifth")]
        assert np.all(np.diff(values) > 0)
        assert values[4] == pytest.approx(1, abs=0.05)
        times, level = results.modulator("dopamine_striatum")
        begin = trials["begin"][-1] + 500
        second, fifth = (
            np.mean(level[(times >= begin + k * 300) & (times < begin + k * 300 + 300)]) for k in (1, 4)
        )
        assert fifth > second > 1.1


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_reversal_is_followed(tmp_path: Path) -> None:
    with played("reversal", tmp_path / "run", "duration=99 s", "task.trials=90") as results:
        trials = results.trials()
        correct = trials["choice"] == trials["correct"]
        assert np.mean(correct[40:60]) >= 0.8
        assert np.mean(correct[60:66]) < 0.5 <= np.mean(correct[68:78])


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_full_circuit_learns_which_action_cue_and_context_ask_for(tmp_path: Path) -> None:
    with played("triad", tmp_path / "run", "record.spikes=none") as results:
        trials = results.trials()
        correct = trials["choice"] == trials["correct"]
        assert len(correct) == 240
        assert np.mean(correct[-40:]) >= 0.8
        assert np.mean(correct[-40:]) > np.mean(correct[:40])


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_sample_is_remembered_through_a_delay(tmp_path: Path) -> None:
    with played("delayed_response", tmp_path / "run") as results:
        trials = results.trials()
        assert np.sum(trials["choice"] == trials["correct"]) >= 17
        assert set(trials["correct"]) == {0, 1}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_cue_is_followed_in_spite_of_a_distractor(tmp_path: Path) -> None:
    with played("distractor", tmp_path / "run") as results:
        trials = results.trials()
        last = np.arange(len(trials["choice"])) >= 100
        for distracted in (0, 1):
            of = last & (trials["event_distractor"] == distracted)
            assert np.mean(trials["choice"][of] == trials["correct"][of]) >= 0.75


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_best_of_four_arms_that_drift_is_followed(tmp_path: Path) -> None:
    with played("bandit_restless", tmp_path / "run") as results:
        trials, schedule = results.trials(), results.schedule()
        assert len(set(schedule["correct"])) >= 2
        assert np.mean(trials["choice"] == trials["correct"]) > 0.4
        critic = Critic(recent=[0.0] * 4)
        log = zip(*(trials[name] for name in ("choice", "prediction_error")), strict=True)
        assert trials["volatility"] == pytest.approx(
            [critic.agreement(*row, rate=0.3) for row in log], abs=1e-12
        )
