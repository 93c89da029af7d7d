"""Hoisting keeps the value of an expression and moves work out of the step."""

import numpy as np
import pytest

from neuromod.library.hoist import calls_in, evaluate, expand_calls, hoist, names_in, relaxation

CONSTANTS = {"C": 2e-10, "gL": 1e-8, "EL": -0.065, "VT": -0.05, "DT": 0.002, "tau": 0.003, "rate": 2500.0}
MOVING = {
    "V": np.linspace(-0.08, -0.045, 7),
    "I": np.linspace(-1e-10, 4e-10, 7),
    "g": np.linspace(0, 1e-8, 7),
}

CASES = [
    ("(gL*(EL - V) + gL*DT*exp(clip((V - VT)/DT, -100, 12)) + I)/C", 2),
    ("g*exp(-0.0001/tau)", 1),
    ("V/C/tau", 2),
    ("g + rate*0.0001", 0),
    ("V - I", 0),
    ("exp(-0.0001/tau) + g*exp(-0.0001/tau)", 1),
    ("sqrt(gL/C)*V", 1),
]


@pytest.mark.parametrize(("text", "count"), CASES)
def test_hoisting_keeps_the_value_and_finds_the_constant_parts(text: str, count: int) -> None:
    hoisted = hoist(text, CONSTANTS, "k")
    constants = {name: evaluate(part, CONSTANTS) for name, part in hoisted.constants.items()}
    assert len(constants) == count
    assert np.allclose(
        evaluate(hoisted.text, CONSTANTS | constants | MOVING), evaluate(text, CONSTANTS | MOVING), rtol=1e-12
    )


def test_only_parts_that_cost_something_are_hoisted() -> None:
    assert hoist("gL*EL*V", CONSTANTS, "k").constants == {}
    assert hoist("V*(gL/C)", CONSTANTS, "k").constants == {"k0": "gL / C"}


def test_a_draw_is_never_hoisted_even_when_its_mean_is_constant() -> None:
    hoisted = hoist("g + poisson(rate*0.0001)", CONSTANTS, "k")
    assert "poisson(" in hoisted.text
    assert hoisted.constants == {}


def test_what_changes_is_never_hoisted() -> None:
    assert hoist("g*exp(-0.0001/tau)", CONSTANTS.keys() - {"tau"}, "k").constants == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-g/tau", ("0", "tau")),
        ("(EL + I/gL - V)/tau", None),
        ("(target - g)/tau", ("target", "tau")),
        ("(g - target)/tau", None),
        ("(target - g*g)/tau", None),
        ("-g*tau", None),
    ],
)
def test_relaxation_recognises_only_the_two_exact_forms(text: str, expected: tuple[str, str] | None) -> None:
    assert relaxation(text, "g") == expected


def test_relaxation_accepts_a_target_of_several_terms() -> None:
    assert relaxation("(EL + (I + I_bias)/gL - V)/tau_m", "V") == ("EL + (I + I_bias) / gL", "tau_m")


def test_calls_are_expanded_in_order_of_appearance() -> None:
    seen: list[list[str]] = []

    def expansion(arguments: list[str]) -> str:
        seen.append(arguments)
        return f"draw({len(seen)})"

    assert expand_calls("normal() + 2*normal()", "normal", expansion) == "draw(1) + 2 * draw(2)"
    assert seen == [[], []]


def test_names_and_calls_are_told_apart() -> None:
    assert names_in("exp(V) + exp") == {"V", "exp"}
    assert calls_in("exp(V) + clip(g, 0, 1)") == {"exp", "clip"}


def test_evaluation_refuses_what_the_guard_would_refuse() -> None:
    with pytest.raises(ValueError, match="cannot evaluate"):
        evaluate("[1, 2]", {})


def test_a_division_by_a_constant_with_a_gain_is_the_product_that_it_is_without() -> None:
    assert hoist("V/C", CONSTANTS, "k").text == "V * k0"
    assert hoist("V/(C*gain)", CONSTANTS, "k", ["gain"]).text == "V * (1.0 / (C * gain))"
    assert hoist("gL*gain/C", CONSTANTS, "k", ["gain"]).text == "gL * gain / C"
    assert hoist("V/(C*gain)", CONSTANTS, "k", ["gain"]).constants == {}
