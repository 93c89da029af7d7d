"""Figures as parts of a page: the whole image in the text, and no more of them than a page may hold."""

from __future__ import annotations

import base64
import io

from matplotlib import style
from matplotlib.figure import Figure

from neuromod.analysis.lettering import tame
from neuromod.analysis.palette import STYLE
from neuromod.report.content import Image

MAX_PAGE_BYTES = 15_000_000
MAX_IMAGE_BYTES = 11_000_000
"""Of all images of a page together; tables and texts take what is left."""
MAX_VECTOR_BYTES = 700_000
"""A figure that takes more as vectors becomes a bitmap."""
DPI = 160
CSS_PIXELS_PER_INCH = 120
"""A little larger than in print: letters of 7 points are 12 pixels high."""


class Images:
    """The images of a page, within a number of bytes."""

    def __init__(self, budget: int = MAX_IMAGE_BYTES) -> None:
        self.left = budget
        self.figures: dict[str, Figure] = {}

    def add(self, name: str, figure: Figure, caption: str) -> Image:
        """The figure as an image: vectors where they are small, otherwise a bitmap."""
        self.figures[name] = figure
        uri, vector = _uri(figure)
        if len(uri) > self.left:
            uri = ""
        self.left -= len(uri)
        width, height = (round(CSS_PIXELS_PER_INCH * inches) for inches in figure.get_size_inches())
        return Image(name, uri, width, height, caption, vector)


def _uri(figure: Figure) -> tuple[str, bool]:
    tame(figure)
    with style.context([STYLE, {"svg.hashsalt": "neuromod", "savefig.dpi": DPI}]):
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
        if drawn.tell() <= MAX_VECTOR_BYTES:
            return _data("image/svg+xml", drawn.getvalue()), True
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", metadata={"Software": None})
        return _data("image/png", drawn.getvalue()), False


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
