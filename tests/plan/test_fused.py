"""Fusion: which populations share a group, what is structure, and how logical names find their place."""

from pathlib import Path

import numpy as np
import pytest

from neuromod.config.load import load
from neuromod.library.shipped import open_library
from neuromod.plan.connectivity import connect
from neuromod.plan.expand import expand
from neuromod.plan.fused import FusedPlan, fuse, program_arrays
from neuromod.plan.structure import structure_from_json

TWO = """
neuromod: 1
name: two
duration: 1 s
seed: {seed}
populations:
  A:
    neuron: adex
    size: {size}
    parameters: {{EL: {rest} mV}}
    inputs: {{noise: {{input: ou, parameters: {{sd: 20 pA}}}}}}
  B:
    neuron: adex
    size: 20
    parameters: {{C: 150 pF}}
    inputs: {{drive: {{input: poisson, receptor: ampa, parameters: {{rate: 900 Hz, weight: 0.5 nS}}}}}}
projections:
  A->B: {{receptor: ampa, connect: {{in_degree: 5}}, weight: 1 nS, delay: 1.5 ms}}
  B->A: {{receptor: gaba_fast, connect: {{probability: 0.3}}, weight: 2 nS, delay: {{uniform: [1 ms, 3 ms]}}}}
"""
PLASTIC = """
neuromod: 1
name: plastic
duration: 1 s
populations:
  CUE: {neuron: poisson_cell, size: 10, parameters: {rate: 20 Hz}}
  CELL: {neuron: adex, size: 8, region: striatum}
  OTHER: {neuron: adex, size: 4, region: striatum}
modulators: {dopamine: {striatum: {level: 1, pulses: [{at: 0.5 s, amount: 3}]}}}
projections:
  CUE->CELL: {receptor: ampa, connect: {in_degree: 4}, weight: 0.5 nS, delay: 2 ms,
              plasticity: {rule: reward_stdp, modulator: dopamine}}
  CUE->OTHER: {receptor: ampa, connect: {in_degree: 4}, weight: 0.5 nS, delay: 2 ms,
               plasticity: {rule: reward_stdp, modulator: dopamine}}
  CELL->CELL: {receptor: nmda, connect: {all_to_all: true}, weight: 0.1 nS, delay: 1 ms}
"""


def planned(folder: Path, text: str, **values: object) -> FusedPlan:
    path = folder / "config.yaml"
    path.write_text(text.format(**values) if values else text)
    return fuse(expand(load(path), open_library()))


def two(folder: Path, **changes: object) -> FusedPlan:
    return planned(folder, TWO, **{"seed": 0, "size": 30, "rest": -65} | changes)


def test_populations_of_one_template_share_a_group_and_keep_their_order(tmp_path: Path) -> None:
    fused = two(tmp_path)
    assert [group.name for group in fused.groups] == ["adex0"]
    assert [(p.group, p.start, p.stop) for p in fused.placements.values()] == [
        ("adex0", 0, 30),
        ("adex0", 30, 50),
    ]


def test_a_large_population_does_not_pay_for_the_receptors_of_another(tmp_path: Path) -> None:
    assert len(two(tmp_path, size=5_000).groups) == 2


@pytest.mark.parametrize("change", [{"seed": 7}, {"rest": -70}])
def test_seeds_and_values_are_not_structure(tmp_path: Path, change: dict[str, object]) -> None:
    assert two(tmp_path).structure.key == two(tmp_path, **change).structure.key


def test_sizes_are_structure(tmp_path: Path) -> None:
    assert two(tmp_path).structure.key != two(tmp_path, size=31).structure.key


def test_a_structure_survives_the_way_through_its_text(tmp_path: Path) -> None:
    structure = planned(tmp_path, PLASTIC).structure
    assert structure_from_json(structure.to_json()) == structure


def test_a_member_without_an_input_of_its_group_gets_the_flag_zero(tmp_path: Path) -> None:
    arrays = program_arrays(two(tmp_path)).arrays
    flags = {name: values for name, values in arrays.items() if ".has_" in name}
    assert len(flags) == 2
    noise = next(values for name, values in flags.items() if "ou" in name)
    assert np.array_equal(noise, [1.0] * 30 + [0.0] * 20)


def test_every_variable_of_the_structure_has_an_array_of_its_size(tmp_path: Path) -> None:
    fused = planned(tmp_path, PLASTIC)
    arrays = program_arrays(fused).arrays
    for group in fused.structure.groups:
        for variable in group.variables:
            assert len(arrays[f"{group.name}.{variable.name}"]) == (
                group.size if variable.kind != "shared" else 1
            )
    for synapses in fused.structure.synapses:
        count = len(arrays[f"{synapses.name}.i"])
        for variable in synapses.variables:
            if variable.name == "c_0":
                assert f"{synapses.name}.c_0" not in arrays  # eligibilities start at 0 and are not sent
            else:
                wanted = count if variable.kind != "shared" else 1
                assert len(arrays[f"{synapses.name}.{variable.name}"]) == wanted


def test_what_counts_as_one_number_per_population_is_one(tmp_path: Path) -> None:
    text = TWO.replace("    parameters: {{EL", "    heterogeneity: {{gL: 1 nS}}\n    parameters: {{EL")
    fused = planned(tmp_path, text, seed=0, size=30, rest=-65)
    arrays = program_arrays(fused).arrays
    (group,) = fused.structure.groups
    assert group.parts == (0, 30)
    kinds = {variable.name: variable.kind for variable in group.variables}
    assert kinds["EL"] == "part"
    for name, kind in kinds.items():
        for values in (arrays[f"{group.name}.{name}"][:30], arrays[f"{group.name}.{name}"][30:]):
            assert kind != "part" or len(set(values.tolist())) == 1, name


def test_projections_find_their_synapses_back_in_the_fused_set(tmp_path: Path) -> None:
    fused = two(tmp_path)
    data = program_arrays(fused)
    for name, projection in fused.network.projections.items():
        group = next(s for s in fused.sets if name in s.projections)
        edges, places = connect(fused.network, name), data.positions[name]
        at = places.of(np.arange(len(places)))
        source, target = fused.placements[projection.source], fused.placements[projection.target]
        assert np.array_equal(data.arrays[f"{group.name}.i"][at], edges.i + source.start)
        assert np.array_equal(data.arrays[f"{group.name}.j"][at], edges.j + target.start)
        assert np.array_equal(data.arrays[f"{group.name}.weight"][at], edges.weight)


def test_synapses_are_sorted_by_source_delay_and_target(tmp_path: Path) -> None:
    fused = two(tmp_path)
    data = program_arrays(fused).arrays
    for group in fused.sets:
        i, j = data[f"{group.name}.i"], data[f"{group.name}.j"]
        delay = np.broadcast_to(data[f"{group.name}.delay_pre"], i.shape)
        order = np.lexsort((j, delay, i))
        assert np.array_equal(order, np.arange(len(i)))


def test_a_plastic_pair_of_projections_shares_one_set_and_has_one_row_each(tmp_path: Path) -> None:
    fused = planned(tmp_path, PLASTIC)
    plastic = next(s for s in fused.sets if s.rules)
    assert plastic.projections == ("CUE->CELL", "CUE->OTHER")
    rows = program_arrays(fused).arrays[f"{plastic.name}.row_0"]
    assert sorted(set(rows.tolist())) == [0, 1]


def test_a_saturating_receptor_keeps_its_state_on_its_source(tmp_path: Path) -> None:
    fused = planned(tmp_path, PLASTIC)
    group = next(g for g in fused.structure.groups if g.name == fused.placements["CELL"].group)
    assert {"s_nmda_0", "released_nmda_0", "last_nmda_0"} <= {v.name for v in group.variables}
    arrival = next(s for s in fused.structure.synapses if s.name.startswith("arrive_nmda_0"))
    assert arrival.order < 0


def test_a_poisson_input_that_is_too_strong_for_its_step_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"mean of 90 .*A, B|mean of 90 .*B"):
        planned(tmp_path, TWO.replace("900 Hz", "900000 Hz"), seed=0, size=30, rest=-65)
