"""Numbers without unit, with another unit, and out of range."""

from __future__ import annotations

from tests.config.bad_cases import BadConfig, case, config, population, stimulus

_UNITS = [
    case("bare number as duration", config(duration="5"), "duration: got 5", "without unit", "a time"),
    case("bare float as duration", config(duration="1.5"), "duration: got 1.5", "without unit", "a time"),
    case(
        "bare zero as start",
        stimulus("value: 1 pA, start: 0, duration: 1 ms"),
        "stimuli.s.start: got 0",
        "a time",
    ),
    case("voltage as duration", config(duration="5 mV"), "duration: got `5 mV`", "a voltage", "a time"),
    case("rate as dt", config(dt="10 kHz"), "dt: got `10 kHz`", "a rate", "a time"),
    case(
        "time as rate limit", config(guards="{rate_limit: 5 ms}"), "guards.rate_limit: got `5 ms`", "a rate"
    ),
    case("unknown unit", config(duration="5 msec"), "duration: got `5 msec`", "did you mean ms?"),
    case(
        "unknown unit without neighbour",
        config(duration="5 parsec"),
        "duration: got `5 parsec`",
        "not a unit",
    ),
    case("unit in the other case", config(duration="5 MS"), "duration: got `5 MS`", "did you mean ms"),
    case("unit without number", config(duration="ms"), "duration: got `ms`", "a number with its unit"),
    case("number and unit in the wrong order", config(duration="ms 5"), "duration: got `ms 5`", "allowed"),
    case("two quantities", config(duration="1 s 5 ms"), "duration: got `1 s 5 ms`", "allowed"),
    case("sum of quantities", config(duration="1 s + 5 ms"), "duration: got `1 s + 5 ms`", "allowed"),
    case("comma as decimal sign", config(duration="1,5 s"), "duration: got `1,5 s`", "allowed"),
    case("empty time", config(duration="''"), "duration: got ``", "allowed"),
    case("negative duration", config(duration="-1 s"), "duration: got `-1 s`", "more than 0"),
    case("zero duration", config(duration="0 s"), "duration: got `0 s`", "more than 0"),
    case("endless duration", config(duration="1e9 s"), "duration: got `1e9 s`", "at most 10000000 s"),
    case("duration beyond all numbers", config(duration="1e999 s"), "duration: got `1e999 s`", "too large"),
    case("infinite duration", config(duration="inf s"), "duration: got `inf s`", "allowed"),
    case("duration that is no number", config(duration="nan s"), "duration: got `nan s`", "allowed"),
    case("duration as list", config(duration="[1 s]"), "duration: got a list of 1", "a time"),
    case("duration as mapping", config(duration="{value: 1 s}"), "duration: got a mapping", "a time"),
    case("duration as truth value", config(duration="true"), "duration: got true", "a time"),
    case("no duration", config(duration="null"), "duration: got nothing", "a time"),
    case(
        "negative start",
        stimulus("value: 1 pA, start: -1 ms, duration: 1 ms"),
        "stimuli.s.start",
        "0 or more",
    ),
    case("negative rate limit", population("rate_limit: -1 Hz"), "populations.E.rate_limit", "0 or more"),
    case("bare number as target rate", population("target_rate: [1, 5]"), "target_rate.0: got 1", "a rate"),
    case("one target rate", population("target_rate: [1 Hz]"), "target_rate: got a list of 1", "a list of 2"),
    case(
        "three target rates",
        population("target_rate: [1 Hz, 2 Hz, 3 Hz]"),
        "target_rate: got a list of 3",
        "a list of 2",
    ),
    case(
        "parameter with an unknown unit",
        population("parameters: {C: 200 pf}"),
        "parameters.C: got `200 pf`",
        "pF",
    ),
    case(
        "parameter as list", population("parameters: {C: [200 pF]}"), "parameters.C: got a list of 1", "unit"
    ),
    case("parameter as truth value", population("parameters: {C: true}"), "parameters.C: got true", "unit"),
    case(
        "parameter without value",
        population("parameters: {C: {evidence: V}}"),
        "parameters.C: got a mapping without `value`",
    ),
    case(
        "parameter with an unknown part",
        population("parameters: {C: {value: 1 pF, unit: pF}}"),
        "parameters.C.unit",
        "unknown key",
    ),
    case(
        "parameter with unknown evidence",
        population("parameters: {C: {value: 1 pF, evidence: X}}"),
        "C.evidence: got `X`",
        "V, P, M, D",
    ),
    case(
        "parameter with a number as source",
        population("parameters: {C: {value: 1 pF, source: 3}}"),
        "C.source: got 3",
        "text",
    ),
    case(
        "parameter with a bad value inside",
        population("parameters: {C: {value: 1 pX}}"),
        "C.value: got `1 pX`",
        "not a unit",
    ),
    case(
        "pacemaker with a time",
        config(pacemakers="{theta: {frequency: 125 ms}}"),
        "pacemakers.theta.frequency",
        "a rate",
    ),
]

BAD_UNITS: list[BadConfig] = [*_UNITS]
