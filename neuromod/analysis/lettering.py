"""Text in figures that comes from files: names and titles that anyone may have chosen."""

from __future__ import annotations

import re
from functools import cache

from matplotlib.artist import Artist
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text

LONGEST = 48
"""Characters of a line of text that come from a file; what is longer is cut."""


def readable(text: str, longest: int = LONGEST) -> str:
    """Text that the font of the figures can show: other characters as `?`, long lines cut."""
    return "\n".join(_line(line, longest) for line in text.split("\n"))


def file_name(text: str) -> str:
    """A name for a file below the folder of figures, whatever `text` is."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)[:LONGEST].lstrip(".") or "_"


def tame(figure: Artist) -> None:
    """Make every text of a figure plain: no mathematics between dollars, only what the font can show.

    To be called before the figure is drawn, since labels of ticks that are made later are our own.
    """
    for text in figure.findobj(Text):
        if text.get_text():
            text.set_parse_math(False)
            text.set_text(readable(text.get_text()))


def _line(line: str, longest: int) -> str:
    shown = "".join(c if c.isprintable() and ord(c) in _glyphs() else "?" for c in line)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


@cache
def _glyphs() -> frozenset[int]:
    """Code points that the font has."""
    return frozenset(get_font(findfont(FontProperties(family=["sans-serif"]))).get_charmap())
