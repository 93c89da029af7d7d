"""Leaf types: what is written -> numbers in SI units."""

from __future__ import annotations

import pytest

from neuromod.config.values import (
    Distribution,
    EntryError,
    Value,
    read_drawn,
    read_positive_time,
    read_quantity,
    read_rate,
    read_time,
    read_value,
    shown,
    suggestion,
)
from neuromod.units import DIMENSIONLESS, Quantity, parse_quantity


def test_a_quantity_is_read_in_si_units() -> None:
    assert read_quantity("-65 mV") == parse_quantity("-65 mV")
    assert read_quantity("-65 mV").value == -0.065


@pytest.mark.parametrize("number", [0, 3, -2.5])
def test_a_bare_number_has_no_dimension(number: float) -> None:
    assert read_quantity(number) == Quantity(float(number), DIMENSIONLESS)


@pytest.mark.parametrize("raw", [True, None, [], {}, float("nan"), float("inf"), "", "ten"])
def test_what_is_no_number_is_no_quantity(raw: object) -> None:
    with pytest.raises(ValueError, match=r"got .*, allowed is "):
        read_quantity(raw)


def test_a_value_may_say_where_it_comes_from() -> None:
    plain = Value(parse_quantity("200 pF"))
    assert read_value("200 pF") == plain
    assert read_value({"value": "200 pF"}) == plain
    sourced = read_value({"value": "200 pF", "evidence": "P", "source": "a pilot"})
    assert sourced == Value(parse_quantity("200 pF"), "P", "a pilot")


@pytest.mark.parametrize(
    ("raw", "path", "unknown"),
    [
        ({"value": "1 pF", "unit": "pF"}, ("unit",), True),
        ({"value": "1 pX"}, ("value",), False),
        ({"value": "1 pF", "evidence": "X"}, ("evidence",), False),
        ({"value": "1 pF", "source": ["a"]}, ("source",), False),
        ({"normal": ["1 nS", "1 nX"]}, ("normal", 1), False),
        ({"normal": "1 nS"}, ("normal",), False),
        ({"normal": ["1 nS", "1 nS"], "low": True}, ("low",), False),
        ({"normal": ["1 nS", "1 nS"], "median": 1}, ("median",), True),
    ],
)
def test_an_error_inside_a_value_leads_to_its_entry(
    raw: object, path: tuple[str | int, ...], unknown: bool
) -> None:
    with pytest.raises(EntryError) as caught:
        read_drawn(raw)
    assert (caught.value.path, caught.value.unknown) == (path, unknown)


def test_distributions_have_two_values_and_limits() -> None:
    one, two = parse_quantity("1 nS"), parse_quantity("2 nS")
    assert read_drawn({"uniform": ["1 nS", "2 nS"]}) == Distribution("uniform", one, two)
    assert read_drawn({"lognormal": ["1 nS", "2 nS"]}) == Distribution("lognormal", one, two)
    limited = read_drawn({"normal": ["1 nS", "2 nS"], "low": 0, "high": "2 nS"})
    assert limited == Distribution("normal", one, two, Quantity(0.0, DIMENSIONLESS), two)
    assert read_drawn({"uniform": ["EL", "VT"]}) == Distribution("uniform", "EL", "VT")


def test_what_is_no_distribution_is_a_value() -> None:
    assert read_drawn("1 nS") == Value(parse_quantity("1 nS"))
    assert read_drawn({"value": "1 nS", "evidence": "D"}) == Value(parse_quantity("1 nS"), "D")


def test_what_has_been_read_stays_as_it_is() -> None:
    value, drawn = read_value("1 nS"), read_drawn({"uniform": [0, 1]})
    assert read_value(value) is value
    assert read_drawn(drawn) is drawn
    assert read_quantity(value.quantity) is value.quantity


def test_times_and_rates_need_their_dimension() -> None:
    assert (read_time("0 s"), read_time("10 ms"), read_rate("5 kHz")) == (0.0, 0.01, 5000.0)
    for reader, raw in (
        (read_time, 0),
        (read_time, 1.5),
        (read_time, "1 mV"),
        (read_rate, 5),
        (read_rate, "5 s"),
    ):
        with pytest.raises(ValueError, match=r"which is .*; allowed is a (time|rate)"):
            reader(raw)


def test_times_are_not_negative_and_not_endless() -> None:
    assert read_positive_time("1e7 s") == 1e7
    for reader, raw in ((read_time, "-1 ms"), (read_positive_time, "0 s"), (read_time, "10000001 s")):
        with pytest.raises(ValueError, match=r"got `.*`, allowed is "):
            reader(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (5, "5"),
        ("", "an empty text"),
        ("a b", "`a b`"),
        ("a\nb", "`a\\nb`"),
        ("\x1b[31m", "`\\x1b[31m`"),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "a mapping"),
        ("x" * 200, f"`{'x' * 57}...`"),
    ],
)
def test_values_are_shown_short_and_in_one_line(raw: object, text: str) -> None:
    assert shown(raw) == text


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("sise", "; did you mean size?"),
        ("SIZE", "; did you mean size?"),
        ("banana", ""),
        (5, ""),
        (None, ""),
        ("x" * 10_000, ""),
    ],
)
def test_only_a_near_name_is_suggested(name: object, hint: str) -> None:
    assert suggestion(name, ["size", "scale"]) == hint
