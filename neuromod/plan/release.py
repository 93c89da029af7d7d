"""Release: the spikes of a nucleus raise the levels of the regions that it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neuromod.plan.groups import Arrays, Placement
from neuromod.plan.modulators import REGIONS, arrives_in, modulators, parts_of, region_row, regions, released
from neuromod.plan.network import CompartmentPlan, NetworkPlan, ReleasePlan
from neuromod.plan.structure import SynapsesStructure

AFTER = 1
"""Order of these pathways: after those that carry transmission and plasticity."""


@dataclass(frozen=True)
class Wires:
    """A set of synapses that moves levels or triggers, with its arrays."""

    structure: SynapsesStructure
    arrays: Arrays


def release_wires(network: NetworkPlan, spans: Mapping[str, Placement]) -> list[Wires]:
    """One set per nucleus, neuromodulator and variable that the release is added to; every cell reaches every
    region, each region after its own delay.
    """
    found = []
    for modulator in modulators(network):
        sets: dict[tuple[str, str], list[tuple[ReleasePlan, CompartmentPlan]]] = {}
        for plan in parts_of(network, modulator):
            if plan.release is not None:
                sets.setdefault((plan.release.nucleus, arrives_in(plan)), []).append((plan.release, plan))
        for (nucleus, variable), parts in sets.items():
            line = f"{variable}_{modulator}_post += {released(network, modulator)}_post"
            name = f"release_{modulator}_{nucleus}_{variable}"
            targets = [(region_row(network, plan.region), release.delay) for release, plan in parts]
            found.append(_wires(network, name, spans[nucleus], targets, line))
    return found


def _wires(
    network: NetworkPlan, name: str, span: Placement, targets: list[tuple[int, float]], line: str
) -> Wires:
    rows, delays = np.array([row for row, _ in targets]), np.array([delay for _, delay in targets])
    order = np.lexsort((rows, delays))
    cells = np.arange(span.start, span.stop)
    ends = ((span.start, span.stop), REGIONS, (0, len(regions(network))))
    return Wires(
        SynapsesStructure(name, span.group, *ends, variables=(), on_pre=(line,), delay="each", order=AFTER),
        {
            "i": np.repeat(cells, rows.size).astype(np.int32),
            "j": np.tile(rows[order], cells.size).astype(np.int32),
            "delay_pre": np.tile(delays[order], cells.size),
        },
    )
