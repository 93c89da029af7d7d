"""The quick commands on shipped configs: what they print as text and as JSON, and what they refuse."""

import json

import pytest

from neuromod.cli.errors import main
from neuromod.cli.planning import plan_of, sizes
from neuromod.library.shipped import configs_root

QUICKSTART = str(configs_root() / "quickstart.yaml")


def printed(capsys, *words):
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_validate_says_ok_with_the_sizes(capsys):
    size = sizes(plan_of(configs_root() / "quickstart.yaml", ()))
    out = printed(capsys, "validate", QUICKSTART)
    assert out.startswith(f"OK: {QUICKSTART}: ")
    assert f"{size['neurons']:,.0f} neurons" in out


def test_validate_as_json_has_the_sizes_as_numbers(capsys):
    data = json.loads(printed(capsys, "validate", QUICKSTART, "--json", "--set", "duration=3 s"))
    assert data["ok"] is True
    assert data["duration_s"] == 3
    assert data["neurons"] > 1000


def test_validate_reports_all_problems_with_their_keys(capsys):
    changes = ["--set", "seed=-1", "--set", "duration=2", "--set", "durration=2 s"]
    assert main(["validate", QUICKSTART, *changes]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert [
        key for key in ("seed", "duration", "durration") if not any(f"{key}: " in line for line in lines)
    ] == []


def test_validate_of_a_missing_file_is_one_line(capsys, tmp_path):
    assert main(["validate", str(tmp_path / "none.yaml")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_show_prints_every_population_and_projection(capsys):
    plan = plan_of(configs_root() / "quickstart.yaml", ())
    out = printed(capsys, "show", QUICKSTART)
    assert [name for name in (*plan.populations, *plan.projections) if name not in out] == []


def test_show_prints_equations_only_when_asked(capsys):
    assert len(printed(capsys, "show", QUICKSTART, "--equations")) > len(printed(capsys, "show", QUICKSTART))


def test_show_as_json_names_the_populations(capsys):
    data = json.loads(printed(capsys, "show", QUICKSTART, "--json"))
    assert data["populations"]["CUE"]["size"] == 100


def test_models_lists_every_kind_and_as_json_too(capsys):
    out = printed(capsys, "models")
    assert "adex" in out
    assert "adex" in json.loads(printed(capsys, "models", "--json"))["neurons"]


def test_a_model_is_shown_with_equations_and_references(capsys):
    out = printed(capsys, "models", "lif")
    assert "dV/dt" in out
    assert "doi" in out
    assert json.loads(printed(capsys, "models", "lif", "--json"))[0]["name"] == "lif"


@pytest.mark.parametrize(("name", "hint"), [("liff", "did you mean lif?"), ("zzzzzz", "lists all")])
def test_an_unknown_model_is_refused_with_a_hint(name, hint, capsys):
    assert main(["models", name]) == 2
    assert hint in capsys.readouterr().err


def test_the_schema_is_json_schema_and_describes_a_config(capsys):
    data = json.loads(printed(capsys, "schema"))
    assert "populations" in json.dumps(data)
    assert "$schema" in data


@pytest.mark.parametrize("command", ["inspect", "plot"])
def test_a_file_that_is_no_recording_is_refused_in_one_line(command, capsys, tmp_path):
    path = tmp_path / "results.h5"
    path.write_text("no HDF5")
    assert main([command, str(path)]) == 65
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_build_only_compiles_and_says_where(capsys, monkeypatch, tmp_path):
    given = []

    def build(path, *, settings, backend):
        given.append((path.name, list(settings), backend))
        return tmp_path / "program", True

    monkeypatch.setattr("neuromod.simulation.execute.build", build)
    out = printed(capsys, "run", QUICKSTART, "--build-only", "--backend", "cuda", "--set", "scale=2")
    assert given == [("quickstart.yaml", ["scale=2"], "cuda")]
    assert out.startswith("compiled in ")
    assert str(tmp_path / "program") in out


@pytest.mark.parametrize("more", [["-o", "somewhere"], ["--plot"], ["--report"], ["--resume", "auto"]])
def test_build_only_takes_nothing_that_it_would_not_make(capsys, more):
    assert main(["run", QUICKSTART, "--build-only", *more]) == 2
    assert "--build-only: got" in capsys.readouterr().err


def test_build_only_needs_something_to_compile(capsys):
    assert main(["run", QUICKSTART, "--build-only", "--backend", "runtime"]) == 2
    assert "got runtime, which compiles nothing" in capsys.readouterr().err
