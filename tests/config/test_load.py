"""Loading: from a file to an experiment, with the checks that need no models."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuromod.config.load import load, reload
from neuromod.config.values import Value
from neuromod.errors import ConfigError, DamagedDataError
from neuromod.library.shipped import configs_root
from neuromod.units import parse_quantity
from tests.config.bad_cases import config


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def messages_of(path: Path, *settings: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, settings)
    return [str(problem) for problem in caught.value.problems]


def test_a_config_becomes_an_experiment_in_si_units(tmp_path: Path) -> None:
    path = written(tmp_path, config(dt="0.2 ms", seed="7"))
    loaded = load(path)
    experiment = loaded.experiment
    assert (experiment.duration, experiment.dt, experiment.seed) == (0.1, 2e-4, 7)
    assert experiment.populations["E"].neuron == "lif"
    assert experiment.record.rates is not None


def test_values_keep_their_evidence(tmp_path: Path) -> None:
    text = "{E: {neuron: lif, size: 10, parameters: {C: {value: 1 pF, evidence: P, source: me}}}}"
    loaded = load(written(tmp_path, config(populations=text)))
    value = loaded.experiment.populations["E"].parameters["C"]
    assert value == Value(parse_quantity("1 pF"), "P", "me")


def test_text_path_and_tree_are_kept(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("seed: 3\n", encoding="utf-8")
    text = "# a comment\nextends: base.yaml\n" + config()
    path = written(tmp_path, text)
    loaded = load(path)
    assert (loaded.text, loaded.path, loaded.experiment.seed) == (text, path, 3)
    node = loaded.tree.at(["seed"])
    assert node is not None
    assert Path(node.place.file).name == "base.yaml"


def test_settings_win(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, config()), ["duration=2 s", "populations.E.size=3"])
    assert (loaded.experiment.duration, loaded.experiment.populations["E"].size) == (2.0, 3)


@pytest.mark.parametrize("path", sorted(configs_root().rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_config_loads(path: Path) -> None:
    if "models" not in path.parts[len(configs_root().parts) :] and path.stem[0].islower():
        assert load(path).experiment.name


@pytest.mark.parametrize(
    ("duration", "dt"),
    [
        ("0.3 s", "0.1 ms"),
        ("1e6 s", "10 us"),
        ("1 s", "1 us"),
        ("10 ms", "10 ms"),
        ("0.1 s", "0.0125 ms"),
        ("100.00000000001 ms", "0.1 ms"),
        ("1099511 s", "1 us"),
    ],
)
def test_a_duration_of_whole_steps_is_taken(tmp_path: Path, duration: str, dt: str) -> None:
    path = written(tmp_path, config(duration=duration, dt=dt))
    assert load(path).experiment.duration == parse_quantity(duration).value


@pytest.mark.parametrize("duration", ["100.05 ms", "100.0001 ms", "0.05 ms", "99.99 ms"])
def test_a_duration_between_steps_is_refused(tmp_path: Path, duration: str) -> None:
    (message,) = messages_of(written(tmp_path, config(duration=duration)))
    assert "duration: got " in message
    assert "allowed is a whole number of steps, nearest is 100 " in message


def test_a_default_that_does_not_fit_dt_is_told_with_its_key(tmp_path: Path) -> None:
    found = messages_of(written(tmp_path, config(dt="4 ms")))
    assert [line.split(": ")[1] for line in found] == ["record.modulators.every", "record.rates.bin"]
    assert all("the default; this key is missing" in line for line in found)


def test_what_is_not_recorded_need_not_fit_dt(tmp_path: Path) -> None:
    text = config(dt="4 ms", record="{rates: null, modulators: null}")
    assert load(written(tmp_path, text)).experiment.dt == 4e-3


def test_all_times_are_checked_at_once(tmp_path: Path) -> None:
    record = (
        "{rates: {bin: 0.15 ms}, modulators: {every: 0.25 ms}, "
        "weights: [{projection: E->E, every: 0.35 ms}], "
        "states: [{population: E, variables: [V], every: 0.45 ms}]}"
    )
    found = messages_of(written(tmp_path, config(duration="0.55 ms", record=record)))
    assert [line.split(": ")[1] for line in found] == [
        "duration",
        "record.rates.bin",
        "record.modulators.every",
        "record.weights.0.every",
        "record.states.0.every",
    ]


def test_a_stimulus_may_end_after_the_run(tmp_path: Path) -> None:
    text = config(stimuli="{s: {population: E, parameter: I_bias, value: 1 pA, start: 1 s, duration: 9 s}}")
    assert load(written(tmp_path, text)).experiment.stimuli["s"].start == 1.0


def test_own_models_are_found_from_the_config(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert load(written(tmp_path, config(models="[mine]"))).experiment.models == ("mine",)
    (message,) = messages_of(written(tmp_path, config(models="[mine, yours]")))
    assert "models.1: got `yours`, allowed is a folder that exists" in message


def test_a_circuit_needs_no_populations(tmp_path: Path) -> None:
    path = written(tmp_path, config(populations=None, circuit="triad"))
    assert load(path).experiment.circuit == "triad"


@pytest.mark.parametrize("name", ["..", "../outside", "mine/../../outside", "link"])
def test_a_folder_of_models_outside_the_project_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "project" / "mine").mkdir(parents=True)
    (tmp_path / "project" / "link").symlink_to(tmp_path / "outside")
    (message,) = messages_of(written(tmp_path / "project", config(models=f"[{name}]")))
    assert "which leads out of `project`; allowed are folders inside this folder" in message


def test_below_configs_a_folder_of_models_may_stand_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "configs" / "sub").mkdir(parents=True)
    assert load(written(tmp_path / "configs" / "sub", config(models="[../../mine]"))).experiment.models


@pytest.mark.parametrize("resolved", ["", "name: x", "[" * 100_000, '{"seed": 1' + "0" * 5_000 + "}"])
def test_the_config_in_a_damaged_run_is_one_sentence(resolved: str) -> None:
    with pytest.raises(DamagedDataError, match=r"\Arun/provenance\.h5: the config in it is not written"):
        reload(resolved, "", Path("c.yaml"), name="run/provenance.h5")
