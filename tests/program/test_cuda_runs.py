"""Runs with `--backend cuda`: statistics, published networks, closed loop, single precision, stop and resume.

Each is for a GPU; where it is short enough it also runs in the emulation, which shows that the test itself
works. Bits are compared in test_cuda_program.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ks_2samp

from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.simulation.resume import resume
from neuromod.store.reader import open_results
from tests.identical.conftest import datasets, differing
from tests.physics import claims
from tests.physics.claims import Check
from tests.physics.measures import irregularity
from tests.physics.recording import record, record_file
from tests.program.emulation import emulated_backend

SEEDS = 12
CARD = pytest.param("card", marks=pytest.mark.gpu)
EMULATION = pytest.param("emulation", marks=[pytest.mark.slow, pytest.mark.timeout(1800)])
BOTH = [CARD, EMULATION]
QUICKSTART = [
    "duration=1 s",
    "stimuli.cue.start=0 s",
    "stimuli.cue.duration=1 s",
    "modulators.dopamine.striatum.pulses=[{at: 0.4 s, amount: 5}]",
]


@pytest.fixture
def cuda(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Every recording is made with `--backend cuda`, on the card or in the emulation."""
    with pytest.MonkeyPatch.context() as patch, _where(request.param, tmp_path):
        patch.setattr("tests.physics.recording.run", partial(run, backend="cuda"))
        yield


def _where(name: str, folder: Path):
    return emulated_backend(folder) if name == "emulation" else nullcontext()


def failures(checks: list[Check]) -> list[str]:
    return [
        f"{c.config}: {c.measure}: expected {c.expected}, got {c.got:.4g}" for c in checks if not c.passed
    ]


def measured(config: Path, seed: int, *settings: str) -> dict[str, float]:
    """Rates and irregularity of populations that fire, and mean weights at the end, of one run."""
    recording = record_file(config, seed, [*QUICKSTART, *settings])
    found = {f"rate of {name}": rate for name, rate in recording.rates(0.1, 1).items()}
    found |= {
        f"CV of {name}": irregularity(recording.trains[name].within(0.1, 1))
        for name in ("STN", "GPE_PROTO", "SNR")
    }
    return found | {
        f"weight of {name}": float(values[-1].mean()) for name, (_, values) in recording.weights.items()
    }


def rejected(one: list[dict[str, float]], other: list[dict[str, float]]) -> list[str]:
    """What differs between two samples, each tested at 1 % over all measures (Bonferroni)."""
    found = []
    for name in one[0]:
        a, b = ([run[name] for run in runs] for runs in (one, other))
        if len(set(a + b)) > 1 and ks_2samp(a, b).pvalue < 0.01 / len(one[0]):
            found.append(name)
    return found


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("where", BOTH)
def test_runs_of_the_learning_circuit_have_the_statistics_of_the_cpp_backend(
    repository: Path, tmp_path: Path, where: str
) -> None:
    """12 seeds of either, none of them common; and a difference that is there is found."""
    config = repository / "configs/quickstart.yaml"
    expected = [measured(config, SEEDS + seed) for seed in range(SEEDS)]
    with pytest.MonkeyPatch.context() as patch, _where(where, tmp_path):
        patch.setattr("tests.physics.recording.run", partial(run, backend="cuda"))
        got = [measured(config, seed) for seed in range(SEEDS)]
        other = [measured(config, seed, "stimuli.cue.value=60 Hz") for seed in range(SEEDS)]
    assert rejected(got, expected) == []
    assert "rate of CUE" in rejected(other, expected)
    assert "weight of CUE->MSN_D1" in rejected(other, expected)


@pytest.mark.parametrize("cuda", BOTH, indirect=True)
@pytest.mark.usefixtures("cuda")
def test_v6_the_weights_of_nest_s_dopamine_rule() -> None:
    assert failures(claims.v6_dopamine()) == []


@pytest.mark.parametrize("cuda", BOTH, indirect=True)
@pytest.mark.usefixtures("cuda")
def test_v6_in_single_precision_is_good_to_1e_4() -> None:
    double, single = (
        record("v6_dopamine", 0, [f"precision={name}"]).weights["PRE->POST"][1]
        for name in ("double", "single")
    )
    assert double.shape == single.shape
    assert 0 < np.max(np.abs(single / double - 1)) < 1e-4


@pytest.mark.gpu
@pytest.mark.parametrize("cuda", [CARD], indirect=True)
@pytest.mark.usefixtures("cuda")
@pytest.mark.parametrize("regime", claims.REGIMES, ids=lambda regime: regime.name)
def test_v1_brunel_has_its_four_states(regime: claims.Regime) -> None:
    assert failures(claims.v1_brunel(regime)) == []


@pytest.mark.parametrize("cuda", BOTH, indirect=True)
@pytest.mark.usefixtures("cuda")
def test_v2_vogels_abbott() -> None:
    assert failures([*claims.v2_cuba(range(1)), *claims.v2_coba(range(1))]) == []


@pytest.mark.gpu
@pytest.mark.parametrize("cuda", [CARD], indirect=True)
@pytest.mark.usefixtures("cuda")
def test_v5_working_memory() -> None:
    assert failures(claims.v5_working_memory("v5_brunel_wang", (25, 26.5), range(4))) == []
    assert failures(claims.v5_control("v5_weak_nmda", range(2))) == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("where", BOTH)
@pytest.mark.parametrize(("config", "duration"), [("theta_gamma", "1 s"), ("bandit", "8 s")])
def test_theta_gamma_and_the_bandit_are_those_of_the_cpp_backend(
    repository: Path, tmp_path: Path, where: str, config: str, duration: str
) -> None:
    """V10's circuit with its LFP (to rounding), and a closed loop: choices, rewards, values, weights."""
    path = repository / f"configs/{config}.yaml"
    settings = [f"duration={duration}"]
    expected = datasets(run(path, settings=settings, output=tmp_path / "cpp", progress=Silent()).results)
    with _where(where, tmp_path):
        done = run(path, settings=settings, output=tmp_path / "cuda", backend="cuda", progress=Silent())
    got = datasets(done.results)
    names = differing(expected, got)
    assert [name for name in names if "lfp" not in name] == []
    for name in names:
        np.testing.assert_allclose(got[name], expected[name], rtol=1e-11, atol=0)
    if config == "bandit":
        with open_results(done.results) as results:
            assert len(results.trials()["choice"]) > 3


@pytest.mark.parametrize("where", BOTH)
def test_a_run_that_is_stopped_and_resumed_ends_as_one_that_was_not(
    repository: Path, tmp_path: Path, where: str
) -> None:
    config = repository / "tests/identical/task.yaml"
    expected = datasets(
        run(config, settings=["duration=200 ms"], output=tmp_path / "whole", progress=Silent()).results
    )
    with _where(where, tmp_path):
        directory = tmp_path / "pieces"
        run(config, settings=["duration=61 ms"], output=directory, backend="cuda", progress=Silent())
        for milliseconds in (125, 200):
            settings = [f"duration={milliseconds} ms"]
            done = resume(directory, settings=settings, backend="cuda", progress=Silent())
    assert differing(expected, datasets(done.results)) == []
