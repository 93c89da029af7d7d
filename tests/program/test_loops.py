"""Generated loops are rewritten without a change of their statements; text of an unknown form is an error."""

import pytest

from neuromod.errors import InternalError
from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure, Variable
from neuromod.program.loops import fields, over_blocks, over_parts, over_ranges, with_strides

CELLS = GroupStructure("g", 10, (Variable("V"), Variable("EL", "part")), parts=(0, 4))
UPDATE = """{
    for(int _idx=0; _idx<_N; _idx++)
    {
        const double EL = _ptr_EL[_idx];
        double V = _ptr_V[_idx];
        V += EL;
        _ptr_V[_idx] = V;
    }
}"""


def synapses(*variables: Variable) -> ProgramStructure:
    return ProgramStructure(
        1e-4, (), (SynapsesStructure("s", "g", (0, 1), "g", (0, 1), variables, (), "none"),)
    )


def test_what_a_population_shares_is_read_before_the_loop_over_its_neurons() -> None:
    text = over_parts(UPDATE, CELLS)
    assert "nm_parts[] = {0, 4, 10}" in text
    assert text.index("EL = _ptr_EL[nm_first];") < text.index("for (int _idx = nm_first")
    assert "_ptr_EL[_idx]" not in text
    assert "double V = _ptr_V[_idx];" in text
    assert text.count("{") == text.count("}")


NOISY = """{
    for(int _idx=0; _idx<_N; _idx++)
    {
        const double rate = _ptr_array_g_rate[_idx];
        double V = _ptr_array_g_V[_idx];
        const int64_t active = int_(t > 1);
        V += active * nm_normal(seed, population, cell, t_in_timesteps, 1);
        V += nm_poisson4(rate * 0.1, nm_exp(- (rate * 0.1)), seed, population, cell, t_in_timesteps, 0);
        V += nm_poisson4(V, nm_exp(- (V)), seed, population, cell, t_in_timesteps, 2);
        _ptr_array_g_V[_idx] = V;
    }
}"""


def test_words_are_drawn_before_the_loop_and_counts_of_constant_means_are_tabled() -> None:
    text = over_parts(NOISY, CELLS)
    assert [f"nm_drawn_{k}.fill(" in text for k in range(4)] == [True, True, True, False]
    assert "nm_normal(nm_drawn_1[_idx - nm_begin])" in text
    assert "nm_table_0.count(_idx, nm_drawn_0[_idx - nm_begin])" in text
    assert "return _ptr_array_g_rate[_idx] * 0.1;" in text
    assert "nm_poisson4(V, nm_exp(- (V)), nm_drawn_2[_idx - nm_begin])" in text
    assert "const double active = nm_truth(t > 1)" in text
    assert "t_in_timesteps" not in text[text.index("int _idx = nm_begin") :]
    assert text.count("{") == text.count("}")


def test_a_table_that_is_too_large_is_none() -> None:
    large = GroupStructure("g", 100_000, (Variable("V"), Variable("EL", "part")), parts=(0, 4))
    assert "nm_table" not in over_parts(NOISY, large)


def test_an_unknown_loop_is_refused() -> None:
    with pytest.raises(InternalError, match="update of g"):
        over_parts("while (true) {}", CELLS)
    with pytest.raises(InternalError, match="search for spikes"):
        over_blocks("while (true) {}")


def test_state_lies_together_where_it_is_several_numbers_of_one_type() -> None:
    row = Variable("row", "part", "integer")
    assert fields(synapses(Variable("weight"), row)) == {}
    assert fields(synapses(Variable("weight"), Variable("c", dtype="single"))) == {}
    found = fields(synapses(Variable("weight"), row, Variable("scale", "shared"), Variable("c")))
    assert {name: (field.k, field.count) for name, field in found.items()} == {
        "s.weight": (0, 2),
        "s.c": (1, 2),
    }


def test_only_arrays_that_lie_together_are_read_with_strides() -> None:
    text = with_strides("_ptr_a_w[_idx] = _ptr_a_weight[_idx] + _ptr_b[_idx];", {"_a_w": 2})
    assert text == "_ptr_a_w[2*size_t(_idx)] = _ptr_a_weight[_idx] + _ptr_b[_idx];"


def test_other_code_stays_as_it_is() -> None:
    assert over_ranges(UPDATE, []) == UPDATE
