"""Statements become operations of a GPU only where one thread cannot disturb another."""

import pytest

from neuromod.errors import BackendError
from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure, rule_tick
from neuromod.program.elements import Access, Element, Kind
from neuromod.program.operations import Operations, places
from neuromod.program.phases import schedule

GROUPS = (GroupStructure("source", 5, (), threshold="V > 1.0"), GroupStructure("target", 7, ()))
TICK = rule_tick(("g_post += w",), 1.0, order=0)
SYNAPSES = SynapsesStructure(
    "s", "source", (0, 5), "target", (0, 7), (), ("g_post += w",), "each", ticks=TICK
)
STRUCTURE = ProgramStructure(1e-4, GROUPS, (SYNAPSES,))
W = ("_array_s_w", "_idx")
G = ("_array_target_g", "_postsynaptic_idx")


def element(name: str, kind: Kind, reads: list[tuple[str, str]], writes: list[tuple[str, str]]) -> Element:
    accesses = (frozenset(Access(*use) for use in uses) for uses in (reads, writes))
    return Element(f"_run_{name}_codeobject", kind, "", "", *accesses)


def operations(*elements: Element) -> Operations:
    return Operations(STRUCTURE, elements, places(STRUCTURE))


def lanes(made: Operations) -> list[list[str]]:
    return [list(phase.lanes) for phase in schedule(made.step)]


def test_synapses_that_write_to_cells_are_gathered_by_cell() -> None:
    made = operations(element("s_pre", "pathway", [W, G], [G]))
    assert lanes(made) == [["once", "arrivals s_pre"], ["cells target"]]
    assert made.pathways[0].gathers == "j"


def test_synapses_that_write_to_themselves_need_no_gathering() -> None:
    made = operations(element("s_post", "pathway", [W, ("_array_source_x", "_presynaptic_idx")], [W]))
    assert lanes(made) == [["once", "arrivals s_post"]]
    assert (made.pathways[0].source, made.pathways[0].gathers) == ("target", None)


def test_spikes_are_noted_before_they_are_looked_up() -> None:
    threshold = element("source_spike_thresholder", "threshold", [("_array_source_V", "_idx")], [])
    reset = element("source_spike_resetter", "reset", [], [("_array_source_V", "_idx")])
    made = operations(threshold, element("s_pre", "pathway", [W, G], [G]), reset)
    assert lanes(made) == [["cells source"], ["once", "arrivals s_pre"], ["cells target"]]


def test_ticks_of_synapses_that_write_to_targets_visit_all_of_a_target() -> None:
    made = operations(element("s_tick", "tick", [W, G], [W, G]))
    assert [o.lane for ticks in made.ticks.values() for o in ticks] == ["cells target"]
    assert made.visited == [SYNAPSES]


@pytest.mark.parametrize(
    ("reads", "writes", "reason"),
    [
        ([W], [G, ("_array_source_x", "_presynaptic_idx")], "both ends"),
        ([("_array_target_g", "_presynaptic_idx"), G], [G], "shares _array_target_g"),
        ([W], [("_array_rows_x", "row")], "shares _array_rows_x"),
    ],
)
def test_statements_whose_threads_could_meet_are_refused(
    reads: list[tuple[str, str]], writes: list[tuple[str, str]], reason: str
) -> None:
    with pytest.raises(BackendError, match=reason):
        operations(element("s_pre", "pathway", reads, writes))
