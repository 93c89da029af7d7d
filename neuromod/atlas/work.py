"""Running what claims need: several processes at a time, each of them `neuromod run`, none of them twice.

What is complete stays; what was begun goes on from its last checkpoint. A process does not outlive this one,
however this one ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from neuromod.atlas.protocol import Job
from neuromod.program.supervised import start_supervised
from neuromod.store.atomic import commit
from neuromod.store.disk import storage_failures

Told = Callable[[Job, str], None]
"""Is told of a run and how it ended."""
CPU, WALL = "cpu_s", "wall_s"


@dataclass(frozen=True)
class Failure:
    """A run that did not end well, and the last line that it said."""

    job: Job
    reason: str


def run_all(jobs: Sequence[Job], workers: int, told: Told) -> list[Failure]:
    """Run everything that is not complete, `workers` at a time; returns what failed.

    The first run of each config compiles its program while the others wait for it (`program.cache`).
    """
    failures: list[Failure] = []
    waiting = {job.directory: job for job in jobs if not job.done}
    while waiting:
        failed = {failure.job.directory for failure in failures}
        ready = [job for job in waiting.values() if not any(need in waiting for need in job.needs)]
        able = [job for job in ready if not failed.intersection(job.needs)]
        failures += [Failure(job, "the run that it follows failed") for job in ready if job not in able]
        failures += _side_by_side(able, workers, told)
        for job in ready:
            del waiting[job.directory]
    return failures


def _side_by_side(jobs: Sequence[Job], workers: int, told: Told) -> list[Failure]:
    """Run jobs that do not need each other. An interrupt ends all of them."""
    running = _Running(told)
    pool = ThreadPoolExecutor(workers)
    try:
        return [failure for failure in pool.map(running.run, jobs) if failure is not None]
    finally:
        running.end()
        pool.shutdown(cancel_futures=True)


def cpu_seconds(jobs: Sequence[Job]) -> float:
    """CPU time of the runs, each counted once, where it is known."""
    return sum(_cost(path).get(CPU, 0.0) for path in {job.cost for job in jobs})


class _Running:
    """The processes at work."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def run(self, job: Job) -> Failure | None:
        """Run a job to its end, and write down what it took."""
        log = job.directory.with_name(f"{job.directory.name}.log")
        with storage_failures("write", log):
            log.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        code, cpu = self._guarded(_command(job), log)
        before = _cost(job.cost)
        spent = {CPU: before.get(CPU, 0.0) + cpu, WALL: before.get(WALL, 0.0) + time.monotonic() - began}
        commit(job.cost, (json.dumps(spent) + "\n").encode())
        if code == 0 and job.done:
            log.unlink(missing_ok=True)
            self.told(job, f"{cpu:.0f} s")
            return None
        said = log.read_text(errors="replace").strip().splitlines()
        reason = (said or [f"ended with code {code}"])[-1].removeprefix("neuromod: ")
        self.told(job, f"failed: {reason}")
        return Failure(job, reason)

    def end(self) -> None:
        """End all processes that are still at work; no new one begins."""
        self._ended = True
        for process in list(self._processes):
            if process.stdin is not None:
                process.stdin.close()  # upon which the guardian ends them

    def _guarded(self, command: Sequence[str], log: Path) -> tuple[int, float]:
        """Exit code and CPU seconds of a command, with all processes that it has waited for."""
        with open(log, "wb") as output, start_supervised(command, output) as process:
            self._processes.add(process)
            if self._ended:
                self.end()
            _, status, usage = os.wait4(process.pid, 0)
            self._processes.remove(process)
            process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, usage.ru_utime + usage.ru_stime


def _command(job: Job) -> list[str]:
    settings = [part for setting in job.settings for part in ("--set", setting)]
    target = ["-o", str(job.directory), "--resume", "auto", "--quiet"]
    return [sys.executable, "-P", "-m", "neuromod", "run", str(job.config), *settings, *target]


def _cost(path: Path) -> dict[str, float]:
    """What was written down about a run; nothing where that cannot be read."""
    try:
        found = json.loads(path.read_text())
        return {name: float(found[name]) for name in (CPU, WALL)}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
