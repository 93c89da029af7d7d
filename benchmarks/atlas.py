"""Write the verdicts of the atlas into docs/atlas.md, and its numbers into benchmarks/results/atlas.json.

neuromod atlas --jobs 2       # runs what is missing, for hours
python benchmarks/atlas.py    # runs nothing
"""

from pathlib import Path

from neuromod.atlas.make import make
from neuromod.atlas.page import HEADS, lines_of, seeds_text
from neuromod.atlas.record import as_json
from neuromod.atlas.verdict import Row

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


def main() -> None:
    atlas = make(ROOT / "configs" / "atlas", ROOT / "runs" / "atlas", lambda job, how: None, running=False)
    NUMBERS.write_bytes(as_json(atlas.rows))
    TARGET.write_text(TARGET.read_text().partition(MARK)[0] + page(list(atlas.rows)))


if __name__ == "__main__":
    main()
