"""Code in configs, model files and `--set`: nothing of it runs, whatever field it stands in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.fuzz.injections import CODE, TAGS

Report = dict[str, Any]  # decoded JSON


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    base = tmp_path_factory.mktemp("injections")
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.fuzz.injections_worker", str(base)],
        cwd=REPOSITORY,
        check=False,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


def test_the_watch_sees_code_and_the_config_without_any_is_good(report: Report) -> None:
    assert report["good"] == "accepted"
    assert any(seen.startswith("exec") for seen in report["control"])


def test_nothing_runs_and_nothing_outside_is_opened(report: Report) -> None:
    assert [attack for attack in report["found"] if attack[3]] == []
    assert not [name for name in report["left"] if "pwned" in name]


def test_every_attack_is_refused_in_sentences(report: Report) -> None:
    assert len(report["found"]) > 20 * len(CODE + TAGS)
    for where, text, said, _ in report["found"]:
        assert said.startswith(("config.yaml:", "mine/", "--set")), (where, text, said)
