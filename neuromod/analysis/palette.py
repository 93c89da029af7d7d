"""Colours and type sizes of all figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

OKABE_ITO: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A5C2E", "#444444")
"""Distinguishable with every common colour vision; the original's yellow is too pale for lines."""

BEFORE: Final = "0.75"
AFTER: Final = OKABE_ITO[0]
"""Of one quantity at two moments."""

STYLE: Final = {
    "font.family": "sans-serif",
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 0.9,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.2,
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
}
"""Matplotlib settings: text of 7 to 8 points as printed, and letters that stay letters in the PDF."""


def colours(names: Iterable[str]) -> dict[str, str]:
    """A colour for each name, in order; the palette starts again after eight."""
    return {name: OKABE_ITO[k % len(OKABE_ITO)] for k, name in enumerate(names)}
