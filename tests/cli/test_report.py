"""`neuromod report`: which files it writes, what it prints, and what it refuses."""

import json
from pathlib import Path

import pytest

from neuromod.analysis import rhythms as analysis
from neuromod.cli.errors import main
from neuromod.store.analysis import about_analysis, digest_of_results
from tests.cli.test_plot import LEARNED, recorded
from tests.report.made_up import made_up


@pytest.fixture(scope="module", autouse=True)
def small_maps():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis, "PHASE_HZ", (5, 7))
        patch.setattr(analysis, "AMPLITUDE_HZ", (50, 70))
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    return made_up(tmp_path_factory.mktemp("reported") / "run")


def test_page_and_analysis_stand_beside_the_results(run, capsys):
    assert main(["report", str(run), "--from", "2", "--to", "8", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["verdict"] == "look"
    assert data["files"] == [str(run / "report.html"), str(run / "analysis.h5")]
    assert about_analysis(run / "analysis.h5")["results_sha256"] == digest_of_results(run / "results.h5")
    assert "2 to 8 s" in (run / "report.html").read_text()


def test_figures_are_written_as_bitmap_and_vectors_when_asked_for(tmp_path, capsys):
    run = recorded(tmp_path / "run", LEARNED)
    assert main(["report", str(run), "--plot", "--json"]) == 0
    page, *figures = map(Path, json.loads(capsys.readouterr().out)["files"])
    assert page.stat().st_size
    assert [path.name for path in figures] == [
        f"{name}.{ending}" for name in ("overview", "rates", "learning") for ending in ("png", "pdf")
    ]
    assert all(path.parent == run / "figures" and path.stat().st_size for path in figures)


def test_an_unfinished_run_has_a_page_that_says_so_and_no_analysis(tmp_path, capsys):
    run = made_up(tmp_path / "run", finished=False)
    assert main(["report", str(run), "--to", "1", "-o", str(tmp_path / "page.html")]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Not healthy: 1 of ")
    assert "The run is unfinished" in text
    assert not (run / "analysis.h5").exists()
    assert "need 4 s or more" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["--from", "13"], 2, "window: got 13 to 12 s; the recording lasts from 0 to 12 s"),
        (["--to", "nan"], 2, "window: got 0 to nan s"),
        (["-o", "results.h5"], 2, "which is the results"),
        (["-o", "missing/page.html"], 74, "missing/page.html"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(run, capsys, monkeypatch, words, code, part):
    monkeypatch.chdir(run)
    assert main(["report", str(run), *words]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert part in line


def test_what_is_no_run_has_its_code(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 74
    broken = tmp_path / "results.h5"
    broken.write_text("no HDF5")
    assert main(["report", str(broken)]) == 65
    assert len(capsys.readouterr().err.splitlines()) == 2
