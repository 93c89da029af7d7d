"""A memory over a night (configs/memory_days.yaml): what was learned strongly lasts, what was learned weakly
does not. Expectations are those of V11, after Luboeinski and Tetzlaff 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import neuromod
from neuromod.library.shipped import configs_root

REST = 0.35
"""Resting weight (nS)."""
LATER = 6.5
"""Moment (s) after the night. The test at 7 s moves the early part again, where it makes cells fire."""
TESTS = {"before": 1000.0, "soon": 4000.0, "later": 7000.0}
CELLS, VOLLEYS = 10, 3


@dataclass(frozen=True)
class Night:
    """Late parts and early parts over rest (synapses,) after the night; spikes per cell and volley of each
    test.
    """

    late: np.ndarray
    early: np.ndarray
    recall: dict[str, float]


def nights(seed: int, folder: Path) -> tuple[Night, Night]:
    """What was learned strongly, by all synapses; and weakly, by the single synapse of each cell that was
    stimulated.
    """
    results = neuromod.run(configs_root() / "memory_days.yaml", set={"seed": seed}, output=folder / str(seed))
    found = []
    for name in ("STRONG", "WEAK"):
        projection = f"{name}->CELL_{name}"
        chosen = (results.synapses(projection).source == 0) | (name == "STRONG")
        times, early = results.weights(projection)
        at = int(np.argmin(np.abs(times - 1e3 * LATER)))
        late = results.weights(projection, "z")[1][at, chosen]
        spikes, _ = results.spikes(f"CELL_{name}")
        recall = {
            test: float(np.sum((spikes >= start) & (spikes < start + 300)) / (CELLS * VOLLEYS))
            for test, start in TESTS.items()
        }
        found.append(Night(late, early[at, chosen] / REST, recall))
    results.close()
    return found[0], found[1]


def check(seed: int, strong: Night, weak: Night) -> None:
    """The bands of V11 for the strong memory (late part above 0.5, early part within 5 % of its rest), and
    the order of the two.
    """
    assert 0.5 < strong.late.mean() <= 1, seed
    assert strong.late.mean() > weak.late.mean() + 0.5, seed
    for night in (strong, weak):
        assert abs(night.early.mean() - 1) < 0.05, seed
    assert strong.recall["later"] > strong.recall["before"], seed
    assert strong.recall["later"] > weak.recall["later"], seed


def test_what_was_learned_strongly_is_recalled_after_a_night(tmp_path: Path) -> None:
    strong, weak = nights(0, tmp_path)
    check(0, strong, weak)
    assert abs(weak.late.mean()) < 0.1


@pytest.fixture(scope="module")
def every_night(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Night, Night]]:
    return [nights(seed, tmp_path_factory.mktemp("nights")) for seed in range(12)]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_was_learned_strongly_is_recalled_after_a_night_on_every_seed(
    every_night: list[tuple[Night, Night]],
) -> None:
    for seed, (strong, weak) in enumerate(every_night):
        check(seed, strong, weak)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.xfail(
    strict=True,
    reason="0.12 with seed 3: the test of recall at 4 s makes two weakly trained cells fire, another does so "
    "at 1 s; a spike within a volley moves all 20 synapses of a cell, which is enough to make protein",
)
def test_what_was_learned_weakly_is_lost_on_every_seed(every_night: list[tuple[Night, Night]]) -> None:
    assert max(abs(weak.late.mean()) for _, weak in every_night) < 0.1


def test_cortisol_is_low_in_the_first_half_of_the_night_and_high_in_the_second(tmp_path: Path) -> None:
    """After 4 h of 90 min each, e^-2.67 of the way is left; half a second between is 0.5 min."""
    config = configs_root() / "memory_days.yaml"
    results = neuromod.run(config, output=tmp_path / "night")
    times, level = results.modulator("cortisol_hippocampus")
    before, first, second = (level[int(np.argmin(np.abs(times - at)))] for at in (4900, 5000, 5500))
    kept = np.exp(-4 / 1.5)
    assert before == 1.0
    assert first == pytest.approx(0.3 + 0.7 * kept, rel=1e-9)
    assert second == pytest.approx(2 + (0.3 + 0.7 * kept * np.exp(-0.5 / 90) - 2) * kept, rel=1e-9)
    assert results.advances() == ((5000.0, 14400.0), (5500.0, 14400.0))
