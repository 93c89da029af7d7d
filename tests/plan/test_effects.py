"""Effects: which of them act in a network, what each of them makes of a parameter, and what is refused."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromod.config.load import load
from neuromod.config.network import Compartment
from neuromod.errors import ConfigError
from neuromod.library.hoist import evaluate
from neuromod.library.shipped import configs_root, open_library
from neuromod.plan.effects import matches, moved
from neuromod.plan.equations import split_statement
from neuromod.plan.expand import expand
from neuromod.plan.fused import FusedPlan, fuse, program_arrays
from neuromod.plan.gains import gain_arrays, gain_group, gain_row, terms
from neuromod.plan.network import CompartmentPlan, EffectPlan, NetworkPlan, ReceptorDrive
from neuromod.plan.show import render

NOVELTY = """
kind: neuromodulator
title: Novelty
evidence: D
decay: {cortex: 0.5 s, thalamus: 0.5 s}
states: {sleep: 0.2}
receptors: {N1: {K: 2, n: 2}, N2: {K: 0.5, n: 1}}
effects:
"""
CONFIG = """
neuromod: 1
name: effects
duration: 100 ms
models: [mine]
populations:
  CELL:
    neuron: adex
    size: 4
    region: cortex
    inputs: {drive: {input: poisson, receptor: ampa, parameters: {rate: 20 kHz}}}
  OTHER: {neuron: adex, size: 3, region: thalamus}
  SOURCE: {neuron: poisson_cell, size: 2, region: cortex}
projections:
  SOURCE->CELL: {receptor: ampa, connect: {all_to_all: true}, weight: 1 nS, delay: 1 ms,
                 plasticity: {rule: stdp}}
  SOURCE->OTHER: {receptor: ampa, connect: {all_to_all: true}, weight: 1 nS, delay: 1 ms}
  CELL->CELL:a: {receptor: ampa, connect: {all_to_all: true}, weight: 1 nS, delay: 1 ms}
  CELL->CELL:b: {receptor: gaba_fast, connect: {all_to_all: true}, weight: 1 nS, delay: 1 ms}
modulators: {novelty: {cortex: {level: 1}, thalamus: {}}}
"""
GL = "{receptor: N1, populations: [CELL, OTHER, ABSENT], parameter: gL, scale: 0.4, evidence: D}"


TASK = """
kind: task
title: Novelty comes with each trial
evidence: D
roles: {nobody: cells that no test needs}
actions: 0
phases: {trial: {duration: 10 ms}}
wires: {novel: {signal: salience, phases: [trial], release: {novelty: {cortex: 1}}}}
"""


def write(folder: Path, *effects: str) -> Path:
    model = folder / "mine" / "neuromodulators" / "novelty.yaml"
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_text(NOVELTY + "".join(f"  - {line}\n" for line in effects))
    path = folder / "config.yaml"
    path.write_text(CONFIG)
    return path


def network(folder: Path, *effects: str, changes: tuple[str, ...] = ()) -> NetworkPlan:
    path = write(folder, *effects)
    return expand(load(path, changes), open_library([folder / "mine"]))


def acting(plan: NetworkPlan) -> list[tuple[str, str]]:
    return [(effect.owner, effect.variable) for effect in plan.effects]


def program(plan: NetworkPlan) -> FusedPlan:
    return fuse(plan)


def test_an_effect_acts_on_populations_that_exist_in_a_region_whose_level_can_move(tmp_path: Path) -> None:
    assert acting(network(tmp_path, GL)) == [("CELL", "gL")]


@pytest.mark.parametrize(
    "given_",
    [
        "thalamus.level=1",
        "thalamus.pulses=[]",
        "thalamus.ramps=[{at: 1 s, level: 1}]",
        "thalamus.dose=1",
        "thalamus.clamp=1",
        "thalamus.lesion=false",
        "thalamus={nucleus: SOURCE, tonic_rate: 5 Hz}",
        "thalamus.receptors.N1.block=0",
    ],
)
def test_whatever_can_move_a_level_makes_its_effects_act_whatever_the_value(
    tmp_path: Path, given_: str
) -> None:
    plan = network(tmp_path, GL, changes=(f"modulators.novelty.{given_}",))
    assert acting(plan) == [("CELL", "gL"), ("OTHER", "gL")]


@pytest.mark.parametrize(
    "raw", [{"mean_clamp": "other.h5"}, {"shuffle": {"results": "other.h5", "trial": "1 s"}}], ids=str
)
def test_levels_of_an_earlier_run_count_as_moving(raw: dict[str, object]) -> None:
    assert moved(Compartment.model_validate(raw))


@pytest.mark.parametrize(
    "raw",
    [{}, {"decay": "1 s"}, {"level": None}, {"autoreceptor": None}, {"receptors": {"N1": {"n": 1.0}}}],
    ids=str,
)
def test_how_a_level_would_be_cleared_does_not_move_it(raw: dict[str, object]) -> None:
    assert not moved(Compartment.model_validate(raw))


@pytest.mark.parametrize(
    "change",
    [
        "states=[{at: 10 ms, state: sleep}]",
        "triggers.reward={count: {population: CELL, spikes: 1, window: 1 ms}, "
        "release: {novelty: {thalamus: 1}}}",
    ],
)
def test_states_and_triggers_move_levels_too(tmp_path: Path, change: str) -> None:
    assert ("OTHER", "gL") in acting(network(tmp_path, GL, changes=(change,)))


def test_other_states_and_receptor_constants_move_no_level(tmp_path: Path) -> None:
    changes = (
        "modulators.serotonin.cortex={}",
        "states=[{at: 10 ms, state: nrem}]",
        "modulators.novelty.thalamus.receptors.N1={K: 3}",
    )
    assert acting(network(tmp_path, GL, changes=changes)) == [("CELL", "gL")]


def test_effects_of_a_compartment_can_be_switched_off(tmp_path: Path) -> None:
    assert acting(network(tmp_path, GL, changes=("modulators.novelty.cortex.effects=false",))) == []


@pytest.mark.parametrize(
    ("pattern", "projections"),
    [
        ("CELL->CELL", ["CELL->CELL:a", "CELL->CELL:b"]),
        ("CELL->CELL:b", ["CELL->CELL:b"]),
        ("SOURCE->*", ["SOURCE->CELL"]),
        ("*->CELL", ["SOURCE->CELL", "CELL->CELL:a", "CELL->CELL:b"]),
        ("*->*:a", ["CELL->CELL:a"]),
        ("OTHER->*", []),
    ],
)
def test_projections_are_named_by_patterns_and_lie_in_the_region_of_their_target(
    tmp_path: Path, pattern: str, projections: list[str]
) -> None:
    line = f'{{receptor: N1, projections: ["{pattern}"], parameter: release, scale: 0.1, evidence: D}}'
    assert [owner for owner, _ in acting(network(tmp_path, line))] == projections


def test_a_pattern_without_a_tag_stands_for_all_tags() -> None:
    assert matches("A->B", "A->B:x")
    assert matches("A->*:x", "A->B:x")
    assert not matches("A->B:y", "A->B:x")
    assert not matches("A->C", "A->B")


def test_networks_without_the_receptor_the_input_or_the_rule_are_spared(tmp_path: Path) -> None:
    plan = network(
        tmp_path,
        "{receptor: N1, populations: [CELL], parameter: nmda.current, scale: 1, evidence: D}",
        "{receptor: N1, populations: [CELL], parameter: noise.sd, scale: 1, evidence: D}",
        '{receptor: N1, projections: ["*->CELL"], parameter: plasticity.base, scale: 1, evidence: D}',
    )
    assert acting(plan) == []
    assert any("CELL.noise.sd is left out, there is no input noise" in notice for notice in plan.notices)


REFUSED = [  # P: on the population CELL, S: on the projections onto it
    ("P gl, scale: 1", ".parameter", "got gl of CELL (adex), which it lacks"),
    ("P tw, scale: 1", ".parameter", "tw of CELL (adex), which must not change"),
    ("P drive.ratio, scale: 1", ".parameter", "allowed are rate, weight"),
    ("P ampaa.current, scale: 1", ".parameter", "unknown receptor `ampaa`"),
    ("P gL, shift: 5 mV", ".shift", "got a voltage, allowed is a conductance"),
    ("S plasticity.tau_plus, scale: 1", ".parameter", "a time constant"),
    ("S plasticity.w_max, scale: 1", ".parameter", "a bound"),
    ("P release, scale: 1", ".parameter", "INPUT.PARAMETER or RECEPTOR.current"),
    ("S gL, scale: 1", ".parameter", "release or plasticity.PARAMETER"),
    ("P ampa.current, shift: 5 pA", ".shift", "allowed is scale"),
    ("S release, shift: 0.1", ".shift", "allowed is scale"),
    ("P gL", "", "got neither of scale and shift"),
    ("P gL, scale: 1, shift: 1 nS", "", "got both of scale and shift"),
    ("parameter: gL, scale: 1", "", "got neither of populations and projections"),
    ('populations: [CELL], projections: ["*->CELL"], parameter: gL, scale: 1', "", "got both of populations"),
    ("P gL, scale: 101", ".scale", "from -100 to 100"),
    ("P gL, scale: big", ".scale", "got `big`, allowed is a number"),
    ("P gL, scale: {rise: 1}", ".scale", "got nothing, allowed is a number"),
    ("P gL, scale: {rise: 1, fal: 1}", ".scale.fal", "allowed are rise and fall"),
    ("P gL, scale: {rise: 1, fall: 2}, above: 0.5", ".scale", "allowed is one"),
    ("P gL, scale: 1, above: 1", ".above", "got 1"),
    ('projections: ["CELL-CELL"], parameter: release, scale: 1', ".projections.0", "SOURCE->TARGET"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "key", "message"), REFUSED, ids=[entry for entry, _, _ in REFUSED])
def test_an_effect_that_makes_no_sense_is_refused_in_one_sentence_at_its_place(
    tmp_path: Path, entry: str, key: str, message: str
) -> None:
    entry = re.sub("^P ", "populations: [CELL], parameter: ", entry)
    entry = re.sub("^S ", "projections: ['*->CELL'], parameter: ", entry)
    with pytest.raises(ConfigError) as caught:
        network(tmp_path, f"{{receptor: N1, {entry}, evidence: D}}")
    (problem,) = caught.value.problems
    assert problem.key.startswith(f"effects.0{key}")
    assert message in problem.message
    assert "\n" not in problem.message
    assert problem.place is not None
    assert problem.place.file.endswith("novelty.yaml")


def test_a_receptor_of_the_effect_must_be_one_of_the_neuromodulator(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"got `D1`, allowed are receptors of this neuromodulator \(N1, N2\)"
    ):
        network(tmp_path, GL.replace("N1", "D1"))


def test_two_neuromodulators_cannot_share_the_name_of_a_receptor(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "mine/neuromodulators/other.yaml").write_text(NOVELTY + "  []\n")
    with pytest.raises(ConfigError, match="got the receptor N1 in other and in novelty"):
        network(tmp_path, GL, changes=("modulators.other.cortex={}",))


def test_values_of_effects_and_levels_are_not_structure(tmp_path: Path) -> None:
    lines = [GL, '{receptor: N2, projections: ["*->CELL"], parameter: release, scale: -0.2, evidence: D}']
    one = program(network(tmp_path, *lines))
    other = [lines[0].replace("0.4", "-0.7"), lines[1].replace("-0.2", "0.6")]
    two = program(network(tmp_path, *other, changes=("modulators.novelty.cortex.level=3",)))
    assert one.structure.key == two.structure.key


def test_effects_that_cannot_act_are_not_in_the_program(tmp_path: Path) -> None:
    off = ("modulators.novelty.cortex={}",)
    absent = "{receptor: N1, populations: [ABSENT], parameter: gL, scale: 1, evidence: D}"
    keys = {program(network(tmp_path, line, changes=off)).structure.key for line in (GL, absent)}
    assert len(keys) == 1


def test_only_sets_with_a_modulated_projection_pay_for_it(tmp_path: Path) -> None:
    line = '{receptor: N1, projections: ["CELL->CELL:a"], parameter: release, scale: 0.1, evidence: D}'
    fused = program(network(tmp_path, line))
    by_name = {synapses.name: synapses for synapses in fused.structure.synapses}
    for plan in fused.sets:
        names = {variable.name for variable in by_name[plan.name].variables}
        assert ("row_release" in names) == ("CELL->CELL:a" in plan.projections)


def test_a_rate_that_can_double_gets_the_terms_of_the_doubled_mean(tmp_path: Path) -> None:
    drive = "{receptor: N1, populations: [CELL], parameter: drive.rate, scale: 3, evidence: D}"
    texts = []
    for line in (drive.replace("scale: 3", "scale: 0"), drive):
        (group,) = [g for g in program(network(tmp_path, line)).structure.groups if g.name.startswith("adex")]
        texts.append("\n".join(group.update))
    assert "poisson16_at" in texts[0]
    assert "poisson32_at" in texts[1]


def test_a_shifted_rate_never_becomes_negative(tmp_path: Path) -> None:
    line = "{receptor: N1, populations: [CELL], parameter: drive.rate, shift: -5 kHz, evidence: D}"
    (group,) = [g for g in program(network(tmp_path, line)).structure.groups if g.name.startswith("adex")]
    assert any(
        re.search(r"poisson\d+_at\(positive\(\(rate_\w+ \+ effect_shift_rate_", text) for text in group.update
    )


def test_what_acts_is_shown(tmp_path: Path) -> None:
    lines = render(program(network(tmp_path, GL))).splitlines()
    (found,) = (line for line in lines if "N1" in line)
    assert found.split() == ["CELL", "gL", "N1", "cortex", "scale", "0.4", "0.4", "0"]


def test_arrays_of_every_variable_have_the_size_of_their_group(tmp_path: Path) -> None:
    lines = [
        GL,
        '{receptor: N1, projections: ["*->*"], parameter: release, scale: 0.1, evidence: D}',
        '{receptor: N2, projections: ["*->*"], parameter: plasticity.A_plus, scale: 0.1, evidence: D}',
    ]
    fused = program(network(tmp_path, *lines))
    arrays = program_arrays(fused).arrays
    for group in fused.structure.groups:
        for variable in group.variables:
            size = group.size if variable.kind != "shared" else 1
            assert len(arrays[f"{group.name}.{variable.name}"]) == size


NOT_IN_THE_CIRCUIT = {
    ("D1", "MSN_D1", "nmda.current"),  # no NMDA receptors in its basal ganglia
    ("D2", "STN", "nmda.current"),
    ("M1", "CA1_PYR", "nmda.current"),  # nor in its CA1 and motor cortex
    ("M1", "MOTOR", "nmda.current"),
    *(("M1", "CA3", name) for name in ("b", "I_bias", "nmda.current")),  # CA3 is in larger circuits
    *(("beta", "CA3", name) for name in ("b", "ampa.current")),
    *((receptor, "CA3", "I_bias") for receptor in ("HT1A", "HT2A")),
    *(
        (receptor, f"CA3->{target}", name)
        for target in ("CA3", "CA1_PYR")
        for receptor, name in (
            ("M2", "release"),
            ("MR", "release"),
            ("GR", "plasticity.A_plus"),
            ("GR", "plasticity.k_beta"),
        )
    ),
}
"""Receptor, target and parameter of the shipped effects for which only a larger circuit has the target."""


def test_every_shipped_effect_acts_in_the_full_circuit_where_that_has_its_target() -> None:
    library = open_library()
    regions = ("striatum", "subthalamus", "cortex", "hippocampus")
    everywhere = ", ".join(f"{region}: {{decay: 1 s, level: 1}}" for region in regions)
    changes = [f"modulators.{name}={{{everywhere}}}" for name in library.names("neuromodulators")]
    changes.append("projections.EC->CA1_PYR.plasticity={rule: cortex}")
    plan = expand(load(configs_root() / "triad_rest.yaml", tuple(changes)), library)
    absent = set()
    for name in library.names("neuromodulators"):
        model = library.neuromodulator(name)
        assert model.receptors, name
        assert model.effects, name
        for effect in model.effects:
            found = [
                e for e in plan.effects if (e.receptor, e.variable) == (effect.receptor, effect.parameter)
            ]
            owners = {e.owner for e in found}
            absent |= {(effect.receptor, t, effect.parameter) for t in effect.populations if t not in owners}
            absent |= {
                (effect.receptor, t, effect.parameter)
                for t in effect.projections
                if not any(matches(t, owner) for owner in owners)
            }
    assert absent == NOT_IN_THE_CIRCUIT


def test_a_new_receptor_and_its_effect_need_one_file_in_a_models_folder(tmp_path: Path) -> None:
    model = tmp_path / "mine" / "neuromodulators" / "dopamine.yaml"
    model.parent.mkdir(parents=True)
    model.write_text(
        "kind: neuromodulator\nextends: dopamine\nevidence: D\n"
        "receptors: {D4: {K: 1, n: 1, description: new}}\n"
        "effects: [{receptor: D4, populations: [PFC_PV], parameter: I_bias, shift: 7 pA, evidence: D}]\n"
    )
    changes = ("modulators.dopamine.cortex.level=2",)
    plan = expand(load(configs_root() / "triad_rest.yaml", changes), open_library([tmp_path / "mine"]))
    (effect,) = (effect for effect in plan.effects if effect.receptor == "D4")
    assert (effect.owner, effect.receptor, effect.rise) == ("PFC_PV", "D4", pytest.approx(7e-12))
    (term,) = (term for term in terms(plan) if term.receptor == "D4")
    assert any(f"term{term.number}" in line for line in gain_group(plan).update[len(terms(plan)) :])


# What the group of gains computes, against the formula.

RECEPTORS = ("A", "B", "C")
OWNERS = ("P", "Q", "R")
slopes = st.floats(-2, 2)
effect_plans = st.builds(
    EffectPlan,
    owner=st.sampled_from(OWNERS),
    variable=st.sampled_from(["gL", "EL", "b"]),
    receptor=st.sampled_from(RECEPTORS),
    region=st.just("cortex"),
    shift=st.booleans(),
    rise=slopes,
    fall=slopes,
    above=st.sampled_from([0.0, 0.0, 0.3, 0.9]),
)
many = st.lists(effect_plans, min_size=1, max_size=12)
drives = st.fixed_dictionaries({name: st.floats(-1, 1) for name in RECEPTORS})


def computed(effects: list[EffectPlan], rho: dict[str, float]) -> tuple[NetworkPlan, dict[str, np.ndarray]]:
    """Columns of the gains of a network that has these effects, by the statements of the program."""
    compartment = CompartmentPlan("m", "cortex", 1.0, 1.0, {name: ReceptorDrive(1, 1) for name in RECEPTORS})
    plan = NetworkPlan.__new__(NetworkPlan)
    vars(plan).update(
        effects=tuple(effects), populations=dict.fromkeys(OWNERS), compartments={"m": compartment}
    )
    values: dict[str, np.ndarray] = dict(gain_arrays(plan))  # type: ignore[arg-type]  # integers too
    values |= {f"rho_{name}": np.full(len(values["region"]), drive) for name, drive in rho.items()}
    for line in gain_group(plan).update:
        target, _, right = split_statement(line)
        values[target] = np.asarray(evaluate(right, values))
    return plan, values


def expected(effects: list[EffectPlan], rho: dict[str, float], owner: str, name: str) -> tuple[float, float]:
    """p = p0 * prod(max(0, 1 + k rho)) + sum(s rho): factor and shift."""
    factor, shift = 1.0, 0.0
    for effect in effects:
        if (effect.owner, effect.variable) != (owner, name):
            continue
        drive = rho[effect.receptor]
        k = effect.rise if drive > 0 else effect.fall
        if effect.above:
            drive = max(0.0, drive - effect.above) / (1 - effect.above)
            k = effect.rise
        if effect.shift:
            shift += k * drive
        else:
            factor *= max(0.0, 1 + k * drive)
    return factor, shift


def without_falls(effects: list[EffectPlan]) -> list[EffectPlan]:
    """As they are planned: an effect beyond a threshold has no slope below it."""
    return [EffectPlan(**{**vars(e), "fall": 0.0}) if e.above else e for e in effects]


@settings(deadline=None, max_examples=60)
@given(many, drives)
def test_factors_are_products_and_shifts_are_sums(effects: list[EffectPlan], rho: dict[str, float]) -> None:
    effects = without_falls(effects)
    plan, values = computed(effects, rho)
    for owner in OWNERS:
        for name in ("gL", "EL", "b"):
            row = gain_row(plan, owner)
            factor, shift = expected(effects, rho, owner, name)
            got = values.get(f"effect_factor_{name}"), values.get(f"effect_shift_{name}")
            assert factor == pytest.approx(1.0 if got[0] is None else got[0][row], abs=1e-12)
            assert shift == pytest.approx(0.0 if got[1] is None else got[1][row], abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(many)
def test_at_the_tonic_level_every_factor_is_1_and_every_shift_0(effects: list[EffectPlan]) -> None:
    _, values = computed(effects, dict.fromkeys(RECEPTORS, 0.0))
    for name, column in values.items():
        if name.startswith(("effect_factor", "effect_shift")):
            assert np.all(column == (1.0 if name.startswith("effect_factor") else 0.0))


@settings(deadline=None, max_examples=60)
@given(many, drives, st.floats(-1, 1))
def test_a_lesioned_receptor_changes_only_what_it_acts_on(
    effects: list[EffectPlan], rho: dict[str, float], other: float
) -> None:
    plan, before = computed(effects, rho)
    _, after = computed(effects, rho | {"A": other})
    touched = {(gain_row(plan, e.owner), e.variable, e.shift) for e in effects if e.receptor == "A"}
    for name in before:
        for start, shift in (("effect_factor_", False), ("effect_shift_", True)):
            if name.startswith(start):
                rows = [
                    k for k in range(len(before[name])) if (k, name.removeprefix(start), shift) not in touched
                ]
                assert np.array_equal(before[name][rows], after[name][rows])


@pytest.mark.parametrize("wire", ["on: true", "on: false"])
def test_receptors_act_where_a_wire_of_a_task_releases(tmp_path: Path, wire: str) -> None:
    path = write(tmp_path, GL)
    (tmp_path / "mine" / "tasks").mkdir()
    (tmp_path / "mine" / "tasks" / "novel.yaml").write_text(TASK)
    still = path.read_text().replace("level: 1", "")
    path.write_text(still)
    assert expand(load(path), open_library([tmp_path / "mine"])).effects == ()
    path.write_text(still + f"task: {{model: novel, trials: 3, wires: {{novel: {{{wire}}}}}}}\n")
    found = expand(load(path), open_library([tmp_path / "mine"])).effects
    assert [(effect.owner, effect.variable) for effect in found] == [("CELL", "gL")]
