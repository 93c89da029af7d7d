"""Signals at random moments: the run stops cleanly within seconds, and the same command again ends with the
same bits.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from neuromod.program.cpp import find_compiler
from neuromod.store.continuing import newest_checkpoint
from tests.faults.circuit import (
    await_that,
    complete,
    processes_of,
    same,
    saved,
    start,
)
from tests.identical.conftest import Datasets

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
LIMIT_S = 10.0
AT_ONCE_S = 1.0
GRACE_S = 30.0


def listens(process: subprocess.Popen[str]) -> bool:
    """Has the process asked the system for its signals; or ended."""
    if process.poll() is not None:
        return True
    return bool(int(status(process.pid, "SigCgt"), 16) >> (signal.SIGUSR2 - 1) & 1)


def stopped(process: subprocess.Popen[str], number: int, directory: Path) -> float:
    """Seconds from a signal to the end of a process, which must be a clean stop."""
    before = saved(directory)
    began = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    seconds = time.monotonic() - began
    assert process.returncode in (0, 75), said
    await_that(lambda: not processes_of(directory), "an orphan is left")
    assert process.returncode == 0 or "stopped" in said
    checkpoint, notices = newest_checkpoint(directory)
    assert notices == []
    assert (checkpoint.segments if checkpoint else -1) >= before
    assert not list(directory.rglob("*.tmp"))
    assert not list(directory.glob(".work-*"))
    return seconds


def stop_at_random_moments(
    folder: Path, expected: Datasets, times: int, number: int, chance: random.Random
) -> list[float]:
    """Seconds of all stops; every run that was stopped ends with the expected results."""
    seconds: list[float] = []
    while len(seconds) < times:
        directory = folder / f"run{len(seconds)}"
        for _ in range(min(4, times - len(seconds))):
            before, late = saved(directory), chance.random() < 0.6
            process = start(directory)
            await_that(lambda process=process: listens(process))
            if late:
                await_that(lambda p=process, d=directory, b=before: saved(d) > b or p.poll() is not None)
            time.sleep(chance.uniform(0, 0.3))
            seconds.append(stopped(process, number, directory))
            if process.returncode == 0:
                break
        assert same(expected, complete(directory))
        shutil.rmtree(directory)
    return seconds


@pytest.mark.parametrize("number", SIGNALS[:3], ids=lambda n: n.name)
def test_a_signal_at_a_random_moment_stops_a_run_that_then_ends_with_the_same_bits(
    number: signal.Signals, expected: Datasets, tmp_path: Path
) -> None:
    stop_at_random_moments(tmp_path, expected, 2, number, random.Random(number))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_of_each_signal_lose_nothing_and_are_heard_in_time(expected: Datasets, tmp_path: Path) -> None:
    chance = random.Random(20)
    seconds = []
    for number in SIGNALS:
        seconds += stop_at_random_moments(tmp_path, expected, 20, number, chance)
    worst = sorted(seconds)[int(0.99 * len(seconds))]
    print(f"{len(seconds)} signals, 0 lost, 0 mismatches; p99 {worst:.2f} s")
    assert worst <= LIMIT_S


@pytest.fixture
def slow_compiler(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A compiler that never ends, in an empty cache; the file that it makes, and the environment."""
    compiler = find_compiler()
    assert compiler is not None
    begun, path = tmp_path / "begun", tmp_path / "slow-compiler"
    hang = f"touch {begun}; sleep 1000 & echo hanging in {tmp_path}; wait"
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exec {compiler.path} --version\n{hang}\n')
    path.chmod(0o755)
    return begun, os.environ | {"CXX": str(path), "NEUROMOD_CACHE": str(tmp_path / "cache")}


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGKILL]
)
def test_a_compiler_ends_with_the_run_that_wants_it(
    number: signal.Signals, slow_compiler: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    begun, environment = slow_compiler
    process = start(tmp_path / "run", env=environment)
    await_that(begun.exists)
    compiling = processes_of(tmp_path / "cache")
    groups = {os.getpgid(pid) for pid in compiling} - {process.pid}
    assert groups
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == (-9 if number == signal.SIGKILL else 75)
    await_that(lambda: not any(alive(group) for group in groups), "the compiler goes on")


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_second_interrupt_ends_a_run_at_once(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    process = start(directory, "duration=1000 s")
    await_that(lambda: saved(directory) > 0)
    [program] = [pid for pid in processes_of(directory) if pid != process.pid]
    # A program that is busy with a step for long: the first interrupt alone would wait for it.
    os.kill(program, signal.SIGSTOP)
    await_that(lambda: status(program, "State") == "T", "it does not stand still")
    process.send_signal(signal.SIGINT)
    # Once the first interrupt was heard the program is asked to hurry; a second before that would be lost.
    await_that(lambda: pending(program, signal.SIGUSR1))
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert time.monotonic() - began <= AT_ONCE_S
    assert process.returncode == 130
    await_that(lambda: not processes_of(directory), "an orphan is left")


def pending(pid: int, number: signal.Signals) -> bool:
    """Waits a signal for the process."""
    masks = [int(status(pid, key), 16) for key in ("SigPnd", "ShdPnd")]
    return any(mask >> (number - 1) & 1 for mask in masks)


def status(pid: int, key: str) -> str:
    """What the system says of a process; its first word."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{key}:"))


def test_a_batch_system_that_terminates_waits_and_kills_finds_the_run_gone(
    expected: Datasets, tmp_path: Path
) -> None:
    directory, before = tmp_path / "run", -1
    for _ in range(2):
        process = start(directory)
        await_that(lambda b=before, p=process: saved(directory) > b or p.poll() is not None)
        os.killpg(process.pid, signal.SIGCONT)
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.communicate(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode in (0, 75)
        before = saved(directory)
    assert same(expected, complete(directory))
