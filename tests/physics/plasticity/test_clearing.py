"""Eligibilities that a task sets to 0 at random times, against the reference; those beside them stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import neuromod
from neuromod.store.reader import Results
from tests.physics.plasticity.bench import Bench
from tests.physics.plasticity.deviation import EXACT, deviation
from tests.physics.plasticity.draws import bench
from tests.physics.plasticity.zoo import ALL, ONE

MODEL = """
kind: task
title: A task that clears
evidence: D
roles: {nobody: cells that no test needs}
actions: 0
phases:
  short: {duration: {uniform: [1 ms, 40 ms]}, clear: [PROJECTIONS]}
  long: {duration: {uniform: [20 ms, 120 ms]}}
"""
FAST = replace(ONE["level"], parameters={"tau_x": "7 ms", "tau_c": "1.5 s", "A": "0.05 nS"})
CLEARED = {
    "plain": (ONE["level"],),
    "taus": ALL["two_taus"],
    "bounds": ALL["bounds"],
    "late": ALL["dendritic_bounds"],
    "ticks": ALL["ticks"],
    "rules": ALL["hebb_and_home"],
}
KEPT = {"beside": (FAST,), "beside_bounds": ALL["bounds"]}
"""Projections of the same rules, which share arrays with those above."""
Made = tuple[Bench, Results, list[int]]


def with_task(drawn: Bench, folder: Path, *cleared: str) -> Path:
    """The config of a bench with the task; its folder."""
    folder.mkdir()
    config = drawn.experiment(folder)
    (folder / "models/tasks").mkdir()
    names = ", ".join(f'"PRE->POST:{tag}"' for tag in cleared)
    (folder / "models/tasks/clearing.yaml").write_text(MODEL.replace("PROJECTIONS", names))
    return config


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    task = {"task": {"model": "clearing", "trials": 30, "start": "3 ms"}}
    drawn = bench(8, CLEARED | KEPT, every=37, extra=task)
    config = with_task(drawn, tmp_path_factory.mktemp("clearing") / "run", *CLEARED)
    results = neuromod.run(config, output=config.parent / "out", backend="cpp")
    schedule = results.schedule()
    lengths = np.stack([schedule[f"duration_{name}"] for name in ("short", "long")], axis=1).astype(int)
    begins = 3 + np.concatenate([[0], np.cumsum(lengths.sum(axis=1))[:-1]])
    return drawn, results, [int(10 * ms) for ms in begins if 10 * ms < drawn.steps]


@pytest.mark.parametrize("tag", CLEARED)
def test_weights_are_those_of_the_reference_that_clears_at_the_same_steps(made: Made, tag: str) -> None:
    drawn, results, clears = made
    assert len(clears) >= 6
    found, expected = drawn.weights(results, tag), drawn.expected_weights(tag, clears=clears)
    assert np.abs(found - expected).max() < EXACT * np.abs(expected).max()
    uncleared = drawn.expected_weights(tag)
    assert np.abs(uncleared - expected).max() > 1e-3 * np.abs(expected).max()


@pytest.mark.parametrize("tag", KEPT)
def test_projections_beside_them_keep_their_eligibilities(made: Made, tag: str) -> None:
    drawn, results, _ = made
    assert deviation(drawn, results, tag) < EXACT
