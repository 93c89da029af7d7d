"""A claim about a network that runs for a moment, and outcomes without any run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulation.conftest import SMALL

CLAIM = """
claim: 1
row: A99
title: A current makes cells fire
sentence: More current, more spikes.
sources: [{text: anyone who tried it, evidence: D}]
seeds: 0-1
arms:
  base: {config: ../small.yaml}
  more: {config: ../small.yaml, set: {populations.CELL.parameters.I_bias: 1000 pA}}
  after: {config: ../small.yaml, set: {warm_start: "{base}"}}
tests:
  fires:
    says: Cells fire more with more current.
    measure: mean_rate
    options: {population: CELL}
    arm: more
    against: base
    expect: more
    band: [1, 100]
    unit: Hz
    evidence: D
  goes_on:
    says: Cells fire on where they have come to.
    measure: mean_rate
    options: {population: CELL, start_s: 0.1}
    arm: after
    against: 1
    expect: more
    band: [1, null]
    levels: {base: [1, 60]}
    unit: Hz
    evidence: D
"""
Write = Callable[[str], Path]


def project(folder: Path, claim: str = CLAIM) -> Path:
    """A folder with configs, and the claim file in it."""
    path = folder / "configs" / "atlas" / "A99.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    (folder / "configs" / "small.yaml").write_text(SMALL.replace("500 ms", "400 ms"))
    path.write_text(claim)
    return path


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(claim: str) -> Path:
        return project(tmp_path, claim)

    return write
