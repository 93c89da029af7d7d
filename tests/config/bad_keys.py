"""Keys that are unknown, missing, written twice or badly named."""

from __future__ import annotations

from tests.config.bad_cases import BadConfig, case, config, connected, population, projection, stimulus

_KEYS = [
    case("unknown key", config(sead="1"), "sead: got the unknown key `sead`", "did you mean seed?"),
    case("unknown key without neighbour", config(zzz="1"), "zzz: got the unknown key `zzz`", "allowed are"),
    case(
        "unknown key in the other case", config(Seed="1"), "Seed: got the unknown key", "did you mean seed?"
    ),
    case(
        "unknown key of a population",
        population("sise: 3"),
        "populations.E.sise: got the unknown key",
        "did you mean size?",
    ),
    case(
        "unknown key of a projection",
        projection("conect: {}"),
        "projections.E->E.conect",
        "did you mean connect?",
    ),
    case(
        "unknown rule of pairing",
        connected("in_degre: 5"),
        "connect.in_degre: got the unknown key",
        "did you mean in_degree?",
    ),
    case(
        "unknown key of a stimulus",
        stimulus("value: 1 pA, start: 0 s, duration: 1 ms, repeat: 3"),
        "stimuli.s.repeat",
        "unknown key",
    ),
    case(
        "unknown key of the record",
        config(record="{spike: all}"),
        "record.spike: got",
        "did you mean spikes?",
    ),
    case(
        "unknown key of the rates",
        config(record="{rates: {bins: 1 ms}}"),
        "record.rates.bins",
        "did you mean bin?",
    ),
    case(
        "unknown key of the guards",
        config(guards="{ratelimit: 5 Hz}"),
        "guards.ratelimit",
        "did you mean rate_limit?",
    ),
    case(
        "unknown key of a compartment",
        config(modulators="{dopamine: {striatum: {tonic: 1}}}"),
        "dopamine.striatum.tonic",
        "unknown",
    ),
    case(
        "unknown key of a pulse",
        config(modulators="{dopamine: {striatum: {pulses: [{at: 0 s, amount: 1, dose: 1}]}}}"),
        "pulses.0.dose",
        "unknown",
    ),
    case(
        "unknown key of channels",
        population("channels: {number: 2}"),
        "channels.count: got nothing",
        "channels.number",
    ),
    case("duplicate key", "neuromod: 1\nneuromod: 1\n", ":2:1", "neuromod twice"),
    case(
        "duplicate population",
        config(populations="{E: {neuron: lif, size: 1}, E: {neuron: lif, size: 2}}"),
        "the key E twice",
    ),
    case("no format version", config(neuromod=None), "neuromod: got nothing", "allowed is 1"),
    case("no name", config(name=None), "name: got nothing", "a name"),
    case("no duration at all", config(duration=None), "duration: got nothing", "a positive time"),
    case(
        "nothing needed is there",
        "seed: 1\n",
        "neuromod: got nothing",
        "name: got nothing",
        "duration: got nothing",
    ),
    case("no neurons", config(populations=None), "got no neurons", "circuit, regions, populations"),
    case("empty populations", config(populations="{}"), "populations: got no neurons"),
    case(
        "circuit and regions",
        config(circuit="triad", regions="[cortex]"),
        "regions: got circuit and regions",
        "one of them",
    ),
    case(
        "stimulus without population",
        config(stimuli="{s: {parameter: I_bias, value: 1 pA, start: 0 s, duration: 1 ms}}"),
        "stimuli.s.population: got nothing",
    ),
    case(
        "stimulus without value",
        stimulus("start: 0 s, duration: 1 ms"),
        "stimuli.s.value: got nothing",
        "a number with its unit",
    ),
    case(
        "stimulus without start",
        stimulus("value: 1 pA, duration: 1 ms"),
        "stimuli.s.start: got nothing",
        "a time",
    ),
    case(
        "stimulus without duration",
        stimulus("value: 1 pA, start: 0 s"),
        "stimuli.s.duration: got nothing",
        "a positive time",
    ),
    case(
        "pulse without amount",
        config(modulators="{dopamine: {striatum: {pulses: [{at: 0 s}]}}}"),
        "pulses.0.amount: got nothing",
    ),
    case(
        "state without variables",
        config(record="{states: [{population: E}]}"),
        "record.states.0.variables: got nothing",
    ),
    case(
        "weights without projection",
        config(record="{weights: [{every: 1 s}]}"),
        "record.weights.0.projection: got nothing",
    ),
    case("dotted key", config({"populations.E.size": "5"}), "populations.E.size", "unknown key"),
    case(
        "population with a bad name",
        config(populations="{E-1: {neuron: lif, size: 5}}"),
        "got the name `E-1`",
        "a letter",
    ),
    case(
        "population with a number as name",
        config(populations="{1E: {neuron: lif, size: 5}}"),
        "got the name `1E`",
        "a letter",
    ),
    case(
        "population with a long name",
        config(populations=f"{{{'E' * 64 + 'x': <65}: {{neuron: lif, size: 5}}}}"),
        "populations",
        "EEEE",
        "allowed",
    ),
    case("projection without arrow", projection("delay: 1 ms", "EI"), "got the name `EI`", "SOURCE->TARGET"),
    case(
        "parameter with a bad name", population("parameters: {C-m: 1 pF}"), "got the name `C-m`", "a letter"
    ),
    case("stimulus with a bad name", config(stimuli="{1: {}}"), "stimuli", "not text"),
]

BAD_KEYS: list[BadConfig] = [*_KEYS]
