"""Rules, stimuli, pulses and recordings that do not fit the network."""

from __future__ import annotations

from tests.config.bad_cases import BadConfig, case, config, state, stimulus

ON = "start: 0 s, duration: 10 ms"
BIAS = "population: E, parameter: I_bias, value: 1 pA"


def plastic(text: str, **more: str) -> str:
    """The good config with a plastic projection."""
    line = f"weight: 1 nS, delay: 1 ms, connect: {{in_degree: 2}}, plasticity: {{{text}}}"
    return config(projections=f"{{E->E: {{receptor: ampa, {line}}}}}", **more)


_PROTOCOLS = [
    case("rule without modulator", plastic("rule: reward_stdp"), "plasticity: got no `modulator`"),
    case("rule without name", plastic("modulator: dopamine"), "plasticity: got no `rule`"),
    case(
        "rule in no region",
        plastic("rule: reward_stdp, modulator: dopamine"),
        "plasticity.modulator: got dopamine",
        "in no region",
    ),
    case(
        "rule of an absent modulator",
        plastic("rule: reward_stdp, modulator: dopamine").replace("size: 10", "size: 10, region: striatum"),
        "plasticity.modulator: got dopamine",
        "no compartment in striatum",
    ),
    case(
        "stimulus of an absent channel", stimulus(f"value: 1 pA, {ON}, channel: 1"), "stimuli.s.channel: got"
    ),
    case(
        "repetitions without period",
        stimulus(f"value: 1 pA, {ON}, times: 3"),
        "stimuli.s: got 3 repetitions without `every`",
    ),
    case(
        "repetitions that overlap",
        stimulus(f"value: 1 pA, {ON}, times: 3, every: 5 ms"),
        "stimuli.s: got repetitions that overlap",
    ),
    case(
        "too many repetitions",
        stimulus(f"value: 1 pA, {ON}, times: 100000000, every: 50 ms"),
        "stimuli.s.times: got 100000000",
    ),
    case(
        "two stimuli at once",
        config(stimuli=f"{{s: {{{BIAS}, {ON}}}, t: {{{BIAS}, {ON}}}}}"),
        "stimuli.t: got a stimulus on E.I_bias while `s` is on",
    ),
    case(
        "stimulus below one step",
        stimulus("value: 1 pA, start: 0 s, duration: 10 us"),
        "stimuli.s.duration: got a duration that rounds to 0",
    ),
    case(
        "pulses without period",
        config(
            populations="{E: {neuron: lif, size: 10, region: striatum}}",
            modulators="{dopamine: {striatum: {pulses: [{at: 0 s, amount: 1, times: 2}]}}}",
        ),
        "dopamine.striatum.pulses.0: got 2 repetitions",
    ),
    case(
        "state of a neuron beyond the last",
        state("neurons: [10]"),
        "record.states.0.neurons",
        "allowed are 0 to 9",
    ),
    case("state of a neuron twice", state("neurons: [1, 1]"), "record.states.0.neurons: got a neuron twice"),
    case("LFP of cells without receptor", config(record="{lfp: [E]}"), "record.lfp", "got E"),
]

BAD_PROTOCOLS: list[BadConfig] = [*_PROTOCOLS]
