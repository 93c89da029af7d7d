"""The table of neuromodulators in regions: as planned, and what levels were recorded."""

from __future__ import annotations

from neuromod.analysis.recorded import owners
from neuromod.report.planned import Planned
from neuromod.store.reader import Results

COMPARTMENT_HEADS = (
    "neuromodulator",
    "region",
    "level at first",
    "mean level",
    "lowest to highest",
    "released by",
    "receptors",
)


def compartment_rows(results: Results, plan: Planned) -> list[tuple[str, ...]]:
    """A row for each, in the order of `COMPARTMENT_HEADS`."""
    recorded = set(owners(results, "modulators"))
    rows: list[tuple[str, ...]] = []
    for one in plan.compartments:
        name, mean, span = f"{one.modulator}_{one.region}", "", ""
        if name in recorded:
            _, levels = results.modulator(name)
            if levels.size:
                mean, span = f"{levels.mean():.3g}", f"{levels.min():.3g} to {levels.max():.3g}"
        level = f"{one.level:g}" + (", held" if one.held else "")
        rows.append((one.modulator, one.region, level, mean, span, one.nucleus, ", ".join(one.receptors)))
    return rows
