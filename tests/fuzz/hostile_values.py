"""Values that a config should not have, and the YAML text of any value, good or bad."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

type Value = dict[str, Value] | list[Value] | str | int | float | bool | Raw | None


@dataclass(frozen=True)
class Raw:
    """Text that stands in the file as it is."""

    text: str


SCALARS: tuple[Value, ...] = (
    None, True, False, 0, 1, -1, 2, 10, 10**5, 10**8 + 1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**40,
    0.0, -0.0, 0.5, 1e-300, 1e300, -1e300, 5e-324, 1e-12, 3.7,
)  # fmt: skip
TEXTS = (
    "", " ", "x", "E", "I", "null", "all", "none", "auto", "~", "..", "../..", "/etc/passwd", "~/x", "$HOME",
    "a/b", "a\\b", "E->E", "E->I:x", "->", "E->", "*", "E.V", "\u00b5", "\uff25", "E\u200b", "\U0001f600",
    "\u202eE", "a\x00b", "a\nb", "\t", "__class__", "__import__('os').system('touch x')", "{0.__class__}",
    "%s%n", "x" * 64, "x" * 65, "x" * 1000, "V", "w", "lif", "adex", "ampa", "poisson", "stdp", "dopamine",
    "PFC", "CA1", "triad", "quickstart.yaml", "v6_pre.csv", "nan", "inf",
)  # fmt: skip
QUANTITIES = (
    "10 ms", "0 ms", "-1 ms", "1 us", "0.1 ms", "1 s", "100 s", "1e7 s", "1e9 s", "1 day", "5 Hz", "0 Hz",
    "-5 Hz", "1e9 Hz", "1e-300 Hz", "-65 mV", "0 mV", "1 V", "1e300 V", "10 nS", "0 nS", "-1 nS", "1e-300 nS",
    "200 pF", "0 pF", "-1 pF", "1 nA", "100 pA", "1e300 A", "10 %", "1000 %", "-10 %", "1 nS/mV", "20 nM",
    "10", "0", "-1", "1e999 ms", "1e-999 ms", "ms", "10ms", "10 msec", "10  ms", "0x10 ms", "1 ms^99",
    "1 ms*ms/ms", "1 V/0", "nan ms", "inf ms", "1_0 ms", "\uff11 ms", "9" * 90 + " ms", "1 " + "m" * 90,
)  # fmt: skip
RAWS = tuple(
    Raw(text)
    for text in (
        "*a", "&a 1", "!!python/object/apply:os.system [id]", "!x 1", "!!str 1", ".inf", "-.inf", ".nan",
        "1e999", "0x10", "0o7", "1_000", "[", "}", "'", '"', ": :", "? a", "- a", "|\n", ">", "@x", "`x`",
        "%x", "<<", '"\\ud800"', '"\\x00"', "# nothing", "--- a", "...", "\t", "\r", "{a: {b: {c: 1}}}",
        "[[[[]]]]", "[" * 40, "{a: " * 40, "2001-01-01", "12:30:00", "a: b: c", "[1, 2", "{a, b}", "{a: }",
    )
)  # fmt: skip


def wrong(random: Random) -> Value:
    """A value that is most likely wrong where it will stand."""
    kind = random.randrange(7)
    if kind == 0:
        return [wrong(random) for _ in range(random.randrange(4))]
    if kind == 1:
        return {random.choice(TEXTS): wrong(random) for _ in range(random.randrange(3))}
    if kind == 2:
        return "".join(
            chr(random.choice((random.randrange(0x20, 0x7F), random.randrange(0x2FFF)))) for _ in range(9)
        )
    return random.choice((SCALARS, TEXTS, QUANTITIES, RAWS)[kind - 3])


def written(value: Value) -> str:
    """A value in YAML, in one line but for what is raw."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {written(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value)


def document(tree: dict[str, Value]) -> str:
    """A whole config, one key in a line."""
    return "".join(f"{_key(key)}: {written(value)}\n" for key, value in tree.items())


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").isalnum() else json.dumps(key)
