"""Names of populations, templates and parameters that do not exist."""

from __future__ import annotations

from tests.config.bad_cases import BadConfig, case, config, population, projection, stimulus

ON = "start: 0 s, duration: 10 ms"


def plastic(text: str, **more: str) -> str:
    """The good config with a plastic projection."""
    line = f"weight: 1 nS, delay: 1 ms, connect: {{in_degree: 2}}, plasticity: {{{text}}}"
    return config(projections=f"{{E->E: {{receptor: ampa, {line}}}}}", **more)


def driven(text: str) -> str:
    """The good config with one input to its population."""
    return population(f"inputs: {{noise: {{{text}}}}}")


_UNKNOWN = [
    case(
        "unknown neuron",
        config(populations="{E: {neuron: liff, size: 10}}"),
        "populations.E.neuron: got `liff`",
        "did you mean lif?",
    ),
    case(
        "unknown receptor",
        projection("weight: 1 nS, delay: 1 ms, connect: {in_degree: 2}").replace("ampa", "ampaa"),
        "projections.E->E.receptor: got `ampaa`",
        "did you mean ampa?",
    ),
    case(
        "unknown input",
        driven("input: poison, receptor: ampa"),
        "populations.E.inputs.noise.input: got `poison`",
        "did you mean poisson?",
    ),
    case(
        "unknown receptor of an input",
        driven("input: poisson, receptor: amqa"),
        "inputs.noise.receptor: got `amqa`",
        "did you mean ampa?",
    ),
    case(
        "unknown rule",
        plastic("rule: reward_sdtp, modulator: dopamine"),
        "plasticity.rule: got `reward_sdtp`",
        "did you mean reward_stdp?",
    ),
    case("unknown circuit", config(circuit="tried"), "circuit: got `tried`", "did you mean triad?"),
    case("unknown region file", config(regions="[ca9]"), "regions", "got `ca9`", "did you mean ca1?"),
    case(
        "unknown source",
        projection("weight: 1 nS, delay: 1 ms, connect: {in_degree: 2}", "F->E"),
        "projections.F->E: got the unknown population `F`",
    ),
    case(
        "unknown target",
        projection("weight: 1 nS, delay: 1 ms, connect: {in_degree: 2}", "E->Ex"),
        "projections.E->Ex: got the unknown population `Ex`",
    ),
    case(
        "unknown parameter",
        population("parameters: {Cm: 200 pF}"),
        "populations.E.parameters.Cm: got the unknown parameter of lif `Cm`",
        "did you mean C?",
    ),
    case(
        "unknown parameter of a receptor",
        population("receptors: {ampa: {tauu: 3 ms}}, inputs: {n: {input: poisson, receptor: ampa}}"),
        "receptors.ampa.tauu: got the unknown",
        "did you mean tau?",
    ),
    case(
        "unknown parameter of an input",
        driven("input: poisson, receptor: ampa, parameters: {rat: 5 Hz}"),
        "inputs.noise.parameters.rat",
        "did you mean rate?",
    ),
    case(
        "unknown heterogeneity",
        population("heterogeneity: {VTT: 1 mV}"),
        "populations.E.heterogeneity.VTT",
        "did you mean VT?",
    ),
    case(
        "unknown state variable",
        population("initial: {U: -60 mV}"),
        "populations.E.initial.U: got the unknown state variable of lif",
    ),
    case(
        "unknown pacemaker",
        config(
            populations="{E: {neuron: poisson_cell, size: 10, pacemaker: teta}}",
            pacemakers="{theta: {frequency: 8 Hz}}",
        ),
        "populations.E.pacemaker: got the unknown pacemaker `teta`",
        "did you mean theta?",
    ),
    case(
        "unknown neuromodulator",
        config(
            populations="{E: {neuron: lif, size: 10, region: striatum}}",
            modulators="{dopamin: {striatum: {}}}",
        ),
        "modulators.dopamin",
        "got `dopamin`",
        "did you mean dopamine?",
    ),
    case(
        "neuromodulator in an unknown region",
        config(modulators="{dopamine: {striatum: {}}}"),
        "modulators.dopamine.striatum: got the unknown region `striatum`",
    ),
    case(
        "stimulus of an unknown population",
        stimulus(f"value: 1 pA, {ON}").replace("population: E", "population: F"),
        "stimuli.s.population: got the unknown population `F`",
    ),
    case(
        "stimulus of an unknown parameter",
        stimulus(f"value: 1 pA, {ON}").replace("I_bias", "I_bas"),
        "stimuli.s.parameter: got the unknown",
        "did you mean I_bias?",
    ),
    case(
        "stimulus of an unknown input",
        stimulus(f"value: 1 Hz, {ON}").replace("I_bias", "noise.rate"),
        "stimuli.s.parameter: got the unknown input of E `noise`",
    ),
    case(
        "stimulus of a fixed parameter",
        stimulus(f"value: 1 ms, {ON}").replace("I_bias", "tref"),
        "stimuli.s.parameter: got tref",
        "must not change",
    ),
    case(
        "spikes of an unknown population",
        config(record="{spikes: [F]}"),
        "record.spikes.0: got the unknown population `F`",
    ),
    case(
        "rates of an unknown population",
        config(record="{rates: {populations: [F]}}"),
        "record.rates.populations.0: got the unknown population `F`",
    ),
    case(
        "LFP of an unknown population",
        config(record="{lfp: [F]}"),
        "record.lfp.0: got the unknown population `F`",
    ),
    case(
        "state of an unknown population",
        config(record="{states: [{population: F, variables: [V]}]}"),
        "record.states.0.population: got the unknown population `F`",
    ),
    case(
        "state of an unknown variable",
        config(record="{states: [{population: E, variables: [V, U]}]}"),
        "record.states.0.variables.1: got the unknown variable of E `U`",
    ),
    case(
        "weights of an unknown projection",
        config(record="{weights: [{projection: E->F}]}"),
        "record.weights.0.projection: got the unknown projection `E->F`",
    ),
]

BAD_NAMES: list[BadConfig] = [*_UNKNOWN]
