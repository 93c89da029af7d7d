"""Validates fuzzed inputs as `neuromod validate` does, one after the other, in one process.

`python -m tests.fuzz.worker FIRST STOP STEP FOLDER`. Prints the number of each input before it is tried,
and a line of JSON after it. FOLDER is private: the inputs are written into FOLDER/work, a copy of the shipped
configs and the working directory; temporary files, home and cache are beside it.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import FrameType

from neuromod.cli.errors import describe
from neuromod.cli.validate import validate
from neuromod.errors import InternalError, NeuromodError
from neuromod.library.shipped import configs_root
from tests.fuzz.inputs import Input, input_number

CPU_SECONDS, WALL_SECONDS = 2.0, 30.0
"""Computing counts in CPU time, which other processes do not stretch; waiting for ever in wall time."""


MOST_MIB = 500
"""Resident memory during one input. What is shipped takes 90; a network of 5 million cells, 440."""


_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


class TooSlow(BaseException):
    """Rung by the alarm; no `Exception`, so that nothing swallows it."""


def _ring(number: int, frame: FrameType | None) -> None:
    raise TooSlow


@contextmanager
def alarm() -> Iterator[None]:
    """A block that is interrupted when it takes too long."""
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def outcome(offered: Input) -> str:
    """`accepted`, `refused N` with the exit code, or in words what went wrong."""
    try:
        with alarm(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            validate(Path(offered.main), list(offered.settings))
    except NeuromodError as error:
        return _refusal(error)
    except TooSlow:
        return "HANG\n" + traceback.format_exc()
    except BaseException:  # noqa: BLE001 - whatever else comes out is a fault
        return "TRACEBACK\n" + traceback.format_exc()
    return "accepted"


def _refusal(error: NeuromodError) -> str:
    lines, code = describe(error)
    if isinstance(error, InternalError) or not lines or not all(lines):
        return f"NO SENTENCE: {error!r}"
    unfit = [line for line in lines if len(line) > 1500 or "\n" in line]
    return f"UNFIT SENTENCE: {unfit[0][:3000]}" if unfit else f"refused {code}"


def peak_mib() -> int:
    """The most memory that this process has had since `forget_peak`."""
    return int(_PEAK.findall(Path("/proc/self/status").read_text())[0]) // 1024


def forget_peak() -> None:
    """Begin a new measurement of `peak_mib`."""
    Path("/proc/self/clear_refs").write_text("5")


def listing(folder: Path) -> list[str]:
    """Every file and folder below `folder`."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def tried(offered: Input, folder: Path) -> str:
    """The outcome of an input, and whether it left anything."""
    work = folder / "work"
    before = listing(folder)
    made = [work / name for name in offered.files]
    shipped = {path: path.read_bytes() for path in made if path.exists()}
    for path, data in zip(made, offered.files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    forget_peak()
    result = outcome(offered)
    peak = peak_mib()
    for path in made:
        path.unlink(missing_ok=True)
    shutil.rmtree(work / "mine", ignore_errors=True)
    for path, data in shipped.items():
        path.write_bytes(data)
    if peak > MOST_MIB:
        return f"MEMORY {peak} MiB after {result}"
    left = sorted(set(listing(folder)) ^ set(before))
    return f"LEFT {left} after {result}" if left else result


def prepared(folder: Path) -> None:
    """Make the private folders, and go to the working directory."""
    shutil.copytree(configs_root(), folder / "work")
    for name in ("home", "tmp", "cache"):
        (folder / name).mkdir()
    os.chdir(folder / "work")


def main(arguments: list[str]) -> None:
    """Try all inputs."""
    first, stop, step = map(int, arguments[:3])
    folder = Path(arguments[3])
    prepared(folder)
    signal.signal(signal.SIGPROF, _ring)
    signal.signal(signal.SIGALRM, _ring)
    for number in range(first, stop, step):
        print(number, flush=True)  # noqa: T201 - the report
        offered = input_number(number)
        print(json.dumps([number, offered.kind, tried(offered, folder)]), flush=True)  # noqa: T201 - the report


if __name__ == "__main__":
    main(sys.argv[1:])
