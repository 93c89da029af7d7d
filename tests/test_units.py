"""Units: the table, the grammar, the sentences of its errors, and agreement with Brian2."""

from __future__ import annotations

import math
import re

import pytest

from neuromod.units import (
    DIMENSIONLESS,
    UNITS,
    Dimension,
    brian_unit,
    dimension_name,
    dimension_noun,
    format_quantity,
    in_unit,
    parse_quantity,
    parse_unit,
)

TIME = (0, 0, 1, 0, 0, 0, 0)
VOLTAGE = (2, 1, -3, -1, 0, 0, 0)
CONDUCTANCE = (-2, -1, 3, 2, 0, 0, 0)
COMPOUND = ["nS/mV", "mS/cm^2", "1/s", "Hz/pA", "pA/ms", "uM/s", "1/mV", "m/s", "pA*ms", "mV^2", "um^3", "1"]


@pytest.mark.parametrize("name", UNITS)
def test_every_unit_of_the_table_reads_as_itself(name: str) -> None:
    assert parse_unit(name) == UNITS[name]


@pytest.mark.parametrize("name", [*UNITS, *COMPOUND])
@pytest.mark.parametrize("number", [-65.0, 0.0, 0.3, 12345.6789])
def test_a_quantity_written_in_a_unit_reads_back_the_same(name: str, number: float) -> None:
    written = format_quantity(number * parse_unit(name).scale, name)
    read = parse_quantity(written)
    assert read.dimension == parse_unit(name).dimension
    assert in_unit(read.value, name) == pytest.approx(number, rel=1e-12)


def test_the_table_has_no_two_units_in_one_name() -> None:
    prefixed = {name for name in UNITS if name[1:] in UNITS and name[0] in "fpnumckMG"}
    assert {"min", "hour", "cm", "mm", "mM"} & UNITS.keys() == {"min", "hour", "cm", "mm", "mM"}
    for name in prefixed - {"kM"}:
        assert UNITS[name].dimension == UNITS[name[1:]].dimension, name


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("10 ms", 0.01, TIME),
        ("10ms", 0.01, TIME),
        ("0.1 ms", 1e-4, TIME),
        ("1e-3 s", 1e-3, TIME),
        ("1e3ms", 1.0, TIME),
        ("2 min", 120.0, TIME),
        ("8 h", 28800.0, TIME),
        ("1 day", 86400.0, TIME),
        ("-65 mV", -0.065, VOLTAGE),
        ("+.5 V", 0.5, VOLTAGE),
        ("5. V", 5.0, VOLTAGE),
        ("0.3 nS", 3e-10, CONDUCTANCE),
        ("10 %", 0.1, DIMENSIONLESS),
        ("0.5", 0.5, DIMENSIONLESS),
        ("-3", -3.0, DIMENSIONLESS),
        ("0e999999999 s", 0.0, TIME),
        ("5 1/s", 5.0, (0, 0, -1, 0, 0, 0, 0)),
        ("20 nS/mV", 2e-5, (-4, -2, 6, 3, 0, 0, 0)),
        ("3 mS/cm^2", 30.0, (-4, -1, 3, 2, 0, 0, 0)),
        ("3 mS/cm**2", 30.0, (-4, -1, 3, 2, 0, 0, 0)),
        ("3 mS*cm^-2", 30.0, (-4, -1, 3, 2, 0, 0, 0)),
        ("20 nM", 2e-5, (-3, 0, 0, 0, 0, 1, 0)),
        ("2 Hz/pA", 2e12, (0, 0, -1, -1, 0, 0, 0)),
    ],
)
def test_a_quantity_is_the_nearest_float_in_si(text: str, value: float, dimension: Dimension) -> None:
    quantity = parse_quantity(text)
    assert (quantity.value, quantity.dimension) == (value, dimension)


def test_a_product_of_units_is_read_from_the_left() -> None:
    assert parse_unit("mV/ms*s") == parse_unit("mV*s/ms").__class__("mV/ms*s", 1.0, VOLTAGE)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("5 msec", "did you mean ms?"),
        ("5 sec", "did you mean s?"),
        ("5 seconds", "did you mean s?"),
        ("5 millivolts", "did you mean mV?"),
        ("5 mvolt", "did you mean mV?"),
        ("5 microsiemens", "did you mean uS?"),
        ("5 Mohms", "did you mean Mohm?"),
        ("5 minutes", "did you mean min?"),
        ("5 MV", "did you mean mV?"),
        ("5 MS", "did you mean ms or mS?"),
        ("5 hz", "did you mean Hz?"),
        ("5 \u00b5S", "did you mean uS?"),
        ("5 \u03bcs", "did you mean us?"),
        ("5 M\u2126", "did you mean Mohm?"),
        ("5 mS/cm2", "did you mean cm^2?"),
        ("5 nS / mV", "`nS ` is not a unit; did you mean nS?"),
        ("5 nS\u00b7mV", "is not a unit"),
        ("5 parsec", "allowed are units such as s, ms"),
        ("0,5 ms", "`,5 ms` is not a unit"),
    ],
)
def test_an_unknown_unit_is_named_with_the_nearest_one(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=re.escape(part)) as caught:
        parse_quantity(text)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        *["", "ms", "fast", "inf", "nan", "-inf s", "1 2", "5 1", "5  ms", " 5 ms", "5 ms ", "5\tms"],
        *["5 ms\n", "1_000 s", "0x10 s", "\u0665 ms", "\uff15 ms", "5 e3", "1e s", "--5 ms", "5 ms 3"],
        *["5 (ms)", "5 ms;", "1e999", "1e-400 s", "1e99999999999 s", "1e308 Gohm", "1e-320 pS", "9" * 101],
        *["5 " + "m*" * 60 + "m", "5 nS/", "5 /s", "5 *s", "5 m//s", "5 m^", "5 m^0", "5 m^9", "5 m^-9"],
        *["5 m^1.5", "5 m^+-2", "5 m^2^s", "5 m***2", "5 1^2", "5 s/1", "5 1/1", "5 (1/s)"],
        *["5 m*m*m*m*m*m*m*m*m", "5 __import__('os')", "5 V.x"],
    ],
)
def test_what_is_outside_the_grammar_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^got ") as caught:
        parse_quantity(text)
    assert type(caught.value) is ValueError
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "2", "10 ms", "ms ", "Gohm^8" + 4 * "*Gohm^8", "fA^8*fA^8*fA^8"])
def test_a_unit_that_is_none_or_has_no_float_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unit"):
        parse_unit(text)


def test_a_power_of_eight_and_eight_factors_are_still_allowed() -> None:
    assert parse_unit("cm^-8").scale == 1e16
    assert parse_unit("m*m*m*m*m*m*m*m").dimension == (8, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.01, "ms", "10 ms"),
        (-0.065, "mV", "-65 mV"),
        (0.1, "%", "10 %"),
        (3.0, "1", "3"),
        (0.1 + 0.2, "s", "0.3 s"),
        (1e-4, "s", "0.0001 s"),
        (2e-5, "nS/mV", "20 nS/mV"),
    ],
)
def test_a_quantity_is_written_with_few_digits_and_its_unit(value: float, unit: str, text: str) -> None:
    assert format_quantity(value, unit) == text


@pytest.mark.parametrize(
    ("unit", "noun"),
    [
        ("ms", "a time"),
        ("mV", "a voltage"),
        ("Hz", "a rate"),
        ("1/ms", "a rate"),
        ("pA", "a current"),
        ("nS", "a conductance"),
        ("pF", "a capacitance"),
        ("nM", "a concentration"),
        ("mS/cm^2", "a conductance per area"),
        ("nS/mV", "a conductance per voltage"),
        ("%", "a number without unit"),
        ("V^3*kelvin", "a quantity in m^6*kg^3*s^-9*A^-3*kelvin"),
    ],
)
def test_a_dimension_is_called_by_its_name(unit: str, noun: str) -> None:
    dimension = parse_unit(unit).dimension
    assert dimension_noun(dimension) == noun
    assert dimension_name(dimension).startswith(noun)


@pytest.mark.parametrize("name", [*UNITS, *COMPOUND])
def test_the_example_of_a_dimension_has_that_dimension(name: str) -> None:
    dimension = parse_unit(name).dimension
    words = dimension_name(dimension)
    example = words.partition("(for example ")[2].rstrip(")")
    if dimension == DIMENSIONLESS:
        assert words == "a number without unit"
    elif example:
        assert parse_quantity(example).dimension == dimension
    else:
        assert parse_unit(words.removeprefix("a quantity in ")).dimension == dimension


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("%", "1"),
        ("mV", "volt"),
        ("pA", "amp"),
        ("nS", "siemens"),
        ("pF", "farad"),
        ("ms", "second"),
        ("kHz", "hertz"),
        ("um", "metre"),
        ("mM", "metre**-3*mole"),
        ("nS/mV", "metre**-4*kilogram**-2*second**6*amp**3"),
    ],
)
def test_the_brian_unit_is_a_product_of_base_units_or_a_name(unit: str, expected: str) -> None:
    assert brian_unit(parse_unit(unit).dimension) == expected


OTHER_NAMES = """
    s=second ns=nsecond min=60*second h=3600*second hour=3600*second day=86400*second %=0.01*number V=volt
    uV=uvolt nV=nvolt A=amp fA=famp S=siemens pS=psiemens F=farad mF=mfarad fF=ffarad m=metre nm=nmetre
    M=molar pM=pmolar mol=mole mmol=mmole umol=umole nmol=nmole pmol=pmole kg=kilogram candela=candle
"""
BRIAN_NAMES = dict(pair.split("=") for pair in OTHER_NAMES.split())


def test_every_unit_is_the_one_of_brian2() -> None:
    brian = pytest.importorskip("brian2")
    from brian2.units import allunits

    for name, unit in UNITS.items():
        factor, _, word = BRIAN_NAMES.get(name, name).rpartition("*")
        theirs = brian.Quantity(1.0) if word == "number" else getattr(allunits, word, None)
        theirs = getattr(brian, word) if theirs is None else theirs
        assert math.isclose(unit.scale, float(theirs) * float(factor or 1), rel_tol=1e-15), name
        assert tuple(int(exponent) for exponent in theirs.dim._dims) == unit.dimension, name


def test_brian2_equations_understand_the_brian_unit_of_every_dimension() -> None:
    brian = pytest.importorskip("brian2")
    for name in [*UNITS, *COMPOUND]:
        dimension = parse_unit(name).dimension
        theirs = brian.Equations(f"x : {brian_unit(dimension)}")["x"].dim
        assert tuple(int(exponent) for exponent in theirs._dims) == dimension, name
