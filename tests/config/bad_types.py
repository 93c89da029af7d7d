"""Values of a wrong type or out of range."""

from __future__ import annotations

from tests.config.bad_cases import MAIN, BadConfig, case, config, population, sized

_TYPES = [
    case("format version of the future", config(neuromod="2"), "neuromod: got 2", "allowed is 1"),
    case("format version as text", config(neuromod="'1'"), "neuromod: got `1`", "allowed is 1"),
    case("format version as truth value", config(neuromod="true"), "neuromod: got true", "allowed is 1"),
    case("format version with a point", config(neuromod="1.0"), "neuromod: got 1.0", "allowed is 1"),
    case("name with capitals", config(name="Bad"), "name: got `Bad`", "small letter"),
    case("name with a blank", config(name="a b"), "name: got `a b`", "small letter"),
    case("name as number", config(name="5"), "name: got 5", "small letter"),
    case("empty name", config(name="''"), "name: got an empty text", "small letter"),
    case("long name", config(name="a" * 65), "name: got `aaa", "at most 64"),
    case("name that leads upwards", config(name=".."), "name: got `..`", "small letter"),
    case("description as number", config(description="5"), "description: got 5", "text"),
    case("description as list", config(description="[a]"), "description: got a list of 1", "text"),
    case("negative seed", config(seed="-1"), "seed: got -1", "a whole number from 0"),
    case("huge seed", config(seed="2147483648"), "seed: got 2147483648", "to 2,147,483,647"),
    case(
        "seed beyond 64 bits", config(seed="99999999999999999999"), "seed", "99999999999999999999", "allowed"
    ),
    case("seed with a point", config(seed="1.5"), "seed: got 1.5", "a whole number"),
    case("seed as text", config(seed="'1'"), "seed: got `1`", "a whole number"),
    case("seed as truth value", config(seed="true"), "seed: got true", "a whole number"),
    case("zero scale", config(scale="0"), "scale: got 0", "a number above 0"),
    case("negative scale", config(scale="-1"), "scale: got -1", "a number above 0"),
    case("huge scale", config(scale="1e6"), "scale: got 1000000.0", "at most 10,000"),
    case("scale that is no number", config(scale=".nan"), "scale", "got .nan", "finite"),
    case("infinite scale", config(scale="-.inf"), "scale", "got -.inf", "finite"),
    case("scale beyond all numbers", config(scale="1e999"), "scale", "1e999", "allowed"),
    case("scale as text", config(scale="big"), "scale: got `big`", "a number above 0"),
    case("scale with unit", config(scale="2 s"), "scale: got `2 s`", "a number above 0"),
    case("unknown backend", config(backend="gpu"), "backend: got `gpu`", "one of auto, cpp, cuda, runtime"),
    case("nearly a backend", config(backend="cppp"), "backend: got `cppp`", "did you mean cpp?"),
    case("backend as number", config(backend="1"), "backend: got 1", "one of auto"),
    case("zero size", sized("0"), "populations.E.size: got 0", "from 1 to 100,000,000"),
    case("negative size", sized("-5"), "populations.E.size: got -5", "from 1"),
    case("huge size", sized("1000000000"), "populations.E.size: got 1000000000", "to 100,000,000"),
    case("size with a point", sized("10.0"), "populations.E.size: got 10.0", "a whole number"),
    case("size as truth value", sized("true"), "populations.E.size: got true", "a whole number"),
    case("size as text", sized("ten"), "populations.E.size: got `ten`", "a whole number"),
    case("size with unit", sized("10 ms"), "populations.E.size: got `10 ms`", "a whole number"),
    case(
        "population as list",
        config(populations="{E: [lif, 10]}"),
        "populations.E: got a list of 2",
        "a mapping with the keys",
    ),
    case(
        "population as number",
        config(populations="{E: 10}"),
        "populations.E: got 10",
        "a mapping with the keys",
    ),
    case(
        "population without anything",
        config(populations="{E: null}"),
        "populations.E: got nothing",
        "a mapping",
    ),
    case("populations as list", config(populations="[E]"), "populations: got a list of 1", "a mapping"),
    case("populations as text", config(populations="E"), "populations: got `E`", "a mapping"),
    case(
        "neuron as list",
        config(populations="{E: {neuron: [lif], size: 1}}"),
        "populations.E.neuron: got a list of 1",
        "a name",
    ),
    case(
        "parameters as list",
        population("parameters: [C]"),
        "populations.E.parameters: got a list of 1",
        "a mapping",
    ),
    case(
        "unknown evidence", population("evidence: A"), "populations.E.evidence: got `A`", "one of V, P, M, D"
    ),
    case(
        "evidence in small letters",
        population("evidence: v"),
        "populations.E.evidence: got `v`",
        "did you mean V?",
    ),
    case("no channels", population("channels: {count: 0}"), "channels.count: got 0", "from 1 to 1,000"),
    case(
        "share above one",
        population("channels: {count: 2, fraction: 1.5}"),
        "channels.fraction: got 1.5",
        "from 0 to 1",
    ),
    case(
        "input as text",
        population("inputs: {noise: poisson}"),
        "inputs.noise: got `poisson`",
        "a mapping with the keys",
    ),
    case(
        "phase out of range",
        config(pacemakers="{theta: {frequency: 8 Hz, phase: 90}}"),
        "pacemakers.theta.phase: got 90",
        "from -7 to 7",
    ),
    case(
        "negative level",
        config(modulators="{dopamine: {striatum: {level: -1}}}"),
        "dopamine.striatum.level: got -1",
        "from 0 to 1,000",
    ),
    case(
        "level with unit",
        config(modulators="{dopamine: {striatum: {level: 50 nM}}}"),
        "striatum.level: got `50 nM`",
        "a number",
    ),
    case(
        "modulator without region",
        config(modulators="{dopamine: {level: 1}}"),
        "modulators.dopamine.level: got 1",
        "a mapping",
    ),
    case(
        "pulses as mapping",
        config(modulators="{dopamine: {striatum: {pulses: {at: 0 s}}}}"),
        "striatum.pulses: got a mapping",
        "a list",
    ),
    case(
        "zero decay",
        config(modulators="{dopamine: {striatum: {decay: 0 s}}}"),
        "striatum.decay: got `0 s`",
        "more than 0",
    ),
    case("regions as text", config(regions="cortex", populations=None), "regions: got `cortex`", "a list"),
    case("models as text", config(models="models"), "models: got `models`", "a list"),
    case(
        "models without folder", config(models="[nowhere]"), "models.0: got `nowhere`", "a folder that exists"
    ),
    case("models in the home folder", config(models="[~/models]"), "models.0: got `~/models`", "relative"),
    case("models that are a file", config(models=f"[{MAIN}]"), "models.0", "a folder that exists"),
]

BAD_TYPES: list[BadConfig] = [*_TYPES]
