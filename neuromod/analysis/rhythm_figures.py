"""The figures of rhythms: one for every field, and one of the coherence between fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuromod.analysis import panels, rhythm_panels
from neuromod.analysis.palette import STYLE, colours
from neuromod.analysis.panels import Train
from neuromod.analysis.recorded import WIDTH_INCHES, Recorded, time_axis
from neuromod.analysis.rhythms import FieldRhythms, PairCoherence, PopulationLocking, Rhythms

EXCERPT_MS = 1000.0
"""What is shown of spikes and field: about seven theta cycles."""
MAX_TRAINS = 5
ACROSS = 3


def figures(results: Recorded, found: Rhythms) -> dict[str, Figure]:
    """Figures by name: `rhythms_<population>` for every field, and `coherence` where there are two or
    more.
    """
    with style.context(STYLE):
        drawn = {f"rhythms_{one.population}": _of_field(results, found, one) for one in found.fields}
        return drawn | ({"coherence": _of_pairs(found.pairs)} if found.pairs else {})


def _of_field(results: Recorded, found: Rhythms, one: FieldRhythms) -> Figure:
    figure = Figure(figsize=(WIDTH_INCHES, 8.6), layout="constrained")
    parts = figure.subfigures(3, 1, squeeze=False, height_ratios=(3.9, 2.0, 2.0))
    top, middle, bottom = parts[:, 0]
    near = _near(found, one)
    _excerpt(top.subplots(3, 1, sharex=True, height_ratios=(1.7, 1, 1)), results, found, one, near)
    left, centre, right = middle.subplots(1, 3)
    rhythm_panels.spectrum(left, one)
    if one.comodulogram:
        rhythm_panels.comodulogram(centre, one.comodulogram)
    else:
        rhythm_panels.refusal(centre, "recording too short", "comodulogram")
    if one.coupling:
        rhythm_panels.phase_histogram(right, one.coupling)
    else:
        rhythm_panels.refusal(right, one.refused)
    shared = [k for k in found.locked if k.field == one.population and k.population in near]
    _whole_run(bottom, one, shared, (found.start_ms, found.stop_ms))
    for k, axes in enumerate(_lettered(figure)):
        _letter(axes, k)
    return figure


def _near(found: Rhythms, one: FieldRhythms) -> list[str]:
    """Populations of the region of a field, with itself first; the first where the region is not known."""
    names = [s.population for s in found.spikes if s.region == one.region and s.population != one.population]
    own = [one.population] if any(s.population == one.population for s in found.spikes) else []
    return [*own, *names][:MAX_TRAINS]


def _excerpt(
    rows: Sequence[Axes], results: Recorded, found: Rhythms, one: FieldRhythms, near: Sequence[str]
) -> None:
    """Spikes, field and gamma in the second in the middle of the analysed part."""
    middle = (found.start_ms + found.stop_ms) / 2
    span = (middle, min(middle + EXCERPT_MS, found.stop_ms))
    palette = colours(near)
    trains = []
    for name in near:
        times, ids = results.spikes(name)
        inside = (times >= span[0]) & (times < span[1])
        size = results.size(name)
        trains.append(
            Train(name, size, one.region, palette[name], times[inside], ids[inside].astype(np.int64))
        )
    if trains:
        panels.raster(rows[0], trains, 1.5 * 72)
    rhythm_panels.field(rows[1], one, found.settings.phase, span)
    rhythm_panels.fast(rows[2], one, found.settings.gamma, span)
    time_axis(rows[2], span)


def _whole_run(
    part: Figure, one: FieldRhythms, locked: Sequence[PopulationLocking], span: tuple[float, float]
) -> None:
    if not locked:
        axes = part.subplots()
        rhythm_panels.power_over_time(axes, one)
    else:
        axes, phases = part.subplots(1, 2, width_ratios=(1.5, 1))
        rhythm_panels.power_over_time(axes, one)
        rhythm_panels.spike_phases(phases, locked)
    time_axis(axes, span)


def _lettered(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def _letter(axes: Axes, k: int) -> None:
    text = "ABCDEFGHIJ"[k % 10]
    axes.annotate(
        text, (0, 1), (-32, 6), "axes fraction", textcoords="offset points", fontsize=10, fontweight="bold"
    )


def _of_pairs(pairs: Sequence[PairCoherence]) -> Figure:
    across = min(len(pairs), ACROSS)
    down = -(-len(pairs) // across)
    size = (WIDTH_INCHES if across > 1 else WIDTH_INCHES / 2, 2.4 * down)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(down, across, squeeze=False, sharey=True).ravel()
    for axes, pair in zip(grid, pairs, strict=False):
        rhythm_panels.coherence(axes, pair)
    for axes in grid[len(pairs) :]:
        axes.set_axis_off()
    grid[0].legend(loc="upper right")
    return figure
