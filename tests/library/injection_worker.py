"""Runs every payload at its doors under an audit hook; started by `test_injection.py`.

Prints a JSON list of [class, door, payload, outcome], with outcome `refused`, `accepted`, `slow`,
`crashed: ...` or, for anything the hook saw, `did: ...`. The hook allows one thing: `ast.parse`, which
compiles to a tree.
"""

from __future__ import annotations

import ast
import json
import signal
import sys
from collections.abc import Callable
from types import FrameType

from injection_payloads import CASES

from neuromod.library import grammar, names
from neuromod.units import parse_unit

KNOWN = {"V", "I", "w", "tau"}
SECONDS = 1.0

DOORS: dict[str, Callable[[str], object]] = {
    "expression": lambda text: grammar.parse_expression(text, known=KNOWN),
    "argument": lambda text: grammar.parse_expression(f"exp({text})", known=KNOWN),
    "statement": lambda text: grammar.parse_statement(text, known=KNOWN, writable={"V"}),
    "right": lambda text: grammar.parse_statement(f"V = {text}", known=KNOWN, writable={"V"}),
    "target": lambda text: grammar.parse_statement(f"{text} = 1", known=KNOWN, writable={"V"}),
    "name": names.check_name,
    "unit": parse_unit,
}


class Forbidden(BaseException):
    """Something happened that reading text never needs; no `Exception`, so that no door can swallow it."""


watching = False
inside = False
seen: list[str] = []


def hook(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse every audited action while a door is being tried, except building a syntax tree."""
    global inside  # noqa: PLW0603 - an audit hook cannot be handed state
    if not watching or inside:
        return
    inside = True
    builds_a_tree = event == "compile" and sys._getframe(1).f_code is ast.parse.__code__
    inside = False
    if builds_a_tree:
        return
    seen.append(f"{event} {str(arguments)[:80]}")
    raise Forbidden(event)


def too_slow(number: int, frame: FrameType | None) -> None:
    """Alarm handler."""
    raise TimeoutError


def outcome(door: Callable[[str], object], text: str) -> str:
    """What `door` does with `text`."""
    global watching  # noqa: PLW0603 - read by the audit hook
    seen.clear()
    watching = True
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        door(text)
        result = "accepted"
    except ValueError as error:
        result = "refused" if type(error) is ValueError and str(error) else f"crashed: {error!r}"
    except TimeoutError:
        result = "slow"
    except BaseException as error:  # noqa: BLE001 - whatever a payload causes is a result
        result = f"crashed: {error!r}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        watching = False
    return f"did: {'; '.join(seen)}" if seen else result


def main() -> None:
    """Try all payloads, after controls which show that the hook and the alarm see what they are for."""
    for door in DOORS.values():
        for text in ("V", "Vx + 1", "("):
            outcome(door, text)
    sys.addaudithook(hook)
    signal.signal(signal.SIGALRM, too_slow)
    controls = [outcome(eval, "1"), outcome(open, "pwned"), outcome(compile_code, "1"), outcome(spin, "")]
    results = [[kind, door, text, outcome(DOORS[door], text)] for kind, door, text in CASES]
    json.dump({"controls": controls, "results": results}, sys.stdout)


def compile_code(text: str) -> object:
    """Control: compiles to code, under the file name that `ast.parse` uses."""
    return compile(text, "<unknown>", "eval")


def spin(text: str) -> None:
    """Control: never ends."""
    while True:
        pass


if __name__ == "__main__":
    main()
