"""The page: one HTML file that needs nothing else, runs nothing, and shows foreign text as text."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from neuromod.report.content import Report, lighter
from neuromod.report.images import MAX_PAGE_BYTES
from neuromod.store.atomic import commit
from neuromod.store.disk import DISK, Disk
from neuromod.version import VERSION


def render(report: Report) -> str:
    """The page as text.

    Every value is escaped (Jinja2, https://jinja.palletsprojects.com), and what cannot be printed is shown by
    its code, so that no text can hide or turn others around. A content security policy forbids scripts and
    everything that is not in the file.
    """
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=printable,
    )
    template = environment.from_string(files("neuromod.report").joinpath("page.html").read_text("utf-8"))
    return template.render(report=report, version=VERSION)


def write(report: Report, path: Path, disk: Disk = DISK) -> Path:
    """Commit the page as a whole, of `MAX_PAGE_BYTES` at most, in the place of an older one.

    Raises:
        AccessError, StorageError: it cannot be written; an older one is still there.
    """
    page = render(report).encode("utf-8")
    for less in lighter(report):
        if len(page) <= MAX_PAGE_BYTES:
            break
        page = render(less).encode("utf-8")
    commit(path, page, disk)
    return path


def printable(value: object) -> object:
    """A text with what cannot be printed, but for line breaks, as its code."""
    if not isinstance(value, str) or value.isprintable():
        return value
    shown = (c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in value)
    return type(value)("".join(shown))
