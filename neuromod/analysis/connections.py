"""The table of the connections of a circuit, and the colours of receptors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from neuromod.analysis.circuit import Circuit, Link, Node
from neuromod.analysis.lettering import readable

EXCITES = ("#0072B2", "#56B4E9", "#009E73", "#004B75")
INHIBITS = ("#D55E00", "#E69F00", "#CC79A7", "#8C3D00")
UNKNOWN = "#666666"
_PALE = {EXCITES[1], INHIBITS[1], INHIBITS[2]}
"""Colours on which black can be read better than white."""
KEY_INCHES = 2.2
"""Width of an entry of the key."""
NAME_LENGTH = 16
"""Characters of a name."""


def receptor_colours(links: Sequence[Link]) -> dict[tuple[str, str], str]:
    """A colour for each (sign, receptor): cold ones excite, warm ones inhibit."""
    found: dict[tuple[str, str], str] = {}
    for link in links:
        key = (link.sign, link.receptor)
        if key not in found:
            palette = {"excitatory": EXCITES, "inhibitory": INHIBITS}.get(link.sign, (UNKNOWN,))
            taken = sum(sign == link.sign for sign, _ in found)
            found[key] = palette[taken % len(palette)]
    return found


def connections(circuit: Circuit) -> Figure:
    """Source populations in rows, targets in columns: receptors by colour, mean number of synapses per target
    cell, and a star where a rule changes the weights. Populations without projections are left out.
    """
    joined = {end for link in circuit.links for end in (link.source, link.target)}
    nodes = [node for node in circuit.nodes if node.name in joined]
    names = [node.name for node in nodes]
    side = min(max(0.27 * len(names), 2.0), 5.9)
    width = max(side + 1.3, KEY_INCHES)
    figure = Figure(figsize=(width, side + 1.6), layout="constrained")
    axes = figure.subplots()
    palette = receptor_colours(circuit.links)
    cells: dict[tuple[int, int], list[Link]] = {}
    for link in circuit.links:
        if link.source in names and link.target in names:
            cells.setdefault((names.index(link.source), names.index(link.target)), []).append(link)
    size = min(6.0, 72 * side / len(names) / 3)
    for (row, column), links in cells.items():
        _cell(axes, row, column, links, palette, size)
    short = [readable(name, NAME_LENGTH) for name in names]
    axes.set_xticks(range(len(names)), short, rotation=90, fontsize=min(7, 2 * size))
    axes.set_yticks(range(len(names)), short, fontsize=min(7, 2 * size))
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_aspect("equal")
    _rules_between_regions(axes, nodes)
    axes.tick_params(length=0)
    axes.set_xlabel("target population")
    axes.set_ylabel("source population")
    handles = [
        Patch(facecolor=colour, label=f"{readable(receptor, NAME_LENGTH)}, {sign or 'sign not known'}")
        for (sign, receptor), colour in palette.items()
    ]
    figure.legend(
        handles=handles, loc="outside upper center", ncols=min(len(handles), int(width / KEY_INCHES))
    )
    return figure


def _cell(
    axes: Axes, row: int, column: int, links: list[Link], palette: dict[tuple[str, str], str], size: float
) -> None:
    height = 0.9 / len(links)
    for k, link in enumerate(links):
        top = row - 0.45 + k * height
        colour = palette[link.sign, link.receptor]
        axes.add_patch(Rectangle((column - 0.45, top), 0.9, height, facecolor=colour, linewidth=0))
        number = "" if np.isnan(link.in_degree) else compact(link.in_degree)
        text = number + ("*" if link.rules else "")
        axes.text(
            column,
            top + height / 2,
            text,
            ha="center",
            va="center",
            fontsize=size if len(links) < 2 else 0.8 * size,
            color="black" if colour in _PALE else "white",
        )


def compact(number: float) -> str:
    """A number in four characters or so: 8, 57, 400, 12k."""
    if number < 9.5 and abs(number - round(number)) > 0.05:
        return f"{number:.1f}"
    for scale, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= 0.9995 * scale:
            return f"{number / scale:.3g}{letter}"
    return f"{number:.0f}"


def _rules_between_regions(axes: Axes, nodes: Sequence[Node]) -> None:
    for k in range(1, len(nodes)):
        if nodes[k].region != nodes[k - 1].region:
            axes.axhline(k - 0.5, color="0.8", linewidth=0.5, zorder=0)
            axes.axvline(k - 0.5, color="0.8", linewidth=0.5, zorder=0)
