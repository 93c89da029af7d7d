"""Operations share a phase only where their threads cannot meet."""

from neuromod.program.phases import OWN, Operation, Use, schedule


def operation(lane: str, call: str, reads: list[Use], writes: list[Use]) -> Operation:
    return Operation(lane, call, frozenset(reads), frozenset(writes))


def calls(*operations: Operation) -> list[list[str]]:
    return [sorted(o.call for lane in phase.lanes.values() for o in lane) for phase in schedule(operations)]


V, OTHERS_V = Use("V", OWN), Use("V")


def test_operations_of_different_arrays_share_a_phase() -> None:
    first, second = operation("a", "1", [], [V]), operation("b", "2", [], [Use("W", OWN)])
    assert calls(first, second) == [["1", "2"]]


def test_a_thread_may_use_what_it_wrote_itself() -> None:
    first, second = operation("a", "1", [], [V]), operation("a", "2", [V], [])
    assert calls(first, second) == [["1", "2"]]
    assert [o.call for o in schedule([first, second])[0].lanes["a"]] == ["1", "2"]


def test_what_another_thread_wrote_needs_a_new_phase() -> None:
    first = operation("a", "1", [], [V])
    assert calls(first, operation("a", "2", [OTHERS_V], [])) == [["1"], ["2"]]
    assert calls(first, operation("b", "2", [V], [])) == [["1"], ["2"]]


def test_what_another_thread_reads_is_written_in_a_later_phase() -> None:
    assert calls(operation("a", "1", [OTHERS_V], []), operation("a", "2", [], [V])) == [["1"], ["2"]]


def test_an_operation_goes_into_the_earliest_phase_that_is_allowed() -> None:
    first, second = operation("a", "1", [], [V]), operation("b", "2", [OTHERS_V], [])
    third = operation("c", "3", [], [Use("W", OWN)])
    assert calls(first, second, third) == [["1", "3"], ["2"]]


def test_operations_of_a_lane_on_one_array_keep_their_order() -> None:
    first, second = operation("a", "1", [], [Use("W", OWN)]), operation("b", "2", [Use("W")], [Use("X", OWN)])
    third, fourth = operation("a", "3", [], [V]), operation("a", "4", [V, Use("X")], [V])
    assert calls(first, second, third, fourth) == [["1", "3"], ["2"], ["4"]]


def test_readers_of_one_array_share_a_phase() -> None:
    assert calls(operation("a", "1", [V], []), operation("b", "2", [OTHERS_V], [])) == [["1", "2"]]
