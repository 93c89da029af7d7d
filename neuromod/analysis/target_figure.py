"""The figure of mean rates against the ranges that they are meant to be in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from neuromod.analysis.lettering import readable
from neuromod.analysis.palette import OKABE_ITO, STYLE
from neuromod.analysis.panels import Floats
from neuromod.analysis.recorded import WIDTH_INCHES
from neuromod.analysis.targets import PopulationRate

MOST = 60
"""Populations that are shown, the first."""
NAME_LENGTH = 24
LOWEST_HZ = 0.1
"""Rates below are drawn here, open to the left."""
OK, OFF, FREE = OKABE_ITO[0], OKABE_ITO[1], "0.4"


def rates_figure(rates: Sequence[PopulationRate], spreads: Sequence[tuple[float, float]]) -> Figure:
    """One row per population: target as a bar, mean rate as a point, and the 10th to 90th percentile of its
    cells, `spreads`, as a line (NaN: not known).
    """
    shown = list(zip(rates, spreads, strict=True))[:MOST]
    with style.context(STYLE):
        figure = Figure(figsize=(WIDTH_INCHES, 0.19 * max(len(shown), 3) + 1.0), layout="constrained")
        axes = figure.subplots()
        for row, (rate, spread) in enumerate(shown):
            if rate.target is not None:
                low, high = max(rate.target[0], LOWEST_HZ), max(rate.target[1], LOWEST_HZ)
                axes.add_patch(Rectangle((low, row - 0.38), high - low, 0.76, color="0.85", linewidth=0))
            colour = {"ok": OK, "": FREE}.get(rate.verdict, OFF)
            marker = {"ok": "o", "": "s", "low": "<", "high": ">"}[rate.verdict]
            axes.plot(_drawn(np.array(spread)), (row, row), color=colour, linewidth=0.8)
            axes.plot(_drawn(np.array([rate.hz])), row, marker, color=colour, markersize=5)
        axes.set_xscale("log")
        highest = max((max(rate.hz, *(rate.target or (0.0,))) for rate, _ in shown), default=1.0)
        axes.set_xlim(0.9 * LOWEST_HZ, 2 * max(highest, 10.0))
        axes.set_yticks(range(len(shown)), [readable(rate.population, NAME_LENGTH) for rate, _ in shown])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_ylabel("population")
        axes.set_xlabel(f"mean rate (Hz); {LOWEST_HZ:g} Hz and less at the left edge")
        axes.xaxis.set_major_formatter(lambda hz, _: f"{hz:g}")
        figure.legend(handles=_key(), loc="outside upper center", ncols=4)
    return figure


def _drawn(hz: Floats) -> Floats:
    return np.maximum(hz, LOWEST_HZ)


def _key() -> list[Line2D | Patch]:
    return [
        Patch(color="0.85", label="target"),
        Line2D([], [], color=OK, marker="o", linewidth=0.8, label="within; line: 10-90 % of cells"),
        Line2D([], [], color=OFF, marker=">", linestyle="none", label="outside (< too low, > too high)"),
        Line2D([], [], color=FREE, marker="s", linestyle="none", label="no target"),
    ]
