"""How long one command takes from a config to a report: python benchmarks/report.py [--repetitions 2]

`neuromod run configs/theta_gamma.yaml --duration "60 s" --report`: 60 s of the CA1 circuit are
simulated, analysed (200 surrogates) and reported, once with an empty cache, so that the program is compiled
too, and then with the program at hand. Wall time of the whole command. Writes results/report.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measure import facts, options, table, verdict, work_directory, write

CONFIG = Path("configs") / "theta_gamma.yaml"
ROOT = Path(__file__).parents[1]
LIMIT_S = 120.0


def measured(work: Path, seconds: float, cache: Path) -> tuple[float, dict[str, float], int, str]:
    """Wall seconds of the command, those of its phases, bytes of the page, and its verdict."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        command = [sys.executable, "-m", "neuromod", "run", str(CONFIG), "--duration", f"{seconds:g} s"]
        command += ["--report", "-o", f"{folder}/run", "--json"]
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"NEUROMOD_CACHE": str(cache)},
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        wall = time.monotonic() - began
        data = json.loads(done.stdout)
        page = Path(folder, "run", "report.html").stat().st_size
    return wall, data["seconds"], page, data["report"]["summary"]


def main() -> int:
    """1 if the limit is missed."""
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="simulated time")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    with work_directory(asked.work) as work, tempfile.TemporaryDirectory(dir=work) as cache:
        found = [measured(work, asked.seconds, Path(cache)) for _ in range(1 + asked.repetitions)]
    rows = []
    for name, some in (("with compilation", found[:1]), ("program at hand", found[1:])):
        if some:
            wall = median(one[0] for one in some)
            phases = [median(one[1].get(key, 0.0) for one in some) for key in ("build", "simulate")]
            rest = wall - sum(phases)
            rows.append([name, f"{wall:.1f}", *(f"{phase:.1f}" for phase in phases), f"{rest:.1f}"])
    worst = max(one[0] for one in found)
    lines = ["# From a config to a report", *facts()]
    lines += [f"- load of the machine before: {load:.1f} (0: nothing else ran; more: an upper bound)", ""]
    lines += [
        f"{CONFIG}, {asked.seconds:g} s, simulated, analysed and reported with one command; s of wall time:",
        "",
    ]
    lines += table(["", "whole command", "compile", "simulate", "plan, store, analyse, report"], rows)
    lines += ["", f"The page has {found[-1][2] / 1e6:.1f} MB and says: {found[-1][3]}"]
    lines += ["", f"The slowest took {worst:.1f} s; the limit is {LIMIT_S:g} s: {verdict(worst, LIMIT_S)}."]
    write("report.md", lines)
    return int(worst > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
