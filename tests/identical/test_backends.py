"""What must be identical to the last bit: repeated runs, both backends, vectorised and scalar code."""

from pathlib import Path

import numpy as np
import pytest

import neuromod.simulation.backends as backends
from neuromod.program.cache import obtain
from tests.identical.conftest import Runner, differing


def test_the_same_config_and_seed_give_identical_bytes_in_every_dataset(simulate: Runner) -> None:
    first, second = simulate(), simulate()
    assert len(first) > 40
    assert differing(first, second) == []
    assert len(first["spikes/CELL/timestamps"]) > 50


def test_another_seed_gives_another_run(simulate: Runner) -> None:
    changed = differing(simulate(), simulate("seed=6"))
    assert "spikes/CELL/timestamps" in changed
    assert any(name.startswith("neuromod/weights") for name in changed)


def test_the_compiled_program_and_brian2_with_numpy_agree_to_the_last_bit(simulate: Runner) -> None:
    compiled, numpy = (simulate("duration=160 ms", backend=name) for name in ("cpp", "runtime"))
    assert [name for name in differing(compiled, numpy) if not name.startswith("neuromod/config")] == []


def test_vectorised_and_scalar_code_agree_to_the_last_bit(
    simulate: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectorised = simulate()
    monkeypatch.setattr(backends, "obtain", lambda structure: obtain(structure, scalar=True))
    assert differing(vectorised, simulate()) == []


def test_recording_weights_often_or_never_does_not_change_the_run(simulate: Runner) -> None:
    often, never = (
        simulate("record.weights=[{projection: 'CUE->CELL', every: 1 ms}]"),
        simulate("record.weights=[]"),
    )
    changed = differing(often, never)
    assert all(
        name.startswith(("neuromod/weights", "neuromod/resolved_config", "neuromod/plan")) for name in changed
    )


def test_weights_that_are_read_between_spikes_follow_the_modulator(simulate: Runner) -> None:
    found = simulate()
    name = next(n for n in found if n.startswith("neuromod/weights") and n.endswith("/weight"))
    weights = found[name]
    before, after = weights[7] - weights[0], weights[-1] - weights[8]
    assert np.abs(before).max() < 1e-12
    assert np.abs(after).max() > 1e-6


def test_rates_are_the_counts_of_the_spikes(simulate: Runner) -> None:
    found = simulate()
    name = next(n for n in found if n.startswith("neuromod/rates/CELL") and not n.endswith("time"))
    counts = np.histogram(found["spikes/CELL/timestamps"], np.arange(0, 301, 10) - 0.01)[0]
    assert np.allclose(found[name], counts / (30 * 0.01), rtol=1e-12)


def test_a_run_that_is_cut_into_many_segments_gives_the_same_results(
    simulate: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    import neuromod.simulation.inputs as inputs

    whole = simulate()
    monkeypatch.setattr(inputs, "CHUNK_SECONDS", 0.0)
    assert differing(whole, simulate()) == []


def test_a_longer_run_begins_like_a_shorter_one(simulate: Runner) -> None:
    short, long = simulate(), simulate("duration=400 ms")
    times = long["spikes/CELL/timestamps"]
    assert np.array_equal(times[times < 300 - 1e-6], short["spikes/CELL/timestamps"])


def test_the_config_of_these_tests_uses_every_template_of_receptors_it_can() -> None:
    text = Path(__file__).with_name("every_mechanism.yaml").read_text()
    for name in (
        "ampa",
        "nmda",
        "gaba_fast",
        "gaba_slow",
        "delta",
        "ou",
        "poisson",
        "step_current",
        "reward_stdp",
    ):
        assert name in text
