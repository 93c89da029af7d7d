"""Projections, stimuli, recordings and steps that contradict themselves."""

from __future__ import annotations

from tests.config.bad_cases import BadConfig, case, config, connected, projection, state, stimulus

_NETWORK = [
    case(
        "no rule of pairing",
        connected("autapses: true"),
        "E->E.connect: got no rule",
        "exactly one of in_degree",
    ),
    case(
        "two rules of pairing",
        connected("in_degree: 5, probability: 0.1"),
        "connect: got in_degree and probability",
        "exactly one",
    ),
    case(
        "all rules of pairing",
        connected("one_to_one: true, all_to_all: true, probability: 1"),
        "connect: got probability and one_to_one and all_to_all",
    ),
    case(
        "edges with in-degree",
        connected("in_degree: 5, edges: e.h5"),
        "connect: got in_degree and edges",
        "exactly one",
    ),
    case(
        "population of edges without edges",
        connected("in_degree: 5, edges_population: p"),
        "connect: got edges_population with in_degree",
    ),
    case(
        "one to one denied",
        connected("one_to_one: false"),
        "connect.one_to_one: got false",
        "allowed is true",
    ),
    case("one to one as number", connected("one_to_one: 1"), "connect.one_to_one: got 1", "allowed is true"),
    case("zero in-degree", connected("in_degree: 0"), "connect.in_degree: got 0", "from 1"),
    case("negative in-degree", connected("in_degree: -1"), "connect.in_degree: got -1", "from 1"),
    case(
        "in-degree as truth value",
        connected("in_degree: true"),
        "connect.in_degree: got true",
        "a whole number",
    ),
    case(
        "probability above one", connected("probability: 1.1"), "connect.probability: got 1.1", "from 0 to 1"
    ),
    case(
        "negative probability", connected("probability: -0.1"), "connect.probability: got -0.1", "from 0 to 1"
    ),
    case(
        "probability in percent",
        connected("probability: 10 %"),
        "connect.probability: got `10 %`",
        "a number from 0 to 1",
    ),
    case(
        "unknown channels",
        connected("in_degree: 5, channels: sane"),
        "connect.channels: got `sane`",
        "did you mean same?",
    ),
    case(
        "autapses as number",
        connected("in_degree: 5, autapses: 1"),
        "connect.autapses: got 1",
        "true or false",
    ),
    case(
        "autapses as yes",
        connected("in_degree: 5, autapses: yes"),
        "connect.autapses: got `yes`",
        "true or false",
    ),
    case(
        "connect as text",
        projection("connect: all_to_all"),
        "E->E.connect: got `all_to_all`",
        "a mapping with the keys",
    ),
    case(
        "negative channel weight",
        projection("channel_weights: {same: -1}"),
        "channel_weights.same: got -1",
        "from 0 to 100",
    ),
    case(
        "weight of two distributions",
        projection("weight: {uniform: [1 nS, 2 nS], normal: [1 nS, 2 nS]}"),
        "E->E.weight: got uniform and normal",
    ),
    case(
        "weight of one bound",
        projection("weight: {uniform: [1 nS]}"),
        "E->E.weight.uniform: got a list of 1",
        "two values",
    ),
    case(
        "weight of an unknown distribution",
        projection("weight: {gauss: [1 nS, 2 nS]}"),
        "E->E.weight.gauss: got the unknown key `gauss`",
        "normal",
    ),
    case(
        "weight of a nearly known distribution",
        projection("weight: {lognorml: [1 nS, 2 nS]}"),
        "weight.lognorml",
        "did you mean lognormal?",
    ),
    case(
        "weight with unknown unit",
        projection("weight: {normal: [1 nX, 2 nS]}"),
        "weight.normal.0: got `1 nX`",
        "not a unit",
    ),
    case(
        "weight with a bad limit",
        projection("weight: {normal: [1 nS, 2 nS], low: true}"),
        "weight.low: got true",
        "unit",
    ),
    case(
        "weight as list",
        projection("weight: [1 nS, 2 nS]"),
        "E->E.weight: got a list of 2",
        "a number with its unit",
    ),
    case(
        "value and distribution",
        projection("weight: {value: 1 nS, uniform: [1 nS, 2 nS]}"),
        "weight.uniform",
        "unknown key",
    ),
    case("delay as text", projection("delay: soon"), "E->E.delay: got `soon`", "a number with its unit"),
    case(
        "plasticity as text",
        projection("plasticity: reward_stdp"),
        "E->E.plasticity: got `reward_stdp`",
        "a mapping",
    ),
    case(
        "unknown shape",
        stimulus("value: 1 pA, start: 0 s, duration: 1 ms, shape: sine"),
        "stimuli.s.shape: got `sine`",
        "one of pulse, ramp",
    ),
    case(
        "nearly a shape",
        stimulus("value: 1 pA, start: 0 s, duration: 1 ms, shape: rampe"),
        "stimuli.s.shape",
        "did you mean ramp?",
    ),
    case(
        "stimulus repeated never",
        stimulus("value: 1 pA, start: 0 s, duration: 1 ms, times: 0"),
        "stimuli.s.times: got 0",
        "from 1",
    ),
    case(
        "stimulus of a negative channel",
        stimulus("value: 1 pA, start: 0 s, duration: 1 ms, channel: -1"),
        "stimuli.s.channel: got -1",
        "at least 0",
    ),
    case(
        "stimulus of too many neurons",
        stimulus("value: 1 pA, start: 0 s, duration: 1 ms, fraction: 2"),
        "stimuli.s.fraction: got 2",
        "from 0 to 1",
    ),
    case(
        "stimulus of no time",
        stimulus("value: 1 pA, start: 0 s, duration: 0 s"),
        "stimuli.s.duration: got `0 s`",
        "more than 0",
    ),
    case(
        "stimulus of a deep parameter",
        config(stimuli="{s: {population: E, parameter: a.b.c, value: 1 pA, start: 0 s, duration: 1 ms}}"),
        "stimuli.s.parameter: got `a.b.c`",
        "INPUT.PARAMETER",
    ),
    case(
        "spikes of a misspelt choice",
        config(record="{spikes: alll}"),
        "record.spikes: got `alll`",
        "did you mean all?",
    ),
    case(
        "spikes as number", config(record="{spikes: 5}"), "record.spikes: got 5", "one of all, none or a list"
    ),
    case("spikes of a bad name", config(record="{spikes: [E, 5]}"), "record.spikes.1: got 5", "a name"),
    case(
        "state of negative neurons",
        state("neurons: -5"),
        "record.states.0.neurons: got -5",
        "a whole number from 1",
        "or a list",
    ),
    case(
        "state of negative ids", state("neurons: [0, -1]"), "record.states.0.neurons.1: got -1", "at least 0"
    ),
    case(
        "state of all neurons",
        state("neurons: all"),
        "record.states.0.neurons: got `all`",
        "a whole number from 1",
    ),
    case(
        "state of no variables",
        config(record="{states: [{population: E, variables: []}]}"),
        "variables: got a list of 0",
        "at least 1",
    ),
    case(
        "states as mapping",
        config(record="{states: {population: E}}"),
        "record.states: got a mapping",
        "a list",
    ),
    case(
        "weights of no projection",
        config(record="{weights: [{projection: E}]}"),
        "weights.0.projection: got `E`",
        "SOURCE->TARGET",
    ),
    case(
        "unknown guard",
        config(guards="{silence: shout}"),
        "guards.silence: got `shout`",
        "one of warn, stop, ignore",
    ),
]

_STEPS = [
    case(
        "duration no multiple of dt",
        config(duration="100.05 ms"),
        "duration: got 100.05 ms",
        "nearest is 100 ms",
    ),
    case("duration below dt", config(duration="10 us"), "duration: got 10 us", "nearest is 100 us"),
    case(
        "duration no multiple of a long dt",
        config(dt="3 ms", record="{rates: null, modulators: null}"),
        "duration: got 100 ms",
        "nearest is 99 ms",
    ),
    case("step too small", config(dt="0.1 us"), "dt: got 100 ns", "from 1 us to 10 ms"),
    case("step too large", config(dt="20 ms"), "dt: got 20 ms", "from 1 us to 10 ms"),
    case("zero step", config(dt="0 ms"), "dt: got `0 ms`", "more than 0"),
    case(
        "too many steps", config(duration="9e6 s", dt="1 us"), "duration: got 9e+12 steps of 1 us", "at most"
    ),
    case(
        "bin no multiple of dt",
        config(record="{rates: {bin: 1.05 ms}}"),
        "record.rates.bin: got 1.05 ms",
        "10.5 steps",
    ),
    case(
        "default bin no multiple of dt",
        config(dt="0.3 ms", duration="30 ms"),
        "record.rates.bin: got 10 ms (the default",
        "nearest is 9.9 ms",
    ),
    case(
        "states no multiple of dt", state("every: 0.25 ms"), "record.states.0.every: got 250 us", "2.5 steps"
    ),
    case("states below dt", state("every: 50 us"), "record.states.0.every: got 50 us", "nearest is 100 us"),
    case(
        "weights no multiple of dt",
        config(record="{weights: [{projection: E->E, every: 33.33 ms}]}"),
        "record.weights.0.every: got 33.33 ms",
    ),
    case(
        "modulators no multiple of dt",
        config(record="{modulators: {every: 0.15 ms}}"),
        "record.modulators.every: got 150 us",
    ),
]

BAD_NETWORKS: list[BadConfig] = [*_NETWORK, *_STEPS]
