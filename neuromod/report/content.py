"""What a report consists of, before it becomes a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

MOST_ROWS, MOST_LETTERS = 200, 300
"""Rows of a table that are shown, the first, and letters of a cell."""


@dataclass(frozen=True)
class Table:
    """Rows of texts under headings; `note` stands above them."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    folded: str = ""
    """Where not empty, the table is folded away under this heading."""

    @property
    def shown(self) -> Sequence[Sequence[str]]:
        """The rows that are shown, long texts cut."""
        return [[cut(cell, MOST_LETTERS) for cell in row] for row in self.rows[:MOST_ROWS]]

    @property
    def left(self) -> int:
        """The number of rows that are not."""
        return max(0, len(self.rows) - MOST_ROWS)


@dataclass(frozen=True)
class Image:
    """A figure as it stands in the page: `uri` holds all of it; width and height in CSS pixels.

    `uri` is empty where the page would have become too large.
    """

    name: str
    uri: str
    width: int
    height: int
    caption: str
    vector: bool


@dataclass(frozen=True)
class Text:
    """A text as it was written, folded away under a heading."""

    heading: str
    text: str


@dataclass(frozen=True)
class Section:
    """A part of the report, under a heading; `name` is its place in the page."""

    name: str
    heading: str
    paragraphs: Sequence[str] = ()
    images: Sequence[Image] = ()
    tables: Sequence[Table] = ()
    texts: Sequence[Text] = ()


@dataclass(frozen=True)
class Report:
    """Everything that a page shows."""

    title: str
    description: str
    verdict: str
    """`ok`, `look` or `bad`."""
    summary: str
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()
    left_out: str = ""
    """What the page had no room for."""
    made_from: str = "the results file alone"


def lighter(report: Report) -> Iterator[Report]:
    """The report with ever less in it, for where a file has so much text that a page would be too large."""
    without_texts = [replace(section, texts=()) for section in report.sections]
    yield replace(report, sections=without_texts, left_out="Long texts did not fit into this page.")
    bare = [replace(section, texts=(), tables=()) for section in report.sections]
    yield replace(report, sections=bare, left_out="Texts and tables did not fit into this page.")


def cut(text: str, longest: int) -> str:
    """A text, or its beginning."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
