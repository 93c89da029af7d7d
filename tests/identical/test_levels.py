"""Release, uptake, rise, autoreceptor, schedules and triggers on both backends."""

from pathlib import Path

import numpy as np
import pytest

from tests.identical.conftest import Runner, differing

MODEL = """
kind: neuromodulator
title: A neuromodulator for tests
evidence: D
tonic_rate: 40 Hz
decay: {cortex: 0.3 s}
uptake: {vmax: 44.4 1/s, km: 2.22}
states: {asleep: 0.4}
receptors: {R: {K: 0.5, n: 1.5, messenger: 20 ms}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "configs/levels.yaml"
    (path.parent / "models/neuromodulators").mkdir(parents=True)
    (path.parent / "models/neuromodulators/m.yaml").write_text(MODEL)
    path.write_text(Path(__file__).with_name("levels.yaml").read_text())
    return path


@pytest.mark.timeout(300)
def test_levels_are_the_same_on_both_backends(simulate: Runner, config: Path) -> None:
    compiled, numpy = simulate(config=config), simulate(config=config, backend="runtime")
    assert differing(compiled, numpy) == []
    levels = {name.split("/")[2]: values for name, values in compiled.items() if name.endswith("/level")}
    assert min(values.min() for values in levels.values()) >= 0
    assert set(levels["n_striatum"]) == {0.4}
    assert min(np.ptp(levels[name]) for name in ("m_cortex", "m_striatum", "n_cortex")) > 0.1
    assert np.diff(levels["m_striatum"]).max() > 1.4
    assert np.diff(levels["n_cortex"]).min() < -0.1
