import pytest

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
