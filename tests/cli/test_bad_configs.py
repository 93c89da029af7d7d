"""Every bad config through `neuromod run`: exit code 2, plain lines, no traceback, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuromod.cli.errors import main
from tests.config.bad_configs import BAD_CONFIGS, BAD_PLANS, BadConfig
from tests.config.test_bad_configs import listing, written
from tests.conftest import Command

ALL = [*BAD_CONFIGS, *BAD_PLANS]
AS_PROCESSES = ALL[:: len(ALL) // 12]


def arguments(case: BadConfig) -> list[str]:
    return [
        "run",
        str(Path("config.yaml")),
        *(word for setting in case.settings for word in ("--set", setting)),
    ]


def test_the_table_is_as_large_as_promised() -> None:
    assert len(ALL) >= 150
    assert len({case.id for case in ALL}) == len(ALL)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_run_refuses_it_with_exit_code_2_and_writes_nothing(
    case: BadConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    written(case, tmp_path)
    before = listing(tmp_path)
    code = main(arguments(case))
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if not line.startswith("{")]
    assert lines
    assert all(len(line) < 700 and line.isprintable() for line in lines)
    for part in case.expect:
        assert part in err
    assert listing(tmp_path) == before


@pytest.mark.parametrize("case", AS_PROCESSES, ids=lambda case: case.id)
def test_as_a_process_too(case: BadConfig, tmp_path: Path, neuromod: Command) -> None:
    written(case, tmp_path)
    before = listing(tmp_path)
    done = neuromod(*arguments(case), cwd=tmp_path, timeout=20)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert listing(tmp_path) == before
