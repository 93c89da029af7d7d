"""Parameters, weights and delays in another dimension or with impossible bounds."""

from __future__ import annotations

from tests.config.bad_cases import BadConfig, case, config, population, projection, stimulus

ON = "start: 0 s, duration: 10 ms"


def plastic(text: str, **more: str) -> str:
    """The good config with a plastic projection."""
    line = f"weight: 1 nS, delay: 1 ms, connect: {{in_degree: 2}}, plasticity: {{{text}}}"
    return config(projections=f"{{E->E: {{receptor: ampa, {line}}}}}", **more)


def ready(text: str) -> str:
    """The good config with a complete projection, and `text` for one more of its keys."""
    return projection(f"connect: {{in_degree: 2}}, {text}")


_DIMENSIONS = [
    case(
        "parameter in another dimension",
        population("parameters: {C: 200 mV}"),
        "populations.E.parameters.C: got a voltage",
        "a capacitance",
    ),
    case(
        "parameter without unit",
        population("parameters: {C: 200}"),
        "populations.E.parameters.C: got a number without unit",
        "a capacitance",
    ),
    case(
        "heterogeneity in another dimension",
        population("heterogeneity: {VT: 1 ms}"),
        "populations.E.heterogeneity.VT: got a time",
        "percentage",
    ),
    case(
        "heterogeneity without unit",
        population("heterogeneity: {VT: 0.1}"),
        "populations.E.heterogeneity.VT: got a number without unit",
        "a voltage",
    ),
    case(
        "negative heterogeneity",
        population("heterogeneity: {VT: -1 mV}"),
        "populations.E.heterogeneity.VT: got a negative",
    ),
    case(
        "initial value in another dimension",
        population("initial: {V: 5 ms}"),
        "populations.E.initial.V: got a time",
        "a voltage",
    ),
    case(
        "initial value of an unknown bound",
        population("initial: {V: {uniform: [EL, Vx]}}"),
        "populations.E.initial.V: got the unknown name `Vx`",
    ),
    case(
        "initial value of a bound in another dimension",
        population("initial: {V: {uniform: [EL, C]}}"),
        "populations.E.initial.V: got `C`",
        "a capacitance",
    ),
    case(
        "initial values upside down",
        population("initial: {V: {uniform: [-50 mV, -60 mV]}}"),
        "populations.E.initial.V: got a lower bound above",
    ),
    case(
        "weight in another dimension",
        ready("weight: 1 mV, delay: 1 ms"),
        "projections.E->E.weight: got a voltage",
        "a conductance",
    ),
    case(
        "delay in another dimension",
        ready("weight: 1 nS, delay: 1 mV"),
        "projections.E->E.delay: got a voltage",
        "a time",
    ),
    case(
        "negative delay", ready("weight: 1 nS, delay: -1 ms"), "projections.E->E.delay: got a negative delay"
    ),
    case(
        "weight of a negative deviation",
        ready("weight: {normal: [1 nS, -1 nS]}, delay: 1 ms"),
        "projections.E->E.weight: got a negative standard deviation",
    ),
    case(
        "lognormal weight of mean zero",
        ready("weight: {lognormal: [0 nS, 1 nS]}, delay: 1 ms"),
        "projections.E->E.weight: got a lognormal",
    ),
    case(
        "weight with limits upside down",
        ready("weight: {normal: [1 nS, 1 nS], low: 2 nS, high: 1 nS}, delay: 1 ms"),
        "projections.E->E.weight: got `low` above `high`",
    ),
    case(
        "weight with limits far away",
        ready("weight: {normal: [1 nS, 1 pS], low: 2 nS}, delay: 1 ms"),
        "projections.E->E.weight: got bounds that leave out",
    ),
    case(
        "stimulus in another dimension",
        stimulus(f"value: 1 mV, {ON}"),
        "stimuli.s.value: got a voltage",
        "a current",
    ),
    case(
        "parameter of a rule in another dimension",
        plastic(
            "rule: reward_stdp, modulator: dopamine, parameters: {tau_e: 1 mV}",
            modulators="{dopamine: {striatum: {}}}",
        ).replace("size: 10", "size: 10, region: striatum"),
        "plasticity.parameters.tau_e: got a voltage",
        "a time",
    ),
]

BAD_DIMENSIONS: list[BadConfig] = [*_DIMENSIONS]
