"""Receptors and effects of a neuromodulator are refused where they make no sense."""

from pathlib import Path

import pytest

from neuromod.errors import ConfigError
from neuromod.library.registry import Library
from neuromod.library.slopes import Slopes, read_slopes
from neuromod.library.template import NeuromodulatorTemplate

TEXT = """
kind: neuromodulator
title: Novelty
evidence: D
decay: {cortex: 0.5 s}
receptors:
  N1: {K: 2, n: 2, messenger: 0.3 s}
effects:
  - {receptor: N1, populations: [CELL], parameter: gL, scale: 0.4, evidence: D}
"""


def model(folder: Path, text: str) -> NeuromodulatorTemplate:
    path = folder / "neuromodulators" / "novelty.yaml"
    path.parent.mkdir()
    path.write_text(text)
    return Library([folder]).neuromodulator("novelty")


def test_a_number_is_the_slope_on_both_sides(tmp_path: Path) -> None:
    (effect,) = model(tmp_path, TEXT).effects
    assert effect.scale == Slopes(0.4, 0.4)


def test_two_numbers_are_the_slopes_above_and_below_the_tonic_level(tmp_path: Path) -> None:
    (effect,) = model(tmp_path, TEXT.replace("scale: 0.4", "scale: {rise: 0.2, fall: -1}")).effects
    assert effect.scale == Slopes(0.2, -1.0)


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("K: 2", "K: 0", "receptors.N1.K", "got 0, allowed is a positive value up to 1000"),
        ("K: 2", "K: -1", "receptors.N1.K", "got -1, allowed is a positive value"),
        ("K: 2", "K: 2 nM", "receptors.N1.K", "allowed is a number without unit"),
        ("n: 2", "n: 11", "receptors.N1.n", "got 11, allowed is a positive value up to 10"),
        ("0.3 s", "0 s", "receptors.N1.messenger", "got 0, allowed is a positive value"),
        ("0.3 s", "3 Hz", "receptors.N1.messenger", "allowed is a time"),
        ("N1: {K", "N__1: {K", "receptors.N__1", "two underscores"),
        ("N1: {K", "N_pre: {K", "receptors.N_pre", "ends in _pre"),
        (
            "receptor: N1",
            "receptor: N3",
            "effects.0.receptor",
            "allowed are receptors of this neuromodulator",
        ),
        ("scale: 0.4", "scale: true", "effects.0.scale", "got true, allowed is a number from -100 to 100"),
        ("scale: 0.4", "scale: [1, 2]", "effects.0.scale", "allowed is a number"),
        ("gL", "gL.x.y", "effects.0.parameter", "allowed is PARAMETER, INPUT.PARAMETER"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(
    tmp_path: Path, old: str, new: str, key: str, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        model(tmp_path, TEXT.replace(old, new))
    found = [problem for problem in caught.value.problems if problem.key == key]
    assert any(message in problem.message for problem in found), caught.value.problems


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), "0.4", None, 1e3])
def test_slopes_are_finite_numbers_of_moderate_size(raw: object) -> None:
    with pytest.raises(ValueError, match="allowed is a number from -100 to 100"):
        read_slopes(raw)


def test_slopes_are_shown_once_where_they_are_equal() -> None:
    assert (str(Slopes(0.5, 0.5)), str(Slopes(0.5, -1.0))) == ("+0.5", "+0.5 / -1")
