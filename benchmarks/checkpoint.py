"""What safety costs: python benchmarks/checkpoint.py [--repetitions 5] [--seconds 10]

configs/triad_rest.yaml in four ways that take turns: with the defaults (a segment every 10 s, a
checkpoint every 5 min and at the end), with nothing kept until the end (one segment, no checkpoint),
with a segment every 100 ms of simulated time, and with a segment and a checkpoint every 100 ms, from
which the costs of one segment and of one checkpoint follow. Wall time of the simulation, the waits for
the device included, and CPU time of all processes. Writes results/checkpoint.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from measure import child_cpu, facts, options, table, verdict, work_directory, write

import neuromod
from neuromod.simulation.inputs import CHUNK_SECONDS

CONFIG = Path(__file__).parents[1] / "configs" / "triad_rest.yaml"
LIMIT = 0.03
SEGMENT_S, CHECKPOINT_S = CHUNK_SECONDS, 300.0
FREQUENT_S = 0.1
DRIVER = """
import sys
from pathlib import Path
import neuromod.simulation.inputs as inputs
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
inputs.CHUNK_SECONDS = float(sys.argv[1])
inputs.CHUNK_VALUES = 10**9
run(Path(sys.argv[2]), output=Path(sys.argv[3]), settings=sys.argv[4:], progress=Silent())
"""
VARIANTS: dict[str, tuple[float, Sequence[str]]] = {
    "nothing until the end": (1e9, ["checkpoint=null"]),
    "defaults": (SEGMENT_S, []),
    "segments every 100 ms": (0.0, ["checkpoint=null"]),
    "both every 100 ms": (0.0, [f"checkpoint={{every: {FREQUENT_S} s, clock: simulated}}"]),
}
Measured = dict[str, list[tuple[float, float]]]


def simulate(variant: str, seconds: float, work: Path) -> tuple[float, float, int]:
    """Wall and CPU seconds of a run, and bytes of its newest checkpoint."""
    chunk, settings = VARIANTS[variant]
    with tempfile.TemporaryDirectory(dir=work) as folder:
        command = [sys.executable, "-c", DRIVER, str(chunk), str(CONFIG), f"{folder}/run"]
        command += [*settings, f"duration={seconds} s"]
        cpu, _ = child_cpu(lambda: subprocess.run(command, check=True))
        with neuromod.open_results(f"{folder}/run") as results:
            wall = float(results.provenance().run["simulate_s"])
        sizes = [path.stat().st_size for path in Path(folder).glob("run/checkpoints/*.h5")]
    return wall, cpu, max(sizes, default=0)


def main() -> int:
    """1 if the limit is missed."""
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="simulated time of a run")
    given = parser.parse_args()
    measured: Measured = {name: [] for name in VARIANTS}
    size = 0
    with work_directory(given.work) as work:
        os.environ["NEUROMOD_CACHE"] = str(work / "cache")
        simulate("defaults", 0.1, work)
        for number in range(given.repetitions):
            for name in VARIANTS:
                wall, cpu, bytes_ = simulate(name, given.seconds, work)
                measured[name].append((wall, cpu))
                size = max(size, bytes_)
                print(f"  {number + 1} {name}: {wall:.2f} s, {cpu:.2f} CPU s", flush=True)
    return report(measured, size, given.seconds)


def report(measured: Measured, size: int, seconds: float) -> int:
    """Write the results file."""
    bare = measured["nothing until the end"]
    rows = []
    for name, found in measured.items():
        shares = [sorted(a[k] / b[k] - 1 for a, b in zip(found, bare, strict=True)) for k in (0, 1)]
        texts = [f"{100 * median(s):.1f} % ({100 * s[0]:.1f} to {100 * s[-1]:.1f})" for s in shares]
        rows.append([name, *(f"{median(pair[k] for pair in found):.2f}" for k in (0, 1)), *texts])
    segment, checkpoint = (
        [_each(measured[more], measured[less], k, seconds / FREQUENT_S) for k in (0, 1)]
        for less, more in (list(VARIANTS)[::2], list(VARIANTS)[2:])
    )
    share = max(segment) / SEGMENT_S + max(checkpoint) / CHECKPOINT_S
    lines = [
        "# Segments and checkpoints",
        *facts(),
        "",
        f"{CONFIG.name}, {seconds:g} s; medians, and shares over a run that keeps nothing until its end:",
        "",
        *table(["variant", "wall s", "CPU s", "more wall time", "more CPU time"], rows),
        "",
        f"A checkpoint has {size / 1e6:.2f} MB. A segment costs {1e3 * segment[0]:.0f} ms of wall and "
        f"{1e3 * segment[1]:.0f} ms of CPU time, a checkpoint {1e3 * checkpoint[0]:.0f} ms and "
        f"{1e3 * checkpoint[1]:.0f} ms. One segment every {SEGMENT_S:g} s and one checkpoint every "
        f"{CHECKPOINT_S:g} s are {100 * share:.2f} % of a run; the limit is {100 * LIMIT:g} %: "
        f"{verdict(share, LIMIT)}.",
    ]
    write("checkpoint.md", lines)
    return 0 if share <= LIMIT else 1


def _each(more: list[tuple[float, float]], less: list[tuple[float, float]], k: int, number: float) -> float:
    """Seconds that one of so many costs."""
    return median((a[k] - b[k]) / number for a, b in zip(more, less, strict=True))


if __name__ == "__main__":
    sys.exit(main())
