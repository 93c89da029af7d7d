"""Going on with a run: what may change, what is said, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromod.cli.errors import main
from neuromod.config.load import load
from neuromod.errors import ConfigError, DamagedDataError, OutputError, StorageError
from neuromod.plan.changing import changing_arrays, moments
from neuromod.simulation.execute import plan_experiment, run
from neuromod.simulation.progress import Silent
from neuromod.simulation.resume import resume, run_or_resume
from neuromod.store.checkpoint import checkpoint_paths, read_checkpoint
from neuromod.store.directory import RunDirectory
from neuromod.store.reader import open_results

KEEP = "checkpoint={every: 100 ms, clock: simulated, keep: 10}"


@pytest.fixture
def made(config: Path, tmp_path: Path) -> Path:
    """The directory of a finished run with a checkpoint every 100 ms."""
    run(config, settings=[KEEP], output=tmp_path / "made", progress=Silent())
    return tmp_path / "made"


def test_a_finished_run_can_be_made_longer(made: Path, config: Path, tmp_path: Path) -> None:
    longer = resume(made, settings=["duration=800 ms"], progress=Silent())
    run(config, settings=["duration=800 ms"], output=tmp_path / "whole", progress=Silent())
    with open_results(longer.directory) as results, open_results(tmp_path / "whole") as whole:
        assert results.duration_ms == 800
        assert np.array_equal(results.spikes("CELL")[0], whole.spikes("CELL")[0])


def test_a_run_cannot_become_shorter_than_it_is(made: Path) -> None:
    with pytest.raises(ConfigError, match=r"duration: got 0\.3 s, the run has come to 0\.5 s already"):
        resume(made, settings=["duration=300 ms"], progress=Silent())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("seed=9", "seed"),
        ("populations.CELL.parameters.I_bias=1 nA", "populations.CELL"),
        ("record.spikes=none", "record.spikes"),
        ("stimuli.push.value=2 nA", "stimuli.push"),
    ],
)
def test_what_would_make_it_another_run_is_refused_by_name(made: Path, change: str, named: str) -> None:
    with pytest.raises(ConfigError, match=rf"got changes of {named}, allowed .* --fork"):
        resume(made, settings=[change], progress=Silent())


def test_guards_and_checkpoints_may_change(made: Path) -> None:
    settings = ["guards.rate_limit=900 Hz", "checkpoint.keep=3", "duration=600 ms"]
    assert resume(made, settings=settings, progress=Silent()).simulated_s == 0.6
    assert len(checkpoint_paths(made)) == 3


def test_the_config_need_not_be_there_any_more(made: Path, config: Path) -> None:
    config.unlink()
    assert resume(made, settings=["duration=600 ms"], progress=Silent()).simulated_s == 0.6


def test_changed_models_are_refused_and_a_fork_takes_them(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "inputs"
    folder.mkdir(parents=True)
    shipped = Path(__file__).parents[2] / "models" / "inputs" / "step_current.yaml"
    (folder / "step_current.yaml").write_text(shipped.read_text())
    text = config.read_text().replace("adex\n", "adex\n    inputs: {s: {input: step_current}}\n")
    config.write_text(text + "models: [models]\n")
    run(config, output=tmp_path / "made", progress=Silent())
    changed = shipped.read_text().replace("0 pA", "30 pA", 1)
    assert changed != shipped.read_text()
    (folder / "step_current.yaml").write_text(changed)
    with pytest.raises(ConfigError, match=r"changed since the run began: .*amplitude.* --fork"):
        resume(tmp_path / "made", settings=["duration=600 ms"], progress=Silent())
    forked = resume(
        tmp_path / "made", settings=["duration=600 ms"], fork=tmp_path / "fork", progress=Silent()
    )
    assert forked.simulated_s == 0.6


def test_spikes_that_are_still_to_come_must_not_change_either(tmp_path: Path) -> None:
    path, listed = tmp_path / "replayed.yaml", tmp_path / "spikes.csv"
    path.write_text(
        "neuromod: 1\nname: replayed\nduration: 30 ms\nguards: {silence: ignore}\n"
        "populations: {GIVEN: {neuron: replay_cell, size: 2, spikes: spikes.csv}}\n"
    )
    listed.write_text("timestamps node_ids\n10 0\n50 1\n")
    run(path, output=tmp_path / "made", progress=Silent())
    listed.write_text("timestamps node_ids\n10 0\n50 0\n")
    with pytest.raises(ConfigError, match=r"data files have changed .*populations\.GIVEN\.spikes differ"):
        resume(tmp_path / "made", settings=["duration=60 ms"], progress=Silent())
    listed.write_text("timestamps node_ids\n10 0\n50 1\n")
    done = resume(tmp_path / "made", settings=["duration=60 ms"], progress=Silent())
    with open_results(done.results) as results:
        assert results.spikes("GIVEN")[0].tolist() == pytest.approx([10, 50])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("populations.CELL.size=26", "must not change"),
        ("projections.CELL->CELL.connect.in_degree=6", "connections, delays or the seed"),
        ("projections.CELL->CELL.delay=2 ms", "connections, delays or the seed"),
        ("seed=4", "connections, delays or the seed"),
        ("record.spikes=none", "record: what is recorded must be the same"),
    ],
)
def test_a_fork_keeps_the_network_and_its_record(made: Path, tmp_path: Path, change: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        resume(made, settings=[change], fork=tmp_path / "fork", at=0.3, progress=Silent())


def test_a_fork_leaves_its_origin_alone(made: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*.h5")}
    settings = ["projections.CELL->CELL.weight=1 nS"]
    resume(made, settings=settings, fork=tmp_path / "fork", at=0.3, progress=Silent())
    assert {path: path.read_bytes() for path in made.rglob("*.h5")} == before


def test_a_segment_and_a_checkpoint_are_read_by_plain_h5py(made: Path) -> None:
    with h5py.File(made / "segments" / "seg-000001.h5") as segment:
        assert (segment.attrs["start_step"], segment.attrs["stop_step"]) == (1000, 2000)
        assert np.all(np.diff(segment["spikes/CELL/step"][()]) >= 0)
    with h5py.File(checkpoint_paths(made)[0]) as checkpoint:
        assert checkpoint.attrs["step"] == 5000
        assert np.all(np.isfinite(checkpoint["state/state.adex0.V"][()]))


def test_a_damaged_checkpoint_is_passed_over_and_said_so(made: Path) -> None:
    newest, before, *_ = checkpoint_paths(made)
    newest.write_bytes(newest.read_bytes()[:-1])
    done = resume(made, settings=["duration=600 ms"], progress=Silent())
    assert any(str(newest) in note and "going back" in note for note in done.notices)
    assert read_checkpoint(before).step == 4000
    assert newest.with_name(newest.name + ".unused").exists()


def test_without_any_sound_checkpoint_nothing_is_touched(made: Path) -> None:
    for path in checkpoint_paths(made):
        path.write_bytes(path.read_bytes()[:-1])
    before = {path: path.read_bytes() for path in made.rglob("*.h5")}
    with pytest.raises(DamagedDataError, match="no checkpoint before it can be used"):
        resume(made, settings=["duration=600 ms"], progress=Silent())
    assert {path: path.read_bytes() for path in made.rglob("*.h5")} == before


def test_a_run_without_checkpoints_begins_again(config: Path, tmp_path: Path) -> None:
    settings = ["checkpoint=null"]
    run(config, settings=settings, output=tmp_path / "made", progress=Silent())
    assert not (tmp_path / "made" / "checkpoints").exists()
    (tmp_path / "made" / "results.h5").unlink()
    assert resume(tmp_path / "made", progress=Silent()).results.exists()


def test_the_same_command_again_does_nothing_when_all_is_there(config: Path, tmp_path: Path) -> None:
    first = run_or_resume(config, tmp_path / "made", progress=Silent())
    assert first is not None
    stamp = first.results.stat().st_mtime_ns
    assert run_or_resume(config, tmp_path / "made", progress=Silent()) is None
    assert first.results.stat().st_mtime_ns == stamp
    with pytest.raises(ConfigError, match="got changes of seed"):
        run_or_resume(config, tmp_path / "made", settings=["seed=3"], progress=Silent())


def test_what_a_run_killed_before_it_began_has_left_is_no_obstacle(config: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    (made / ".work-x").mkdir(parents=True)
    (made / ".provenance.h5.12.tmp").write_text("")
    assert run_or_resume(config, made, progress=Silent()) is not None
    assert sorted(path.name for path in made.iterdir()) == [
        ".lock", "checkpoints", "provenance.h5", "results.h5", "segments",
    ]  # fmt: skip


def test_a_directory_in_use_or_without_a_run_is_refused(made: Path, tmp_path: Path) -> None:
    with RunDirectory(made), pytest.raises(OutputError, match="is in use by process"):
        resume(made, progress=Silent())
    with pytest.raises(StorageError, match="holds no run that has begun"):
        resume(tmp_path, progress=Silent())


def test_a_warm_start_has_the_state_of_the_earlier_run_and_its_own_time(made: Path, config: Path) -> None:
    path = config.with_name("warm.yaml")
    path.write_text(config.read_text() + "warm_start: made\n")
    settings = ["record.states=[{population: CELL, variables: [V, w], neurons: 25, every: 0.1 ms}]"]
    done = run(path, settings=settings, output=config.parent / "warm", progress=Silent())
    state = read_checkpoint(checkpoint_paths(made)[0]).state
    with open_results(done.directory) as results:
        assert results.duration_ms == 500
        for variable, scale in (("V", 1e3), ("w", 1e12)):
            first = results.report("CELL", variable)[1][0]
            assert np.allclose(first, scale * state[f"state.adex0.{variable}"], rtol=1e-6)
        assert results.spikes("CELL")[0].min() < 100


DOPAMINE = """
modulators:
  dopamine: {striatum: {level: 1, decay: 200 ms, pulses: [{at: 250 ms, amount: 5}, {at: 480 ms, amount: 5}]}}
"""


@pytest.mark.parametrize(("held", "level"), [("clamp: 0.3", 0.3), ("lesion: true", 0.0)])
def test_a_level_that_is_held_is_not_that_of_the_run_before(
    config: Path, tmp_path: Path, held: str, level: float
) -> None:
    config.write_text(
        config.read_text().replace("neuron: adex", "neuron: adex\n    region: striatum") + DOPAMINE
    )
    record = "record.modulators={every: 10 ms}"
    run(config, settings=[KEEP, record], output=tmp_path / "made", progress=Silent())
    hold = f"modulators.dopamine.striatum={{{held}}}"
    resume(tmp_path / "made", settings=[hold], fork=tmp_path / "fork", at=0.3, progress=Silent())
    settings = [record, hold, "warm_start=made"]
    run(config, settings=settings, output=tmp_path / "warm", progress=Silent())
    for name, from_ms in (("fork", 310), ("warm", 0)):
        with open_results(tmp_path / name) as results:
            times, levels = results.modulator("dopamine_striatum")
            assert levels[times >= from_ms] == pytest.approx(level)
            assert levels[times < from_ms].max(initial=2) >= 2


def test_moments_are_the_arrays_that_hold_a_time_of_the_run(config: Path) -> None:
    structure = plan_experiment(load(config)).structure
    assert moments(structure) == {"adex0.free_at": 1.0}
    released = plan_experiment(load(Path(__file__).parents[2] / "configs" / "levels.yaml")).structure
    counted = {"pending.due", "triggers.due", "triggers.now"}
    assert {name for name, unit in moments(released).items() if unit != 1.0} == counted
    assert set(moments(released)) <= set(changing_arrays(released))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("warm_start=none", "warm_start: got none, which is no results file"),
        ("warm_start=..", "warm_start: got .., which lies outside"),
        ("warm_start=made/provenance.h5", "warm_start: "),
    ],
)
def test_a_warm_start_from_something_else_is_one_sentence(
    made: Path, config: Path, setting: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        run(config, settings=[setting], output=config.parent / "warm", progress=Silent())
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1


def test_a_warm_start_of_another_network_is_refused(made: Path, config: Path) -> None:
    with pytest.raises(ConfigError, match="must not change"):
        run(
            config,
            settings=["warm_start=made", "populations.CELL.size=26"],
            output=config.parent / "warm",
            progress=Silent(),
        )


def test_the_commands_say_what_they_did(
    made: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["resume", str(made), "--duration", "600 ms"]) == 0
    assert "0.6 s simulated" in capsys.readouterr().out
    assert main(["inspect", str(made)]) == 0
    assert "checkpoint at 600 ms" in capsys.readouterr().out
    assert main(["inspect", str(checkpoint_paths(made)[0])]) == 0
    assert "structure_key" in capsys.readouterr().out
    assert main(["resume", str(made), "--at", "2 s"]) == 2
    assert main(["resume", str(made), "--fork", str(tmp_path / "f"), "--at", "2 nS"]) == 2
    assert "allowed is a time" in capsys.readouterr().err
    shutil.rmtree(made / "checkpoints")
    assert main(["resume", str(made), "--fork", str(tmp_path / "f")]) == 2
    assert "no checkpoint to start a fork from" in capsys.readouterr().err
