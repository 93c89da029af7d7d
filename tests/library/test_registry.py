"""The library finds, merges, checks and remembers model files, and stays inside its folders."""

from pathlib import Path

import pytest

from neuromod.errors import ConfigError, InternalError, Place
from neuromod.library.registry import Library
from neuromod.library.shipped import configs_root, models_root, open_library
from neuromod.library.template import KINDS

SYNAPSE = """\
kind: synapse
title: A test receptor
evidence: D
parameters:
  tau: {unit: ms, default: {value: 5 ms, evidence: D, source: none}, description: decay}
  E: {unit: mV, default: 0 mV, description: reversal}
state:
  g: {unit: nS, derivative: -g/tau, method: exponential}
current: g*(E - V)
weight: nS
on_spike: [g += weight]
"""


def write(root: Path, name: str, text: str, kind: str = "synapses") -> Path:
    path = root / kind / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def refused(library: Library, name: str, kind: str = "synapses") -> str:
    with pytest.raises(ConfigError) as caught:
        library.get(kind, name)
    return str(caught.value)


def test_a_model_is_read_once_and_then_remembered(tmp_path: Path) -> None:
    path = write(tmp_path, "mine", SYNAPSE)
    library = Library([tmp_path])
    first = library.synapse("mine")
    path.unlink()
    assert library.synapse("mine") is first


def test_only_the_files_that_are_asked_for_are_read(tmp_path: Path) -> None:
    write(tmp_path, "good", SYNAPSE)
    write(tmp_path, "bad", "this: [is not")
    assert Library([tmp_path]).synapse("good").title == "A test receptor"


def test_names_are_sorted_and_leave_out_files_that_are_no_models(tmp_path: Path) -> None:
    for name in ("beta", "alpha", "9lives", "with-dash"):
        write(tmp_path, name, SYNAPSE)
    (tmp_path / "synapses" / "notes.txt").write_text("nothing")
    assert Library([tmp_path]).names("synapses") == ["alpha", "beta"]
    assert Library([tmp_path]).names("regions") == []


def test_an_unknown_name_is_refused_at_the_place_that_asks_with_the_nearest_name(tmp_path: Path) -> None:
    write(tmp_path, "ampa", SYNAPSE)
    with pytest.raises(ConfigError) as caught:
        Library([tmp_path]).get("synapses", "amap", Place("config.yaml", 3, 7), "projections.A->B.receptor")
    (problem,) = caught.value.problems
    assert str(problem).startswith("config.yaml:3:7: projections.A->B.receptor: got `amap`")
    assert "did you mean ampa?" in problem.message


def test_an_unknown_kind_is_a_bug_and_not_a_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="neurones"):
        Library([tmp_path]).names("neurones")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../secret",
        "..",
        "a/b",
        "a\\b",
        "/etc/passwd",
        "a.b",
        "a\x00b",
        "a b",
        "9a",
        "_a",
        "a\n",
        "ä",
        "a" * 65,
    ],
)
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.yaml").write_text(SYNAPSE)
    (tmp_path / "models" / "synapses").mkdir(parents=True)
    assert "as the name of a model" in refused(Library([tmp_path / "models"]), name)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(SYNAPSE)
    (tmp_path / "models" / "synapses").mkdir(parents=True)
    (tmp_path / "models" / "synapses" / "ampa.yaml").symlink_to(outside)
    assert "link out of its models folder" in refused(Library([tmp_path / "models"]), "ampa")


def test_a_linked_kind_folder_that_leads_out_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", "ampa", SYNAPSE)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "synapses").symlink_to(tmp_path / "elsewhere" / "synapses")
    assert "link out of its models folder" in refused(Library([tmp_path / "models"]), "ampa")


def test_a_root_that_is_itself_a_link_may_be_used(tmp_path: Path) -> None:
    write(tmp_path / "real", "ampa", SYNAPSE)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Library([tmp_path / "link"]).synapse("ampa").title == "A test receptor"


def test_a_root_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        Library([tmp_path / "nowhere"])


def test_an_extended_model_keeps_what_is_not_changed(tmp_path: Path) -> None:
    write(tmp_path, "base", SYNAPSE)
    child = "kind: synapse\nextends: base\ntitle: Slow\nevidence: M\nparameters:\n  tau: {default: 50 ms}\n"
    write(tmp_path, "slow", child)
    model = Library([tmp_path]).synapse("slow")
    assert (model.title, model.current, list(model.parameters)) == ("Slow", "g*(E - V)", ["tau", "E"])
    assert model.parameters["tau"].default.quantity.value == pytest.approx(0.05, rel=1e-15)
    assert model.parameters["tau"].description == "decay"
    assert model.parameters["tau"].default.source == ""


def test_null_takes_an_inherited_entry_away(tmp_path: Path) -> None:
    write(tmp_path, "base", SYNAPSE.replace("weight: nS", "lfp: true\nweight: nS"))
    write(tmp_path, "child", "kind: synapse\nextends: base\ntitle: C\nevidence: D\nlfp: null\n")
    library = Library([tmp_path])
    assert library.synapse("base").lfp
    assert not library.synapse("child").lfp


def test_a_problem_in_an_inherited_entry_is_placed_in_the_file_that_has_it(tmp_path: Path) -> None:
    path = write(tmp_path, "base", SYNAPSE.replace("-g/tau", "-g/tauu"))
    write(tmp_path, "child", "kind: synapse\nextends: base\ntitle: C\nevidence: D\n")
    message = refused(Library([tmp_path]), "child")
    assert message.startswith(f"{path}:8:")
    assert "state.g.derivative" in message


@pytest.mark.parametrize("chain", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_models_that_extend_each_other_in_a_circle_are_refused(tmp_path: Path, chain: list[str]) -> None:
    for name, other in zip(chain, [*chain[1:], chain[0]], strict=True):
        write(tmp_path, name, f"kind: synapse\nextends: {other}\ntitle: T\nevidence: D\n")
    message = refused(Library([tmp_path]), "a")
    assert "extends" in message
    assert "itself" in message if len(chain) == 1 else " -> ".join([*chain, "a"]) in message


def test_a_chain_of_too_many_models_is_refused(tmp_path: Path) -> None:
    for number in range(12):
        write(tmp_path, f"m{number}", f"kind: synapse\nextends: m{number + 1}\ntitle: T\nevidence: D\n")
    write(tmp_path, "m12", SYNAPSE)
    assert "at most 8 models" in refused(Library([tmp_path]), "m0")
    assert Library([tmp_path]).synapse("m6").title == "T"


@pytest.mark.parametrize(
    ("value", "phrase"),
    [
        ("nothing_here", "not in models/synapses"),
        ("../neurons/lif", "as the name of a model"),
        ("[a]", "got no text"),
    ],
)
def test_extends_takes_the_name_of_a_model_of_the_same_kind(tmp_path: Path, value: str, phrase: str) -> None:
    path = write(tmp_path, "child", f"kind: synapse\nextends: {value}\ntitle: C\nevidence: D\n")
    message = refused(Library([tmp_path]), "child")
    assert message.startswith(f"{path}:2:")
    assert phrase in message


def test_a_users_model_comes_first_and_the_shadowing_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, "ampa", SYNAPSE)
    library = open_library([tmp_path])
    assert library.notices == []
    assert library.synapse("ampa").title == "A test receptor"
    library.node("synapses", "ampa")
    (notice,) = library.notices
    assert str(tmp_path) in notice
    assert str(models_root()) in notice


def test_a_users_model_may_extend_the_shipped_one_that_it_shadows(tmp_path: Path) -> None:
    text = "kind: synapse\nextends: ampa\ntitle: Mine\nevidence: D\nparameters:\n  tau: {default: 2 ms}\n"
    write(tmp_path, "ampa", text)
    model = open_library([tmp_path]).synapse("ampa")
    assert model.title == "Mine"
    assert model.current == open_library().synapse("ampa").current


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "mine", SYNAPSE, kind="inputs")
    assert "kind" in refused(Library([tmp_path]), "mine", "inputs")


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = (
        SYNAPSE.replace("-g/tau", "-g/tauu")
        .replace("g*(E - V)", "g*E*V")
        .replace("g += weight", "V = weight")
    )
    write(tmp_path, "mine", text)
    with pytest.raises(ConfigError) as caught:
        Library([tmp_path]).get("synapses", "mine")
    assert [problem.key for problem in caught.value.problems] == [
        "state.g.derivative",
        "current",
        "on_spike.0",
    ]


def test_the_shipped_folders_lie_where_they_are_said_to() -> None:
    assert models_root().name == "models"
    assert {path.name for path in models_root().iterdir() if path.is_dir()} <= set(KINDS)
    assert configs_root().name == "configs"
