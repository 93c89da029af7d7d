"""Run the published networks and write the table of what was expected and what came out.

    python benchmarks/validation.py            # all; writes benchmarks/results/validation.md
    python benchmarks/validation.py V3 V4      # some claims; the rows of the others stay
    python benchmarks/validation.py v3_song    # one case of a claim with several

Failures stand in the table like everything else. Tolerances are those of tests/physics/claims.py.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.physics import claims  # noqa: E402 - runs from a checkout, not only when installed
from tests.physics.claims import Check  # noqa: E402 - as above

CLAIMS: list[Callable[[], list[Check]]] = [
    claims.v8_f_i,
    claims.v8_patterns,
    partial(claims.v2_cuba, range(3)),
    partial(claims.v2_coba, range(3)),
    *(partial(claims.v1_brunel, regime) for regime in claims.REGIMES),
    *(
        partial(claims.v3_song, case, range(n))
        for cases in (claims.COMPETITIONS, claims.STEPPED, claims.OVERCHARGED)
        for case, n in zip(cases, (12, 3, 3), strict=True)
    ),
    partial(claims.v4_distal_reward, range(12)),
    partial(claims.v4_no_reward, range(3)),
    partial(claims.v5_working_memory, "v5_brunel_wang", (25, 26.5), range(8)),
    partial(claims.v5_control, "v5_weak_assembly", range(8)),
    partial(claims.v5_control, "v5_weak_nmda", range(8)),
    claims.v6_dopamine,
    partial(claims.v9_basal_ganglia, range(12)),
    partial(claims.v11_tagging, range(3)),
]


TARGET = ROOT / "benchmarks" / "results" / "validation.md"


def row(check: Check) -> str:
    verdict = "pass" if check.passed else "**fail**"
    allowed = f"{check.low:.7g} to {check.high:.7g}"
    return (
        f"| {check.claim} | {check.config} | {check.seeds} | {check.measure} | {check.expected} "
        f"| {allowed} | {check.got:.7g} | {verdict} |"
    )


def names(claim: Callable[[], list[Check]]) -> set[str]:
    """What a claim may be asked for by: `V5` for anything that runs claims.v5_..., and its case."""
    function = claim.func if isinstance(claim, partial) else claim
    stated = claim.args if isinstance(claim, partial) else ()
    configs = {one if isinstance(one, str) else getattr(one, "name", "") for one in stated}
    return {function.__name__.partition("_")[0].upper()} | configs - {""}


def merged(checks: list[Check]) -> list[str]:
    """Rows of the recorded table with those of the same claims and configs replaced."""
    lines = TARGET.read_text().splitlines() if TARGET.exists() else []
    anew = tuple(f"| {check.claim} | {check.config} |" for check in checks)
    kept = [line for line in lines if line.startswith("| V") and not line.startswith(anew)]
    return kept + [row(check) for check in checks]


def order(line: str) -> int:
    return int(line.split(" | ")[0][3:])


def write(lines: list[str]) -> None:
    columns = ("claim", "config", "seeds", "measure", "expected", "allowed", "got", "verdict")
    head = f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"
    about = f"`python benchmarks/validation.py`, {datetime.now(UTC):%Y-%m-%d}, backend cpp."
    text = ["# Published networks and cells", about, "", head, *sorted(lines, key=order)]
    TARGET.write_text("\n".join(text) + "\n")


def main(wanted: set[str]) -> None:
    allowed = sorted(set().union(*map(names, CLAIMS)))
    for one in sorted(wanted.difference(allowed)):
        sys.exit(f"got the unknown claim {one}, allowed are {', '.join(allowed)}")
    for claim in CLAIMS:
        if not wanted or wanted & names(claim):
            checks = claim()
            print(*map(row, checks), sep="\n", flush=True)
            write(merged(checks))


if __name__ == "__main__":
    main(set(sys.argv[1:]))
