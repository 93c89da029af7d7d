"""Effects of receptors: the same bits on both backends and in vectorised and scalar code."""

from pathlib import Path

import pytest

import neuromod.simulation.backends as backends
from neuromod.program.cache import obtain
from tests.identical.conftest import Runner, differing

CONFIG = Path(__file__).with_name("every_effect.yaml")
QUIET = "modulators.novelty.cortex.pulses=[]"


@pytest.mark.slow
def test_the_compiled_program_and_brian2_with_numpy_agree_to_the_last_bit(simulate: Runner) -> None:
    compiled, numpy = simulate(config=CONFIG), simulate(config=CONFIG, backend="runtime")
    assert [name for name in differing(compiled, numpy) if not name.startswith("neuromod/config")] == []
    assert len(compiled["spikes/CELL/timestamps"]) > 50


def test_vectorised_and_scalar_code_agree_to_the_last_bit(
    simulate: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectorised = simulate(config=CONFIG)
    monkeypatch.setattr(backends, "obtain", lambda structure: obtain(structure, scalar=True))
    assert differing(vectorised, simulate(config=CONFIG)) == []


def test_effects_change_the_run(simulate: Runner) -> None:
    assert "spikes/CELL/timestamps" in differing(simulate(config=CONFIG), simulate(QUIET, config=CONFIG))


def test_at_the_tonic_level_a_run_has_the_bits_of_one_without_effects(simulate: Runner) -> None:
    """In this config no two projections that would share a set differ in whether receptors act on their
    release; where they do, what arrives in one step is added in another order.
    """
    tonic = simulate(QUIET, config=CONFIG)
    without = simulate(QUIET, "modulators.novelty.cortex.effects=false", config=CONFIG)
    changed = differing(tonic, without)
    assert [name for name in changed if not name.startswith(("neuromod/", "modulators"))] == []
