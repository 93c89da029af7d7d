import pytest

from neuromod.plan.rule_variables import synapse_variables
from tests.plan.keeping import keeping

STATE = "record.states=[{population: I, variables: [%s]%s}]"


def test_state_receptor_state_and_parameters_can_be_recorded(tiny):
    assert tiny.plan(STATE % ("V, g_fast, bias", "")).experiment.record.states[0].variables == (
        "V",
        "g_fast",
        "bias",
    )


def test_more_neurons_than_there_are_means_all(tiny):
    assert tiny.plan(STATE % ("V", ", neurons: 1000")).experiment.record.states[0].neurons == 1000


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("record.spikes=[F]", "record.spikes.0: got the unknown population `F`, allowed are E, I"),
        (
            "record.rates={populations: [E, F]}",
            "record.rates.populations.1: got the unknown population `F`, allowed are E, I",
        ),
        ("record.lfp=[F]", "record.lfp.0: got the unknown population `F`, allowed are E, I"),
        ("record.lfp=[E]", "record.lfp: got E, none of whose receptors counts in the LFP"),
        (
            "record.weights=[{projection: I->E}]",
            "record.weights.0.projection: got the unknown projection `I->E`, allowed is E->I",
        ),
        (
            STATE % ("V, g_slow", ""),
            "record.states.0.variables.1: got the unknown variable of I `g_slow`, "
            "allowed are C, EL, V, VT, bias, gL, g_fast",
        ),
        (
            STATE % ("V", ", neurons: [0, 10]"),
            "record.states.0.neurons: got the neuron 10 of I, allowed are 0 to 9",
        ),
        (
            STATE % ("V", ", neurons: [1, 1]"),
            "record.states.0.neurons: got a neuron twice, allowed is each one once",
        ),
        (STATE % ("V, V", ""), "record.states: got V of I 2 times, allowed is once"),
    ],
)
def test_what_does_not_exist_cannot_be_recorded(tiny, setting, problem):
    assert tiny.refused(setting)[0].startswith(problem)


def test_a_population_with_a_receptor_that_counts_has_an_lfp(tiny):
    assert tiny.plan("record.lfp=[I]").experiment.record.lfp == ("I",)


WEIGHTS = "record.weights=[{projection: E->I, %s}]"
SETTLE = "projections.E->I.plasticity={rule: settle}"
LEARN = "projections.E->I.plasticity={rule: learn, modulator: dopa%s}"
DOPA = "modulators.dopa={cortex: {}}"


def kept(tiny, *settings):
    return list(synapse_variables(keeping(tiny).plan(*settings).projections["E->I"]))


def test_a_name_that_one_rule_has_stands_alone(tiny):
    assert kept(tiny, LEARN % ", also: [{rule: settle}]", DOPA) == ["c", "z", "settle.time", "transmitted"]


def test_a_name_of_several_rules_stands_with_its_rule(tiny):
    again = LEARN % ", also: [{rule: learn, modulator: dopa}, {rule: settle}]"
    assert kept(tiny, again, DOPA)[:3] == ["learn.c", "learn_2.c", "z"]


def test_a_projection_that_does_not_learn_keeps_nothing_but_its_weights(tiny):
    assert kept(tiny) == []


def test_variables_of_rules_can_be_recorded_of_synapses_and_of_cells(tiny):
    plan = keeping(tiny).plan(
        SETTLE,
        WEIGHTS % "variables: [z, settle.time, transmitted], synapses: [7, 0]",
        STATE % ("cell_settle_p", ""),
    )
    assert plan.experiment.record.weights[0].synapses == (7, 0)
    assert plan.experiment.record.states[0].variables == ("cell_settle_p",)


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            WEIGHTS % "variables: [z, c]",
            "record.weights.0.variables.1: got the unknown variable of the rules of E->I `c`, "
            "allowed are settle.time, transmitted, z",
        ),
        (WEIGHTS % "variables: [z, z]", "record.weights.0.variables: got z 2 times, allowed is once"),
        (
            WEIGHTS % "synapses: [3, 50]",
            "record.weights.0.synapses: got the synapse 50 of E->I, allowed are 0 to 49",
        ),
        (WEIGHTS % "synapses: [3, 3]", "record.weights.0.synapses: got 3 2 times, allowed is once"),
        (
            "record.weights=[{projection: E->I}, {projection: E->I}]",
            "record.weights: got E->I 2 times, allowed is once",
        ),
        (
            STATE.replace("I,", "E,") % ("cell_settle_p", ""),
            "record.states.0.variables.0: got the unknown variable of E `cell_settle_p`",
        ),
        (
            "record.modulators={drives: [D8, D7]}",
            "record.modulators.drives.1: got the unknown receptor `D7`, allowed are D8, D9",
        ),
        (
            "record.modulators={drives: [D8, D8]}",
            "record.modulators.drives: got D8 2 times, allowed is once",
        ),
    ],
)
def test_what_no_rule_or_receptor_has_cannot_be_recorded(tiny, setting, problem):
    found = keeping(tiny).refused(SETTLE, "modulators.bind={cortex: {}}", setting)
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_without_a_rule_there_is_no_variable_to_record(tiny):
    found = tiny.refused(WEIGHTS % "variables: [c]")
    assert found == [
        "record.weights.0.variables.0: got the unknown variable of the rules of E->I `c`, allowed is none"
    ]


def test_of_a_rule_that_cannot_be_planned_only_the_rule_is_refused(tiny):
    wishes = (WEIGHTS % "variables: [z]", STATE % ("cell_settle_p", ""))
    found = keeping(tiny).refused("projections.E->I.plasticity={rule: settled}", *wishes)
    assert [line.partition(":")[0] for line in found] == ["projections.E->I.plasticity.rule"]
