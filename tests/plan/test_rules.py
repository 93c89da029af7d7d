import pytest

PLASTIC = "projections.E->I.plasticity={rule: learn, modulator: dopa%s}"
DOPA = "modulators.dopa={cortex: {level: 1.5}}"


def test_a_plastic_projection_follows_the_modulator_in_the_region_of_its_target(tiny):
    rule = tiny.plan(PLASTIC % ", parameters: {high: 3 nS}", DOPA).projections["E->I"].rules[0]
    assert (rule.name, rule.modulator, rule.region) == ("learn", "dopa", "cortex")
    assert (rule.parameters["high"], rule.parameters["tau_e"]) == (3e-9, 1.0)


def test_a_compartment_takes_its_clearance_from_the_model_file_or_the_config(tiny):
    compartment = tiny.plan(DOPA).compartments["dopa.cortex"]
    assert (compartment.level, compartment.decay) == (1.5, 0.5)
    assert tiny.plan("modulators.dopa={cortex: {decay: 200 ms}}").compartments["dopa.cortex"].decay == 0.2


def test_the_level_is_tonic_where_none_is_given(tiny):
    assert tiny.plan("modulators.dopa={cortex: {}}").compartments["dopa.cortex"].level == 1.0


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            "projections.E->I.plasticity={rule: learn}",
            "projections.E->I.plasticity: got no `modulator`, needed because learn follows a level",
        ),
        (
            "projections.E->I.plasticity={modulator: dopa}",
            "projections.E->I.plasticity: got no `rule`, needed for a plastic projection",
        ),
        (
            "projections.E->I.plasticity={rule: learn, modulator: ser}",
            "projections.E->I.plasticity.modulator: got ser, which has no compartment in cortex; "
            "allowed are dopa",
        ),
        (
            PLASTIC % ", region: thalamus",
            "projections.E->I.plasticity.modulator: got dopa, which has no compartment in thalamus; "
            "there is none",
        ),
        (
            PLASTIC % ", parameters: {high: 3 mV}",
            "projections.E->I.plasticity.parameters.high: got a voltage, "
            "allowed is a conductance in units such as nS",
        ),
        (
            PLASTIC % ", parameters: {low: 3 nS}",
            "projections.E->I.plasticity.parameters: got low above high, allowed is lowest <= highest",
        ),
        (
            "modulators.dopa.thalamus={}",
            "modulators.dopa.thalamus: got the unknown region `thalamus`, allowed is cortex",
        ),
    ],
)
def test_what_a_plastic_projection_cannot_be_is_refused(tiny, setting, problem):
    assert problem in tiny.refused(DOPA, setting)


def test_a_plastic_projection_needs_one_delay(tiny):
    problems = tiny.refused(PLASTIC % "", DOPA, "projections.E->I.delay={uniform: [1 ms, 2 ms]}")
    assert problems == [
        "projections.E->I.delay: got drawn delays, but a plastic projection needs one delay for all synapses"
    ]


def test_a_rule_of_other_weights_is_refused(tiny):
    problems = tiny.refused(
        PLASTIC % "", DOPA, "projections.E->I.receptor=jump", "projections.E->I.weight=1 mV"
    )
    assert problems == [
        "projections.E->I.plasticity.rule: got learn, whose weights are a conductance, "
        "but here they are a voltage"
    ]


def test_a_modulator_for_a_target_in_no_region_is_refused(tiny):
    problems = tiny.refused(
        "populations.A={neuron: cell, size: 3}",
        DOPA,
        "projections.E->A={receptor: fast, connect: {in_degree: 1}, weight: 1 nS, delay: 1 ms, "
        "plasticity: {rule: learn, modulator: dopa}}",
    )
    assert problems == [
        "projections.E->A.plasticity.modulator: got dopa, but the target is in no region; "
        "name one as `region`"
    ]


def test_an_unknown_modulator_without_clearance_is_refused(tiny):
    (problem,) = tiny.refused("modulators.dopamin={cortex: {}}")
    assert problem.startswith("modulators.dopamin: ")
