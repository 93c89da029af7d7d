"""Models that blow up: the run ends with 76 and a sentence that says where and when, and no state that is not
finite is ever saved.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from neuromod.errors import InvalidSimulation
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.checkpoint import Checkpoint, checkpoint_paths, read_checkpoint
from neuromod.store.segments import SegmentFile, segment_paths

CONFIG = Path(__file__).with_name("unstable.yaml")
START_S, WINDOW_S, INTERVAL_S = 0.15, 0.1, 0.04
"""When everything begins to go wrong; how often it is looked for; how often a state is saved."""
BURST = "modulators.dopamine.striatum.pulses=[{at: 150 ms, amount: 900}]"
RULE = "projections.CUE->CELL.plasticity.parameters"
CASES = {
    "a potential that grows to infinity": (["stimuli.grow.value=1e200 V"], "V of GROWING, cell 0,"),
    "a division by zero": (["stimuli.shrink.value=0 pF"], "(V|w) of CELL, cell 0,"),
    "a capacitance that is no number's inverse": (
        ["stimuli.shrink.value=1e-300 pF"],
        "(V|w) of CELL, cell 0,",
    ),
    "noise beyond all numbers": (["stimuli.noise.value=1e308 A"], r"\w+ of CELL, cell \d,"),
    "jumps beyond all numbers": (["stimuli.jump.value=1e308 S"], r"\w+ of CELL, cell \d,"),
    "weights beyond all numbers": (["projections.CUE->LEAKY.weight=1e308 S"], r"\w+ of LEAKY, cell \d,"),
    "eligibilities beyond all numbers": (
        [f"{RULE}={{A_plus: 1e308 S, A_minus: 1e308 S}}"],
        "c.* of CUE->CELL,",
    ),
    "a learning rate beyond all numbers": (
        [f"{RULE}={{eta: 1.7e308 Hz}}", BURST, "stimuli.cue.value=0 Hz"],
        "row_integral_c of CUE->CELL, rule",
    ),
    "a population that fires too often": (["stimuli.push.value=1 uA"], "LEAKY fires at"),
    "a source that fires too often": (["stimuli.cue.value=5 kHz"], "CUE fires at"),
}


def blow_up(case: str, backend: str, directory: Path) -> None:
    settings, words = CASES[case]
    with pytest.raises(InvalidSimulation, match=words) as caught:
        run(CONFIG, settings=settings, output=directory, backend=backend, progress=Silent())
    assert caught.value.exit_code == 76
    time = re.search(r"([\d.]+) s[;,]", str(caught.value))
    assert time
    assert START_S < float(time[1]) <= START_S + WINDOW_S + 1e-9
    newest = checkpoint(directory)
    assert newest.step * newest.dt >= START_S - INTERVAL_S
    for name, values in newest.state.items():
        assert np.all(np.isfinite(values)), name
    with SegmentFile(segment_paths(directory)[-1]) as last:
        assert last.stop * newest.dt == pytest.approx(float(time[1]))
    assert not (directory / "results.h5").exists()


def checkpoint(directory: Path) -> Checkpoint:
    return read_checkpoint(checkpoint_paths(directory)[0])


@pytest.mark.parametrize("case", CASES)
def test_it_is_named_with_its_time_and_the_last_good_state_is_kept(case: str, tmp_path: Path) -> None:
    blow_up(case, "cpp", tmp_path / "run")


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[] if k == 0 else [pytest.mark.slow]) for k, case in enumerate(CASES)]
)
def test_the_other_backend_says_the_same(case: str, tmp_path: Path) -> None:
    blow_up(case, "runtime", tmp_path / "run")


def test_without_a_disturbance_the_model_is_stable(tmp_path: Path) -> None:
    done = run(CONFIG, output=tmp_path / "run", progress=Silent())
    assert done.results.exists()


def test_a_population_without_a_spike_is_said(tmp_path: Path) -> None:
    done = run(CONFIG, settings=["stimuli.cue.value=0 Hz"], output=tmp_path / "run", progress=Silent())
    assert any("no spike in CUE" in notice for notice in done.notices)
