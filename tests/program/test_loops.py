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
