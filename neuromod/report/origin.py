"""Where a run comes from: facts at the head of a report, projections, versions, config."""

from __future__ import annotations

import json
from collections.abc import Iterator

from neuromod.report.content import Section, Table, Text, cut
from neuromod.report.planned import Planned
from neuromod.store.provenance import Provenance
from neuromod.store.reader import Results

MAX_TEXT = 200_000
"""Letters of a config that are shown, the first."""


def facts(results: Results, about: Provenance, start_s: float, stop_s: float) -> list[tuple[str, str]]:
    """What a reader wants to know first."""
    cells = sum(info.size for info in about.populations.values())
    synapses = sum(info.count for info in about.projections.values())
    found = [
        ("file", results.path.name),
        ("simulated", f"{results.duration_ms / 1e3:g} s in steps of {results.dt_ms:g} ms"),
        ("rates and rhythms of", f"{start_s:g} to {stop_s:g} s"),
        ("network", f"{cells:,} cells in {len(about.populations)} populations, {synapses:,} synapses"),
        ("seed", str(about.seed)),
        ("begun", str(about.run.get("started", ""))),
        ("backend", str(about.run.get("backend", ""))),
    ]
    found += [
        ("advance", f"{seconds / 3600:g} h of biological time at {at / 1e3:g} s")
        for at, seconds in results.advances()[:20]
    ]
    return [(name, value) for name, value in found if value]


def projection_table(about: Provenance, plan: Planned) -> Table:
    """All projections, folded away."""
    rules = [", ".join(link.rules) for link in plan.circuit.links]
    signs = [link.sign for link in plan.circuit.links]
    rows = [
        (name, info.receptor, sign, f"{info.count:,}", rule)
        for (name, info), sign, rule in zip(about.projections.items(), signs, rules, strict=True)
    ]
    heads = ("projection", "receptor", "sign", "synapses", "rules")
    return Table(heads, rows, folded=f"All {len(rows)} projections")


def origin_section(about: Provenance) -> Section:
    """Versions, machine, and the config as it was written and as it was composed."""
    rows = [
        *(("version", name, value) for name, value in about.versions.items()),
        *(("run", name, _short(value)) for name, value in about.run.items()),
        ("program", "structure key", about.structure_key),
        ("source", "commit", about.commit),
    ]
    texts = list(_texts(about))
    return Section("origin", "Config and provenance", (), (), [Table(("what", "name", "value"), rows)], texts)


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _texts(about: Provenance) -> Iterator[Text]:
    if about.config_text:
        yield Text("The config as it was written", cut(about.config_text, MAX_TEXT))
    if about.resolved_config:
        yield Text("The config with everything that it extends", cut(_plain(about.resolved_config), MAX_TEXT))


def _plain(text: str) -> str:
    """A JSON text with its letters as they are; any other as it stands."""
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
