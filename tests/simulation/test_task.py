"""A task in the loop against an independent reading of it, and what it does to cells and levels."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from neuromod.errors import ConfigError
from neuromod.library.shipped import models_root
from neuromod.program import process
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.simulation.resume import resume
from neuromod.store.reader import Results, open_results
from tests.physics.plasticity.brute_force import Synapses, simulate
from tests.physics.plasticity.rule import read_rule
from tests.physics.plasticity.signals import Modulator, Signals
from tests.simulation.task_reference import PHASES, Critic, played

CONFIG = Path(__file__).parents[1] / "identical/task.yaml"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    keep = ["checkpoint={every: 250 ms, clock: simulated, keep: 9}"]
    output = tmp_path_factory.mktemp("task") / "run"
    done = run(CONFIG, settings=keep, output=output, backend="cpp", progress=Silent())
    return open_results(done.results)


def another(tmp_path: Path, *settings: str) -> Results:
    """A run with other settings; it must not need another program."""
    output = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
    done = run(CONFIG, settings=settings, output=output, backend="cpp", progress=Silent())
    assert not done.built
    return open_results(done.results)


def during(schedule: dict[str, np.ndarray], *phases: str) -> np.ndarray:
    """For each of 1000 ms the trial that is then in one of these phases, or -1."""
    order = PHASES
    lengths = np.stack([schedule[f"duration_{name}"] for name in order], axis=1).astype(int)
    ends = 7 + np.cumsum(lengths.reshape(-1))
    trial = np.full(1000, -1)
    for k, (end, length) in enumerate(zip(ends, lengths.reshape(-1), strict=True)):
        if order[k % 6] in phases:
            trial[max(0, end - length) : min(1000, end)] = k // 6
    return trial


def test_every_trial_is_as_an_independent_reading_of_its_spikes_has_it(results: Results) -> None:
    trials = results.trials()
    expected = pd.DataFrame(played(results.schedule(), *results.spikes("OUT"), len(trials["trial"])))
    assert len(expected) >= 10
    assert set(trials["choice"]) == {0, 1}
    for name in expected:
        assert np.allclose(trials[name], expected[name], rtol=0, atol=1e-12), name


def test_weights_follow_from_spikes_and_an_independent_reading_of_the_errors(tmp_path: Path) -> None:
    results = another(tmp_path, "task.phases.sleep.state=null")
    schedule, times_of = results.schedule(), results.spikes
    rows = played(schedule, *times_of("OUT"), len(results.trials()["trial"]))
    pulses, clears = [], []
    for k, row in enumerate(rows):
        at = row["begin"] + np.cumsum([schedule[f"duration_{name}"][k] for name in PHASES])
        clears += [round(10 * row["begin"]), round(10 * at[3])]
        told = zip(at[[0, 2, 3]], ("_cue", "_act", ""), strict=True)
        pulses += [(round(10 * ms) - 1, 1.5 * row[f"prediction_error{name}"]) for ms, name in told]
    parameters = {"eta": "20 1/s", "w_max": "8 nS"}
    rule = read_rule(YAML(typ="safe").load(models_root() / "plasticity/reward_stdp.yaml"), parameters)
    level = Modulator(decay=0.03, pulses=tuple(pulses))
    signals = Signals(1e-4, {"dopamine": level}, followed="dopamine")
    (read_at, weights), ids = results.weights("CUE->CELL"), results.synapses("CUE->CELL")
    synapses = Synapses(ids.source, ids.target, weights[0] * 1e-9, np.full(len(ids.source), 10))
    spikes = [
        list(zip(np.rint(10 * times).astype(int).tolist(), cells.tolist(), strict=True))
        for times, cells in (times_of("CUE"), times_of("CELL"))
    ]
    end = rows[-1]["begin"]
    moments = [round(10 * ms) for ms in read_at if ms < end]
    system = [(rule, signals)], synapses, *spikes, moments[-1] + 1, moments
    expected = simulate(*system, leap=True, clears=clears).rows()
    assert np.ptp(expected, axis=0).max() > 0.1e-9
    assert np.abs(simulate(*system, leap=True).rows() - expected).max() > 0.1e-9
    np.testing.assert_allclose(weights[: len(moments)] * 1e-9, expected, rtol=1e-9, atol=0)


def test_the_log_is_a_table_for_pandas(results: Results) -> None:
    table = pd.DataFrame(results.trials())
    assert list(table["trial"]) == list(range(len(table)))
    assert set(table["cue"]) <= {"left", "right"}
    by_cue = table.groupby("cue")["outcome"].mean()
    assert by_cue.between(-0.2, 1).all()
    with pytest.raises(AttributeError):
        table.nothing  # noqa: B018


def test_probabilities_that_drift_are_in_the_schedule_and_outcomes_follow_it(tmp_path: Path) -> None:
    fixed = ["blocks=[]", "cues.right.correct=0", "contexts.away.shift=0"]
    drift = "outcome.drift={sd: 0.2, between: [0.1, 0.9]}"
    results = another(tmp_path, *(f"task.{text}" for text in (*fixed, drift)))
    schedule = results.schedule()
    walks = np.stack([schedule["probability_0"], schedule["probability_1"]], axis=1)
    assert walks[0].tolist() == [0.9, 0.2]
    assert 0.1 <= walks.min() < walks.max() <= 0.9
    assert np.array_equal(schedule["correct"], np.argmax(walks, axis=1))
    assert set(schedule["correct"]) == {0, 1}
    expected = pd.DataFrame(played(schedule, *results.spikes("OUT"), len(results.trials()["trial"])))
    for name in expected:
        assert np.allclose(results.trials()[name], expected[name], rtol=0, atol=1e-12), name


def test_what_is_correct_follows_cue_context_and_block(results: Results) -> None:
    schedule = results.schedule()
    plain = (schedule["cue"] == "right").astype(int) + (schedule["context"] == "away")
    moved = (schedule["correct"] - plain) % 2
    assert set(moved[:5]) == {0}
    turns = np.flatnonzero(np.diff(moved)) + 1
    assert turns[0] == 5
    assert set(schedule["block"]) == {0, 1}


def test_a_cue_excites_its_channel_while_it_is_on(results: Results) -> None:
    schedule, (times, rates) = results.schedule(), results.report("CUE", "rate")
    trial = during(schedule, "cue", "decide")
    on = np.full((1000, 2), 10.0)
    for ms in np.flatnonzero(trial >= 0):
        on[ms, int(schedule["cue"][trial[ms]] == "right")] = 400.0
    shown = rates[np.rint(times).astype(int) > 0]  # a sample is taken before what its step changes
    assert np.array_equal(shown[:, [0, 3]][:998], on[:998])
    assert np.array_equal(rates[:, 0:3], np.repeat(rates[:, :1], 3, axis=1))


def test_stimuli_begin_and_end_at_their_millisecond_and_the_later_one_holds(results: Results) -> None:
    schedule, (_, bias) = results.schedule(), results.report("CELL", "I_bias")
    expected = np.full(1000, 90.0)
    for phases in (("cue",), ("outcome",)):
        trial = during(schedule, *phases)
        since = np.zeros(1000, int)
        for ms in range(1, 1000):
            since[ms] = since[ms - 1] + 1 if trial[ms] == trial[ms - 1] >= 0 else 0
        inside = trial >= 0
        expected[inside & (since >= 3) & (since < 7)] = 400.0
        flash = np.array(
            [schedule["event_flash"][t] == 1 and schedule["context"][t] == "home" for t in trial]
        )
        if phases == ("cue",):
            assert np.any(flash & inside)
            expected[inside & flash & (since >= 5)] = 180.0
    assert np.array_equal(bias[1:999, 0], expected[:998])


def test_a_prediction_error_drives_the_nucleus_for_its_time(results: Results) -> None:
    schedule, trials = results.schedule(), results.trials()
    _, bias = results.report("DA", "I_bias")
    begins = [int(np.flatnonzero(during(schedule, "outcome") == k)[0]) for k in range(len(trials["trial"]))]
    for begin, error in zip(begins[:-1], trials["prediction_error"][:-1], strict=True):
        assert np.allclose(bias[begin + 1 : begin + 19, 0], 105 + 60 * error, rtol=0, atol=1e-4)
        assert bias[begin + 19, 0] == 105


def test_a_prediction_error_is_released_when_it_arises(results: Results) -> None:
    schedule, trials = results.schedule(), results.trials()
    _, level = results.modulator("dopamine_striatum")
    begin = int(np.flatnonzero(during(schedule, "outcome") == 1)[0])
    before = trials["level_dopamine_striatum"][1]
    assert level[begin] == pytest.approx(before, abs=1e-12)
    decay = np.exp(-1 / 30)
    after = 1 + (max(0.0, before + 1.5 * trials["prediction_error"][1]) - 1) * decay
    assert level[begin + 1] == pytest.approx(after, abs=1e-9)


@pytest.mark.parametrize(("spikes", "window"), [(1, 20), (2, 20), (9, 20)])
def test_a_race_is_won_by_the_first_channel_with_so_many_spikes(
    tmp_path: Path, spikes: int, window: int
) -> None:
    results = another(tmp_path, f"task.decision={{rule: race, spikes: {spikes}}}")
    trials, schedule, (times, ids) = results.trials(), results.schedule(), results.spikes("OUT")
    begin, checked, missed = 7.0, 0, 0
    for k in range(len(trials["trial"])):
        lengths = {name: float(schedule[f"duration_{name}"][k]) for name in PHASES}
        decide = begin + lengths["rest"] + lengths["cue"]
        assert trials["begin"][k] == begin
        nth = [np.sort(times[(ids // 2 == c) & (times > decide - 1e-6)])[spikes - 1 :][:1] for c in (0, 1)]
        heard = np.array([np.floor(at[0] - decide) + 1 if len(at) else np.inf for at in nth])
        took = float(heard.min())
        missed += took > window
        if took > window:
            assert (trials["choice"][k], trials["outcome"][k]) == (-1, -0.1)
            assert np.isnan(trials["latency"][k])
        else:
            assert trials["latency"][k] == took
            if heard[0] != heard[1]:
                assert trials["choice"][k] == np.argmin(heard)
                checked += 1
        begin += sum(lengths.values()) - window + min(took, window)
    assert checked >= 5 or spikes == 9
    critic = Critic()
    for choice, error, said in zip(
        *(trials[name] for name in ("choice", "prediction_error", "volatility")), strict=True
    ):
        # A trial without a choice says nothing.
        expected = critic.agreement(choice, error) if choice >= 0 else 0.0
        assert said == pytest.approx(expected, abs=1e-12)
    assert missed or spikes < 9


def test_a_threshold_is_passed_by_the_filtered_rate_of_a_channel(tmp_path: Path) -> None:
    results = another(tmp_path, "task.decision={rule: threshold, rate: 60 Hz, window: 15 ms}")
    trials, schedule, (times, ids) = results.trials(), results.schedule(), results.spikes("OUT")
    rates, crossed = np.zeros((1001, 2)), {}
    for ms in range(1, 1001):
        new = [np.sum((ids // 2 == c) & (times > ms - 1 - 1e-6) & (times < ms - 1e-6)) for c in (0, 1)]
        rates[ms] = rates[ms - 1] * np.exp(-1 / 15) + np.array(new) / (2 * 0.015)
    for k, begin in enumerate(trials["begin"]):
        lengths = [float(schedule[f"duration_{name}"][k]) for name in ("rest", "cue")]
        decide = int(begin + sum(lengths))
        above = [ms for ms in range(decide + 1, decide + 21) if rates[ms].max() > 60]
        if above:
            crossed[k] = above[0]
            assert trials["latency"][k] == above[0] - decide
            assert trials["choice"][k] == np.argmax(rates[above[0]])
        else:
            assert trials["choice"][k] == -1
    assert 3 <= len(crossed) < len(trials["trial"])


def test_a_wire_that_is_cut_or_a_level_that_is_held_changes_nothing_else(
    tmp_path: Path, results: Results
) -> None:
    cut = another(tmp_path, "task.wires.reward.on=false", "task.phases.sleep.state=null")
    assert np.all(cut.trials()["sent_reward"] == 0)
    assert set(cut.modulator("dopamine_striatum")[1]) == {1.0}
    lesion = another(tmp_path, "modulators.dopamine.striatum.lesion=true")
    assert set(lesion.modulator("dopamine_striatum")[1]) == {0.0}
    for other in (cut, lesion):
        for name in ("choice", "outcome", "prediction_error"):
            assert np.array_equal(other.trials()[name], results.trials()[name])


def test_more_trials_another_seed_and_another_schedule_need_no_compiler(
    tmp_path: Path, results: Results
) -> None:
    more = another(tmp_path, "task.trials=60")
    assert np.array_equal(more.trials()["prediction_error"], results.trials()["prediction_error"])
    for name, values in results.schedule().items():
        assert np.array_equal(more.schedule()[name][:40], values)
    seeded = another(
        tmp_path, "task.seed=6", "task.phases.rest.duration=30 ms", "task.outcome.probability=[0.5, 0.5]"
    )
    assert not np.array_equal(seeded.schedule()["cue"], results.schedule()["cue"])
    assert set(seeded.schedule()["duration_rest"]) == {30}


def test_a_run_of_200_trials_is_one_process_that_starts_once(
    tmp_path: Path, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program, no Python, plays them, and says no more to its parent than in a run of 20."""
    started, said = [], []
    start, listen = process.subprocess.Popen, process.Process.events

    def counted(command: list[str], *others: object, **more: object) -> object:
        started.append(Path(command[0]))
        return start(command, *others, **more)

    def heard(self: process.Process) -> Iterator[process.Event]:
        for event in listen(self):
            said.append(event.kind)
            yield event

    monkeypatch.setattr(process.subprocess, "Popen", counted)
    monkeypatch.setattr(process.Process, "events", heard)
    short = [f"task.phases.{name}.duration=1 ms" for name in PHASES]
    counts = []
    for trials in (20, 200):
        played = another(tmp_path, *short, f"task.trials={trials}", "duration=1.1 s")
        assert len(played.trials()["trial"]) == trials
        counts.append([kind for kind in said if kind != "at"])
        assert [path.name for path in started if path.name != "git"] == ["program"]
        started.clear()
        said.clear()
    assert counts[0] == counts[1]
    assert len(counts[0]) <= 5


def test_phases_with_a_state_move_the_tonic_levels(tmp_path: Path) -> None:
    asleep = another(tmp_path, "task.phases.sleep.duration=90 ms", "task.wires.attention.on=false")
    times, level = asleep.modulator("acetylcholine_cortex")
    sleeping = during(asleep.schedule(), "sleep")
    last = np.flatnonzero(np.diff((sleeping >= 0).astype(int)) == -1)[0]
    assert level[last] == pytest.approx(0.25 + 0.75 * np.exp(-90 / 50), abs=0.01)
    assert level[100] == 1.0 or sleeping[100] >= 0
    assert times[last] == last


def test_a_value_may_be_the_rate_of_cells_when_the_outcome_comes(tmp_path: Path) -> None:
    read = "read: {population: CELL, rate: 40 Hz, window: 20 ms}"
    results = another(tmp_path, f"task.critic={{states: [cue], onset: false, {read}}}")
    trials, schedule, (times, _) = results.trials(), results.schedule(), results.spikes("CELL")
    assert len(times) > 20
    for k, begin in enumerate(trials["begin"]):
        names = ("rest", "cue", "decide", "act")
        outcome = begin + sum(schedule[f"duration_{name}"][k] for name in names)
        waited = outcome - np.floor(times[times < outcome - 1e-6] + 1e-6) - 1  # heard at the next ms
        value = np.sum(np.exp(-waited / 20)) / (6 * 0.020 * 40)
        assert trials["value"][k] == pytest.approx(value, abs=1e-9)
        error = np.clip(trials["outcome"][k] - value, -1, 1)
        assert trials["prediction_error"][k] == pytest.approx(error, abs=1e-9)


def test_a_fork_may_change_what_a_task_says_but_not_what_it_consists_of(
    tmp_path: Path, results: Results
) -> None:
    directory = results.path.parent
    changes = ["task.outcome.probability=[0, 0]", "task.blocks=[]"]
    done = resume(directory, fork=tmp_path / "fork", at=0.5, settings=changes, progress=Silent())
    before, after = results.trials(), open_results(done.results).trials()
    early = before["begin"] < 400
    assert np.array_equal(before["outcome"][early], after["outcome"][early])
    assert set(after["outcome"][after["begin"] > 550]) <= {-0.2, -0.1}
    more = ["task.critic.by=[]"]
    with pytest.raises(ConfigError, match="the task has other actions, values"):
        resume(directory, fork=tmp_path / "other", at=0.5, settings=more, progress=Silent())


def test_a_warm_start_begins_the_task_anew(tmp_path: Path) -> None:
    folder = tmp_path / "configs"
    shutil.copytree(CONFIG.parent, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    logs = []
    for settings in (["duration=150 ms"], ["duration=150 ms", "warm_start=../first"]):
        output = tmp_path / ("again" if len(settings) > 1 else "first")
        done = run(folder / "task.yaml", settings=settings, output=output, backend="cpp", progress=Silent())
        logs.append(open_results(done.results).trials())
    for name in ("begin", "choice", "outcome", "prediction_error"):
        assert np.array_equal(*(log[name] for log in logs))
    assert logs[0]["begin"][0] == 7


def test_hours_of_rest_in_the_middle_of_a_trial_leave_the_task_as_it_was(
    tmp_path: Path, results: Results
) -> None:
    rested = another(tmp_path, "advances=[{at: 333 ms, duration: 2 h}]").trials()
    for name in ("begin", "choice", "latency", "outcome", "prediction_error", "novelty"):
        assert np.array_equal(rested[name], results.trials()[name])
