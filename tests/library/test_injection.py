"""Every payload is refused at every door of the guard; nothing runs and nothing takes long."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:  # Any: decoded JSON
    directory = tmp_path_factory.mktemp("injection")
    run = subprocess.run(
        [sys.executable, "-W", "error", str(HERE / "injection_worker.py")],
        cwd=directory,
        check=False,
        env={"PYTHONPATH": f"{REPOSITORY}:{HERE}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return {**json.loads(run.stdout), "left": sorted(path.name for path in directory.iterdir())}


def test_the_watch_sees_code_that_runs_files_that_open_and_endless_loops(report: dict[str, Any]) -> None:
    evaluated, opened, compiled, endless = report["controls"]
    assert evaluated.startswith("did: compile")
    assert opened.startswith("did: open")
    assert compiled.startswith("did: compile")
    assert endless == "slow"


def test_every_payload_is_refused_at_every_door_within_a_second(report: dict[str, Any]) -> None:
    wrong = [case for case in report["results"] if case[-1] != "refused"]
    assert wrong == []


def test_no_payload_leaves_a_file(report: dict[str, Any]) -> None:
    assert report["left"] == []


def test_there_are_at_least_600_different_payloads(report: dict[str, Any]) -> None:
    assert len({text for _, _, text, _ in report["results"]}) >= 600
