"""Types in words."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from neuromod.config.describe import annotation_at, describe, options
from neuromod.config.network import Channels
from neuromod.config.schema import Experiment, Ids
from neuromod.config.values import PositiveTime


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int, "a whole number"),
        (Annotated[int, Field(ge=1, le=1000)], "a whole number from 1 to 1,000"),
        (Annotated[int, Field(ge=0)], "a whole number of at least 0"),
        (Annotated[float, Field(gt=0, le=10)], "a number above 0, at most 10"),
        (Annotated[float, Field(gt=0)], "a number above 0"),
        (Annotated[float, Field(lt=5)], "a number below 5"),
        (Annotated[float, Field(le=5)], "a number of at most 5"),
        (bool, "true or false"),
        (str, "text"),
        (Annotated[str, Field(max_length=40)], "text of at most 40 characters"),
        (Literal["a"], "a"),
        (Literal["a", "b"], "one of a, b"),
        (Literal[True], "true"),
        (PositiveTime, "a positive time, for example 10 ms"),
        (PositiveTime | None, "a positive time, for example 10 ms"),
        (Literal["all"] | Ids, "all or a list, each entry a whole number of at least 0"),
        (tuple[int, int], "a list of 2, each a whole number"),
        (Annotated[tuple[int, ...], Field(min_length=1)], "a list of at least 1, each a whole number"),
        (dict[str, int], "a mapping, each entry a whole number"),
        (Channels, "a mapping with the keys count, fraction"),
    ],
)
def test_a_type_is_described_in_words(annotation: object, words: str) -> None:
    assert describe(annotation) == words


def test_the_options_of_alternatives_are_those_of_all() -> None:
    assert options(Literal["all", "none"] | Ids | None) == ["all", "none"]
    assert options(int) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("seed",), "a whole number from 0 to 2,147,483,647"),
        (("populations", "E", "size"), "a whole number from 1 to 100,000,000"),
        (("populations", "E", "target_rate", 1), "a rate, for example 5 Hz"),
        (("record", "states", 3, "neurons", 0), "a whole number of at least 0"),
        (("modulators", "dopamine", "striatum", "pulses", 0, "at"), "a time, for example 10 ms"),
        (("projections", "E->E", "connect", "autapses"), "true or false"),
    ],
)
def test_the_type_at_a_key_is_found(path: tuple[str | int, ...], words: str) -> None:
    assert describe(annotation_at(Experiment, path)) == words


@pytest.mark.parametrize(
    "path", [("nothing",), ("seed", "x"), ("populations", 0), ("regions", "x"), ("regions", 0, 0)]
)
def test_a_path_out_of_the_schema_leads_nowhere(path: tuple[str | int, ...]) -> None:
    assert annotation_at(Experiment, path) is None
