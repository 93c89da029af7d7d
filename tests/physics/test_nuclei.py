"""Nuclei of the brain stem and forebrain: tonic levels, bursts and pauses."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from neuromod.library.shipped import configs_root
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import Results, open_results

FROM = 100
"""Samples (every 10 ms) that are left out at the begin."""
Opened = Callable[..., Results]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Results of a shipped config with settings."""

    def simulated(name: str, *settings: str) -> Results:
        output = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        done = run(configs_root() / name, settings=settings, output=output, progress=Silent())
        return open_results(done.results)

    return simulated


def tonic_levels(opened: Opened, seeds: range, duration: str) -> dict[str, list[float]]:
    """Mean level of each compartment, one per seed."""
    found: dict[str, list[float]] = {}
    for seed in seeds:
        with opened("validation/levels_nuclei.yaml", f"seed={seed}", f"duration={duration}") as results:
            for name in (s.name for s in results.signals if s.kind == "modulators"):
                found.setdefault(name, []).append(float(results.modulator(name)[1][FROM:].mean()))
    return found


def test_nuclei_keep_their_levels_at_one(opened: Opened) -> None:
    found = tonic_levels(opened, range(3), "20 s")
    assert len(found) == 5
    assert {name: np.mean(values) for name, values in found.items()} == pytest.approx(
        dict.fromkeys(found, 1.0), abs=0.05
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nuclei_keep_their_levels_at_one_on_every_seed(opened: Opened) -> None:
    found = tonic_levels(opened, range(12), "60 s")
    assert max(abs(value - 1) for values in found.values() for value in values) < 0.05


def test_a_burst_raises_dopamine_and_a_pause_takes_it_away(opened: Opened) -> None:
    with opened("levels.yaml") as results:
        times, _ = results.spikes("DA")
        level = results.modulator("dopamine_striatum")[1]
        sleep = results.modulator("acetylcholine_striatum")[1]
    rates = [np.sum((times >= a) & (times < b)) / 40 / (b - a) * 1e3 for a, b in ((1000, 1200), (2020, 2400))]
    assert rates[0] == pytest.approx(20, abs=4)
    assert rates[1] < 0.5
    assert 3 < level[100:140].max() < 10
    assert level[235:240].max() < 0.1
    assert level[270:290].max() > 3.5  # the reward, 200 to 300 ms after the cue
    assert sleep[380:].mean() == pytest.approx(0.25, abs=0.1)


def test_dopamine_in_the_striatum_of_the_circuit_is_released_by_its_cells(repository: Path) -> None:
    from neuromod.config.load import load
    from neuromod.library.shipped import open_library
    from neuromod.plan.expand import expand

    compartments = expand(load(repository / "configs/triad_rest.yaml"), open_library()).compartments
    fed = {name: plan.release.nucleus for name, plan in compartments.items() if plan.release}
    assert fed["dopamine.striatum"] == "DA"
    assert set(fed.values()) == {"DA", "ACH", "NE", "SER"}
    assert [name for name in compartments if name not in fed] == ["cortisol.cortex", "cortisol.hippocampus"]
