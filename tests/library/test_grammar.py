"""The grammar: what it accepts, the text it hands on, and what it says about the rest."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromod.library.grammar import (
    FUNCTIONS,
    RANDOM,
    Expression,
    parse_expression,
    parse_statement,
    parse_statements,
    rename,
    substitute,
)
from neuromod.library.syntax import EXPRESSION_UNITS

KNOWN = ("V", "I", "x", "tau", "V_reset")


def parse(text: str) -> Expression:
    return parse_expression(text, known=KNOWN)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("(V_reset - V + x*I)/tau", "(V_reset - V + x * I) / tau"),
        ("V - (I - x)", "V - (I - x)"),
        ("((V))", "V"),
        ("-V**2", "-V ** 2"),
        ("(-V)**2", "(-V) ** 2"),
        ("x**-0.5", "x ** (-0.5)"),
        ("V > 0 and not (I < 1)", "V > 0 and (not I < 1)"),
        ("clip(V, 0, 1)*int(V > 0.5)", "clip(V, 0, 1) * int(V > 0.5)"),
        ("V -\n  70*mV", "V - 70 * mV"),
        ("V -\r\n\tI", "V - I"),
        (" 1e-3 * x % 2 ", "0.001 * x % 2"),
        ("1e12*x", "1000000000000.0 * x"),
        ("+x", "+x"),
    ],
)
def test_an_expression_is_written_anew_from_its_tree(text: str, canonical: str) -> None:
    assert parse(text).text == canonical


def test_variables_units_and_functions_are_told_apart() -> None:
    expression = parse("exp(-V/(70*mV)) + x*sqrt(x)")
    assert expression.names == {"V", "x"}
    assert expression.units == {"mV"}
    assert expression.functions == {"exp", "sqrt"}


def test_a_variable_comes_before_a_unit_of_the_same_name() -> None:
    assert parse_expression("ms", known={"ms"}).names == {"ms"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("V + Vm", r"got 'V \+ Vm', but `Vm` is not known here; did you mean `V`\?"),
        ("x*s", "`s` is not known here, and as a unit it must be one such as"),
        ("Q", "known are I, V, V_reset, tau, x"),
        ("V^2", r"'\^' is not allowed; a power is written \*\*"),
        ("sinus(x)", "`sinus` is not a function that can be used here; did you mean `sin`"),
        ("exp", "is a function and needs its arguments"),
        ("exp(V, I)", "`exp` got 2 arguments and needs 1"),
        ("V < I < x", "cannot be chained"),
        ("(V > I)*x", r"write int\(...\) around it"),
        ("V and I > 3*x", None),
        ("x + 1 and V > I", "join comparisons, not numbers"),
        ("V**I", "an exponent must be a whole or half number from -8 to 8"),
        ("x**9", "from -8 to 8"),
        ("(x**2 + 1)**2", "a power of a power"),
        ("1e13", "a number above 1e[+]12"),
        ("x/(V - V)", r"'x / \(V - V\)' has no finite real value"),
        ("log(0*x)", "no finite real value"),
        ("V if x else I", "`if ... else` is not allowed"),
        ("V//2", "the operator // is not allowed"),
        ("V +", "not a complete expression"),
        ("0x10", "not a decimal number"),
        ("V" * 2001, "2001 characters and 2000 are allowed"),
        ("", "it is empty"),
    ],
)
def test_what_is_refused_is_told_why(text: str, message: str | None) -> None:
    if message is None:
        assert parse(text).functions == frozenset()
        return
    with pytest.raises(ValueError, match=message):
        parse(text)


def test_the_message_begins_with_the_place() -> None:
    with pytest.raises(ValueError, match=r"\Aneurons/lif: threshold: got 'Q'"):
        parse_expression("Q", known=(), place_key="neurons/lif: threshold")


def test_time_is_known_only_where_the_caller_says_so() -> None:
    assert parse_expression("t + dt", known={"t", "dt"}).names == {"t", "dt"}
    with pytest.raises(ValueError, match="`t` is not known"):
        parse("exp(-t/tau)")


def test_random_draws_are_functions_only_where_the_caller_says_so() -> None:
    drawn = parse_expression("normal() + uniform()*poisson(x)", known=KNOWN, functions=FUNCTIONS | RANDOM)
    assert drawn.functions == RANDOM
    with pytest.raises(ValueError, match="`normal` is not a function"):
        parse("normal()")


def test_depth_and_size_have_limits() -> None:
    assert parse("+".join(["V"] * 40)).names == {"V"}
    with pytest.raises(ValueError, match="more than 40 operations deep"):
        parse("+".join(["V"] * 42))
    with pytest.raises(ValueError, match="more than 500 terms"):
        parse(" + ".join(["(" + "*".join(["V"] * 16) + ")"] * 20))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("V=V_reset", "V = V_reset"), (" x += 2*x ", "x += 2 * x"), ("x -= 1", "x -= 1"), ("x*=-1", "x *= -1")],
)
def test_an_assignment_is_split_into_target_operator_and_expression(text: str, canonical: str) -> None:
    assert parse_statement(text, known=KNOWN, writable={"V", "x"}).text == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("I = 3", "`I` cannot be assigned here; variables that can: V, x"),
        ("tmp = 3", "`tmp` cannot be assigned here"),
        ("V == 3", "not one assignment"),
        ("V", "not one assignment"),
        ("V = 1\nx = 2", "not one assignment"),
        ("V /= 2", "`/=` is not allowed; allowed are ="),
        ("V = x = 2", "'=' is not allowed"),
        ("V = Q", "`Q` is not known"),
    ],
)
def test_a_wrong_assignment_is_told_why(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_statement(text, known=KNOWN, writable={"V", "x"})


def test_statements_come_as_lines_or_as_a_list() -> None:
    block = parse_statements("V = V_reset\n\n  x += 1\r\n", known=KNOWN, writable=KNOWN)
    listed = parse_statements(["V = V_reset", "x += 1"], known=KNOWN, writable=KNOWN)
    assert block == listed
    assert [statement.target for statement in block] == ["V", "x"]


@pytest.mark.parametrize("lines", ["V = 1\n" * 51, "V" * 100_001])
def test_too_many_statements_are_refused(lines: str) -> None:
    with pytest.raises(ValueError, match="a: got"):
        parse_statements(lines, known=KNOWN, writable=KNOWN, place_key="a")


def test_renaming_is_exact_and_simultaneous() -> None:
    assert rename("V + V_reset*exp(V)", {"V": "V_post"}) == "V_post + V_reset * exp(V_post)"
    assert rename(parse("V - I"), {"V": "I", "I": "V"}) == "I - V"
    assert rename("exp(x)", {"exp": "y", "x": "_z"}) == "exp(_z)"


def test_renaming_never_makes_two_variables_into_one() -> None:
    with pytest.raises(ValueError, match="two variables into one `I`"):
        rename("V + I", {"V": "I"})


def test_a_new_name_must_be_a_name() -> None:
    with pytest.raises(ValueError, match="as a new name"):
        rename("V", {"V": "a; b"})


def test_substitution_keeps_the_order_of_operations() -> None:
    assert substitute("V*x", {"V": "a + b", "x": "V - c"}) == "(a + b) * (V - c)"
    assert substitute(parse("x**2"), {"x": "-a"}) == "(-a) ** 2"
    assert substitute("70*mV", {"mV": "0.001"}) == "70 * 0.001"


def test_substitution_refuses_what_is_no_expression_or_has_no_value() -> None:
    with pytest.raises(ValueError, match="is not allowed"):
        substitute("V", {"V": "'a'"})
    with pytest.raises(ValueError, match="no finite real value"):
        substitute("1/x", {"x": "0"})
    with pytest.raises(ValueError, match="no finite real value"):
        substitute("x**8", {"x": "(9**8)**8"})


numbers = st.one_of(st.integers(0, 1000).map(str), st.floats(0.001, 1e6).map(repr))
leaves = st.one_of(numbers, st.sampled_from(["V", "I", "x"]))
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda p: f"({p[0]}){p[1]}{p[2]}"),
        inner.map(lambda text: f"-{text}"),
        inner.map(lambda text: f"tanh({text})"),
        inner.map(lambda text: f"int({text} > 1)"),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(expressions)
def test_the_canonical_text_means_the_same_and_is_its_own_canonical_text(text: str) -> None:
    canonical = parse(text).text
    values = {"V": -0.06, "I": 2.5, "x": 0.3, "tanh": math.tanh}
    assert eval(canonical, dict(values)) == eval(text, dict(values))
    assert parse(canonical).text == canonical
    assert rename(text, {}) == canonical


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet="VIx01.e+-*/%()<>=! \n,exp_not", max_size=60)))
def test_any_text_is_accepted_or_refused_with_a_sentence(text: str) -> None:
    try:
        names, message = parse(text).names, ""
    except ValueError as error:
        names, message = frozenset(), str(error)
    assert names <= set(KNOWN)
    assert message == "" or message.startswith("got ")
    assert message.isascii()
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "(V_reset - V)/tau + x*exp(-I)",
        "clip(V, 0, 1)*int(V > 0.5 and not (x < 1))",
        "V**2 - x**-0.5 + abs(I) % 3",
        "tanh(V) + sin(x)*cos(x) + floor(I) + sign(V) + log(2) + sqrt(2)",
    ],
)
def test_brian2_understands_what_is_handed_on(text: str) -> None:
    from brian2.parsing.sympytools import str_to_sympy

    assert {str(symbol) for symbol in str_to_sympy(parse(text).text).free_symbols} == parse(text).names


def test_every_unit_allowed_in_expressions_has_the_same_size_and_dimension_in_brian2() -> None:
    from brian2.core.namespace import DEFAULT_UNITS

    assert {"ms", "mV", "nS", "pA", "Hz", "pF", "second", "volt", "uM", "Mohm"} <= EXPRESSION_UNITS.keys()
    for name, unit in EXPRESSION_UNITS.items():
        theirs = DEFAULT_UNITS[name]
        assert float(theirs) == pytest.approx(unit.scale, rel=1e-12)
        assert tuple(theirs.dim._dims) == unit.dimension
