"""Shipped files with something changed: single bytes, or single entries of their trees."""

from __future__ import annotations

from copy import deepcopy
from random import Random

from neuromod.config.read import parse_tree
from tests.fuzz.hostile_values import RAWS, TEXTS, Value, document, wrong

MOST_BYTES = 1 << 19
MARKS = b" \t\n\r:-?[]{},#&*!|>'\"%@`~\\0159.eE+_\x00\x1b\x7f\x85\xa0\xc3\xe2\xed\xef\xf0\xff"


def changed_bytes(random: Random, data: bytes, other: bytes) -> bytes:
    """`data` with one to eight changes; `other` lends pieces."""
    result = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        start = random.randrange(len(result) + 1)
        stop = min(len(result), start + random.choice((0, 1, 1, 2, 8, 64)))
        result[start:stop] = _piece(random, bytes(result), other)
    return bytes(result[:MOST_BYTES])


def _piece(random: Random, data: bytes, other: bytes) -> bytes:
    """What is put in the place of some bytes."""
    start = random.randrange(max(1, len(other)))
    return random.choice(
        (
            b"",
            bytes([random.randrange(256)]),
            bytes([random.choice(MARKS)]),
            bytes([random.choice(MARKS)]) * random.choice((2, 40, 5000)),
            other[start : start + random.choice((4, 30, 300))],
            data[start : start + random.choice((4, 30, 300))],
            random.choice(RAWS).text.encode("utf-8", "surrogatepass"),
            random.choice(TEXTS).encode("utf-8", "surrogatepass"),
        )
    )


def changed_tree(random: Random, text: str, other: str) -> str:
    """The config `text` with one to four entries changed; `other` lends entries."""
    tree, lender = parse_tree(text, "shipped").plain(), parse_tree(other, "other").plain()
    assert isinstance(tree, dict)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        _change(random, tree, lender)
    return document(tree)


def _change(random: Random, tree: dict[str, Value], lender: Value) -> None:
    holder, key = random.choice(list(_entries(tree)) or [(tree, "neuromod")])
    action = random.randrange(6)
    if action == 0:
        _remove(holder, key)
    elif action == 1 and isinstance(holder, dict):
        holder[random.choice(TEXTS)] = holder.get(key)
    elif action == 2:
        source, name = random.choice(list(_entries(lender)) or [(tree, "neuromod")])
        holder[key] = deepcopy(source[name])
    elif action == 3 and isinstance(holder[key], int | float):
        holder[key] *= random.choice((-1, 0, 3, 1e-6, 1e12))
    elif action == 4 and isinstance(holder[key], str):
        holder[key] = _edited(random, holder[key])
    else:
        holder[key] = wrong(random)


def _entries(value: Value) -> list[tuple]:
    """Every entry below a value: the mapping or list that holds it, and its key there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, entry in pairs for found in ((value, key), *_entries(entry))]


def _remove(holder: dict[str, Value] | list[Value], key: str | int) -> None:
    if len(holder) > 1:
        holder.pop(key)  # type: ignore[call-overload,arg-type]


def _edited(random: Random, text: str) -> str:
    """A text with some characters changed: expressions, quantities and names stay nearly right."""
    start = random.randrange(len(text) + 1)
    piece = random.choice(
        (
            "",
            "-",
            "0",
            "*",
            "**",
            "**9",
            "(",
            ")",
            " + V",
            "e9",
            "9" * 20,
            "/0",
            "/",
            ".",
            "\u00b5",
            "_",
            *TEXTS,
        )
    )
    return text[:start] + piece + text[start + random.randrange(3) :]
