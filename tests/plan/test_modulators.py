"""Levels between events: against closed forms, at the stated order, and exactly at rest."""

import numpy as np
import pytest

from neuromod.plan.fused import fuse
from neuromod.plan.modulator_arrays import flow, modulator_arrays
from neuromod.plan.network import ReceptorDrive
from neuromod.plan.occupancy import drive, occupancy, plain_power, tonic_occupancy
from tests.plan.stepping import stepped

MODEL = """
kind: neuromodulator
title: A neuromodulator
evidence: D
decay: {cortex: 0.5 s}
tonic_rate: 4 Hz
uptake: {vmax: 44.4 1/s, km: 2.22}
receptors:
  R1: {K: 4, n: 2}
  R2: {K: 0.5, n: 1, messenger: 100 ms}
states: {nrem: 0.25, rem: 1.7}
"""


@pytest.fixture
def level(tiny):
    """Levels (steps + 1,) of `dopa` in the cortex, for settings of its compartment."""
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(MODEL)

    def run(compartment, steps, *settings):
        plan = tiny.plan(f"modulators.dopa={{cortex: {{{compartment}}}}}", *settings)
        return stepped(plan, steps, ["level_dopa"])["level_dopa"][:, 0]

    return run


@pytest.mark.parametrize("tonic", [0, 0.3, 1, 7])
@pytest.mark.parametrize("clearance", ["", ", uptake: {}", ", rise: 200 ms"])
def test_a_level_at_rest_does_not_move_by_a_bit(level, tonic, clearance):
    assert set(level(f"level: {tonic}{clearance}", 300)) == {tonic}


def test_a_pulse_fades_exponentially(level):
    found = level("pulses: [{at: 10 ms, amount: 3}]", 2000)
    since = np.arange(2001) - 101  # it arrives at the end of its step, as a spike does
    expected = 1 + np.where(since >= 0, 3 * np.exp(-since * 1e-4 / 0.5), 0)
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_negative_pulse_empties_a_level_and_no_more(level):
    found = level("pulses: [{at: 10 ms, amount: -3}]", 2000)
    assert found[100:102].tolist() == [1, 0]
    assert found[102] == pytest.approx(1 - np.exp(-1e-4 / 0.5), rel=1e-9)


@pytest.mark.parametrize("rise", [0.02, 0.499, 0.5, 3.0])
def test_a_pool_that_empties_into_a_level_is_exact(level, rise):
    found = level(f"level: 0, rise: {rise} s, pulses: [{{at: 0 s, amount: 2}}]", 5000)
    t, fast, slow = np.maximum(0, np.arange(5001) - 1) * 1e-4, 1 / rise, 1 / 0.5
    if rise == 0.5:
        expected = 2 * fast * t * np.exp(-fast * t)
    else:
        expected = 2 * fast / (fast - slow) * (np.exp(-slow * t) - np.exp(-fast * t))
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-14)


def test_the_flow_from_a_pool_has_no_seam():
    span = 1e-2
    apart = np.array([-0.2001, -0.2, -0.1999, -1e-9, 0, 1e-9, 0.1999, 0.2, 0.2001]) / span
    clearance = np.full(9, 40.0)
    share = flow(clearance + apart, clearance, span) / (clearance + apart)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = -np.expm1(-apart * span) / apart * np.exp(-0.4)
    expected[4] = span * np.exp(-0.4)
    assert share == pytest.approx(expected, rel=1e-12)


def uptake_by_quadrature(start, seconds, vmax=44.4, km=2.22):
    """Level after `seconds`: km log(m) + m falls at the rate vmax, solved for m by bisection."""
    wanted = km * np.log(start) + start - vmax * seconds
    low, high = 1e-12, start
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if km * np.log(middle) + middle < wanted else (low, middle)
    return low


def test_uptake_follows_michaelis_and_menten_at_second_order(level):
    errors = []
    for dt in (8e-3, 4e-3, 2e-3):
        steps = round(0.16 / dt) + 1
        whole = ["record.rates=null", "record.modulators=null", "duration=800 ms", "projections={}"]
        pulse = "level: 0, uptake: {}, pulses: [{at: 0 s, amount: 5}]"
        found = level(pulse, steps, f"dt={dt} s", *whole)
        errors.append(abs(found[-1] - uptake_by_quadrature(5.0, 0.16)))
    assert errors[0] < 0.01
    assert np.diff(np.log2(errors)) == pytest.approx([-2, -2], abs=0.15)


def test_uptake_brings_a_level_back_to_its_tonic_value(level):
    found = level("uptake: {}, pulses: [{at: 0 s, amount: 1}]", 9000)
    assert found[1] > 1.99
    assert found[-1] == pytest.approx(1, abs=1e-3)


def test_a_ramp_moves_the_tonic_level_in_steps_of_a_millisecond(level):
    found = level("decay: 1 ms, ramps: [{at: 100 ms, level: 3, duration: 200 ms}]", 5000)
    assert found[1000] == 1
    assert found[2000] == pytest.approx(2, abs=0.03)
    assert found[3200] == pytest.approx(3, abs=1e-6)
    tonic = np.ones(5000)
    tonic[1000:3000] = 1 + 2 * (1 + np.arange(2000) // 10) / 200
    tonic[3000:] = 3
    expected = [1.0]
    for target in tonic:
        expected.append(target + (expected[-1] - target) * np.exp(-1e-4 / 1e-3))
    assert found == pytest.approx(np.array(expected), rel=1e-12)


def test_states_move_the_tonic_level_of_compartments_that_know_them(level):
    found = level(
        "decay: 1 ms", 6000, "states=[{at: 0 s, state: rem}, {at: 200 ms, state: nrem, duration: 100 ms}]"
    )
    assert set(found[:2001]) == {1.7}
    assert found[2500] == pytest.approx(0.975, abs=0.02)
    assert found[-1] == pytest.approx(0.25, abs=1e-9)


def test_states_and_ramps_of_uptake_reach_their_levels(level):
    found = level("uptake: {}, ramps: [{at: 0 s, level: 4}, {at: 100 ms, level: 0.5}]", 9000, "states=[]")
    assert set(found[:1001]) == {4}
    assert found[-1] == pytest.approx(0.5, abs=1e-3)


def test_a_dose_scales_the_tonic_level_and_what_is_released(level):
    found = level("dose: 3, pulses: [{at: 10 ms, amount: 2}]", 200)
    assert found[100] == 3
    assert found[101] == 9


@pytest.mark.parametrize(("how", "held"), [("clamp: 2.5", 2.5), ("lesion: true", 0), ("clamp: 0", 0)])
def test_a_held_level_stays_whatever_happens(level, how, held):
    found = level(
        f"{how}, dose: 2, rise: 1 s, pulses: [{{at: 10 ms, amount: 2}}], ramps: [{{at: 0 s, level: 7}}]",
        500,
        "states=[{at: 10 ms, state: rem}]",
    )
    assert set(found) == {held}


def test_slow_times_are_divided_by_the_slow_factor(tiny):
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(
        MODEL.replace("decay:", "slow: true\nrise: 20 min\ndecay:").replace("0.5 s", "90 min")
    )
    text = "modulators.dopa={cortex: {pulses: [{at: 0 s, amount: 1}]}}"
    parts = [tiny.plan(text, f"slow_factor={factor}").compartments["dopa.cortex"] for factor in (60, 600)]
    assert [(part.decay, part.rise) for part in parts] == [(90, 20), (9, 2)]
    assert parts[1].receptors["R2"].messenger == pytest.approx(0.1 / 600)


def drives(tiny, compartment, steps, receptor):
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(MODEL)
    plan = tiny.plan(
        f"modulators.dopa={{cortex: {{{compartment}}}}}", "record.modulators={drives: [R1, R2], every: 10 ms}"
    )
    return stepped(plan, steps, [f"rho_{receptor}"])[f"rho_{receptor}"][:, 0]


@pytest.mark.parametrize("receptor", ["R1", "R2"])
def test_the_drive_is_exactly_zero_at_the_tonic_level(tiny, receptor):
    assert set(drives(tiny, "", 100, receptor)) == {0}


@pytest.mark.parametrize("n", [1, 1.5, 1.8, 2])
def test_the_drive_at_the_tonic_level_is_zero_whatever_the_hill_coefficient(tiny, n):
    assert set(drives(tiny, f"receptors: {{R1: {{K: 0.3, n: {n}}}}}", 3, "R1")) == {0}


def test_a_drive_without_messenger_is_the_hill_function_in_the_middle_of_a_step(tiny):
    found = drives(tiny, "pulses: [{at: 0 s, amount: 9}]", 50, "R1")
    middle = 1 + 9 * np.exp(-(np.arange(49) + 0.5) * 1e-4 / 0.5)
    bound, tonic = middle**2 / (middle**2 + 16), 1 / 17
    assert found[2:] == pytest.approx((bound - tonic) / (1 - tonic), rel=1e-12)


def test_a_second_messenger_low_passes_the_drive(tiny):
    drive_there = drive(ReceptorDrive(0.5, 1), 5.0, power=1)
    found = drives(tiny, "clamp: 5", 2000, "R2")
    assert found == pytest.approx(np.full(2001, drive_there), rel=1e-12)
    found = drives(tiny, "level: 1, decay: 1 us, ramps: [{at: 1 ms, level: 5}]", 2000, "R2")
    times = np.maximum(0, np.arange(2001) - 10.5) * 1e-4
    assert found == pytest.approx(drive_there * (1 - np.exp(-times / 0.1)), abs=2e-3)


def test_blocked_receptors_leave_less_drive(tiny):
    free, half = (drives(tiny, f"clamp: 8, receptors: {{R1: {{block: {b}}}}}", 2, "R1")[-1] for b in (0, 0.5))
    assert 0 < half < free
    assert drives(tiny, "clamp: 8, receptors: {R1: {block: 1}}", 2, "R1")[-1] == -1


@pytest.mark.parametrize("power", [2.0, None])
def test_the_drive_is_within_one_everywhere(power):
    entry = ReceptorDrive(4.0, 2.0)
    values = [drive(entry, x, power) for x in (0.0, 0.5, 1.0, 10.0, 1e6)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(-1, abs=1e-9)
    assert values[2] == 0
    assert values[-1] == pytest.approx(1, abs=1e-6)
    assert tonic_occupancy(entry, power) == pytest.approx(1 / 17)


@pytest.mark.parametrize("n", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("level", [0.0, 0.01, 1.0, 37.0])
def test_powers_without_a_logarithm_are_those_with_one(n, level):
    assert plain_power([n, n]) == n
    assert occupancy(level, 0.7, n, n) == pytest.approx(occupancy(level, 0.7, n, None), rel=1e-13, abs=1e-30)


@pytest.mark.parametrize("coefficients", [[1.0, 2.0], [1.8, 1.8], []])
def test_other_powers_take_a_logarithm(coefficients):
    assert plain_power(coefficients) is None


AUTO = "autoreceptor: {receptor: R1, strength: 1}"
FED = f"modulators.dopa={{cortex: {{nucleus: I, rise: 20 ms, uptake: {{}}, {AUTO}}}}}"
CHANGES = ["clamp=2", "lesion=true", "dose=0", "autoreceptor.strength=0", "uptake.vmax=10 Hz", "rise=1 s"]


@pytest.mark.parametrize("change", [*CHANGES, "delay=9 ms"])
def test_what_is_done_to_a_level_compiles_nothing(tiny, change):
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(MODEL)
    one, two = fuse(tiny.plan(FED)), fuse(tiny.plan(FED, f"modulators.dopa.cortex.{change}"))
    assert one.structure.key == two.structure.key


def test_nothing_is_released_into_a_held_level(tiny):
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(MODEL)
    plan = tiny.plan(FED, "modulators.dopa.cortex.clamp=2", "states=[{at: 10 ms, state: rem}]")
    arrays = modulator_arrays(plan)
    assert plan.timeline == ()
    held = {"level": 2, "quantum": 0, "flow": 0, "vmax": 0, "source": 0, "decay": 1, "half": 1, "kept": 1}
    assert {name: arrays[f"{name}_dopa"][0] for name in held} == held


def test_a_nucleus_releases_what_its_tonic_level_needs(tiny):
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(MODEL)
    plan = tiny.plan("modulators.dopa={cortex: {nucleus: I, level: 2, dose: 3}}", "scale=2")
    arrays = modulator_arrays(plan)
    assert arrays["quantum_dopa"][0] == pytest.approx(3 * 2 / (20 * 4 * 0.5))
    assert arrays["level_dopa"][0] == 6
    assert arrays["tonic_dopa"][0] == 0


def test_under_uptake_the_level_starts_where_release_and_clearance_balance(tiny):
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(MODEL)
    arrays = modulator_arrays(tiny.plan("modulators.dopa={cortex: {nucleus: I, uptake: {}, dose: 2}}"))
    level = arrays["level_dopa"][0]
    assert 44.4 * level / (2.22 + level) == pytest.approx(10 * 4 * arrays["quantum_dopa"][0])
    assert arrays["quantum_dopa"][0] == pytest.approx(2 * 44.4 / (3.22 * 10 * 4))
