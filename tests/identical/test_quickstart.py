"""The quickstart on both backends. Identical spikes are more than rates that agree within their errors."""

from pathlib import Path

import numpy as np
import pytest

from tests.identical.conftest import Runner, differing


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(5))
def test_the_quickstart_is_the_same_on_both_backends(simulate: Runner, repository: Path, seed: int) -> None:
    config = repository / "configs/quickstart.yaml"
    settings = [f"seed={seed}", "duration=1 s"]
    compiled = simulate(*settings, config=config)
    numpy = simulate(*settings, config=config, backend="runtime")
    assert differing(compiled, numpy) == []
    assert sum(len(compiled[name]) for name in compiled if name.endswith("timestamps")) > 5000
    assert np.ptp(compiled["neuromod/weights/CUE->MSN_D1/weight"]) > 0
