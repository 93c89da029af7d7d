"""A page as its parser sees it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = frozenset({"meta", "img", "br", "link", "hr"})


@dataclass
class Page:
    """Tags in order with their attributes, texts, and what is not well formed."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.tags]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page, self.open = Page(), []

    def handle_starttag(self, tag, attrs):
        self.page.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.page.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.page.words.append(data)


def parse(html: str) -> Page:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    parser.page.faults += [f"<{tag}> is never closed" for tag in parser.open]
    return parser.page


def decoded(uri: str) -> tuple[str, bytes]:
    """Kind and content of a data URI."""
    head, _, content = uri.partition(",")
    return head.removeprefix("data:").removesuffix(";base64"), base64.b64decode(content, validate=True)
