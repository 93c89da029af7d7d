"""Both players of tasks, and what is handed to them, agree on every order."""

from __future__ import annotations

import re

import pytest

from neuromod.library.check_task import SIGNALS
from neuromod.program.cpp import NATIVE
from neuromod.program.task_layout import (
    NUMBERS,
    SIZES,
    About,
    Column,
    Move,
    Rule,
    Scalar,
    Selector,
    Send,
    Signal,
)
from neuromod.simulation.trial_log import FIXED

TEXT = "".join((NATIVE / f"nm_task.{kind}").read_text() for kind in ("hpp", "cpp"))
PREFIX = re.compile(r"^(S|R|BY)_")


def native(enum: str) -> list[str]:
    """Names of an enumeration of the header, without their prefixes and the count at the end."""
    [names] = re.findall(rf"enum {enum} {{(.*?)}};", TEXT)
    return [PREFIX.sub("", name.strip()) for name in names.split(",")]


@pytest.mark.parametrize(
    ("enum", "ours", "count"),
    [
        ("Scalar", Scalar, ["SCALARS"]),
        ("Signal", Signal, ["SIGNALS"]),
        ("Rule", Rule, []),
        ("Selector", Selector, []),
        ("About", About, ["ABOUT"]),
        ("Fixed", Column, ["FIXED"]),
    ],
)
def test_an_enumeration_has_the_order_of_the_header(enum: str, ours: type, count: list[str]) -> None:
    names = [{"NONE": "NO_RULE"}.get(name, name) for name in ours.__members__]
    assert native(enum) == names + count


def test_signals_have_the_order_of_the_language() -> None:
    words = {"ERROR": "prediction_error", "EXPECTED": "expected_uncertainty", "AVERAGE": "average_outcome"}
    words["UNEXPECTED"] = "unexpected_uncertainty"
    assert tuple(words.get(signal.name, signal.name.lower()) for signal in Signal) == SIGNALS


def test_columns_have_the_order_of_the_log() -> None:
    words = {"ERROR": "prediction_error", "EXPECTED": "expected_uncertainty", "AVERAGE": "average_outcome"}
    words["UNEXPECTED"] = "unexpected_uncertainty"
    assert [entry.name for entry in FIXED] == [words.get(c.name, c.name.lower()) for c in Column]


def test_numbers_and_rows_have_the_order_of_the_header() -> None:
    def listed(name: str) -> list[str]:
        [names] = re.findall(rf"{name}\[\] = {{(.*?)}};", TEXT, re.S)
        return re.findall(r"&(\w+)", names)

    assert listed("sizes") == list(SIZES)
    assert listed("all") == list(NUMBERS)
    for row, struct in ((Move, "Move"), (Send, "Send")):
        [fields] = re.findall(rf"struct {struct} {{ double\* target; int64_t (.*?);", TEXT)
        assert fields.split(", ") == list(row._fields)
