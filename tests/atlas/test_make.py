"""`neuromod atlas` on a claim of a moment: killed on the way, gone on with, and asked again."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from neuromod.atlas.claim import load_claim
from neuromod.atlas.make import make
from neuromod.atlas.protocol import Protocol
from neuromod.cli.errors import main
from neuromod.errors import ConfigError
from tests.atlas.conftest import CLAIM, project

LONGEST_S = 120


def words(folder: Path) -> list[str]:
    return ["atlas", "--claims", str(folder / "configs" / "atlas"), "-o", str(folder / "out")]


def at_work(folder: Path) -> list[psutil.Process]:
    """Processes of runs below a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            found += [process] if any(str(folder) in word for word in process.cmdline()) else []
        except psutil.Error:
            continue
    return found


def until(condition, what: str) -> None:
    end = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> tuple[Path, list[Path]]:
    """A project whose atlas was killed after its first run, and the results that were there then."""
    folder = tmp_path_factory.mktemp("killed")
    project(folder)
    command = [sys.executable, "-m", "neuromod", *words(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until(lambda: list(folder.glob("out/runs/*/*/results.h5")), "no run was completed")
    process.kill()
    process.communicate()
    until(lambda: not at_work(folder), "a run has outlived its atlas")
    return folder, list(folder.glob("out/runs/*/*/results.h5"))


@pytest.fixture(scope="module")
def made(killed) -> Path:
    """The project after the atlas was asked again."""
    folder, before = killed
    times = {path: path.stat().st_mtime_ns for path in before}
    told = []
    atlas = make(folder / "configs" / "atlas", folder / "out", lambda job, how: told.append(job), workers=2)
    assert not atlas.failures
    assert len(told) == 6 - len(before)
    assert times == {path: path.stat().st_mtime_ns for path in before}
    return folder


def test_what_was_run_before_a_kill_is_not_run_again(made):
    assert len(list(made.glob("out/runs/*/*/results.h5"))) == 6


def test_asked_again_it_runs_nothing_and_says_the_same(made, capsys):
    before = (made / "out" / "atlas.json").read_text()
    assert main([*words(made), "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    data = json.loads(said.out)["rows"]["A99"]
    assert (made / "out" / "atlas.json").read_text() == before
    assert data["verdict"] == "not yet tested"
    assert data["cpu_s"] > 0
    assert data["tests"]["fires"]["effect"] > 1
    assert len(data["tests"]["fires"]["values"]["more"]) == 2


def test_the_page_shows_the_row_and_needs_nothing_else(made):
    page = (made / "out" / "atlas.html").read_text()
    assert "A99: A current makes cells fire" in page
    assert "not yet tested" in page
    assert "data:image/svg+xml;base64," in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert (made / "out" / "figures" / "A99.png").stat().st_size > 10_000


def test_a_run_that_follows_another_one_does_so_with_the_same_seed(made):
    protocol = Protocol(load_claim(made / "configs" / "atlas" / "A99.yaml"), made / "out")
    jobs = protocol.jobs((0, 1))
    assert [job.arm for job in jobs] == ["base", "base", "more", "more", "after", "after"]
    assert [job.needs for job in jobs[4:]] == [(job.directory,) for job in jobs[:2]]
    assert all(job.done for job in jobs)


def test_a_changed_config_or_model_is_a_new_run_and_a_changed_claim_is_none(made):
    path = made / "configs" / "atlas" / "A99.yaml"
    before = [job.directory for job in Protocol(load_claim(path), made / "out").jobs((0,))]
    path.write_text(CLAIM.replace("band: [1, 100]", "band: [2, 100]"))
    assert [job.directory for job in Protocol(load_claim(path), made / "out").jobs((0,))] == before
    small = made / "configs" / "small.yaml"
    kept = small.read_text()
    small.write_text(kept + "models: [own]\n")
    (made / "configs" / "own" / "synapses").mkdir(parents=True)
    (made / "configs" / "own" / "synapses" / "ampa.yaml").write_text("kind: synapse\nextends: ampa\n")
    with_own = [job.directory for job in Protocol(load_claim(path), made / "out").jobs((0,))]
    (made / "configs" / "own" / "synapses" / "ampa.yaml").write_text(
        "kind: synapse\nextends: ampa\ntitle: Mine\n"
    )
    with_other = [job.directory for job in Protocol(load_claim(path), made / "out").jobs((0,))]
    small.write_text(kept)
    path.write_text(CLAIM)
    assert len({*before, *with_own, *with_other}) == 9


def test_a_run_that_fails_is_told_of_and_the_others_go_on(tmp_path, capsys):
    claim = CLAIM.replace("seeds: 0-1", "seeds: 0-0").replace(
        "I_bias: 1000 pA", "I_bias: 1e9 pA, guards.rate_limit: 200 Hz"
    )
    project(tmp_path, claim)
    assert main(words(tmp_path)) == 1
    said = capsys.readouterr()
    assert "A99 more, seed 0: failed: " in said.err
    assert "1 of 3 runs are missing; more, seed 0: " in said.out
    assert "not run" in said.out
    assert len(list(tmp_path.glob("out/runs/*/*/results.h5"))) == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"extra": ["A98"]}, "ROW: got `A98`, allowed are A99; did you mean A99?"),
        ({"extra": ["--seeds", "3-1"]}, "--seeds: got `3-1`, allowed are 1 to 1000 seeds"),
        ({"claim": CLAIM.replace("I_bias: 1000 pA", "I_bios: 1000 pA")}, "I_bios"),
        ({"claim": CLAIM.replace("seeds: 0-1", "seeds: 0-1\ntrials: 3")}, None),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(change, expected, tmp_path, capsys):
    project(tmp_path, change.get("claim", CLAIM))
    code = main([*words(tmp_path), *change.get("extra", []), *([] if expected else ["--no-run"])])
    said = capsys.readouterr().err.splitlines()
    assert (code, len(said)) == ((2, 1) if expected else (0, 0))
    assert expected is None or expected in said[0]
    assert not list(tmp_path.glob("out/runs"))


def test_runs_that_others_read_lie_in_the_project(tmp_path):
    path = project(tmp_path / "project")
    with pytest.raises(
        ConfigError, match=r"--output: got .*elsewhere, allowed is a folder inside .*project, since"
    ):
        Protocol(load_claim(path), tmp_path / "elsewhere")
