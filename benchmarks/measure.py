"""CPU time of child processes, and a description of the machine: what the benchmarks here share."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any  # JSON of several kinds

RESULTS = Path(__file__).parent / "results"
CONFIGS = Path(__file__).parent / "configs"


def own_cpu() -> float:
    """CPU seconds of this process so far, its start included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def child_cpu[T](work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds (user and system) of the processes that `work` starts and waits for; what it returns."""
    began = _children()
    result = work()
    return _children() - began, result


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def facts() -> list[str]:
    """Lines for a results file: command, date, machine and versions."""
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *_without_work(sys.argv[1:])])
    packages = ", ".join(f"{name} {version(name)}" for name in ("brian2", "numpy"))
    return [
        f"- command: `{command}`",
        f"- date: {datetime.now(UTC):%Y-%m-%d}",
        f"- machine: {_cpu_model()}, {os.cpu_count()} cores, {platform.system()}",
        f"- versions: Python {platform.python_version()}, {packages}, {compiler_version()}",
    ]


def _without_work(arguments: Sequence[str]) -> Iterator[str]:
    """Arguments that shape the result: where things are kept does not."""
    skipped = False
    for argument in arguments:
        if not skipped and not argument.startswith("--work"):
            yield argument
        skipped = argument == "--work"


def compiler_version() -> str:
    """First line that the C++ compiler says about itself."""
    command = [os.environ.get("CXX", "g++"), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("\n")[0]


def _cpu_model() -> str:
    text = Path("/proc/cpuinfo").read_text()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    width = "AVX-512" if "avx512f" in text else "AVX2" if "avx2" in text else "no AVX"
    return f"{names[0] if names else platform.processor()} ({width})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def verdict(value: float, limit: float) -> str:
    """`met` when the value is at most the limit."""
    return "met" if value <= limit else "**missed**"


def write(name: str, lines: Sequence[str]) -> None:
    """Write benchmarks/results/NAME and print it."""
    RESULTS.mkdir(exist_ok=True)
    text = "\n".join(lines) + "\n"
    (RESULTS / name).write_text(text)
    print(text)


def options(description: str) -> argparse.ArgumentParser:
    """A command line parser with what the benchmarks have in common."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--work", type=Path, help="directory to keep compiled projects in")
    parser.add_argument("--repetitions", type=int, default=5, help="how often everything is measured")
    return parser


def plain_brian2(config: Path, directory: Path, *arguments: str) -> dict[str, Any]:
    """What plain_brian2.py writes about a config: made once, then read from `directory`."""
    if not (directory / "build.json").exists():
        script = Path(__file__).with_name("plain_brian2.py")
        subprocess.run([sys.executable, script, config, directory, *arguments], check=True)
    found: dict[str, Any] = json.loads((directory / "build.json").read_text())
    return found


def within(
    words: Sequence[str | Path], end: float, log: IO[str], directory: Path | None = None, **environment: str
) -> None:
    """Run a command until the moment `end` of `time.monotonic` at the latest, when it is ended with all that
    it has started.

    Raises:
        SubprocessError: it was ended, or failed.
    """
    process = subprocess.Popen(
        words, start_new_session=True, cwd=directory, env=os.environ | environment, stdout=log, stderr=log
    )
    try:
        code = process.wait(max(1.0, end - time.monotonic()))
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if code:
        raise subprocess.CalledProcessError(code, words)


@contextmanager
def work_directory(wanted: Path | None) -> Iterator[Path]:
    """The directory asked for, or one that is removed at the end."""
    if wanted is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    else:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.resolve()
