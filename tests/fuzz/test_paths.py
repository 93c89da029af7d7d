"""Hostile paths and names: each is refused in one sentence, nothing outside is opened, nothing waits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from neuromod.errors import NeuromodError
from neuromod.store.directory import new_run_directory
from tests.conftest import REPOSITORY
from tests.fuzz.hostile_paths import CASES, PLACES
from tests.fuzz.worker import listing

Report = dict[str, Any]  # decoded JSON


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    base = tmp_path_factory.mktemp("paths")
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.fuzz.paths_worker", str(base)],
        cwd=REPOSITORY,
        check=False,
        env=os.environ | {"HOME": str(base / "home"), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout) | {"left": listing(base)}


def test_there_are_at_least_200_hostile_paths() -> None:
    assert len({(case.place, case.name) for case in CASES}) == len(CASES) >= 200


def test_the_watch_sees_what_is_opened_and_the_good_paths_are_read(report: Report) -> None:
    assert report["controls"][0] == ["secret.csv"]
    assert [seen.split()[0] for seen in report["controls"][1]] == ["open", "open"]
    assert {
        place: report["good"][place]
        for place in ("extends", "models", "spikes table", "spikes file", "edges")
    } == (dict.fromkeys(("extends", "models", "spikes table", "spikes file", "edges"), "accepted"))
    assert all(
        "whose level of dopamine_PFC is not a series" in report["good"][name]
        for name in ("mean_clamp", "shuffle")
    )


def test_nothing_outside_is_opened(report: Report) -> None:
    assert [case for case in report["results"] if case[3]] == []


def test_every_hostile_path_is_refused_in_one_sentence(report: Report) -> None:
    for place, name, said, _ in report["results"]:
        lines = said.splitlines()
        assert len(lines) == 1, (place, name, said)
        assert lines[0].startswith("config.yaml:"), (place, name, said)
        assert len(lines[0]) < 700, (place, name, said)


def test_nothing_is_left(report: Report) -> None:
    assert not [name for name in report["left"] if "pwned" in name or "made" in name]


def test_every_place_that_takes_a_path_is_tried(report: Report) -> None:
    assert {place for place, *_ in report["results"]} == set(PLACES)


OUTPUTS = (
    *("file", "pipe", "link", "circle", "file/x", "pipe/x", "/dev/null", "/dev/null/x", "/proc/x", "x" * 300),
    *("a\0b", "\ud800", "full", "locked", ""),
)


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_hostile_output_directory_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "results.h5").write_text("precious")
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked" / ".lock").symlink_to(tmp_path / "file")
    before = listing(tmp_path)
    with pytest.raises(NeuromodError) as caught:
        new_run_directory(tmp_path / name, "fuzzed")
    assert "\n" not in str(caught.value)
    assert (tmp_path / "file").read_text() == "precious"
    assert [one for one in listing(tmp_path) if ".lock" not in one] == [
        one for one in before if ".lock" not in one
    ]
