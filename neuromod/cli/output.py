"""What a command prints, and where: results on stdout, remarks and errors on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Output:
    """How much a command prints, and in which form."""

    as_json: bool = False
    verbose: bool = False
    quiet: bool = False
    debug: bool = False

    def result(self, data: object, text: str) -> None:
        """Print the result: `data` with --json, otherwise `text`; nothing with --quiet."""
        if self.quiet:
            return
        write(json.dumps(data, indent=2, ensure_ascii=False) if self.as_json else text)

    def remark(self, text: str) -> None:
        """Print something worth knowing, beside the result; nothing with --quiet."""
        if not self.quiet:
            print(printable(text), file=sys.stderr)

    def detail(self, text: str) -> None:
        """Print what only --verbose and --debug show."""
        if self.verbose or self.debug:
            self.remark(text)


def write(text: str) -> None:
    """Print to stdout. A reader that has left (`| head`) is no error: the rest goes nowhere."""
    try:
        print("\n".join(printable(line) for line in text.split("\n")), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def printable(line: str) -> str:
    """The line with control characters shown as escapes: text from a file must not drive the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def columns(rows: Sequence[Sequence[str]], indent: str = "") -> str:
    """Rows as aligned columns, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join((indent + line).rstrip() for line in lines)


def counted(number: float, noun: str, plural: str | None = None) -> str:
    """`1,200 neurons`, `1 neuron`."""
    word = noun if number == 1 else plural or noun + "s"
    return f"{number:,.0f} {word}"


def fields(data: Mapping[str, object]) -> str:
    """A mapping as one aligned line per key."""
    return columns([[f"{key}:", str(value)] for key, value in data.items()])
