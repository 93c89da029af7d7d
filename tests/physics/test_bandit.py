"""Basal ganglia learn by dopamine which of two arms is better; without it they do not (docs/tasks.md)."""

from pathlib import Path

import numpy as np
import pytest

from neuromod.library.shipped import configs_root
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import open_results

SEEDS, LAST = range(12), 40


def last_choices(config: Path, seed: int, output: Path) -> float:
    """Share of the better arm in the last trials."""
    done = run(config, settings=[f"seed={seed}", "record.weights=[]"], output=output, progress=Silent())
    with open_results(done.results) as results:
        trials = results.trials()
    assert len(trials["choice"]) == 120
    return float(np.mean((trials["choice"] == trials["correct"])[-LAST:]))


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_better_arm_is_learned_with_dopamine_only(tmp_path: Path) -> None:
    configs = {"intact": "bandit.yaml", "off": "bandit_arms/dopamine_off.yaml"}
    found = {
        arm: [last_choices(configs_root() / name, seed, tmp_path / f"{arm}{seed}") for seed in SEEDS]
        for arm, name in configs.items()
    }
    assert sum(share >= 0.85 for share in found["intact"]) >= 11, found
    assert np.mean(found["off"]) <= 0.6, found
