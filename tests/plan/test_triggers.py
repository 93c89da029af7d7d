"""Triggers as they are planned, and those that do not fit."""

import numpy as np
import pytest

PAIR = "coincidence: {first: [E, 0], then: [I, 3], within: 20 ms}"
COUNT = "count: {population: E, neurons: 5, spikes: 3, window: 50 ms}"
DOPA = "modulators.dopa={cortex: {}}"
RELEASE = "release: {dopa: {cortex: 1}}"


def test_a_coincidence_is_planned_in_steps(tiny):
    plan = tiny.plan(DOPA, f"triggers.t={{{PAIR}, {RELEASE}, delay: {{uniform: [1 s, 3 s]}}, stop: 500 ms}}")
    trigger = plan.triggers["t"]
    assert (trigger.first, trigger.then, trigger.longest) == (("E", 0), ("I", 3), 200)
    assert (trigger.start, trigger.stop) == (0, 5000)
    assert (trigger.delay.low, trigger.delay.high) == pytest.approx((10000, 30000))
    assert trigger.release == {"dopa.cortex": 1}


def test_a_count_is_planned_in_steps(tiny):
    trigger = tiny.plan(DOPA, f"triggers.t={{{COUNT}, {RELEASE}, start: 10 ms}}").triggers["t"]
    assert (trigger.population, trigger.spikes, trigger.window, trigger.start) == ("E", 3, 500, 100)
    assert np.array_equal(trigger.cells, np.arange(5))
    everyone = tiny.plan(
        DOPA, f"triggers.t={{count: {{population: I, spikes: 3, window: 50 ms}}, {RELEASE}}}"
    )
    assert everyone.triggers["t"].cells.size == 10


@pytest.mark.parametrize(
    ("trigger", "key", "message"),
    [
        (RELEASE, "", "got neither of coincidence and count, allowed is exactly one"),
        (f"{PAIR}, {COUNT}, {RELEASE}", "", "got both of coincidence and count"),
        (
            f"{COUNT.replace('neurons: 5', 'neurons: 100000000')}, {RELEASE}",
            ".count",
            "got the neuron 40 of E, allowed are 0 to 39",
        ),
        (f"{PAIR.replace('E, 0', 'F, 0')}, {RELEASE}", ".coincidence.first", "unknown population `F`"),
        (
            f"{PAIR.replace('I, 3', 'I, 10')}, {RELEASE}",
            ".coincidence.then",
            "got the neuron 10 of I, allowed are 0 to 9",
        ),
        (f"{PAIR.replace('I, 3', 'E, 0')}, {RELEASE}", ".coincidence.then", "got the same neuron as `first`"),
        (f"{PAIR.replace('20 ms', '10 us')}, {RELEASE}", ".coincidence.within", "got a time below one step"),
        (f"{COUNT.replace('neurons: 5', 'neurons: 50')}, {RELEASE}", ".count", "got the neuron 40 of E"),
        (f"{COUNT.replace('neurons: 5', 'neurons: [1, 1]')}, {RELEASE}", ".count.neurons", "neuron twice"),
        (f"{COUNT.replace('50 ms', '10 us')}, {RELEASE}", ".count.window", "rounds to 0 steps"),
        (f"{PAIR}, release: {{}}", ".release", "got nothing, needed is at least one modulator and region"),
        (f"{PAIR}, release: {{sero: {{cortex: 1}}}}", ".release.sero", "unknown neuromodulator of this"),
        (f"{PAIR}, release: {{dopa: {{moon: 1}}}}", ".release.dopa.moon", "unknown region with dopa `moon`"),
        (f"{PAIR}, {RELEASE}, delay: 3 mV", ".delay", "got a voltage"),
        (f"{PAIR}, {RELEASE}, delay: -3 ms", ".delay", "allowed is zero or more"),
        (f"{PAIR}, {RELEASE}, delay: {{uniform: [3 s, 1 s]}}", ".delay", "lower bound above the upper"),
        (
            f"{PAIR}, {RELEASE}, delay: {{normal: [3 s, 1 s]}}",
            ".delay",
            "got a normal distribution, allowed is a time or a uniform or lognormal distribution",
        ),
        (f"{PAIR}, {RELEASE}, start: 2 s, stop: 1 s", ".stop", "got a stop that is not after `start`"),
    ],
)
def test_a_trigger_that_does_not_fit_is_refused(tiny, trigger, key, message):
    problems = tiny.refused(DOPA, f"triggers.t={{{trigger}}}")
    assert len(problems) == 1
    assert problems[0].startswith(f"triggers.t{key}: ")
    assert message in problems[0]


def test_limits_of_a_lognormal_delay_are_refused(tiny):
    delay = "{lognormal: [1 s, 1 s], high: 2 s}"
    problems = tiny.refused(DOPA, f"triggers.t={{{PAIR}, {RELEASE}, delay: {delay}}}")
    assert "allowed is a distribution without them" in problems[0]
