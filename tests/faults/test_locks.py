"""Several processes want one directory: one gets it, the others are told by whom it is held."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from neuromod.errors import OutputError
from neuromod.store.lock import DirectoryLock
from tests.conftest import REPOSITORY
from tests.faults.circuit import await_that, processes_of, saved, start

RACERS = 8
HOLDER = """
import os, subprocess, sys
from pathlib import Path
from neuromod.store.lock import DirectoryLock
lock = DirectoryLock(Path(sys.argv[1]))
# What a run starts holds its lock, too.
child = subprocess.Popen(["cat", sys.argv[2]], pass_fds=[lock.descriptor])
print("held", flush=True)
child.wait()
"""


@pytest.mark.parametrize("races", [2, pytest.param(50, marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
def test_of_eight_processes_exactly_one_wins_and_the_others_know_it(races: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.race_worker", str(tmp_path), str(races)]
    options = {"stdout": subprocess.PIPE, "text": True, "cwd": REPOSITORY}
    racers = [subprocess.Popen(command, **options) for _ in range(RACERS)]
    assert [racer.stdout.readline() for racer in racers] == ["ready\n"] * RACERS
    for number in range(races):
        (tmp_path / f"run-{number}").mkdir()
        (tmp_path / f"begin-{number}").touch()
        answers = {racer.pid: racer.stdout.readline().strip() for racer in racers}
        [winner] = [pid for pid, answer in answers.items() if answer == "won"]
        others = {answer for answer in answers.values() if answer != "won"}
        holder = f"process {winner} on {platform.node()}"
        assert others == {f"{tmp_path / f'run-{number}'} is in use by {holder}"}
        (tmp_path / f"end-{number}").touch()
    for racer in racers:
        racer.communicate()
    print(f"{races} races of {RACERS}: one winner each, {RACERS - 1} told by whom")


def test_a_second_command_is_refused_with_73_and_the_holder(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    holder = start(directory, "duration=1000 s")
    await_that(lambda: saved(directory) > 0)
    second = start(directory, "duration=1000 s")
    said = second.communicate()[1]
    assert second.returncode == 73
    assert said == f"neuromod: {directory} is in use by process {holder.pid} on {platform.node()}\n"
    assert holder.poll() is None
    holder.kill()
    holder.communicate()
    await_that(lambda: not processes_of(directory))
    with DirectoryLock(directory) as lock:
        assert lock.descriptor >= 0


def test_the_directory_of_a_killed_run_is_waited_for_until_its_program_is_gone(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-c", HOLDER, str(tmp_path), str(pipe)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(OutputError, match=f"in use by process {holder.pid} "):
        DirectoryLock(tmp_path)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    taken: list[DirectoryLock] = []
    waiter = threading.Thread(target=lambda: taken.append(DirectoryLock(tmp_path)))
    waiter.start()
    assert taken == []
    with open(pipe, "w"):
        pass
    waiter.join()
    assert len(taken) == 1
    taken[0].release()
    holder.stdout.close()
