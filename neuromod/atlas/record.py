"""The outcome of the atlas for programs: everything that the page says, as plain values."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from neuromod.atlas.verdict import Outcome, Row
from neuromod.version import VERSION

FORMAT = 1


def as_data(rows: Sequence[Row]) -> dict[str, object]:
    """All rows as mappings, lists and numbers; null where a number is not known."""
    return {"atlas": FORMAT, "neuromod": VERSION, "rows": {row.claim.row: _row(row) for row in rows}}


def as_json(rows: Sequence[Row]) -> bytes:
    """The text of the file."""
    return (json.dumps(as_data(rows), indent=1, allow_nan=False) + "\n").encode()


def _row(row: Row) -> dict[str, object]:
    return {
        "title": row.claim.title,
        "verdict": row.verdict,
        "seeds": list(row.seeds),
        "cpu_s": round(row.cpu_s, 1),
        "missing": list(row.missing),
        "tests": {name: _outcome(outcome) for name, outcome in row.outcomes.items()},
    }


def _outcome(outcome: Outcome) -> dict[str, object]:
    return {
        "says": outcome.test.says,
        "effect": _number(outcome.effect),
        "interval": [_number(limit) for limit in outcome.interval],
        "cliffs_delta": _number(outcome.delta),
        "p": _number(outcome.p),
        "p_holm": _number(outcome.corrected),
        "p_regression": None if outcome.regression is None else _number(outcome.regression),
        "band": list(outcome.test.band),
        "levels": {arm: _number(level) for arm, level in outcome.levels.items()},
        "problems": outcome.problems,
        "values": {arm: [_number(value) for value in values] for arm, values in outcome.values.items()},
    }


def _number(value: float) -> float | None:
    return float(f"{value:.8g}") if math.isfinite(value) else None
