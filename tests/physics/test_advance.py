"""Hours passed at once are the same hours step by step, with every cell silent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import neuromod
from neuromod.store.reader import Results
from tests.physics.advancing import AT, experiment, recorded, run_both

ROUNDING = 1e-9
"""Relative. Statements are the same; a closed form stands for up to 480,000 multiplications, each of which is
good to 1e-16.
"""
HOURS = 8.0
Pair = tuple[Results, Results, float]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return run_both(tmp_path_factory.mktemp("both"), HOURS)


def differences(pair: Pair, after: float, kind: str) -> dict[str, float]:
    """Largest difference of each signal some seconds after the silence, over its largest value in the run."""
    once, stepped, span = pair
    one, two = recorded(once, AT + after), recorded(stepped, AT + span + after)
    assert one.keys() == two.keys()
    return {
        key: float(np.abs(one[key] - two[key]).max() / np.abs(stepped.signal(key)[1]).max())
        for key in one
        if key.startswith(kind)
    }


@pytest.mark.parametrize("after", [0.0, 2.0])
@pytest.mark.parametrize("kind", ["weights", "report", "modulators"])
def test_an_advance_is_the_same_time_step_by_step(pair: Pair, kind: str, after: float) -> None:
    found = differences(pair, after, kind)
    assert len(found) >= 2
    assert {key: value for key, value in found.items() if value > ROUNDING} == {}


@pytest.mark.parametrize(
    "key",
    [
        *(f"weights/PRE->POST:{tag}" for tag in ("tag", "tag.z", "modulated.z", "scaling", "reward", "both")),
        "report/POST_cell_tag_capture_p",
        "modulators/cortisol_hippocampus",
        "modulators/cortisol_hippocampus.rho_GR",
    ],
)
def test_what_is_compared_moves_during_the_silence(pair: Pair, key: str) -> None:
    _, stepped, span = pair
    before, after = recorded(stepped, AT)[key], recorded(stepped, AT + span)[key]
    assert np.abs(after - before).max() > 0.05 * np.abs(before).max()


@pytest.mark.parametrize("tag", ["reward", "both"])
def test_what_is_fast_has_the_whole_biological_time(pair: Pair, tag: str, tmp_path: Path) -> None:
    """After 2 min, passed as 2 s, an eligibility of 1 s would still stand and dopamine be above its rest; but
    in 2 min they are gone, and what they give is what they give in 8 h.
    """
    advance = {"advances": [{"at": f"{AT!r} s", "duration": "2 min"}]}
    path = experiment(tmp_path / "short", AT + 3, advance)
    short, key = neuromod.run(path, output=tmp_path / "out"), f"weights/PRE->POST:{tag}"
    expected, got = recorded(pair[0], AT)[key], recorded(short, AT)[key]
    assert np.abs(got - expected).max() < ROUNDING * expected.max()
    assert recorded(short, AT)["modulators/dopamine_hippocampus"] == 1.0
