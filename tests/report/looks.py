"""What can be wrong with how a figure looks, as far as a program can see it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

DIMENSIONLESS = {"coherence", "spikes / mean", "gamma amplitude / mean", "synapses"}
NAMES = {"population", "source population", "target population"}
"""Labels of axes that have no unit: ratios, numbers of things, and names."""


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than a pixel each way, and texts beyond the edge."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    boxes = [(text.get_text(), corners(text, renderer)) for text in visible(figure)]
    width, height = canvas.get_width_height()
    beyond = [
        (text, "the edge")
        for text, box in boxes
        if box.min() < -1 or (box.max(axis=0) > (width + 1, height + 1)).any()
    ]
    return beyond + [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if _meet(a, b)]


def corners(text: Text, renderer) -> np.ndarray:
    """The corners (4, 2) of the box of a text in pixels, turned as the text is."""
    turn = text.get_rotation()
    if turn % 90 == 0 or text.get_rotation_mode() != "anchor":
        return text.get_window_extent(renderer).corners()[[0, 1, 3, 2]]
    text.set_rotation(0)
    level = text.get_window_extent(renderer).corners()[[0, 1, 3, 2]]
    text.set_rotation(turn)
    anchor = text.get_transform().transform(text.get_position())
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return (level - anchor) @ np.array([[cos, sin], [-sin, cos]]) + anchor


def _meet(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two convex boxes share more than a pixel in the direction of each of their sides."""
    for box in (one, other):
        for side in np.diff(box[:3], axis=0):
            direction = np.array([-side[1], side[0]]) / max(np.hypot(*side), 1e-9)
            a, b = one @ direction, other @ direction
            if min(a.max(), b.max()) - max(a.min(), b.min()) <= 1:
                return False
    return True


def visible(figure: Figure) -> list[Text]:
    """Texts that are drawn; labels of ticks outside the limits of their axis are not."""
    hidden = set()
    for axes in _all_axes(figure):
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                inside = low <= tick.get_loc() <= high and axes.axison and axis.get_visible()
                if not (inside and tick.get_visible()):
                    hidden |= {id(tick.label1), id(tick.label2)}
            if not (axes.axison and axis.get_visible()):
                hidden |= {id(axis.label), id(axis.offsetText)}
    return [
        text
        for text in figure.findobj(Text)
        if text.get_text().strip() and text.get_visible() and id(text) not in hidden
    ]


def unlabelled(figure: Figure) -> list[str]:
    """Axes with labels of ticks but without their own label, or with one that has no unit."""
    FigureCanvasAgg(figure).draw()
    found = []
    for axes in _all_axes(figure):
        for axis in (axes.xaxis, axes.yaxis):
            if not axes.axison or not _ticked(axis):
                continue
            label = axis.get_label_text()
            if not label or not ("(" in label or label in DIMENSIONLESS | NAMES):
                found.append(label or f"no label of {axes.get_title() or axes.get_ylabel() or axes}")
    return found


def empty(figure: Figure) -> list[Axes]:
    """Axes in which nothing is drawn."""
    return [
        axes
        for axes in _all_axes(figure)
        if not (axes.lines or axes.patches or axes.collections or axes.images or axes.texts)
    ]


def _ticked(axis) -> bool:
    return any(tick.label1.get_text() and tick.label1.get_visible() for tick in axis.get_major_ticks())


def _all_axes(figure: Figure) -> list[Axes]:
    inner = [child for axes in figure.axes for child in axes.child_axes]
    return [*figure.axes, *inner]
