"""The plan as plain data: signs of projections, events, targets."""

import json

import pytest

from neuromod.plan.fused import fuse
from neuromod.plan.outline import MAX_EVENTS, as_data, sign

JUMP = "projections.I->E={receptor: jump, connect: {in_degree: 5}, weight: %s, delay: 1 ms}"
FAST = "populations.E.receptors={fast: {E: %s}}"
BACK = "projections.I->E={receptor: fast, connect: {in_degree: 5}, weight: 1 nS, delay: 1 ms}"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((BACK,), "excitatory"),
        ((BACK, FAST % "-75 mV"), "inhibitory"),
        # The threshold of these cells is -50 mV: a reversal potential above rest may not make them fire.
        ((BACK, FAST % "-51 mV"), "inhibitory"),
        ((BACK, FAST % "-49 mV"), "excitatory"),
        ((JUMP % "0.2 mV",), "excitatory"),
        ((JUMP % "-0.2 mV",), "inhibitory"),
        ((JUMP % "{normal: [-0.2 mV, 0.02 mV]}",), "inhibitory"),
    ],
)
def test_the_sign_is_that_of_what_a_spike_does(tiny, settings, expected):
    network = tiny.plan(*settings)
    assert sign(network, network.projections["I->E"]) == expected


def outlined(tiny, *settings):
    return json.loads(json.dumps(as_data(fuse(tiny.plan(*settings)))))


def test_populations_carry_their_target_and_where_it_comes_from(tiny):
    target = (
        "populations.E={neuron: cell, size: 40, target_rate: [1 Hz, 5 Hz], target_evidence: M, "
        "target_source: here}"
    )
    found = outlined(tiny, target)["populations"]
    assert [found["E"][key] for key in ("target_rate_hz", "target_evidence", "target_source")] == [
        [1, 5],
        "M",
        "here",
    ]
    assert found["I"]["target_rate_hz"] is None


def test_events_are_the_onsets_of_stimuli_and_pulses_within_the_run(tiny):
    found = outlined(
        tiny,
        "stimuli.cue={population: E, parameter: bias, value: 9 pA, start: 0.1 s, duration: 0.1 s, "
        "every: 0.4 s, times: 5}",
        "modulators.dopa.cortex={pulses: [{at: 0.6 s, amount: 1}, {at: 0.2 s, amount: 1}]}",
    )
    assert found["events"]["cue"] == pytest.approx([0.1, 0.5, 0.9])
    assert found["events"]["dopa in cortex"] == pytest.approx([0.2, 0.6])
    assert found["modulators"]["dopa.cortex"]["level"] == 1


def test_of_very_many_repetitions_the_first_are_listed(tiny):
    many = (
        "stimuli.cue={population: E, parameter: bias, value: 9 pA, start: 0 s, duration: 0.1 ms, "
        "every: 0.2 ms, times: 4000}"
    )
    assert len(outlined(tiny, many)["events"]["cue"]) == MAX_EVENTS


def test_what_is_held_has_no_pulses(tiny):
    held = "modulators.dopa.cortex={clamp: 2, pulses: [{at: 0.2 s, amount: 1}]}"
    assert outlined(tiny, held)["events"] == {}
