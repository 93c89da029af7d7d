"""Plain text pages: headed sections and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

WIDTH = 100


def section(heading: str, lines: Sequence[str] | Iterator[str]) -> str:
    """A heading with indented lines; empty without lines."""
    body = [f"  {line}".rstrip() for line in lines]
    return "\n".join([heading, *body]) if body else ""


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of equal length as lines with aligned columns; columns that are empty below their head are left
    out.
    """
    columns = [column for column in zip(*rows, strict=True) if any(column[1:]) or len(rows) == 1]
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]
