"""What a GPU is worth, case by case, within a budget of seconds: python benchmarks/gpu.py OUTPUT

Per case, a process of its own (gpu_case.py): seconds to build the program and to make the network,
simulated seconds per second, synaptic events and plastic updates per second, memory per synapse, the
share of what the card's bandwidth allows (traffic.py: bytes that must be moved / measured copy
bandwidth), and, where a case says so, the same run on one core of this machine: how much slower it is,
and whether anything differs.

All networks are made at the same time; whoever holds OUTPUT/gpu.lock alone uses the card and is timed, so
the small ones come first. What was found is in OUTPUT/gpu.json and OUTPUT/gpu.md from the first case on,
and what is not finished within the budget is said there. `benchmarks/gpu/run.sh` calls this on a bare
machine. `--emulate` tries the script where there is no GPU: the program runs on the processor, and its
times mean nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any  # JSON of several kinds

from gpu_case import CASES, Case
from measure import facts, table, verdict, within

HERE = Path(__file__).resolve().parent
FACT = re.compile(r"copy on the device, bytes read and written\s+(\S+) GB/s")
COLUMNS = {
    "cells": ("cells", ","), "synapses": ("synapses", ","), "plastic": ("plastic", ","),
    "cuda_build_cpu_s": ("build, CPU s", ".1f"), "construction_s": ("made, s", ".1f"),
    "load_s": ("loaded, s", ".1f"),
    "step_us": ("us per step", ".1f"), "simulated_s_per_s": ("simulated s per s", ".3g"),
    "events_per_s": ("synaptic events per s", ".3g"),
    "plastic_updates_per_s": ("plastic updates per s", ".3g"),
    "card_bytes_per_synapse": ("bytes per synapse on the card", ".1f"),
    "host_bytes_per_synapse": ("bytes per synapse on the host", ".1f"),
    "share_of_bandwidth": ("share of the bandwidth bound", ".3f"),
    "faster_than_cpp": ("times one core", ".1f"), "differs_from_cpp_in": ("differs from C++ in", "s"),
}  # fmt: skip


def bandwidth(given: Namespace) -> float | None:
    """GB/s that the card copies: as given, else as facts.cu printed into OUTPUT/facts.log."""
    log = given.output / "facts.log"
    found = FACT.search(log.read_text()) if log.exists() else None
    return given.bandwidth or (float(found[1]) if found else None)


def child(name: str, given: Namespace) -> dict[str, Any]:
    """What the process of a case found within the budget; where it failed, also why."""
    file, log = given.output / f"case_{name}.json", given.output / f"case_{name}.log"
    file.unlink(missing_ok=True)
    words = [sys.executable, HERE / "gpu_case.py", "run", name, file, f"--lock={given.output / 'gpu.lock'}"]
    words += [f"--{key}={value}" for key in ("steps", "work") if (value := getattr(given, key)) is not None]
    words += [f"--{key}" for key in ("emulate", "alone") if getattr(given, key)]
    words += [f"--bandwidth={value}" for value in [bandwidth(given)] if value]
    trouble = {}
    with open(log, "w") as said:
        try:
            within(words, given.end, said)
        except subprocess.TimeoutExpired:
            trouble = {"trouble": f"not finished when the {given.budget:.0f} s were over"}
        except subprocess.CalledProcessError as error:
            lines = log.read_text(errors="replace").strip().splitlines()
            trouble = {"trouble": ": ".join([f"ended with code {error.returncode}", *lines[-1:]])}
    return (json.loads(file.read_text()) if file.exists() else {}) | trouble


def goals(case: Case, row: dict[str, Any]) -> list[str]:
    """A sentence per goal of a case that was measured."""
    made = []
    if case.slower is not None and "slower_than_real_time" in row:
        slower = row["slower_than_real_time"]
        made.append(
            f"{slower:.1f} times slower than real time, goal {case.slower:g}: {verdict(slower, case.slower)}"
        )
    if case.faster is not None and "faster_than_cpp" in row:
        faster = row["faster_than_cpp"]
        made.append(f"{faster:.1f} times one core, goal {case.faster:g}: {verdict(-faster, -case.faster)}")
    if case.share is not None and "share_of_bandwidth" in row:
        share = row["share_of_bandwidth"]
        made.append(
            f"{share:.3f} of the bandwidth bound, goal {case.share:g}: {verdict(-share, -case.share)}"
        )
    return made


def report(rows: dict[str, dict[str, Any]], given: Namespace) -> None:
    """Write everything found so far."""
    (given.output / "gpu.json").write_text(json.dumps(rows, indent=1) + "\n")
    about = [line.replace(str(given.output), "OUTPUT") for line in facts()]
    kind = "**emulated on the processor: times mean nothing**" if given.emulate else "on this machine's card"
    lines = ["# On a GPU", *about, f"- {kind}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"]
    lines += [f"- copy bandwidth of the card: {bandwidth(given) or 'not measured'} GB/s", ""]
    for name in filter(rows.get, given.cases):
        row = rows[name]
        known = [(key, *how) for key, how in COLUMNS.items() if row.get(key) is not None]
        lines += [f"## {name}", ""]
        if known:
            head = [f"`{CASES[name].config}`", f"{row['steps']} steps"]
            lines += table(head, [[title, format(row[key], form)] for key, title, form in known])
        lines += ["", *(f"- {sentence}" for sentence in goals(CASES[name], row))]
        lines += [f"- trouble: {row['trouble']}", ""] if "trouble" in row else [""]
    (given.output / "gpu.md").write_text("\n".join(lines) + "\n")


def measure(given: Namespace) -> dict[str, dict[str, Any]]:
    """All cases, each reported as soon as it is finished."""
    rows: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(given.makers) as pool:
        names = {pool.submit(child, name, given): name for name in given.cases}
        for done in as_completed(names):
            rows[names[done]] = row = done.result()
            report(rows, given)
            values = {k: format(v, ".4g") if isinstance(v, float) else v for k, v in row.items()}
            print(names[done], *(f"{k}={v}" for k, v in values.items()), flush=True)
    return rows


def main() -> int:
    """1 if a case was not measured or a result differs; a missed goal is reported only."""
    parser = ArgumentParser(description="What a GPU is worth.")
    parser.add_argument("output", type=Path, help="folder for gpu.json, gpu.md and logs")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES), metavar="CASE")
    parser.add_argument("--budget", type=float, default=560.0, help="seconds for everything")
    parser.add_argument("--bandwidth", type=float, help="GB/s that the card copies; default: from facts.log")
    parser.add_argument("--makers", type=int, default=4, help="how many networks are made at the same time")
    parser.add_argument("--steps", type=int, help="instead of those of the cases")
    parser.add_argument("--alone", action="store_true", help="not on the processor")
    parser.add_argument("--emulate", action="store_true", help="no GPU: the program on the processor")
    parser.add_argument("--work", type=Path, help="folder for what the programs read and write")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    given.end = time.monotonic() + given.budget
    rows = measure(given)
    fine = (None, "nothing", "means, by rounding")
    wrong = [row for row in rows.values() if "trouble" in row or row.get("differs_from_cpp_in") not in fine]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
