"""Run the circuits over 12 seeds and write what was expected and what came out to docs/rhythms.md.

    python benchmarks/rhythms.py               # all conditions
    python benchmarks/rhythms.py no_olm triad  # some; the numbers of the others stay
    python benchmarks/rhythms.py --table       # none: the table anew, from the numbers

The numbers of every seed are kept in benchmarks/results/rhythms.json. Failures stand in the table like
everything else; what is expected and allowed is in tests/physics/rhythm_claims.py.
"""

import json
import math
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.physics import rhythm_claims, rhythms  # noqa: E402 - runs from a checkout, not only when installed
from tests.physics.claims import Check  # noqa: E402 - as above
from tests.physics.rhythm_claims import CONDITIONS, SEEDS, Table  # noqa: E402 - as above

NUMBERS = ROOT / "benchmarks" / "results" / "rhythms.json"
TARGET = ROOT / "docs" / "rhythms.md"
MARK = "<!-- Below: made by `python benchmarks/rhythms.py`. -->"
Measure = Callable[[int], rhythms.Measured]
CA1_S = 61.0
"""Length of the recordings of CA1. Chance has an index of its own, which falls with it."""
MEASURES: dict[str, Measure] = {
    **{
        name: partial(rhythms.ca1, name, duration_s=CA1_S)
        for name in (*(row.name for row in CONDITIONS), "septum", "septum_silenced")
    },
    "triad": partial(rhythms.rates, "triad_rest"),
    "triad_memory": partial(rhythms.memory, "triad_memory"),
    "triad_memory_weak": partial(rhythms.memory, "triad_memory_weak"),
}
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


def known() -> dict[str, dict[str, list[float]]]:
    """Condition -> measure -> values by seed, as far as measured."""
    return json.loads(NUMBERS.read_text()) if NUMBERS.exists() else {}


def measured(name: str) -> dict[str, list[float]]:
    """A condition on every seed."""
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        for key, value in MEASURES[name](seed).items():
            found.setdefault(key, []).append(float(f"{value:.6g}"))
        print(f"{name}: seed {seed} done", flush=True)
    return found


def table(numbers: dict[str, dict[str, list[float]]]) -> Table:
    """The numbers as arrays."""
    return {name: {key: np.array(values) for key, values in own.items()} for name, own in numbers.items()}


def check_row(check: Check) -> str:
    """One line of the table of claims."""
    verdict = "pass" if check.passed else "**fail**"
    return (
        f"| {check.config} | {check.measure} | {check.expected} | {check.low:.4g} to {check.high:.4g} "
        f"| {check.got:.4g} | {verdict} |"
    )


def mean_row(name: str, own: dict[str, list[float]]) -> str:
    """Mean and standard deviation over seeds of what CA1 did."""
    cells = [_cell(key, np.array(own[key], float)) for key in SHOWN]
    return f"| {name} | {' | '.join(cells)} |"


def _cell(key: str, values: np.ndarray) -> str:
    if key == "usable":
        return f"{int(values.sum())} of {values.size}"
    if key == "gamma_phase":
        vector = np.exp(1j * np.radians(values)).mean()
        return f"{math.degrees(np.angle(vector)):.0f}"
    if np.isnan(values).all():
        return "none"
    return f"{np.nanmean(values):.3g} ± {np.nanstd(values, ddof=1):.2g}"


def head(columns: tuple[str, ...]) -> list[str]:
    """The two lines that begin a table."""
    return [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]


def page(numbers: dict[str, dict[str, list[float]]]) -> str:
    """What follows the mark in the page."""
    checks = rhythm_claims.claims_of(table(numbers))
    passed = sum(check.passed for check in checks)
    order = [name for name in MEASURES if name in numbers]
    lines = [
        MARK,
        "",
        f"## Expected and found: {passed} of {len(checks)} pass",
        "",
        f"Means over the seeds {rhythm_claims.seeds_text()}.",
        "",
        *head(("condition", "measure", "expected", "allowed", "got", "verdict")),
        *map(check_row, checks),
        "",
        "## What CA1 did",
        "",
        "Mean and deviation over seeds. Rates and peaks in Hz, power in pA², `gamma_phase` in degrees.",
        "",
        *head(("condition", *SHOWN)),
        *(mean_row(name, numbers[name]) for name in order if "mi" in numbers[name]),
    ]
    return "\n".join(lines) + "\n"


def write(numbers: dict[str, dict[str, list[float]]]) -> None:
    """The numbers, and the page with what stands before the mark left as it is."""
    NUMBERS.write_text(json.dumps(numbers, indent=1) + "\n")
    above = TARGET.read_text().partition(MARK)[0] if TARGET.exists() else ""
    TARGET.write_text(above + page(numbers))


def main(wanted: list[str]) -> None:
    numbers = known()
    unknown = [name for name in wanted if name not in MEASURES and name != "--table"]
    if unknown:
        sys.exit(f"got the unknown condition {unknown[0]}, allowed are {', '.join(MEASURES)}")
    for name in MEASURES if not wanted else [name for name in wanted if name != "--table"]:
        numbers[name] = measured(name)
        write(numbers)
    write(numbers)


if __name__ == "__main__":
    main(sys.argv[1:])
