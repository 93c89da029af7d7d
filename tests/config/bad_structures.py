"""Populations and projections that are incomplete or do not fit together."""

from __future__ import annotations

from tests.config.bad_cases import CODE, MAIN, BadConfig, case, config, connected, population, projection


def driven(text: str) -> str:
    """The good config with one input to its population."""
    return population(f"inputs: {{noise: {{{text}}}}}")


_PROJECTIONS = [
    case(
        "population without neuron", config(populations="{E: {size: 10}}"), "populations.E: got no `neuron`"
    ),
    case("population without size", config(populations="{E: {neuron: lif}}"), "populations.E: got no `size`"),
    case(
        "population too large at this scale",
        config(populations="{E: {neuron: lif, size: 100000000}}", scale="2"),
        "populations.E.size: got 200000000 neurons",
    ),
    case(
        "projection without connect",
        projection("weight: 1 nS, delay: 1 ms"),
        "projections.E->E: got no `connect`",
    ),
    case(
        "projection without weight",
        projection("delay: 1 ms, connect: {in_degree: 2}"),
        "projections.E->E: got no `weight`",
    ),
    case(
        "projection without delay",
        projection("weight: 1 nS, connect: {in_degree: 2}"),
        "projections.E->E: got no `delay`",
    ),
    case(
        "projection without receptor",
        projection("weight: 1 nS, delay: 1 ms, connect: {in_degree: 2}").replace("receptor: ampa, ", ""),
        "projections.E->E: got no `receptor`",
    ),
    case(
        "projection onto a spike source",
        connected("in_degree: 2").replace("neuron: lif", "neuron: poisson_cell, parameters: {depth: 0}"),
        "projections.E->E",
        "take no input",
    ),
    case(
        "one to one of unlike sizes",
        config(
            populations="{E: {neuron: lif, size: 10}, F: {neuron: lif, size: 5}}",
            projections="{E->F: {receptor: ampa, weight: 1 nS, delay: 1 ms, connect: {one_to_one: true}}}",
        ),
        "projections.E->F.connect",
        "10",
        "5",
    ),
    case(
        "same channel without channels",
        connected("in_degree: 2, channels: same"),
        "projections.E->E.connect",
        "channels",
    ),
    case(
        "missing edges file", connected("edges: e.h5"), "projections.E->E.connect.edges: got e.h5", "no file"
    ),
    case(
        "edges file upwards",
        connected("edges: ../../../../../../etc/passwd"),
        "connect.edges: got",
        "outside",
    ),
    case("edges file by code", connected("edges: '$(touch x)'"), "connect.edges: got $(touch x)", "no file"),
    case(
        "edges file that is no file",
        config(
            projections=f"{{E->E: {{receptor: ampa, weight: 1 nS, delay: 1 ms, connect: {{edges: {MAIN}}}}}}}"
        ),
        "connect.edges: got",
        MAIN,
    ),
]


_POPULATIONS = [
    case(
        "spikes without file",
        config(populations="{E: {neuron: replay_cell, size: 10}}"),
        "populations.E: got no `spikes`",
    ),
    case(
        "missing spike file",
        config(populations="{E: {neuron: replay_cell, size: 10, spikes: s.csv}}"),
        "populations.E.spikes: got s.csv",
        "no file",
    ),
    case(
        "spike file upwards",
        config(populations="{E: {neuron: replay_cell, size: 10, spikes: ../../../../../etc/passwd}}"),
        "populations.E.spikes: got",
        "outside",
    ),
    case(
        "spike file of the system",
        config(populations="{E: {neuron: replay_cell, size: 10, spikes: /etc/passwd}}"),
        "populations.E.spikes: got /etc/passwd",
        "outside",
    ),
    case(
        "spike file for an ordinary cell",
        population("spikes: s.csv"),
        "populations.E.spikes: got a spike file",
    ),
    case(
        "pacemaker for an ordinary cell",
        config(
            populations="{E: {neuron: lif, size: 10, pacemaker: theta}}",
            pacemakers="{theta: {frequency: 8 Hz}}",
        ),
        "populations.E.pacemaker: got a pacemaker",
    ),
    case(
        "pacemaker without frequency",
        config(pacemakers="{theta: {phase: 1}}"),
        "pacemakers.theta",
        "frequency",
    ),
    case(
        "target rates upside down",
        population("target_rate: [5 Hz, 1 Hz]"),
        "populations.E.target_rate: got the higher rate first",
    ),
    case("rate limit of zero", population("rate_limit: 0 Hz"), "populations.E.rate_limit: got 0 Hz"),
    case("guard of zero", config(guards="{rate_limit: 0 Hz}"), "guards.rate_limit: got 0 Hz"),
    case(
        "more channels than neurons",
        population("channels: {count: 20}"),
        "populations.E.channels: got 20 channels for 10 neurons",
    ),
    case(
        "channels of too large a share",
        population("channels: {count: 3, fraction: 0.5}"),
        "populations.E.channels: got 3 channels of 0.5",
    ),
    case(
        "receptor that nothing uses",
        population("receptors: {ampa: {}}"),
        "populations.E.receptors.ampa: got a receptor that no",
    ),
    case("input without template", driven("receptor: ampa"), "inputs.noise: got no `input`"),
    case(
        "current with a receptor",
        driven("input: ou, receptor: ampa"),
        "populations.E.inputs.noise: got a receptor",
    ),
    case(
        "current into a spike source",
        driven("input: ou").replace("neuron: lif", "neuron: poisson_cell, parameters: {depth: 0}"),
        "inputs.noise: got a current into poisson_cell",
    ),
    case(
        "jumps without their receptor",
        driven("input: poisson"),
        "populations.E.inputs.noise: got poisson",
        "name the receptor",
    ),
]


_CODE = [
    case(
        f"code {number} as {key}",
        config(populations=f"{{E: {{neuron: replay_cell, size: 10, spikes: '{code}'}}}}"),
        "populations.E.spikes: got",
        code[:10],
    )
    for key in ("spikes",)
    for number, code in enumerate(CODE)
    if "'" not in code
]

BAD_STRUCTURES: list[BadConfig] = [*_PROJECTIONS, *_POPULATIONS, *_CODE]
