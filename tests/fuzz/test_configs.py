"""Thousands of wrong configs: each ends in `OK` or in sentences, soon, and nothing is left behind.

A fault is reported with the number of its input; `python -m tests.fuzz.show NUMBER` prints that input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.fuzz.inputs import USES, input_number, shipped_configs, shipped_models
from tests.fuzz.worker import listing, prepared

FEW, MANY = range(250), range(10_000)
FEW_PROCESSES, MANY_PROCESSES = range(5, 10_000, 1_000), range(7, 10_000, 50)
PARTS = 8
DOCUMENTED = {"refused 2", "accepted"}
SECONDS_OF_ALL = 3_600.0


def private(folder: Path) -> dict[str, str]:
    """An environment whose home, cache and temporary files lie in `folder`."""
    places = {"HOME": "home", "TMPDIR": "tmp", "NEUROMOD_CACHE": "cache", "XDG_CACHE_HOME": "cache"}
    own = {name: str(folder / place) for name, place in places.items()}
    return os.environ | own | {"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}


def tried(numbers: range, folder: Path) -> Iterator[list[Any]]:  # Any: decoded JSON
    """[number, kind, outcome] of each input, from a worker."""
    folder.mkdir()
    words = [str(word) for word in (numbers.start, numbers.stop, numbers.step, folder)]
    command = [sys.executable, "-W", "error", "-m", "tests.fuzz.worker", *words]
    run = subprocess.run(
        command,
        env=private(folder),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=SECONDS_OF_ALL,
        check=False,
    )
    lines = run.stdout.splitlines()
    assert run.returncode == 0, f"ended at the input {lines[-1:]}: {run.stderr[-3000:]}"
    yield from (decoded for line in lines if isinstance(decoded := json.loads(line), list))


def check(found: list[list[Any]], numbers: range) -> None:  # Any: decoded JSON
    """All inputs were tried, none did anything that is not allowed, and not all stopped at the first door."""
    wrong = [one for one in found if one[2] not in DOCUMENTED]
    assert not wrong, f"{len(wrong)} faults, first: input {wrong[0][0]} ({wrong[0][1]}): {wrong[0][2]}"
    assert [number for number, _, _ in found] == list(numbers)
    kinds = Counter(kind for _, kind, outcome in found if outcome == "accepted")
    assert {"schema", "config bytes", "config tree"} <= kinds.keys(), kinds


def test_a_few_hundred_wrong_configs_are_refused_in_sentences(tmp_path: Path) -> None:
    check(list(tried(FEW, tmp_path / "few")), FEW)


def test_every_kind_of_model_is_used() -> None:
    assert USES.keys() == {file.parent.name for file in shipped_models()}


@pytest.mark.slow
@pytest.mark.timeout(SECONDS_OF_ALL)
@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_wrong_configs_are_refused_in_sentences(part: int, tmp_path: Path) -> None:
    numbers = MANY[part::PARTS]
    found = list(tried(numbers, tmp_path / "many"))
    check(found, numbers)
    counts = sorted(Counter(f"{kind}, {outcome}" for _, kind, outcome in found).items())
    print(f"{len(found)} inputs:", *counts)  # noqa: T201 - for the record


def as_process(number: int, folder: Path) -> None:
    """One input through the command line: exit code, words and leftovers."""
    offered = input_number(number)
    for name, data in offered.files.items():
        (folder / "work" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "work" / name).write_bytes(data)
    before = listing(folder)
    options = [word for setting in offered.settings for word in ("--set", setting)]
    command = [sys.executable, "-W", "error", "-m", "neuromod", "validate", offered.main, *options]
    run = subprocess.run(
        command, env=private(folder), cwd=folder / "work", capture_output=True, timeout=120, check=False
    )
    words = run.stderr.decode("utf-8", "replace")
    assert run.returncode in (0, 2), f"input {number}: exit code {run.returncode}: {words}"
    assert "Traceback" not in words, f"input {number}: {words}"
    assert run.returncode == 0 or words.startswith("neuromod: "), f"input {number}: {words}"
    assert listing(folder) == before, f"input {number} left something"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The private folders of a process."""
    monkeypatch.chdir(tmp_path)
    prepared(tmp_path)
    return tmp_path


@pytest.mark.parametrize("number", FEW_PROCESSES)
def test_ten_wrong_configs_as_processes(number: int, folder: Path) -> None:
    as_process(number, folder)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS_OF_ALL)
@pytest.mark.parametrize("part", range(4))
def test_two_hundred_wrong_configs_as_processes(part: int, folder: Path) -> None:
    numbers = MANY_PROCESSES[part::4]
    for number in numbers:
        as_process(number, folder)
    print(f"{len(numbers)} processes")  # noqa: T201 - for the record


def test_every_shipped_file_is_changed_at_least_once_and_inputs_depend_on_their_number_alone() -> None:
    assert len(MANY) // 10 * 2 > 2 * len(shipped_configs())
    assert len(MANY) // 10 > len(shipped_models())
    assert [input_number(number) for number in FEW[:20]] == [input_number(number) for number in FEW[:20]]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("raise KeyError('surprise')", "TRACEBACK"),
        ("while True: pass", "HANG"),
        ("open('left.txt', 'w').close()", "LEFT"),
        ("x = bytearray(600 << 20)", "MEMORY"),
        ("raise InternalError('a bug')", "NO SENTENCE"),
    ],
)
def test_a_fault_of_the_product_is_seen(fault: str, said: str, tmp_path: Path) -> None:
    """A worker whose `validate` has the fault."""
    text = f"""
import sys
from neuromod.errors import InternalError
from tests.fuzz import worker
def validate(config, settings):
    {fault}
worker.validate = validate
worker.CPU_SECONDS = 0.2
worker.main(["0", "1", "1", sys.argv[1]])
"""
    run = subprocess.run(
        [sys.executable, "-c", text, str(tmp_path)],
        env=private(tmp_path), cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    number, kind, outcome = json.loads(run.stdout.splitlines()[1])
    assert (number, kind) == (0, "schema")
    assert outcome.startswith(said)
