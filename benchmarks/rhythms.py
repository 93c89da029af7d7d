"""Run the circuits over 12 seeds and write what was expected and what came out to docs/rhythms.md.

    python benchmarks/rhythms.py                      # all conditions, recordings of 61 s
    python benchmarks/rhythms.py --protocol short     # recordings of 6 s, as the expected numbers were made
    python benchmarks/rhythms.py no_olm triad         # some conditions; the numbers of the others stay
    python benchmarks/rhythms.py --table              # none: the tables anew, from the numbers

The numbers of every seed are kept in benchmarks/results/rhythms.json and rhythms_short.json. Failures stand
in the tables like everything else; what is expected and allowed is in tests/physics/rhythm_claims.py.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.physics import rhythm_claims, rhythms  # noqa: E402 - runs from a checkout, not only when installed
from tests.physics.claims import Check  # noqa: E402 - as above
from tests.physics.rhythm_claims import CONDITIONS, SEEDS, Table  # noqa: E402 - as above

RESULTS = ROOT / "benchmarks" / "results"
NUMBERS = {"long": RESULTS / "rhythms.json", "short": RESULTS / "rhythms_short.json"}
"""Protocol -> numbers of every seed."""
PROTOCOLS = {"long": rhythms.LONG, "short": rhythms.SHORT}
TITLES = {
    "long": "61 s, as `neuromod analyse` reads them",
    "short": "6 s, as the expected numbers were made",
}
TARGET = ROOT / "docs" / "rhythms.md"
MARK = "<!-- Below: made by `python benchmarks/rhythms.py`. -->"
Measure = Callable[[int], rhythms.Measured]
Numbers = dict[str, dict[str, list[float]]]
"""Condition -> measure -> values by seed, as far as measured."""
CA1 = (*(row.name for row in CONDITIONS), "septum", "septum_silenced")
OTHERS: Mapping[str, Measure] = {
    "triad": partial(rhythms.rates, "triad_rest"),
    "triad_memory": partial(rhythms.memory, "triad_memory"),
    "triad_memory_weak": partial(rhythms.memory, "triad_memory_weak"),
}
"""Conditions whose recordings are those of their configs under either protocol."""
SHOWN = (
    "CA1_PYR",
    "CA1_PV",
    "CA1_OLM",
    "theta",
    "gamma",
    "theta_power",
    "gamma_power",
    "mi",
    "usable",
    "gamma_phase",
)


def measures(protocol: str) -> dict[str, Measure]:
    """How every condition is measured on a seed; under `short`, those of `OTHERS` are taken from `long`."""
    own = {name: partial(rhythms.ca1, name, protocol=PROTOCOLS[protocol]) for name in CA1}
    return own | (dict(OTHERS) if protocol == "long" else {})


def known(protocol: str) -> Numbers:
    """What is recorded of a protocol."""
    path = NUMBERS[protocol]
    return json.loads(path.read_text()) if path.exists() else {}


def complete(protocol: str) -> Numbers:
    """As `known`, with the conditions that do not depend on it."""
    return {name: own for name, own in known("long").items() if name in OTHERS} | known(protocol)


def measured(name: str, measure: Measure) -> dict[str, list[float]]:
    """A condition on every seed."""
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        for key, value in measure(seed).items():
            found.setdefault(key, []).append(float(f"{value:.6g}"))
        print(f"{name}: seed {seed} done", flush=True)
    return found


def table(numbers: Numbers) -> Table:
    """The numbers as arrays."""
    return {name: {key: np.array(values) for key, values in own.items()} for name, own in numbers.items()}


def check_row(check: Check) -> str:
    """One line of the table of claims."""
    verdict = "pass" if check.passed else "**fail**"
    return (
        f"| {check.config} | {check.measure} | {check.expected} | {check.low:.4g} to {check.high:.4g} "
        f"| {check.got:.4g} | {verdict} |"
    )


def mean_row(name: str, own: Mapping[str, list[float]], columns: tuple[str, ...]) -> str:
    """Mean and standard deviation over seeds of what CA1 did."""
    cells = [_cell(key, np.array(own[key], float)) for key in columns]
    return f"| {name} | {' | '.join(cells)} |"


def _cell(key: str, values: np.ndarray) -> str:
    if key == "usable":
        return f"{int(values.sum())} of {values.size}"
    if key in ("gamma_phase", "gamma_bin"):
        vector = np.exp(1j * np.radians(values)).mean()
        return f"{math.degrees(np.angle(vector)):.0f}"
    values = values[~np.isnan(values)]
    if values.size < 2:
        return f"{values[0]:.3g} (one)" if values.size else "none"
    return f"{values.mean():.3g} ± {values.std(ddof=1):.2g}"


def head(columns: tuple[str, ...]) -> list[str]:
    """The two lines that begin a table."""
    return [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]


def page() -> str:
    """What follows the mark in the page: two tables of every protocol of which there are numbers."""
    lines = [MARK]
    for protocol in PROTOCOLS:
        if known(protocol):
            lines += ["", *section(protocol)]
    return "\n".join(lines) + "\n"


def section(protocol: str) -> list[str]:
    """Expected and found, and what CA1 did, under a protocol."""
    numbers, title = complete(protocol), TITLES[protocol]
    checks = rhythm_claims.claims_of(table(numbers))
    passed = sum(check.passed for check in checks)
    columns = SHOWN if protocol == "long" else (*SHOWN, "gamma_bin")
    return [
        f"## In {title}: {passed} of {len(checks)} pass",
        "",
        f"Means over the seeds {rhythm_claims.seeds_text()}.",
        "",
        *head(("condition", "measure", "expected", "allowed", "got", "verdict")),
        *map(check_row, checks),
        "",
        f"### What CA1 did in {title.partition(',')[0]}",
        "",
        "Mean and deviation over seeds. Rates and peaks in Hz, power in pA², `gamma_phase` in degrees"
        + ("." if protocol == "long" else ", `gamma_bin` the fullest of 18 bins of it."),
        "",
        *head(("condition", *columns)),
        *(mean_row(name, numbers[name], columns) for name in CA1 if name in numbers),
    ]


def write() -> None:
    """The page, with what stands before the mark left as it is."""
    above = TARGET.read_text().partition(MARK)[0] if TARGET.exists() else ""
    TARGET.write_text(above + page())


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Run the circuits and write docs/rhythms.md.")
    parser.add_argument("conditions", nargs="*", help="conditions to run; default: all")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="long")
    parser.add_argument("--table", action="store_true", help="run none")
    wanted = parser.parse_args(arguments)
    ways, numbers = measures(wanted.protocol), known(wanted.protocol)
    unknown = [name for name in wanted.conditions if name not in ways]
    if unknown:
        parser.error(f"got the unknown condition {unknown[0]}, allowed are {', '.join(ways)}")
    for name in [] if wanted.table else wanted.conditions or ways:
        numbers[name] = measured(name, ways[name])
        NUMBERS[wanted.protocol].write_text(json.dumps(numbers, indent=1) + "\n")
        write()
    write()


if __name__ == "__main__":
    main(sys.argv[1:])
