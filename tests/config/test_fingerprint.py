"""The fingerprint says whether two experiments are the same."""

from __future__ import annotations

import hashlib
import re

import pytest

from neuromod.config.fingerprint import RESUMABLE, canonical, differences, fingerprint
from neuromod.config.read import parse_tree
from neuromod.config.schema import Experiment
from tests.config.bad_cases import config


def of(text: str) -> str:
    return fingerprint(parse_tree(text, "f.yaml"))


def test_it_is_the_sha256_of_the_canonical_text() -> None:
    node = parse_tree("b: [1, x]\na: {c: 2.5, d: null, e: true}\n", "f.yaml")
    assert canonical(node) == '{"a":{"c":2.5,"d":null,"e":true},"b":[1,"x"]}'
    assert fingerprint(node) == hashlib.sha256(canonical(node).encode()).hexdigest()
    assert re.fullmatch("[0-9a-f]{64}", fingerprint(node))


@pytest.mark.parametrize(
    "other",
    [
        config(duration="9 s"),
        config(duration=None),
        config(guards="{rate_limit: 900 Hz}"),
        config(checkpoint="{every: 1 s}"),
        "# comment\n" + config(),
        config(name="'bad'"),
        "populations:\n  E:\n    size: 10\n    neuron: lif\nname: bad\nduration: 1 s\nneuromod: 1.0\n",
    ],
)
def test_what_a_run_may_be_resumed_with_order_and_notation_do_not_change_it(other: str) -> None:
    assert of(other) == of(config())


@pytest.mark.parametrize(
    "other",
    [
        config(seed="1"),
        config(name="other"),
        config(neuromod="true"),
        config(neuromod="'1'"),
        config(populations="{E: {neuron: lif, size: 11}}"),
        config(populations="{F: {neuron: lif, size: 10}}"),
        config(populations="{E: {neuron: lif, size: 10, record: 1}}"),
        config(dt="0.1 ms"),
    ],
)
def test_everything_else_changes_it(other: str) -> None:
    assert of(other) != of(config())


@pytest.mark.parametrize("key", sorted(Experiment.model_fields.keys() - set(RESUMABLE)))
def test_every_other_key_of_the_top_level_counts(key: str) -> None:
    assert of(config({key: "changed"})) != of(config())


@pytest.mark.parametrize("key", RESUMABLE)
def test_a_key_that_a_run_may_be_resumed_with_is_one_of_the_schema_and_does_not_count(key: str) -> None:
    assert key in Experiment.model_fields
    assert of(config({key: "changed"})) == of(config())


def test_differences_are_named_by_their_keys_of_two_levels() -> None:
    one = parse_tree("seed: 1\nduration: 1 s\npopulations: {E: {size: 1}, I: {size: 2}}\n", "f.yaml")
    two = parse_tree("seed: 2\nduration: 2 s\npopulations: {E: {size: 3}, I: {size: 2.0}, J: {}}\n", "f.yaml")
    assert differences(one, two) == ["populations.E", "populations.J", "seed"]
    assert differences(one, one) == []


def test_entries_called_like_what_is_left_out_count_below_the_top() -> None:
    assert of(config(stimuli="{s: {duration: 1 s}}")) != of(config(stimuli="{s: {duration: 2 s}}"))


def test_the_order_of_lists_counts() -> None:
    assert of("regions: [a, b]\n") != of("regions: [b, a]\n")
