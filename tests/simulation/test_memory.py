"""Memory does not grow with the length of a run."""

import subprocess
import sys
from pathlib import Path

import pytest

PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
ALLOWED = 1.1
"""Peak of a run five times as long, as a multiple. The short one already fills several segments."""


def peak(repository: Path, output: Path, seconds: int) -> int:
    """Largest memory of the command or of the program that it starts, in KiB."""
    command = [sys.executable, "-m", "neuromod", "run", "configs/quickstart.yaml", "--quiet"]
    command += ["--duration", f"{seconds} s", "-o", str(output)]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *command], cwd=repository, capture_output=True, text=True, check=True
    )
    return int(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_five_times_as_long_needs_no_more_memory(repository: Path, tmp_path: Path) -> None:
    peak(repository, tmp_path / "compile", 1)
    short, long = (peak(repository, tmp_path / str(seconds), seconds) for seconds in (60, 300))
    assert long <= ALLOWED * short
