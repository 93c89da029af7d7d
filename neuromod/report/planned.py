"""What a results file says of the plan of its run; read with care, since a file may come from anyone."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from neuromod.analysis.circuit import Circuit, Link, Node, Release
from neuromod.store.provenance import Provenance

MOST = 20_000
"""Entries of a kind that are read, the first."""


@dataclass(frozen=True)
class Target:
    """The range (Hz) in which the rate of a population is meant to be, its evidence and source."""

    low: float
    high: float
    evidence: str = ""
    source: str = ""


@dataclass(frozen=True)
class Compartment:
    """A neuromodulator in a region: level at the begin of the run, who releases it, its receptors."""

    modulator: str
    region: str
    level: float
    held: bool
    nucleus: str
    receptors: tuple[str, ...]


@dataclass(frozen=True)
class Planned:
    """The plan of a run; empty where the file says nothing, or what cannot be understood.

    `events`: when (ms) stimuli and pulses began. `duration_s`: how long the run was meant to be.
    """

    name: str = ""
    description: str = ""
    duration_s: float = math.nan
    rate_limit_hz: float = math.nan
    circuit: Circuit = field(default_factory=Circuit)
    targets: Mapping[str, Target] = field(default_factory=dict)
    rate_limits: Mapping[str, float] = field(default_factory=dict)
    compartments: tuple[Compartment, ...] = ()
    events: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def planned(about: Provenance) -> Planned:
    """The plan in a provenance; populations and projections from its tables where the plan has none."""
    try:
        plan = json.loads(about.plan)
    except (ValueError, RecursionError):
        plan = {}
    if not isinstance(plan, dict):
        plan = {}
    compartments = tuple(_compartments(plan))
    populations = dict(_mappings(plan, "populations"))
    return Planned(
        name=_text(plan, "name"),
        description=_text(plan, "description"),
        duration_s=_number(plan, "duration_s"),
        rate_limit_hz=_number(plan, "rate_limit_hz"),
        circuit=_circuit(about, dict(_mappings(plan, "projections")), compartments),
        targets=dict(_targets(populations)),
        rate_limits={
            name: limit for name, one in populations.items() if (limit := _number(one, "rate_limit_hz")) > 0
        },
        compartments=compartments,
        events=dict(_events(plan)),
        notices=tuple(_texts(plan, "notices")),
    )


def _circuit(
    about: Provenance, projections: Mapping[str, Mapping[str, object]], compartments: tuple[Compartment, ...]
) -> Circuit:
    nodes = tuple(Node(name, info.region, info.size) for name, info in about.populations.items())
    sizes = {node.name: node.size for node in nodes}
    links = []
    for name, info in about.projections.items():
        planned = projections.get(name, {})
        sign = _text(planned, "sign")
        links.append(
            Link(
                info.source,
                info.target,
                info.receptor,
                sign if sign in ("excitatory", "inhibitory") else "",
                info.count / max(sizes.get(info.target, 0), 1),
                tuple(_texts(planned, "rules")),
            )
        )
    releases = tuple(Release(one.modulator, one.region, one.nucleus) for one in compartments)
    return Circuit(nodes, tuple(links), releases)


def _targets(populations: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, Target]]:
    for name, one in populations.items():
        limits = one.get("target_rate_hz")
        if isinstance(limits, list) and len(limits) == 2 and all(map(_is_number, limits)):
            low, high = map(float, limits)
            yield name, Target(low, high, _text(one, "target_evidence"), _text(one, "target_source"))


def _compartments(plan: Mapping[str, object]) -> Iterator[Compartment]:
    for _, one in _mappings(plan, "modulators"):
        yield Compartment(
            _text(one, "modulator"),
            _text(one, "region"),
            _number(one, "level"),
            one.get("held") is True,
            _text(one, "nucleus"),
            tuple(_texts(one, "receptors")),
        )


def _events(plan: Mapping[str, object]) -> Iterator[tuple[str, tuple[float, ...]]]:
    events = plan.get("events")
    for name, onsets in list(events.items())[:MOST] if isinstance(events, dict) else []:
        if isinstance(onsets, list):
            times = tuple(1e3 * float(onset) for onset in onsets[:MOST] if _is_number(onset))
            if times:
                yield name, times


def _mappings(plan: Mapping[str, object], key: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    entries = plan.get(key)
    for name, entry in list(entries.items())[:MOST] if isinstance(entries, dict) else []:
        if isinstance(entry, dict):
            yield name, entry


def _text(entry: Mapping[str, object], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _texts(entry: Mapping[str, object], key: str) -> list[str]:
    values = entry.get(key)
    return [value for value in values[:MOST] if isinstance(value, str)] if isinstance(values, list) else []


def _number(entry: Mapping[str, object], key: str) -> float:
    value = entry.get(key)
    return float(value) if _is_number(value) and isinstance(value, (int, float)) else math.nan


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
