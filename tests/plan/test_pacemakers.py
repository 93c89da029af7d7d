"""Pacemakers: what is refused, and their statements stepped by Python against closed forms."""

import math

import numpy as np
import pytest

from neuromod.plan.fused import fuse, program_arrays
from neuromod.plan.pacemaker_group import pacemaker_arrays, pacemaker_group

SOURCE = "populations.X={neuron: source, size: 20, pacemaker: theta, parameters: {depth: 0.5}}"
DT = 1e-3


@pytest.fixture
def theta(tiny):
    """The columns of the pacemaker `theta`, stepped with a function (step, columns) that adds spikes."""

    def run(text, steps, deliver=lambda step, columns: None, seed=3):
        plan = tiny.plan(f"pacemakers.theta={{{text}}}", SOURCE, "dt=1 ms")
        group, columns = pacemaker_group(plan), dict(pacemaker_arrays(plan))
        rng = np.random.default_rng(seed)
        functions = {"nm_cos": np.cos, "nm_sin": np.sin, "sqrt": np.sqrt, "int": lambda true: 1 * true}
        functions |= {"normal_at": lambda *identity: rng.normal()}
        lines = [line.partition(" = ") for line in group.update]
        compiled = [(target, compile(right, target, "eval")) for target, _, right in lines]
        kept = []
        for step in range(steps):
            columns["t_in_timesteps"] = step
            for target, right in compiled:
                columns[target] = eval(right, functions, columns)
            kept.append([columns[name][0] for name in ("cos_phi", "sin_phi", "phi")])
            deliver(step, columns)
        return np.array(kept)

    return run


def angle(columns):
    """Phase (n,) that cells of each step see, and its strength (n,)."""
    seen = columns[:, 0] + 1j * columns[:, 1]
    return np.angle(seen), np.abs(seen)


def apart(one, other):
    """Distance of phases in degrees."""
    return np.degrees(np.abs(np.angle(np.exp(1j * (np.asarray(one) - other)))))


def test_a_clock_without_more_has_no_more_statements(tiny):
    group = pacemaker_group(tiny.plan("pacemakers.theta={frequency: 8 Hz}", SOURCE))
    assert [variable.name for variable in group.variables] == ["phi", "cos_phi", "sin_phi", "frequency"]
    assert len(group.update) == 4


def test_a_clock_turns_at_its_frequency(theta):
    phase, strength = angle(theta("frequency: 8 Hz, phase: 1", 500))
    assert strength == pytest.approx(1, rel=1e-12)
    assert apart(phase, 1 + 2 * np.pi * 8 * DT * np.arange(500)).max() < 1e-8


def test_jitter_spreads_the_phase_as_an_integrated_ornstein_uhlenbeck_process_does(theta):
    sd, tau, seconds = 0.2, 0.02, 0.4
    moved = []
    for seed in range(40):
        columns = theta(
            f"frequency: 8 Hz, jitter: {{sd: {sd}, tau: {tau} s}}", round(seconds / DT), seed=seed
        )
        phase, _ = angle(columns)
        moved.append(np.unwrap(phase)[-1] - 2 * np.pi * 8 * seconds)
    share = seconds / tau
    expected = 2 * np.pi * 8 * sd * tau * math.sqrt(2 * (share - 1.5))  # from a drift of 0 on
    assert np.std(moved) == pytest.approx(expected, rel=0.35)
    assert abs(np.mean(moved)) < 3.5 * expected / math.sqrt(40)


@pytest.mark.parametrize("at", [0.0, 1.0, 2.0, 3.1, -0.5, -2.5])
def test_a_volley_moves_the_phase_by_its_gain_times_the_sine(theta, at):
    def volley(step, columns):
        if step == 9:
            columns["pull"] = columns["pull"] + 40 * columns["pull_each"]  # all cells of E

    text = f"frequency: 0 Hz, phase: {at}, reset: {{population: E, gain: 0.7, phase: 2.8}}"
    columns = theta(text, 14, volley)
    assert columns[9, 2] == at
    assert apart(columns[11:, 2], at + 0.7 * math.sin(2.8 - at)).max() < 1e-6
    assert np.all(np.abs(columns[:, 2]) <= np.pi)


def test_volleys_pull_a_clock_into_their_own_rhythm(theta):
    def volleys(step, columns):
        if step % 120 == 0:  # 8.33 Hz against 8 Hz
            columns["pull"] = columns["pull"] + 40 * columns["pull_each"]

    free, _ = angle(theta("frequency: 8 Hz, reset: {population: E, gain: 0, phase: 1}", 3600, volleys))
    pulled, _ = angle(theta("frequency: 8 Hz, reset: {population: E, gain: 0.8, phase: 1}", 3600, volleys))
    assert apart(free[1200::120], free[1200]).max() > 60
    assert apart(pulled[1200::120], pulled[1200]).max() < 2


def heard(frequency, depth, delay=0):
    """Deliver a rate of 30 Hz that is highest at the phase 0 of a rhythm."""

    def deliver(step, columns):
        at = 2 * np.pi * frequency * (step - delay) * DT
        columns["push"] = columns["push"] + 30 * (1 + depth * math.cos(at)) * DT * 40 * columns["push_each"]

    return deliver


@pytest.mark.parametrize("quality", [1, 2, 5])
@pytest.mark.parametrize("delay", [0, 15])
def test_a_follower_has_the_phase_of_the_rate_without_a_lag(theta, quality, delay):
    text = f"frequency: 8 Hz, follows: {{population: E, phase: 1.2, quality: {quality}, delay: {delay} ms}}"
    phase, strength = angle(theta(text, 6000, heard(8, 1, delay)))
    late = slice(5000, None)  # the mean rate is known
    assert apart(phase[late], 1.2 + 2 * np.pi * 8 * DT * np.arange(6000)[late]).max() < 2
    assert strength[late] == pytest.approx(30 / math.hypot(30, 10), abs=0.01)


@pytest.mark.parametrize("frequency", [7, 9])
def test_a_follower_lags_behind_another_frequency_by_the_arc_tangent(theta, frequency):
    phase, _ = angle(theta("frequency: 8 Hz, follows: {population: E}", 4000, heard(frequency, 1)))
    lag = math.atan(2 * (frequency / 8 - 8 / frequency))
    found = np.angle(np.exp(1j * (2 * np.pi * frequency * DT * np.arange(4000) - phase)))[3000:]
    assert apart(np.angle(np.exp(1j * found).mean()), lag) < 3


def test_a_follower_of_a_steady_rate_has_no_phase(theta):
    _, strength = angle(theta("frequency: 8 Hz, follows: {population: E}", 6000, heard(8, 0)))
    assert strength[5000:].max() < 0.05


def test_spikes_reach_the_row_of_their_pacemaker_after_the_delay(tiny):
    plan = tiny.plan(
        "pacemakers={theta: {frequency: 8 Hz, reset: {population: I, gain: 2, delay: 3 ms}},"
        " slow: {frequency: 4 Hz, follows: {population: E}}}",
        SOURCE,
    )
    arrays = program_arrays(fuse(plan)).arrays
    assert arrays["reset_theta.j"].tolist() == [0] * 10
    assert arrays["follow_slow.j"].tolist() == [1] * 40
    assert arrays["reset_theta.delay_pre"] == pytest.approx([3e-3])
    assert arrays["pacemakers.pull_each"] == pytest.approx([0.2, 0])
    assert arrays["pacemakers.push_each"] == pytest.approx([0, 1 / 40])


def test_nothing_is_wired_where_nobody_follows(tiny):
    plan = tiny.plan("pacemakers.theta={frequency: 8 Hz, reset: {population: E}}")
    assert not [name for name in program_arrays(fuse(plan)).arrays if "theta" in name]


REFUSED = {
    "reset: {gain: 1}": "pacemakers.theta.reset: got no `population`, needed is the one whose spikes count",
    "reset: {population: F}": "pacemakers.theta.reset.population: got the unknown population `F`, allowed"
    " are E, I",
    "follows: {population: E}, jitter: {sd: 0.1, tau: 1 s}": "pacemakers.theta.jitter: got `jitter` and"
    " `follows`, but a follower has no clock",
    "follows: {population: E, least: 0 Hz}": "pacemakers.theta.follows.least: got 0 Hz, allowed is a positive"
    " rate",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_makes_no_sense_is_refused(tiny, text):
    assert tiny.refused(f"pacemakers.theta={{frequency: 8 Hz, {text}}}") == [REFUSED[text]]


def test_a_follower_needs_a_frequency(tiny):
    assert tiny.refused("pacemakers.theta={frequency: 0 Hz, follows: {population: E}}") == [
        "pacemakers.theta: got the frequency 0 Hz and `follows`, needed is about that of the population"
    ]
