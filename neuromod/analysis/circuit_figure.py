"""The figures of a circuit: a diagram, drawn here, and the table of its connections."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from neuromod.analysis.circuit import Circuit, Link, Release, angles, reduced
from neuromod.analysis.connections import NAME_LENGTH, connections, receptor_colours
from neuromod.analysis.lettering import readable
from neuromod.analysis.palette import STYLE, colours
from neuromod.analysis.panels import Floats
from neuromod.analysis.recorded import WIDTH_INCHES

NODE, RING, NAMES = 0.045, 1.10, 1.16
"""Radii: of a population, of the arc of a region, and of the names, where populations stand at 1."""
ACROSS, UPRIGHT = 4.2, 3.05
"""Width and height of the diagram on the same scale."""
KEY_COLUMNS = 3
POINTS = 60


def circuit_figures(circuit: Circuit) -> dict[str, Figure]:
    """`circuit` and `connections` by name; none without populations."""
    if not circuit.nodes:
        return {}
    shown = reduced(circuit)
    with style.context(STYLE):
        return {"circuit": _diagram(shown)} | ({"connections": connections(shown)} if shown.links else {})


def _diagram(circuit: Circuit) -> Figure:
    place = angles(circuit)
    figure, axes = _canvas(circuit, UPRIGHT)
    names = _names(axes, circuit, place, rotated=False)
    if crowded := _overlap(names):
        figure, axes = _canvas(circuit, ACROSS)
        names = _names(axes, circuit, place, rotated=True)
    at = {name: np.array([np.cos(angle), np.sin(angle)]) for name, angle in place.items()}
    palette = receptor_colours(circuit.links)
    for link, rank, both in _ranked(circuit.links):
        if link.source in at and link.target in at:
            _link(axes, link, at[link.source], at[link.target], palette[link.sign, link.receptor], rank, both)
    nuclei = {release.nucleus for release in circuit.releases}
    region_colour = colours(circuit.regions)
    for node in circuit.nodes:
        marker = "D" if node.name in nuclei else "o"
        colour = region_colour[node.region]
        axes.plot(*at[node.name], marker, markersize=8, color=colour, markeredgecolor="white", zorder=5)
    radius = _reach(axes, names) if crowded else NAMES
    for region in circuit.regions:
        _region(axes, circuit, region, place, region_colour[region], names, radius)
    _key(figure, circuit)
    return figure


def _canvas(circuit: Circuit, upright: float) -> tuple[Figure, Axes]:
    """A figure with the place for a diagram of this height, in units of its circle, and for its key."""
    rows = -(-len(_handles(circuit)) // KEY_COLUMNS)
    below, height = 0.2 * rows + 0.1, WIDTH_INCHES * upright / ACROSS
    figure = Figure(figsize=(WIDTH_INCHES, height + below))
    FigureCanvasAgg(figure)
    share = below / (height + below)
    axes = figure.add_axes((0.0, share, 1.0, 1 - share), aspect="equal")
    axes.set_axis_off()
    axes.set_xlim(-ACROSS / 2, ACROSS / 2)
    axes.set_ylim(-upright / 2, upright / 2)
    return figure, axes


def _names(axes: Axes, circuit: Circuit, place: dict[str, float], *, rotated: bool) -> list[Text]:
    """The names of populations with their sizes: upright, or along the radii where there are many."""
    texts = []
    for node in circuit.nodes:
        words = f"{readable(node.name, NAME_LENGTH)}{' ' if rotated else chr(10)}{node.size:,}"
        if rotated:
            texts.append(_along(axes, place[node.name], NAMES, words, fontsize=6))
        else:
            angle = place[node.name]
            texts.append(_outside(axes, np.array([np.cos(angle), np.sin(angle)]), words, fontsize=6.5))
    return texts


def _overlap(texts: Sequence[Text]) -> bool:
    boxes = [text.get_window_extent() for text in texts]
    return any(one.overlaps(other) for one, other in combinations(boxes, 2))


def _reach(axes: Axes, names: Sequence[Text]) -> float:
    """The radius, in units of the circle, at which even the longest of the rotated names has ended."""
    scale = axes.transData.transform((1, 0))[0] - axes.transData.transform((0, 0))[0]
    longest = max(float(np.hypot(box.width, box.height)) for box in (t.get_window_extent() for t in names))
    return NAMES + longest / float(scale) + 0.02


def _ranked(links: Sequence[Link]) -> list[tuple[Link, int, bool]]:
    """Each link, which of those with the same ends it is, and whether there is one in the other direction."""
    seen: dict[tuple[str, str], int] = {}
    ends = {(link.source, link.target) for link in links}
    ranked = []
    for link in links:
        pair = link.source, link.target
        ranked.append((link, seen.get(pair, 0), (link.target, link.source) in ends))
        seen[pair] = seen.get(pair, 0) + 1
    return ranked


def _link(axes: Axes, link: Link, start: Floats, stop: Floats, colour: str, rank: int, both: bool) -> None:
    path = _loop(start, rank) if link.source == link.target else _curve(start, stop, rank, both)
    width = 1.6 if link.rules else 0.8
    axes.plot(*path.T, color=colour, linewidth=width, zorder=2, solid_capstyle="round")
    tip, before = path[-1], path[-4]
    if link.sign == "excitatory":
        turn = np.degrees(np.arctan2(*(tip - before)[::-1])) - 90
        axes.plot(*tip, marker=(3, 0, turn), markersize=5, color=colour, zorder=3, linestyle="none")
    elif link.sign == "inhibitory":
        axes.plot(*tip, "o", markersize=3.6, color=colour, zorder=3)
    if link.rules:
        axes.plot(*path[len(path) // 2], "*", markersize=8, color="black", markeredgecolor="white", zorder=4)


def _curve(start: Floats, stop: Floats, rank: int, both: bool) -> Floats:
    """From one population to another (POINTS, 2), bent towards the centre and, of two directions, to the
    right.
    """
    chord = stop - start
    length = float(np.hypot(*chord))
    right = np.array([chord[1], -chord[0]]) / max(length, 1e-9)
    middle = (start + stop) / 2 * (1 - min(0.15 + 0.35 * length, 0.6))
    bend = (0.12 if both else 0.0) + 0.12 * rank
    middle = middle + right * bend * max(length, 0.3)
    t = np.linspace(0, 1, POINTS)[:, None]
    path: Floats = (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * stop
    away = np.hypot(*(path - start).T), np.hypot(*(path - stop).T)
    return np.asarray(path[(away[0] > NODE) & (away[1] > NODE + 0.03)])


def _loop(at: Floats, rank: int) -> Floats:
    """From a population to itself (POINTS, 2), on the inside."""
    radius = 0.075 + 0.03 * rank
    centre = at * (1 - NODE - radius * 0.8)
    outward = float(np.arctan2(at[1], at[0]))
    t = outward + np.linspace(0.45, 2 * np.pi - 0.65, POINTS)
    return centre + radius * np.stack([np.cos(t), np.sin(t)], axis=1)


def _outside(axes: Axes, at: Floats, words: str, **settings: object) -> Text:
    """A text outside the circle, in the direction `at`."""
    text = axes.text(NAMES * at[0], NAMES * at[1], words)
    text.set(**settings)
    text.set_horizontalalignment("center" if abs(at[0]) < 0.25 else "left" if at[0] > 0 else "right")
    text.set_verticalalignment("center" if abs(at[1]) < 0.75 else "bottom" if at[1] > 0 else "top")
    return text


def _along(axes: Axes, angle: float, radius: float, words: str, **settings: object) -> Text:
    """A text along a radius, never upside down."""
    text = axes.text(radius * np.cos(angle), radius * np.sin(angle), words)
    text.set(**settings)
    left = np.cos(angle) < 0
    text.set(rotation=np.degrees(angle) + (180 if left else 0), rotation_mode="anchor")
    text.set_horizontalalignment("right" if left else "left")
    text.set_verticalalignment("center")
    return text


def _region(
    axes: Axes,
    circuit: Circuit,
    region: str,
    place: dict[str, float],
    colour: str,
    names: list[Text],
    radius: float,
) -> None:
    """The arc of a region and its name, with its neuromodulators: as near as the other names allow, or beyond
    a radius where these are rotated.
    """
    around = [place[node.name] for node in circuit.nodes if node.region == region]
    half = 0.4 * 2 * np.pi / (len(circuit.nodes) + len(circuit.regions))
    t = np.linspace(min(around) - half, max(around) + half, POINTS)
    axes.plot(RING * np.cos(t), RING * np.sin(t), color=colour, linewidth=3, solid_capstyle="butt")
    middle = (min(around) + max(around)) / 2
    short = abbreviations(circuit.releases)
    acting = ", ".join(short[r.modulator] for r in circuit.releases if r.region == region)
    title = readable(region or "no region", NAME_LENGTH)
    if radius > NAMES:
        known = any(node.name == region for node in circuit.nodes)
        words = "" if known else title
        _along(axes, middle, radius, words, color=colour, fontsize=6, fontweight="bold")
        return
    direction = np.array([np.cos(middle), np.sin(middle)])
    words = title + (f"\n{acting}" if acting else "")
    text = _outside(axes, direction, words, color=colour, fontsize=7, fontweight="bold")
    _move_out(text, direction, names)
    names.append(text)


def _move_out(text: Text, direction: Floats, others: Sequence[Text]) -> None:
    """Move a text outwards until it covers none of the others."""
    taken = [other.get_window_extent().padded(2.0) for other in others]
    for step in range(40):
        radius = NAMES + 0.02 * step
        text.set_position((radius * direction[0], radius * direction[1]))
        mine = text.get_window_extent()
        if not any(mine.overlaps(box) for box in taken):
            return


def abbreviations(releases: Sequence[Release]) -> dict[str, str]:
    """A short form of the name of each neuromodulator: its first letters, as many as tell it apart."""
    names = list(dict.fromkeys(release.modulator for release in releases))
    for length in range(3, NAME_LENGTH):
        if len({name[:length] for name in names}) == len(names):
            return {name: readable(name[:length], NAME_LENGTH) for name in names}
    return {name: readable(name, NAME_LENGTH) for name in names}


def _key(figure: Figure, circuit: Circuit) -> None:
    handles = _handles(circuit)
    if handles:
        figure.legend(handles=handles, loc="lower center", ncols=KEY_COLUMNS, labelspacing=0.6)


def _handles(circuit: Circuit) -> list[Line2D]:
    handles: list[Line2D] = []
    for (sign, receptor), colour in receptor_colours(circuit.links).items():
        marker = {"excitatory": "^", "inhibitory": "o"}.get(sign, "")
        label = f"{readable(receptor or 'receptor not known', NAME_LENGTH)}, {sign or 'sign not known'}"
        handles.append(Line2D([], [], color=colour, marker=marker, markersize=4, label=label))
    if any(link.rules for link in circuit.links):
        star = Line2D([], [], color="0.3", linewidth=1.6, marker="*", markersize=8, label="plastic")
        star.set(markerfacecolor="black", markeredgecolor="white")
        handles.append(star)
    short = abbreviations(circuit.releases)
    for name, letters in short.items():
        nuclei = {r.nucleus for r in circuit.releases if r.modulator == name and r.nucleus}
        source = f", from {readable(', '.join(sorted(nuclei)), NAME_LENGTH)}" if nuclei else ""
        label = f"{letters}: {readable(name, NAME_LENGTH)}{source}"
        marker = "D" if nuclei else ""
        handles.append(
            Line2D([], [], color="0.5", marker=marker, markersize=4, linestyle="none", label=label)
        )
    return handles
