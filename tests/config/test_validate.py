"""Errors of a schema become problems with place, key and plain words."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from neuromod.config.network import Section
from neuromod.config.read import Node, parse_tree
from neuromod.config.schema import Experiment
from neuromod.config.validate import MAX_PROBLEMS, validate
from neuromod.config.values import DrawnField, Name, PositiveTime
from neuromod.errors import ConfigError, Place, Problem


class Leaf(Section):
    """A block inside a block."""

    size: Annotated[int, Field(ge=1, le=9)]
    weight: DrawnField | None = None


class Tree(Section):
    """A block with every way to hold another."""

    tau: PositiveTime = 0.01
    mode: Literal["fast", "slow"] = "fast"
    which: Literal["all"] | Annotated[tuple[Name, ...], Field(strict=False)] = "all"
    leaf: Leaf | None = None
    leaves: dict[Name, Leaf] = Field({})
    rows: tuple[Leaf, ...] = Field((), strict=False)


def problems_of(text: str, prefix: str = "") -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        validate(parse_tree(text, "f.yaml"), Tree, prefix)
    return list(caught.value.problems)


def test_a_good_tree_becomes_its_model() -> None:
    tree = validate(parse_tree("tau: 5 ms\nleaves: {a: {size: 3}}\n", "f.yaml"), Tree)
    assert (tree.tau, tree.mode, tree.leaves["a"].size) == (0.005, "fast", 3)


def test_a_wrong_value_is_told_at_the_value() -> None:
    (problem,) = problems_of("leaves:\n  a:\n    size: 10\n")
    assert str(problem) == "f.yaml:3:11: leaves.a.size: got 10, allowed is a whole number from 1 to 9"


def test_an_unknown_key_is_told_at_the_key() -> None:
    (problem,) = problems_of("leaf:\n  size: 1\n  weihgt: 1 nS\n")
    assert problem.place == Place("f.yaml", 3, 3)
    expected = "got the unknown key `weihgt`, allowed are size, weight; did you mean weight?"
    assert (problem.key, problem.message) == ("leaf.weihgt", expected)


def test_a_missing_key_is_told_at_the_block_that_lacks_it() -> None:
    (problem,) = problems_of("tau: 1 ms\nleaf:\n  weight: 1 nS\n")
    assert problem.place == Place("f.yaml", 2, 1)
    assert problem.key == "leaf.size"
    assert problem.message == "got nothing, this key is needed; allowed is a whole number from 1 to 9"


def test_a_missing_key_in_a_list_is_told_at_the_entry() -> None:
    (problem,) = problems_of("rows:\n  - {size: 1}\n  - {weight: 1}\n")
    assert (problem.key, problem.place) == ("rows.1.size", Place("f.yaml", 3, 5))


def test_a_bad_name_is_told_at_the_name() -> None:
    (problem,) = problems_of("leaves:\n  a: {size: 1}\n  b-c: {size: 1}\n")
    assert problem.place == Place("f.yaml", 3, 3)
    assert problem.message.startswith("got the name `b-c`, allowed is a name (a letter, ")


def test_an_error_inside_a_distribution_is_told_at_its_entry() -> None:
    (problem,) = problems_of("leaf:\n  size: 1\n  weight: {normal: [1 nS, 1 nX]}\n")
    assert (problem.key, problem.place) == ("leaf.weight.normal.1", Place("f.yaml", 3, 27))


def test_an_unknown_key_inside_a_value_is_told_at_the_key() -> None:
    (problem,) = problems_of("leaf:\n  size: 1\n  weight: {value: 1 nS, sorce: me}\n")
    assert (problem.key, problem.place) == ("leaf.weight.sorce", Place("f.yaml", 3, 25))
    assert problem.message.endswith("did you mean source?")


def test_a_value_that_fits_no_alternative_is_told_once() -> None:
    (problem,) = problems_of("which: alll\n")
    assert problem.key == "which"
    assert problem.message.startswith("got `alll`, allowed is all or a list, each entry a name")
    assert problem.message.endswith("; did you mean all?")


def test_a_wrong_entry_of_an_alternative_is_told_alone() -> None:
    (problem,) = problems_of("which: [a, 5, b]\n")
    assert (problem.key, problem.place) == ("which.1", Place("f.yaml", 1, 12))


def test_two_wrong_entries_are_two_problems() -> None:
    assert [problem.key for problem in problems_of("which: [1, a, 2]\n")] == ["which.0", "which.2"]


def test_a_near_choice_is_suggested() -> None:
    (problem,) = problems_of("mode: fats\n")
    assert problem.message == "got `fats`, allowed is one of fast, slow; did you mean fast?"


def test_a_mapping_in_place_of_a_number_is_told_at_its_key() -> None:
    (problem,) = problems_of("tau: {a: 1}\n")
    assert (problem.place, problem.message[:14]) == (Place("f.yaml", 1, 1), "got a mapping,")


def test_a_scalar_in_place_of_a_block_names_the_keys_of_the_block() -> None:
    (problem,) = problems_of("leaf: 5\n")
    assert problem.message == "got 5, allowed is a mapping with the keys size, weight"


def test_all_problems_come_at_once_and_in_order_of_place() -> None:
    found = problems_of("mode: x\ntau: 0 s\nleaf: {}\nrows: [{size: 0}, {size: 1, a: 1}]\nb: 1\n")
    assert [problem.key for problem in found] == ["mode", "tau", "leaf.size", "rows.0.size", "rows.1.a", "b"]
    assert found == sorted(found, key=lambda problem: problem.place or Place(""))


def test_the_prefix_comes_before_every_key() -> None:
    assert [problem.key for problem in problems_of("tau: 0 s\nx: 1\n", "models.a")] == [
        "models.a.tau",
        "models.a.x",
    ]


def test_a_tree_that_is_no_mapping_is_refused() -> None:
    (problem,) = problems_of("[1, 2]\n")
    assert problem.message.startswith("got a list of 2, allowed is a mapping with the keys tau, mode")


def test_of_very_many_problems_the_first_are_told_and_the_rest_counted() -> None:
    found = problems_of(f"which: [{', '.join(['5'] * 200)}]\n")
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1].message == "got 150 more problems from here on"
    assert found[-1].place is not None


_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["10 ms", "all", "E", "E->E", "5 Hz", "-1 nS", "lif", ""]),
    st.text(max_size=20),
)
_keys = st.sampled_from(
    [
        *Experiment.model_fields,
        "E",
        "E->E",
        "neuron",
        "size",
        "connect",
        "weight",
        "states",
        "0",
        "constrained-int",
    ]
)
_plain = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=25,
)


def node_of(plain: object) -> Node:
    """A tree without meaningful places."""
    place = Place("f.yaml", 1, 1)
    if isinstance(plain, dict):
        return Node({key: node_of(value) for key, value in plain.items()}, place, dict.fromkeys(plain, place))
    if isinstance(plain, list):
        return Node([node_of(value) for value in plain], place)
    assert plain is None or isinstance(plain, str | int | float)
    return Node(plain, place)


@settings(max_examples=300, deadline=None)
@given(_plain)
def test_whatever_a_tree_holds_its_errors_are_in_plain_words(plain: object) -> None:
    with pytest.raises(ConfigError) as caught:
        validate(node_of({**plain, "unknown": 1} if isinstance(plain, dict) else plain), Experiment)
    found = caught.value.problems
    assert len(str(caught.value).split("\n")) == len(found)
    assert all(problem.place and problem.message.startswith("got ") for problem in found)
