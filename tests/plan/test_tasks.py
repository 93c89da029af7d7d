"""Tasks bound to a network: which cells and levels, and what stays the same between arms and seeds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from neuromod.config.load import load
from neuromod.config.task import ExperimentTask
from neuromod.errors import ConfigError
from neuromod.library.shipped import configs_root, open_library
from neuromod.plan.expand import expand
from neuromod.plan.fused import FusedPlan, fuse, program_arrays
from neuromod.plan.network import NetworkPlan
from neuromod.plan.task_plan import TaskPlan, TaskSend
from neuromod.plan.task_schedule import draw_schedule
from neuromod.plan.tasks import merged_task
from neuromod.simulation.task import task_inputs

BANDIT = configs_root() / "bandit.yaml"
LIBRARY = open_library()


@cache
def planned(*settings: str, path: Path = BANDIT) -> NetworkPlan:
    loaded = load(path, settings)
    return expand(loaded, open_library([path.parent / folder for folder in loaded.experiment.models]))


@cache
def fused(*settings: str, path: Path = BANDIT) -> FusedPlan:
    return fuse(planned(*settings, path=path))


def task_of(*settings: str) -> TaskPlan:
    task = planned(*settings).task
    assert task is not None
    return task


def dopamine(*settings: str) -> TaskSend:
    (send,) = task_of(*settings).sends
    return send


def test_an_efference_copy_reaches_the_channel_of_the_choice() -> None:
    copies = [move for move in task_of().moves if move.variable == "background.rate"]
    assert [(move.owner, move.cells, move.number) for move in copies] == [
        ("MSN_D1", (0, 80), 0),
        ("MSN_D1", (80, 160), 1),
        ("MSN_D2", (0, 80), 0),
        ("MSN_D2", (80, 160), 1),
    ]
    assert {move.selector for move in copies} == {"choice"}
    assert [move.on / move.off for move in copies] == pytest.approx([1.35] * 4)
    assert {move.phases for move in copies} == {(3,)}


def test_output_cells_speak_for_their_channel() -> None:
    assert task_of().channels["SNR"].tolist() == [0] * 20 + [1] * 20


def test_what_is_released_depends_on_dose_clamp_and_switch() -> None:
    assert (dopamine().owner, dopamine().variable, dopamine().gain) == ("dopamine.striatum", "level", 1.0)
    assert dopamine("modulators.dopamine.striatum.dose=0.5").gain == 0.5
    for change in ("clamp=1", "lesion=true"):
        assert dopamine(f"modulators.dopamine.striatum.{change}").gain == 0
    assert dopamine("task.wires.dopamine.on=false").gain == 0
    assert dopamine("modulators.dopamine.striatum.rise=50 ms").variable == "pool"


@pytest.mark.parametrize("name", ["lesion", "dopamine_off"])
def test_an_arm_is_three_lines_and_shares_the_program(name: str) -> None:
    path = configs_root() / "bandit_arms" / f"{name}.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == 3
    assert fused(path=path).structure.key == fused().structure.key


@pytest.mark.parametrize(
    "change",
    [
        "seed=7",
        "task.trials=10",
        "task.outcome.probability=[0.6, 0.4]",
        "task.phases.decide.duration=400 ms",
        "task.phases.rest.duration={uniform: [100 ms, 900 ms]}",
        "task.decision.rule=most_spikes",
        "task.wires.dopamine.release.dopamine.striatum=3",
        "task.stimuli.cue.value=45 Hz",
        "task.critic.by=[]",
        "task.blocks=[{trials: 30}, {trials: 30, reverse: true}]",
        "modulators.dopamine.striatum.clamp=1",
    ],
)
def test_what_a_task_says_compiles_nothing(change: str) -> None:
    changed, plain = fused(change), fused()
    assert changed.structure.key == plain.structure.key
    if change != "seed=7" and not change.startswith(("task.critic", "modulators")):
        before, after = task_inputs(plain), task_inputs(changed)
        assert any(not np.array_equal(before[name], after[name]) for name in before)


def test_nothing_depends_on_the_duration_of_the_run() -> None:
    short, whole = fused("duration=5 s"), fused()
    one, two = task_inputs(short), task_inputs(whole)
    assert all(np.array_equal(one[name], two[name]) for name in one | two)
    assert [note for note in short.network.notices if note.startswith("task:")] == [
        "task: the run ends after 4 of 120 trials, all of them take 132 s"
    ]
    assert not [note for note in whole.network.notices if note.startswith("task:")]


def test_parameters_that_a_task_moves_are_arrays_of_the_program() -> None:
    plan = fused("task.trials=2")
    arrays = program_arrays(plan).arrays
    names = {name for key in ("move", "send") for name in str(task_inputs(plan)[f"task.{key}.names"]).split()}
    assert {name.partition(".")[0] for name in names} == {"adex0", "poisson_cell0", "modulators"}
    for name in names - {"modulators.level_dopamine"}:
        assert len(arrays[name]) > 1


@pytest.mark.parametrize("name", LIBRARY.names("tasks"))
def test_every_shipped_task_is_drawn(name: str) -> None:
    task = merged_task(LIBRARY.task(name), ExperimentTask(model=name, trials=50))
    schedule = draw_schedule(task, 50, 1, name)
    assert schedule.duration.shape == (50, len(task.phases))
    assert schedule.earned.shape == (50, (task.actions or 0) + 1)


def test_a_wire_that_is_off_needs_no_neuromodulator() -> None:
    path = configs_root() / "delayed_response.yaml"
    assert expand(load(path), open_library()).task.sends == ()
    with pytest.raises(ConfigError, match="unknown neuromodulator of this network `dopamine`"):
        expand(load(path, ["task.wires.dopamine.on=true"]), open_library())


def test_a_role_clears_all_plastic_projections_onto_its_cells_and_a_projection_itself() -> None:
    both = task_of("task.phases.rest.clear=[striatum]", "task.phases.act.clear=[CUE->MSN_D1]")
    assert [(clear.projection, clear.phases) for clear in both.clears] == [
        ("CUE->MSN_D1", (0, 3)),
        ("CUE->MSN_D2", (0,)),
    ]
    assert task_of().clears == ()


def test_which_projections_are_cleared_is_compiled_in_and_when_is_not() -> None:
    one = [fused(f"task.phases.{phase}.clear=[CUE->MSN_D1]").structure.key for phase in ("rest", "act")]
    assert one[0] == one[1] != fused().structure.key
    ticks = [
        tick.name
        for s in fused("task.phases.rest.clear=[CUE->MSN_D1]").structure.synapses
        for tick in s.ticks
    ]
    assert ticks.count("clear") == 1
    assert not any(tick.name == "clear" for s in fused().structure.synapses for tick in s.ticks)


SELECTION_TEST = configs_root() / "atlas" / "selection_test.yaml"


@pytest.mark.parametrize("context", ["first", "swapped"])
@pytest.mark.parametrize("cue", LIBRARY.task("probabilistic_selection").cues)
def test_a_pair_of_probabilistic_selection_is_shown_on_its_two_sides(cue: str, context: str) -> None:
    task = planned(path=SELECTION_TEST).task
    assert task is not None
    pair, place = list(task.task.cues).index(cue), list(task.task.contexts).index(context)
    correct = (task.task.cues[cue].correct + task.task.contexts[context].shift) % 2
    shown = {
        (move.owner.removeprefix("ITEM_").lower(), int(move.cells[0] > 0))
        for move in task.moves
        if move.variable == "rate"
        and pair in (move.cues or range(99))
        and place in (move.contexts or range(99))
        and move.selector in ("", "correct")
        and (not move.selector or move.number == correct)
    }
    better, worse = (cue[0], cue[-1]) if cue[0] != "b" else (cue[-1], "b")
    assert shown == {(better, correct), (worse, 1 - correct)}


def test_selection_is_tested_with_new_pairs_and_without_feedback() -> None:
    task = planned(path=SELECTION_TEST).task
    assert task is not None
    names = np.array(list(task.task.cues))[task.schedule.cue]
    assert set(names) == {f"{one}_{other}" for one in "ab" for other in "cdef"}
    assert all(send.gain == 0 for send in task.sends)
