"""Write the verdicts of the atlas into docs/atlas.md, and its numbers into benchmarks/results/atlas.json.

neuromod atlas --jobs 2           # runs what is missing, for hours
python benchmarks/atlas.py        # runs nothing
python benchmarks/atlas.py A10    # of all other claims takes the numbers of seeds that were recorded before
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuromod.atlas.claim import Claim, load_rows
from neuromod.atlas.gather import arms_of
from neuromod.atlas.make import make
from neuromod.atlas.page import HEADS, lines_of, seeds_text
from neuromod.atlas.record import as_json
from neuromod.atlas.verdict import Row, corrected, judge

ROOT = Path(__file__).resolve().parent.parent
NUMBERS = ROOT / "benchmarks" / "results" / "atlas.json"
TARGET = ROOT / "docs" / "atlas.md"
MARK = "<!-- Below: made by `python benchmarks/atlas.py`. -->"


def line(cells: tuple[str, ...] | list[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def summary(row: Row) -> str:
    """A claim in the table of claims."""
    minutes = f"{row.cpu_s / 60:.1f}" if row.outcomes else ""
    p = f"{max(outcome.corrected for outcome in row.outcomes.values()):.2g}" if row.outcomes else ""
    passed = sum(outcome.passed for outcome in row.outcomes.values())
    tests = f"{passed} of {len(row.outcomes)}" if row.verdict in ("pass", "fail") else ""
    seeds = seeds_text(row) if row.outcomes else ""
    return line([row.claim.row, row.claim.title, seeds, tests, p, minutes, shown(row.verdict)])


def shown(verdict: str) -> str:
    """Failures are printed bold."""
    return f"**{verdict}**" if verdict.startswith("fail") else verdict


def details(row: Row) -> list[str]:
    """A claim and its tests."""
    made = ["", f"### {row.claim.row}: {row.claim.title}", "", row.claim.sentence.strip(), ""]
    if row.outcomes:
        heads = HEADS[1:]
        made += [line(heads), "|---" * len(heads) + "|"]
        made += [line([*cells[1:-1], shown(cells[-1])]) for cells in list(lines_of(row))[1:]]
        made += [""]
    made += [f"- {text.strip()}" for text in (*row.missing, *row.claim.remarks)]
    return made


def page(rows: list[Row]) -> str:
    """What follows the mark."""
    heads = ("claim", "what", "seeds", "tests passed", "p (Holm)", "CPU minutes", "verdict")
    made = [MARK, "", "## Verdicts", "", line(heads), "|---" * len(heads) + "|", *map(summary, rows)]
    for row in rows:
        made += details(row)
    return "\n".join(made) + "\n"


def recorded(claim: Claim, kept: Mapping[str, Any]) -> Row:
    """A row from the numbers of its seeds in the file; nothing where they lack a test of the claim."""
    seeds, missing = kept.get("seeds", ()), kept.get("missing", ())
    values = {
        name: {arm: np.array(numbers, float) for arm, numbers in outcome["values"].items()}
        for name, outcome in kept.get("tests", {}).items()
    }
    if any(not arms_of(test) <= values.get(name, {}).keys() for name, test in claim.tests.items()):
        return Row(claim, seeds, missing=["its numbers were not recorded"])
    outcomes = {name: judge(test, values[name]) for name, test in claim.tests.items()}
    return Row(claim, seeds, outcomes, kept.get("cpu_s", 0.0), missing)


def rows_of(names: list[str]) -> list[Row]:
    """All rows: those that are named from their runs, without names all of them."""
    folder = ROOT / "configs" / "atlas"
    made = make(folder, ROOT / "runs" / "atlas", lambda job, how: None, names=names, running=False)
    fresh = {row.claim.row: row for row in made.rows}
    kept = json.loads(NUMBERS.read_text())["rows"]
    claims = [loaded.claim for loaded in load_rows(folder)]
    return corrected([fresh.get(claim.row) or recorded(claim, kept.get(claim.row, {})) for claim in claims])


def main() -> None:
    rows = rows_of(sys.argv[1:])
    NUMBERS.write_bytes(as_json(rows))
    TARGET.write_text(TARGET.read_text().partition(MARK)[0] + page(rows))


if __name__ == "__main__":
    main()
