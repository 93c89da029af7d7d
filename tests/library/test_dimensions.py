"""Dimensions of expressions: what fits, what does not, and the sentence that says so."""

from __future__ import annotations

import pytest

from neuromod.library.dimensions import dimension_of, is_zero
from neuromod.library.grammar import FUNCTIONS, RANDOM, Expression, parse_expression
from neuromod.units import DIMENSIONLESS, UNITS, Dimension

VOLTAGE = UNITS["mV"].dimension
CURRENT = UNITS["pA"].dimension
CONDUCTANCE = UNITS["nS"].dimension
TIME = UNITS["ms"].dimension
RATE = UNITS["Hz"].dimension
KNOWN = {
    "V": VOLTAGE,
    "E": VOLTAGE,
    "I": CURRENT,
    "g": CONDUCTANCE,
    "tau": TIME,
    "x": DIMENSIONLESS,
    "r": RATE,
}


def parse(text: str) -> Expression:
    return parse_expression(text, known=[*KNOWN, "t", "dt", "Q"], functions=FUNCTIONS | RANDOM)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("g*(E - V)", CURRENT),
        ("I/g", VOLTAGE),
        ("V + 70*mV", VOLTAGE),
        ("-V", VOLTAGE),
        ("V % E", VOLTAGE),
        ("abs(V)", VOLTAGE),
        ("sign(V)", DIMENSIONLESS),
        ("sqrt(V*E)", VOLTAGE),
        ("V**0.5*E**0.5", VOLTAGE),
        ("sqrt(V)*sqrt(E)", VOLTAGE),
        ("(t/tau)**2", DIMENSIONLESS),
        ("x/tau", RATE),
        ("V**0", DIMENSIONLESS),
        ("tau**-1", RATE),
        ("exp(-t/tau)", DIMENSIONLESS),
        ("tau - dt", TIME),
        ("V + 0", VOLTAGE),
        ("0 - V", VOLTAGE),
        ("V*0", VOLTAGE),
        ("0", DIMENSIONLESS),
        ("clip(V, 0, E)", VOLTAGE),
        ("clip(I, 0, 5*pA)", CURRENT),
        ("V > 0 and not (I < 0.0)", DIMENSIONLESS),
        ("int(V > E)", DIMENSIONLESS),
        ("x*normal() + uniform() + poisson(r*dt)", DIMENSIONLESS),
        ("V == -0", DIMENSIONLESS),
    ],
)
def test_the_dimension_of_an_expression_follows_from_its_variables(text: str, expected: Dimension) -> None:
    assert dimension_of(parse(text), KNOWN) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("V + I", r"cannot add a voltage and a current in `V \+ I`"),
        ("x*(V - I)", "cannot subtract a voltage and a current in `V - I`"),
        ("V + 1", "cannot add a voltage and a number without unit"),
        ("V > I", "cannot compare a voltage and a current in `V > I`"),
        ("x > 1 or not (V > I)", "cannot compare"),
        ("V % I", "cannot take the remainder of a voltage and a current"),
        ("clip(V, 0, 1)", r"cannot clip a voltage and a number without unit in `clip\(V, 0, 1\)`"),
        ("exp(V)", r"`exp` needs a number without unit and got a voltage in `exp\(V\)`"),
        ("log(I)", "`log` needs"),
        ("sin(t)", "`sin` needs"),
        ("tanh(V)", "`tanh` needs"),
        ("floor(V)", "`floor` needs"),
        ("int(V)", "`int` needs"),
        ("poisson(r)", "`poisson` needs"),
        ("sqrt(V)", "square root"),
        ("V + sqrt(V)", "cannot add a voltage and the square root of a quantity"),
        ("x*Q", "the dimension of `Q` is not known"),
        ("V + (1 - 1)", "cannot add a voltage and a number without unit"),
    ],
)
def test_what_does_not_fit_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dimension_of(parse(text), KNOWN)


def test_a_variable_comes_before_a_unit_and_before_time() -> None:
    assert dimension_of(parse("t"), {"t": VOLTAGE}) == VOLTAGE
    assert dimension_of(parse("mV"), {"mV": TIME}) == TIME


@pytest.mark.parametrize(
    ("text", "zero"), [("0", True), ("-0.0", True), ("1", False), ("0*V", False), ("V", False)]
)
def test_only_a_bare_zero_fits_every_dimension(text: str, zero: bool) -> None:
    assert is_zero(parse(text)) is zero
