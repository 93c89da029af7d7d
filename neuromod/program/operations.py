"""The element functions of a program as operations of a step, with the lanes in which they run on a GPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from neuromod.errors import BackendError
from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure
from neuromod.program.elements import Access, Element, Kind
from neuromod.program.phases import OWN, Operation, Use

_ENDS = {"_postsynaptic_idx": "j", "_presynaptic_idx": "i"}


@dataclass(frozen=True)
class Pathway:
    """A pathway: its C++ name, set, where spikes begin, and where statements run (None: at the synapse)."""

    name: str
    synapses: SynapsesStructure
    source: str
    begins: str
    gathers: str | None

    @property
    def span(self) -> tuple[int, int]:
        """Cells whose spikes it takes."""
        return self.synapses.source_slice if self.begins == "i" else self.synapses.target_slice

    @property
    def key(self) -> str:
        """`pre`, `transmit` or `post`."""
        return self.name.removeprefix(f"{self.synapses.name}_")


def kinds(structure: ProgramStructure) -> dict[str, Kind]:
    """Code objects that a program may have, and what they are."""
    found: dict[str, Kind] = {}
    for group in structure.groups:
        found[f"{group.name}_update_codeobject"] = "update"
        found[f"{group.name}_tick_codeobject"] = "tick"
        found[f"{group.name}_spike_thresholder_codeobject"] = "threshold"
        found[f"{group.name}_spike_resetter_codeobject"] = "reset"
    for synapses in structure.synapses:
        found[f"{synapses.name}_tick_codeobject"] = "tick"
        found |= dict.fromkeys((f"{synapses.name}_{key}_codeobject" for key in ("pre", "transmit", "post")), "pathway")
    return found


class Operations:
    """Operations of the element functions of one program."""

    def __init__(self, structure: ProgramStructure) -> None:
        self.structure = structure
        self.owners: dict[str, GroupStructure | SynapsesStructure] = {
            owner.name: owner for owner in (*structure.groups, *structure.synapses)
        }
        self.pathways: list[Pathway] = []
        self.every: list[SynapsesStructure] = []

    def of_group(self, element: Element, group: str) -> Operation:
        """One thread per element of a group."""
        places = {"_idx": OWN}
        reads, writes = _uses(element.reads, places), _uses(element.writes, places)
        call = f"{element.name}(nm_e, nm_step);"
        if element.kind == "threshold":
            writes |= {Use(f"log {group}"), Use(f"fired {group}", OWN)}
        if element.kind == "reset":
            reads |= {Use(f"fired {group}", OWN)}
            call = f"if (nm_fired(nm_log_{group}, nm_e, nm_step)) {call}"
        return _checked(Operation(f"cells {group}", call, reads, writes))

    def of_synapses(self, element: Element, synapses: SynapsesStructure) -> Operation:
        """A tick of synapses: one thread per synapse, or per cell where cells are written."""
        end = _gathering(element)
        call = f"{element.name}(%s, nm_step);"
        if end is None:
            return self._plain(element, f"synapses {synapses.name}", call % "nm_e")
        if end != "j":
            raise BackendError(f"the CUDA backend cannot write to sources in a tick ({synapses.name})")
        self.every.append(synapses)
        each = f"nm_each(nm_all_{synapses.name}, nm_e, [&](size_t nm_k) {{ {call % 'nm_k'} }});"
        return self._gathered(element, synapses, end, each)

    def of_pathway(self, element: Element, synapses: SynapsesStructure, key: str) -> list[Operation]:
        """Arrival at synapses, and what it does there: at each synapse, or cell by cell in order."""
        name, end = f"{synapses.name}_{key}", _gathering(element)
        begins, source = ("j", synapses.target) if key == "post" else ("i", synapses.source)
        self.pathways.append(Pathway(name, synapses, source, begins, end))
        arguments = f"{name}, nm_log_{source}, nm_block, nm_blocks, nm_step"
        call = f"[&](size_t nm_k) {{ {element.name}(nm_k, nm_step); }}"
        log = {Use(f"log {source}")}
        if end is None:
            plain = self._plain(element, f"arrivals {name}", f"nm_arrivals({arguments}, {call});")
            return [Operation(plain.lane, plain.call, plain.reads | log, plain.writes)]
        noted = Use(f"noted {name}")
        spread = Operation(f"arrivals {name}", f"nm_spread({arguments});", frozenset(log), frozenset({noted}))
        gather = self._gathered(element, synapses, end, f"nm_gather({name}, nm_e, {call});")
        return [spread, Operation(gather.lane, gather.call, gather.reads | {noted}, gather.writes)]

    def _plain(self, element: Element, lane: str, call: str) -> Operation:
        places = {"_idx": OWN}
        return _checked(Operation(lane, call, _uses(element.reads, places), _uses(element.writes, places)))

    def _gathered(self, element: Element, synapses: SynapsesStructure, end: str, call: str) -> Operation:
        group = synapses.target if end == "j" else synapses.source
        places = {index: OWN for index, at in _ENDS.items() if at == end} | {"_idx": f"by {end}"}
        reads, writes = _uses(element.reads, places), _uses(element.writes, places)
        return _checked(Operation(f"cells {group}", call, reads, writes))

    def ends(self) -> Operation:
        """Notes how long the logs are after the spikes of a step."""
        groups = [group.name for group in self.structure.groups if group.threshold]
        call = " ".join(f"nm_end_step(nm_log_{name}, nm_step);" for name in groups)
        return Operation("once", call, frozenset(Use(f"log {name}") for name in groups))


def in_order(operations: Operations, elements: Sequence[Element]) -> tuple[list[Operation], dict[float, list[Operation]]]:
    """(operations of a step in C++'s order, ticks by period); what arrives is looked up after all thresholds."""
    step: list[Operation] = []
    ticks: dict[float, list[Operation]] = {}
    for element in elements:
        owner, name = _owner(operations.structure, element)
        if element.kind == "tick":
            made = operations.of_synapses(element, owner) if isinstance(owner, SynapsesStructure) else operations.of_group(element, name)
            ticks.setdefault(owner.tick_period, []).append(made)
        elif isinstance(owner, SynapsesStructure):
            step += operations.of_pathway(element, owner, element.name.removeprefix(f"_run_{name}_").removesuffix("_codeobject"))
        else:
            step.append(operations.of_group(element, name))
    after = next((k for k, operation in enumerate(step) if operation.lane.startswith("arrivals")), len(step))
    return [*step[:after], operations.ends(), *step[after:]], ticks


def _owner(structure: ProgramStructure, element: Element) -> tuple[GroupStructure | SynapsesStructure, str]:
    text = element.name.removeprefix("_run_").removesuffix("_codeobject")
    suffixes = {"update": ("update",), "tick": ("tick",), "threshold": ("spike_thresholder",), "reset": ("spike_resetter",)}
    for suffix in suffixes.get(element.kind, ("pre", "transmit", "post")):
        for owner in (*structure.groups, *structure.synapses):
            if text == f"{owner.name}_{suffix}":
                return owner, owner.name
    raise BackendError(f"the CUDA backend does not know {element.name}")


def _uses(accesses: frozenset[Access], places: dict[str, str]) -> frozenset[Use]:
    return frozenset(Use(access.array, places.get(access.index, "")) for access in accesses)


def _gathering(element: Element) -> str | None:
    """The end of synapses whose cells the statements write; None if they write synapses only."""
    ends = {_ENDS[access.index] for access in element.writes if access.index in _ENDS}
    if len(ends) > 1:
        raise BackendError(f"the CUDA backend cannot write to both ends of synapses ({element.name})")
    return next(iter(ends), None)


def _checked(operation: Operation) -> Operation:
    """An operation whose threads do not depend on each other."""
    for write in operation.writes:
        others = {use for use in operation.reads | operation.writes if use.array == write.array}
        if write.array.startswith("_array") and (not write.place or others != {write}):
            raise BackendError(f"the CUDA backend cannot run statements that write {write.array} where others read it")
    return operation


def lanes_of(phase_lanes: dict[str, list[Operation]]) -> Iterator[tuple[str, str, list[Operation]]]:
    """(kind, name, operations) of each lane."""
    for lane, operations in phase_lanes.items():
        kind, _, name = lane.partition(" ")
        yield kind, name, operations
