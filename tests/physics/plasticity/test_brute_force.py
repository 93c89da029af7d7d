"""The reference itself, against results worked out by hand."""

import numpy as np
import pytest

from tests.physics.plasticity.brute_force import Outcome, Synapses, simulate
from tests.physics.plasticity.rule import read_rule
from tests.physics.plasticity.signals import Modulator, Receptor, Signals
from tests.physics.plasticity.texts import PARAMETERS, rule_text

DT = 1e-3


def one(delay: int = 0, weight: float = 0.5) -> Synapses:
    return Synapses(np.array([0]), np.array([0]), np.array([weight]), np.array([delay]))


def run(fields: dict, pre, post, steps: int = 400, signals: Signals | None = None, **options) -> Outcome:
    synapses = options.pop("synapses", one())
    rule = read_rule(rule_text(**fields), {name: str(value) for name, value in PLAIN.items()})
    cells = [(step, 0) for step in pre], [(step, 0) for step in post]
    return simulate([(rule, signals or Signals(DT))], synapses, *cells, steps, range(steps), **options)


PLAIN = {"low": 0, "high": 1, "A": 0.1, "B": 0.05}
HEBB = {
    "traces": {"x": {"of": "pre", "tau": "tau_x"}, "y": {"of": "post", "tau": "tau_y"}},
    "eligibility": {"c": {"tau": "tau_c", "at_pre": "-B*y", "at_post": "A*x", "converted": "eta"}},
}
TAU_X, TAU_Y, TAU_C, ETA = 0.02, 0.03, 1.0, 2.0


def test_parameters_of_the_rule_texts_are_those_of_the_closed_forms() -> None:
    rule = read_rule(rule_text(), {name: str(value) for name, value in PLAIN.items()})
    assert {name: rule.parameters[name] for name in ("tau_x", "tau_y", "tau_c", "eta")} == {
        "tau_x": TAU_X, "tau_y": TAU_Y, "tau_c": TAU_C, "eta": ETA,
    }  # fmt: skip
    assert set(PARAMETERS) >= set(rule.parameters)


def test_a_pair_is_converted_as_the_integral_says() -> None:
    rows = run(HEBB, [10], [25]).rows()[:, 0]
    c0 = 0.1 * np.exp(-15e-3 / TAU_X)
    after = np.arange(400) - 26
    expected = 0.5 + np.where(after > 0, c0 * ETA * TAU_C * -np.expm1(-after * DT / TAU_C), 0.0)
    np.testing.assert_allclose(rows, expected, rtol=1e-13)


def test_spikes_of_one_step_do_not_pair_with_each_other() -> None:
    assert np.all(run(HEBB, [10], [10]).rows() == 0.5)


@pytest.mark.parametrize("delay", ["axonal", "dendritic"])
def test_the_delay_shifts_the_side_on_which_it_lies(delay: str) -> None:
    late = run(HEBB | {"delay": delay}, [10], [25], synapses=one(4)).rows()
    shifted = ([14], [25]) if delay == "axonal" else ([10], [29])
    assert np.array_equal(late, run(HEBB, *shifted).rows())


def test_nearest_pairs_count_the_last_spike_only() -> None:
    near = {"x": {"of": "pre", "tau": "tau_x", "pairing": "nearest"}, "y": {"of": "post", "tau": "tau_y"}}
    assert np.array_equal(
        run(HEBB | {"traces": near}, [3, 10], [25]).rows()[-1], run(HEBB, [10], [25]).rows()[-1]
    )
    assert run(HEBB, [3, 10], [25]).rows()[-1] > run(HEBB, [10], [25]).rows()[-1]


def test_traces_begin_at_their_initial_value() -> None:
    traces = {"x": {"of": "pre", "tau": "tau_x", "initial": "2*A"}}
    direct = {"traces": traces, "at_post": ["w += B*x"]}
    expected = 0.5 + 0.05 * 0.2 * np.exp(-21e-3 / TAU_X)
    assert run(direct, [], [20]).rows()[-1, 0] == pytest.approx(expected, rel=1e-14)


def test_direct_changes_follow_one_another_and_are_clipped() -> None:
    rows = run({"at_pre": ["w *= 1.5", "w += B", "z = w"], "state": {"z": {"unit": "1"}}}, [5, 9], []).rows()
    assert rows[[5, 6, 9, 10], 0].tolist() == [0.5, 0.8, 0.8, 1.0]


def test_weights_are_clipped_at_events_and_in_samples_but_not_in_between() -> None:
    wave = {"eligibility": {"c": {"tau": "tau_c", "at_post": "A", "converted": "eta*cos_phi"}}}
    signals = Signals(DT, pacemaker=(1.0, 0.0))
    rule = read_rule(rule_text(**wave), {"low": "0", "high": "1", "A": "3", "B": "0"})
    alone = simulate([(rule, signals)], one(), [], [(0, 0)], 600, range(600)).rows()[:, 0]
    steps = np.arange(1, 599)
    change = 3 * np.exp(-(steps - 1) * DT) * ETA * -np.expm1(-DT) * np.cos(2 * np.pi * DT * steps)
    free = 0.5 + np.concatenate([[0, 0], np.cumsum(change)])
    assert free.max() > 1.2
    assert free[-1] < 0.9
    np.testing.assert_allclose(alone, np.clip(free, 0, 1), rtol=1e-13)
    touched = simulate([(rule, signals)], one(), [(300, 0)], [(0, 0)], 600, [599]).rows()[0, 0]
    assert touched == pytest.approx(max(0.0, free[-1] - (free[301] - 1.0)), rel=1e-12)


def test_a_hill_receptor_is_zero_at_the_tonic_level_and_stays_within_one() -> None:
    receptor = Receptor(4.0, 2.0)
    assert receptor.rho(np.array([0.0, 1.0, 1e9])) == pytest.approx([-1.0, 0.0, 1.0], abs=1e-12)
    assert receptor.rho(10.0) == pytest.approx((100 / 116 - 1 / 17) / (16 / 17), rel=1e-14)


def test_levels_follow_clearance_and_pulses() -> None:
    modulator = Modulator(0.5, 0.2, ((3, 2.0), (5, 1.0), (5, 0.25)))
    level, found = 0.5, []
    for step in range(12):
        found.append((level, 0.5 + (level - 0.5) * np.exp(-DT / 2 / 0.2)))
        level = 0.5 + (level - 0.5) * np.exp(-DT / 0.2)
        level += sum(amount for at, amount in modulator.pulses if at == step)
    steps = np.arange(12)
    both = np.stack([modulator.level(steps, DT), modulator.level(steps, DT, 0.5)], axis=1)
    np.testing.assert_allclose(both, found, rtol=1e-14)


def test_a_negative_pulse_empties_a_level_and_no_more() -> None:
    levels = Modulator(1.0, 0.2, ((3, -4.0), (6, 0.5))).level(np.array([3, 4, 6, 7]), DT)
    rest = 1.0 - np.exp(-2 * DT / 0.2)
    np.testing.assert_allclose(levels, [1.0, 0.0, rest, 0.5 + 1 - np.exp(-3 * DT / 0.2)], atol=1e-15)


def test_ticks_run_synapses_first_and_then_cells() -> None:
    fields = {
        "cell": {"p": {"unit": "1", "initial": 1}}, "state": {"z": {"unit": "1", "initial": 2}},
        "at_post": ["p += 1"], "at_tick": ["z += p"], "cell_tick": ["p = p*0.5"], "tick": "10 ms",
    }  # fmt: skip
    states = run(fields, [], [4], 30).states
    assert [states[n]["p"][0] for n in (0, 1, 5, 10, 11, 21)] == [1, 1, 2, 2, 1, 0.5]
    assert [states[n]["z"][0] for n in (0, 1, 10, 11, 21)] == [2, 2, 2, 4, 5]


def test_what_is_transmitted_is_read_before_the_direct_changes() -> None:
    sent = run({"at_pre": ["w += B"], "transmitted": "2*w"}, [5, 9], []).transmitted
    assert [(step, values.tolist()) for step, _, values in sent] == [(5, [1.0]), (9, [1.1])]


@pytest.mark.parametrize("third", ["eta*(m - 1)", "eta*positive(rho_R) - 0.2*cos_phi*Hz", "-eta*rho_R*m"])
def test_leaping_from_event_to_event_gives_what_stepping_gives(third: str) -> None:
    random = np.random.default_rng(1)
    n = 40
    synapses = Synapses(
        random.integers(0, 6, n), random.integers(0, 5, n), random.random(n), random.integers(0, 9, n)
    )
    spikes = [
        sorted(
            {
                (int(s), int(c))
                for s, c in zip(random.integers(0, 900, 60), random.integers(0, k, 60), strict=True)
            }
        )
        for k in (6, 5)
    ]
    fields = HEBB | {"at_pre": ["w *= 0.99"], "at_tick": ["w += 0.001*m"], "tick": "50 ms"}
    fields["eligibility"] = {
        "c": {"tau": "tau_c", "at_pre": "-B*y*w", "at_post": "A*x*(high - w)", "converted": third},
        "d": {"tau": "tau_d", "at_post": "A*x", "converted": "-0.5*eta*m"},
    }
    modulator = Modulator(1.0, 0.2, ((100, 3.0), (300, -0.9), (500, 2.0)), {"R": Receptor(2.0, 1.5)})
    signals = Signals(DT, {"da": modulator}, "da", (7.0, 0.4))
    rule = read_rule(rule_text(**fields), {"low": "0", "high": "1", "A": "0.05", "B": "0.02"})
    results = [
        simulate([(rule, signals)], synapses, *spikes, 1000, range(0, 1000, 37), leap=leap).rows()
        for leap in (False, True)
    ]
    assert np.abs(results[0] - synapses.weight).max() > 0.05
    np.testing.assert_allclose(results[1], results[0], rtol=0, atol=1e-13)
