"""Every spike reaches every synapse of its source, after exactly the synapse's delay, in a fixed order."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from neuromod.program.common import common_part
from neuromod.program.cpp import NATIVE, call_compiler, find_compiler
from neuromod.program.records import Array, write_records

STEPS, CELLS = 60, 12


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = find_compiler()
    assert compiler is not None, "these tests need a C++ compiler"
    folder = tmp_path_factory.mktemp("pathway")
    source = Path(__file__).with_name("pathway_probe.cpp")
    with common_part(compiler, folder) as common:
        call_compiler(compiler, [f"-I{NATIVE}", str(source), str(common())], folder)
    return folder / "program"


def spike_train(rng: np.random.Generator) -> list[np.ndarray]:
    return [np.flatnonzero(rng.random(CELLS) < 0.1).astype(np.int32) for _ in range(STEPS)]


def run_probe(probe: Path, folder: Path, records: dict[str, Array | str]) -> subprocess.CompletedProcess[str]:
    write_records(folder / "in", records)
    return subprocess.run(
        [probe, folder / "in", folder], capture_output=True, text=True, check=False, env=os.environ
    )


def inputs(ends: np.ndarray, delay: np.ndarray, train: list[np.ndarray]) -> dict[str, Array | str]:
    return {
        "ends": ends.astype(np.int32),
        "rows": rows_of(len(ends)),
        "far": far_of(len(ends)),
        "delay": delay,
        "spikes": np.concatenate(train),
        "first": np.cumsum([0, *map(len, train)]).astype(np.int64),
        "start": np.array([2], np.int32),
        "stop": np.array([10], np.int32),
    }


def rows_of(synapses: int) -> np.ndarray:
    """Neighbouring synapses mostly share a row."""
    return (np.arange(synapses) // 7 % 3).astype(np.int32)


def far_of(synapses: int) -> np.ndarray:
    return (np.arange(synapses) * 5 % 11).astype(np.int32)


def expected(ends: np.ndarray, delay: np.ndarray, train: list[np.ndarray]) -> list[tuple[int, int]]:
    steps = np.broadcast_to(np.round(delay / 1e-4).astype(int), ends.shape)
    found = [
        (sent + int(steps[k]), sent, cell, int(steps[k]), k)
        for sent, cells in enumerate(train)
        for cell in cells
        for k in np.flatnonzero(ends == cell)
    ]
    return [(arrival, k) for arrival, _, _, _, k in sorted(found) if arrival < STEPS]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["sorted", "by index", "one delay", "no delay"])
def test_arrivals_are_those_of_a_brute_force_queue(probe: Path, tmp_path: Path, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ends = rng.integers(2, 10, 80)
    delay = rng.integers(0, 25, 80) * 1e-4
    if kind == "sorted":
        order = np.lexsort((delay, ends))
        ends, delay = ends[order], delay[order]
    if kind in ("one delay", "no delay"):
        ends, delay = np.sort(ends), np.array([0.0007 if kind == "one delay" else 0.0])
    train = spike_train(rng)
    done = run_probe(probe, tmp_path, inputs(ends, delay, train))
    found = np.array([line.split() for line in done.stdout.splitlines()], int)
    assert len(found) > 100
    assert [(a, b) for a, b, _, _ in found.tolist()] == expected(ends, delay, train)
    assert (found[:, 2] == rows_of(len(ends))[found[:, 1]]).all()
    assert (found[:, 3] == far_of(len(ends))[found[:, 1]]).all()


def test_spikes_of_neurons_outside_the_pathway_are_ignored(probe: Path, tmp_path: Path) -> None:
    train = [np.array([0, 1, 10, 11], np.int32) for _ in range(STEPS)]
    done = run_probe(probe, tmp_path, inputs(np.arange(2, 10), np.array([0.0]), train))
    assert done.returncode == 0
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("ends", "delay", "reason"),
    [
        (np.array([2, 3, 11]), np.array([0.0]), "outside its pathway"),
        (np.array([2, 3, 4]), np.array([0.0, 1e-3]), "neither one delay nor one per synapse"),
    ],
)
def test_a_pathway_that_does_not_fit_is_refused(
    probe: Path, tmp_path: Path, ends: np.ndarray, delay: np.ndarray, reason: str
) -> None:
    done = run_probe(probe, tmp_path, inputs(ends, delay, spike_train(np.random.default_rng(0))))
    assert done.returncode == 3
    assert reason in done.stderr
