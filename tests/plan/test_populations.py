import numpy as np
import pytest

SOURCE = "populations.X={neuron: source, size: 5, parameters: {depth: %s}%s}"


def test_sizes_scale_and_never_vanish(tiny):
    plan = tiny.plan("scale=0.04", "projections={}")
    assert [plan.populations[name].size for name in ("E", "I")] == [2, 1]
    assert tiny.plan("scale=2.5", "projections={}").populations["E"].size == 100


def test_parameters_not_given_are_at_the_template_default(tiny):
    cells = tiny.plan("populations.E.parameters={C: 0.1 nF}").populations["E"]
    assert cells.parameters == {"C": 1e-10, "gL": 1e-8, "EL": -0.06, "VT": -0.05, "bias": 0.0}
    assert cells.explicit == {"C"}


def test_heterogeneity_with_a_unit_is_an_absolute_standard_deviation(tiny):
    cells = tiny.plan("populations.E.size=20000", "populations.E.heterogeneity={EL: 1 mV}").populations["E"]
    assert cells.parameters["EL"].mean() == pytest.approx(-0.06, abs=4e-5)
    assert cells.parameters["EL"].std() == pytest.approx(1e-3, rel=0.03)
    assert cells.explicit == {"EL"}


def test_heterogeneity_in_percent_is_relative_to_the_value(tiny):
    settings = (
        "populations.E.size=20000",
        "populations.E.parameters={C: 100 pF}",
        "populations.E.heterogeneity={C: 10 %}",
    )
    assert tiny.plan(*settings).populations["E"].parameters["C"].std() == pytest.approx(1e-11, rel=0.03)


def test_heterogeneity_never_makes_a_positive_parameter_zero_or_negative(tiny):
    cells = tiny.plan("populations.E.size=20000", "populations.E.heterogeneity={C: 60 %}").populations["E"]
    assert cells.parameters["C"].min() > 0


def test_drawn_parameters_depend_on_the_seed_and_the_population_alone(tiny):
    settings = ("populations.E.heterogeneity={C: 10 %}", "populations.I.heterogeneity={C: 10 %}")
    one = tiny.plan(*settings).populations
    more = tiny.plan(*settings, "populations.A={neuron: cell, size: 3, heterogeneity: {C: 5 %}}").populations
    other = tiny.plan(*settings, "seed=4").populations
    assert np.array_equal(one["E"].parameters["C"], more["E"].parameters["C"])
    assert np.array_equal(one["E"].initial["V"], more["E"].initial["V"])
    assert not np.array_equal(one["E"].parameters["C"], other["E"].parameters["C"])
    assert not np.array_equal(one["E"].parameters["C"][:10], one["I"].parameters["C"])


def test_initial_values_follow_the_template_the_config_or_are_zero(tiny):
    cells = tiny.plan().populations["E"]
    assert cells.initial["V"].shape == (40,)
    assert ((cells.initial["V"] >= -0.06) & (cells.initial["V"] <= -0.05)).all()
    assert len(set(cells.initial["V"])) == 40
    assert (
        tiny.plan("populations.E.initial={V: -55 mV}").populations["E"].initial["V"].tolist() == [-0.055] * 40
    )


def test_initial_bounds_follow_the_parameters_of_each_neuron(tiny):
    settings = ("populations.E.heterogeneity={EL: 2 mV}", "populations.E.initial={V: {uniform: [EL, EL]}}")
    cells = tiny.plan(*settings).populations["E"]
    assert np.array_equal(cells.initial["V"], cells.parameters["EL"])


def test_channels_are_consecutive_and_split_evenly_by_default(tiny):
    channel = tiny.plan("populations.E.channels={count: 3}").populations["E"].channel
    assert channel.dtype == np.int32
    assert np.bincount(channel).tolist() == [13, 14, 13]
    assert (np.diff(channel) >= 0).all()


def test_channels_with_a_fraction_leave_the_rest_in_none(tiny):
    channel = tiny.plan("populations.E.channels={count: 3, fraction: 0.1}").populations["E"].channel
    assert channel.tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [-1] * 28


def test_a_pacemaker_cell_without_rhythm_needs_no_pacemaker(tiny):
    assert tiny.plan(SOURCE % ("0", "")).populations["X"].pacemaker is None
    plan = tiny.plan(SOURCE % ("0.5", ", pacemaker: theta"), "pacemakers.theta={frequency: 8 Hz}")
    assert plan.populations["X"].pacemaker == "theta"


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            "populations.E={size: 4}",
            "populations.E: got no `neuron`, needed is the name of a neuron template",
        ),
        (
            "populations.E={neuron: cell}",
            "populations.E: got no `size`, needed is the number of neurons at scale 1",
        ),
        (
            "populations.E.parameters={Cm: 1 pF}",
            "populations.E.parameters.Cm: got the unknown parameter of cell `Cm`, "
            "allowed are C, EL, VT, bias, gL; did you mean C?",
        ),
        (
            "populations.E.parameters={C: 3 ms}",
            "populations.E.parameters.C: got a time, allowed is a capacitance in units such as pF",
        ),
        (
            "populations.E.heterogeneity={C: 3 ms}",
            "populations.E.heterogeneity.C: got a time, allowed is a capacitance in units such as pF, "
            "or a percentage of the value",
        ),
        (
            "populations.E.heterogeneity={C: -3 %}",
            "populations.E.heterogeneity.C: got a negative standard deviation, allowed is zero or more",
        ),
        (
            "populations.E.initial={U: 3 mV}",
            "populations.E.initial.U: got the unknown state variable of cell `U`, allowed is V",
        ),
        (
            "populations.E.initial={V: {uniform: [Vr, VT]}}",
            "populations.E.initial.V: got the unknown name `Vr`, allowed is a quantity or one of C, EL, VT, "
            "bias, gL",
        ),
        (
            "populations.E.initial={V: {uniform: [C, VT]}}",
            "populations.E.initial.V: got `C`, which is a capacitance, allowed is a voltage",
        ),
        (
            "populations.E.channels={count: 3, fraction: 0.5}",
            "populations.E.channels: got 3 channels of 0.5 each, allowed is at most 1 in all",
        ),
        (
            "populations.I.channels={count: 11}",
            "populations.I.channels: got 11 channels for 10 neurons, needed is at least one neuron in each",
        ),
        (
            SOURCE % ("0.5", ""),
            "populations.X: got no `pacemaker`, but source cells follow one unless their depth is 0",
        ),
        (
            SOURCE % ("0.5", ", pacemaker: beta"),
            "populations.X.pacemaker: got the unknown pacemaker `beta`, allowed is none",
        ),
        (
            "populations.E.spikes=x.csv",
            "populations.E.spikes: got a spike file, but cell cells do not replay spikes",
        ),
        (
            "populations.R={neuron: replay, size: 2}",
            "populations.R: got no `spikes`, needed is the file with the spikes of replay cells",
        ),
        (
            "populations.E.target_rate=[5 Hz, 1 Hz]",
            "populations.E.target_rate: got the higher rate first, allowed is [lowest, highest]",
        ),
        (
            "populations.E.target_source=somewhere",
            "populations.E.target_source: got it without `target_rate`, needed is the target itself",
        ),
        (
            "populations.E={neuron: cell, size: 20, target_rate: [1 Hz, 5 Hz], target_evidence: V}",
            "populations.E.target_evidence: got V without `target_source`, needed is what was read",
        ),
        ("populations.E.rate_limit=0 Hz", "populations.E.rate_limit: got 0 Hz, allowed is a positive rate"),
    ],
)
def test_what_a_population_cannot_be_is_refused(tiny, setting, problem):
    assert tiny.refused(setting) == [problem]


def test_a_pacemaker_on_a_cell_that_follows_none_is_refused(tiny):
    problems = tiny.refused("populations.E.pacemaker=theta", "pacemakers.theta={frequency: 8 Hz}")
    assert problems == ["populations.E.pacemaker: got a pacemaker, but cell cells follow none"]


def test_more_neurons_than_allowed_are_refused(tiny):
    (problem,) = tiny.refused("populations.E.size=100000000", "scale=2", "projections={}")
    assert problem == "populations.E.size: got 200000000 neurons after scaling, allowed are at most 100000000"
