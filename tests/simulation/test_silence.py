"""What hours of rest do to a state, piece by piece; no program runs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from neuromod.config.load import load
from neuromod.plan.changing import changing_arrays, pathway_names
from neuromod.plan.fused import FusedPlan, program_arrays
from neuromod.plan.modulators import regions
from neuromod.plan.tonic import resting_level
from neuromod.simulation.execute import plan_experiment
from neuromod.simulation.silence.advance import advanced
from neuromod.simulation.silence.signals import Signals

CONFIG = """
neuromod: 1
name: resting
duration: 1 s
pacemakers:
  clock: {frequency: 7 Hz, jitter: {sd: 0.1, tau: 1 s}, reset: {population: CELL}}
  heard: {frequency: 7 Hz, follows: {population: DA}}
populations:
  DA: {neuron: lif, size: 20, region: cortex}
  PACED: {neuron: poisson_cell, size: 2, region: cortex, pacemaker: heard, parameters: {depth: 1}}
  CELL: {neuron: adex, size: 5, region: striatum, initial: {V: {uniform: [-70 mV, -60 mV]}}}
modulators:
  dopamine:
    striatum: {nucleus: DA, tonic_rate: 4 Hz, uptake: {}, dose: 0.8}
    cortex: {nucleus: DA, tonic_rate: 4 Hz, level: 1.5}
  acetylcholine: {cortex: {pulses: [{at: 499.9 ms, amount: 2}]}}
  serotonin: {cortex: {clamp: 3}}
  cortisol: {striatum: {}}
triggers:
  reward:
    count: {population: CELL, spikes: 3, window: 100 ms}
    release: {dopamine: {cortex: 1}}
states: [{at: 0.5 s, state: nrem}, {at: 0.5 s, state: early_night}, {at: 0.6 s, state: quiet_wake}]
advances: [{at: 0.5 s, duration: 4 h}]
"""
State = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def fused(tmp_path_factory: pytest.TempPathFactory) -> FusedPlan:
    path = tmp_path_factory.mktemp("config") / "resting.yaml"
    path.write_text(CONFIG)
    return plan_experiment(load(path))


def before(fused: FusedPlan, changes: Mapping[str, float]) -> State:
    """A state as a program would save it, with other values in whole arrays."""
    arrays = program_arrays(fused).arrays
    state = {f"state.{name}": np.array(arrays[name]) for name in changing_arrays(fused.structure)}
    for name, value in changes.items():
        assert f"state.{name}" in state, name
        state[f"state.{name}"][:] = value
    for name in pathway_names(fused.structure):
        state[f"pending.{name}.wait"] = np.zeros(3, np.int32)
        state[f"pending.{name}.synapse"] = np.zeros(3, np.int32)
    return state | {"saved.in_bin": np.arange(2, dtype=np.int32)}


def after(fused: FusedPlan, **changes: float) -> State:
    names = {name.replace("__", "."): value for name, value in changes.items()}
    return advanced(fused, program_arrays(fused), fused.network.advances[0], before(fused, names))


def level(fused: FusedPlan, state: State, modulator: str, region: str) -> float:
    return float(state[f"state.modulators.level_{modulator}"][regions(fused.network).index(region)])


@pytest.mark.parametrize("start", [0.0, 0.2, 7.0])
def test_a_level_that_a_nucleus_keeps_up_rests_where_the_nucleus_keeps_it(
    fused: FusedPlan, start: float
) -> None:
    """In nrem the tonic level of dopamine is 0.9; under uptake a dose of 0.8 gives less than 0.8 of it."""
    state = after(fused, modulators__level_dopamine=start)
    assert level(fused, state, "dopamine", "cortex") == 0.9
    vmax, km = 44.4, 2.22
    rest = level(fused, state, "dopamine", "striatum")
    assert vmax * rest / (km + rest) == pytest.approx(0.8 * vmax * 0.9 / (km + 0.9), rel=1e-12)
    assert rest != resting_level(fused.network.compartments["dopamine.striatum"])


def test_a_level_relaxes_to_the_state_that_begins_with_the_advance(fused: FusedPlan) -> None:
    state = after(fused)
    assert level(fused, state, "acetylcholine", "cortex") == 0.25
    assert level(fused, state, "cortisol", "striatum") == pytest.approx(
        0.3 + 0.7 * np.exp(-4 / 1.5), rel=1e-12
    )


def test_a_clamped_level_stays(fused: FusedPlan) -> None:
    assert level(fused, after(fused), "serotonin", "cortex") == 3.0


def test_a_slow_pool_empties_into_its_level(fused: FusedPlan) -> None:
    """20 min into 90 min, after 4 h."""
    row = regions(fused.network).index("striatum")
    rise, decay, hours = 1 / 3, 1.5, 4.0
    state = after(fused, modulators__pool_cortisol=10.0)
    given = 10 * (np.exp(-hours / decay) - np.exp(-hours / rise)) * decay / (decay - rise)
    expected = 0.3 + 0.7 * np.exp(-hours / decay) + given
    assert level(fused, state, "cortisol", "striatum") == pytest.approx(expected, rel=1e-11)
    left = state["state.modulators.pool_cortisol"][row]
    assert left == pytest.approx(10 * np.exp(-hours / rise), rel=1e-11)


def test_cells_are_as_at_the_begin_and_nothing_is_on_its_way(fused: FusedPlan) -> None:
    group = fused.placements["CELL"].group
    start = program_arrays(fused).arrays
    state = after(
        fused, **{f"{group}__V": -0.05, f"{group}__w": 1e-10, "pending__load": 1.0, "triggers__count": 2.0}
    )
    for name in ("V", "w", "free_at"):
        assert np.array_equal(state[f"state.{group}.{name}"], start[f"{group}.{name}"]), name
    assert not np.any(state["state.pending.load"])
    assert not np.any(state["state.triggers.count"])
    assert all(state[name].size == 0 for name in state if name.startswith("pending."))
    assert state["saved.in_bin"].tolist() == [0, 1]


def test_a_follower_forgets_the_rhythm_that_it_heard_and_a_clock_keeps_its_drift(fused: FusedPlan) -> None:
    heard = {"push": 0.1, "usual": 0.2, "band": 3.0, "low": -2.0, "pull": 0.3}
    state = after(
        fused, **{f"pacemakers__{name}": value for name, value in heard.items()}, pacemakers__drift=0.1
    )
    for name in heard:
        assert state[f"state.pacemakers.{name}"].tolist() == [0, 0]
    assert state["state.pacemakers.drift"].tolist() == [0.1, 0.1]


def test_rules_see_no_phase_of_a_follower_while_nothing_fires(fused: FusedPlan) -> None:
    signals = Signals(fused, program_arrays(fused).arrays, 0)
    signals.phases = True
    table = signals.each(0, 5)
    seen = np.hypot(table["pacemakers.cos_phi"], table["pacemakers.sin_phi"])
    assert seen == pytest.approx(np.tile([1.0, 0.0], (5, 1)), abs=1e-12)


def test_an_advance_leaves_the_state_that_it_is_given(fused: FusedPlan) -> None:
    given = before(fused, {"modulators.level_dopamine": 2.0})
    copies = {name: values.copy() for name, values in given.items()}
    advanced(fused, program_arrays(fused), fused.network.advances[0], given)
    assert all(np.array_equal(given[name], copies[name]) for name in given)
