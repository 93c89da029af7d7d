import pytest

PAIR = "projections.E->I"


def test_a_delay_is_rounded_to_whole_steps_and_a_large_change_is_said(tiny):
    plan = tiny.plan(f"{PAIR}.delay=1.04 ms")
    assert plan.projections["E->I"].uniform_delay == pytest.approx(1e-3)
    assert plan.notices == (
        "projections.E->I.delay: the delay of 1.04 ms is rounded to 1 ms, a whole number of steps of 0.1 ms",
    )
    assert tiny.plan(f"{PAIR}.delay=10.04 ms").notices == ()


def test_a_delay_of_zero_is_within_the_same_step(tiny):
    assert tiny.plan(f"{PAIR}.delay=0 ms").projections["E->I"].uniform_delay == 0.0


def test_drawn_delays_have_no_single_value(tiny):
    assert tiny.plan(f"{PAIR}.delay={{uniform: [1 ms, 3 ms]}}").projections["E->I"].uniform_delay is None


def test_several_projections_between_two_populations_are_told_apart_by_their_tags(tiny):
    plan = tiny.plan(
        "projections.E->I:slow={receptor: slow, connect: {in_degree: 3}, weight: 1 nS, delay: 2 ms}"
    )
    assert [(p.source, p.target, p.receptor, p.count) for p in plan.projections.values()] == [
        ("E", "I", "fast", 50.0),
        ("E", "I", "slow", 30.0),
    ]


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            "projections.E->J={receptor: fast, connect: {in_degree: 1}, weight: 1 nS, delay: 1 ms}",
            "projections.E->J: got the unknown population `J`, allowed are E, I",
        ),
        (
            f"{PAIR}={{connect: {{in_degree: 1}}, weight: 1 nS, delay: 1 ms}}",
            "projections.E->I: got no `receptor`, needed is the name of a synapse template",
        ),
        (
            f"{PAIR}={{receptor: fast, weight: 1 nS, delay: 1 ms}}",
            "projections.E->I: got no `connect`, needed is how sources and targets are paired",
        ),
        (
            f"{PAIR}={{receptor: fast, connect: {{in_degree: 1}}, delay: 1 ms}}",
            "projections.E->I: got no `weight`, needed is a weight in units such as nS",
        ),
        (
            f"{PAIR}={{receptor: fast, connect: {{in_degree: 1}}, weight: 1 nS}}",
            "projections.E->I: got no `delay`, needed is a time, "
            "for example 1 ms (0 ms: within the same step)",
        ),
        (f"{PAIR}.weight=1 mV", "projections.E->I.weight: got a voltage, allowed is a conductance"),
        (
            f"{PAIR}.weight=-1 nS",
            "projections.E->I.weight: got a negative conductance, allowed is zero or more "
            "(the reversal potential of the receptor decides whether it inhibits)",
        ),
        (f"{PAIR}.weight=1", "projections.E->I.weight: got a number without unit, allowed is a conductance"),
        (f"{PAIR}.delay=-1 ms", "projections.E->I.delay: got a negative delay, allowed is zero or more"),
        (f"{PAIR}.delay=1 mV", "projections.E->I.delay: got a voltage, allowed is a time"),
        (
            f"{PAIR}.delay={{uniform: [-1 ms, 1 ms]}}",
            "projections.E->I.delay: got a negative delay, allowed is zero or more",
        ),
        (
            f"{PAIR}.connect={{one_to_one: true}}",
            "projections.E->I.connect: got one_to_one for 40 and 10 neurons, needed are equal sizes",
        ),
        (
            f"{PAIR}.connect={{in_degree: 1, channels: same}}",
            "projections.E->I.connect.channels: got 0 channels in E and 0 in I, "
            "needed is the same number in both",
        ),
        (
            "projections.E->E={receptor: fast, connect: {one_to_one: true}, weight: 1 nS, delay: 1 ms}",
            "projections.E->E.connect: got one_to_one within a population, which gives only autapses; "
            "allowed with `autapses: true`",
        ),
        (
            "projections.E->E={receptor: slow, connect: {in_degree: 1}, weight: 1 nS, "
            "delay: {uniform: [1 ms, 2 ms]}}",
            "projections.E->E.delay: got drawn delays, but slow needs one delay for the whole projection",
        ),
    ],
)
def test_what_a_projection_cannot_be_is_refused(tiny, setting, problem):
    assert tiny.refused(setting) == [problem]


def test_a_projection_onto_spike_sources_is_refused(tiny):
    problems = tiny.refused(
        "populations.X={neuron: source, size: 2}",
        "projections.E->X={receptor: fast, connect: {in_degree: 1}, weight: 1 nS, delay: 1 ms}",
    )
    assert problems == ["projections.E->X: got the target X, whose source cells take no input"]


def test_channels_of_different_number_are_refused(tiny):
    problems = tiny.refused(
        "populations.E.channels={count: 4}",
        "populations.I.channels={count: 2}",
        f"{PAIR}.connect={{in_degree: 1, channels: other}}",
    )
    assert problems == [
        "projections.E->I.connect.channels: got 4 channels in E and 2 in I, needed is the same number in both"
    ]


def test_more_synapses_than_can_be_numbered_are_refused(tiny):
    (problem,) = tiny.refused(
        "populations.E.size=10000000", "populations.I.size=1000000", f"{PAIR}.connect={{in_degree: 5000}}"
    )
    assert problem == "projections.E->I.connect: got about 5e+09 synapses, allowed are at most 2147483647"
