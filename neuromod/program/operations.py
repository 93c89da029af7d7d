"""The element functions of a program as operations of a step, with the lanes in which they run on a GPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from neuromod.errors import BackendError
from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure
from neuromod.program.elements import Access, Element, Kind
from neuromod.program.phases import OWN, Operation, Use

Owner = GroupStructure | SynapsesStructure

_ENDS = {"_postsynaptic_idx": "j", "_presynaptic_idx": "i"}
_GROUP_KINDS: dict[str, Kind] = {
    "update": "update",
    "spike_thresholder": "threshold",
    "spike_resetter": "reset",
}
_SYNAPSE_KINDS: dict[str, Kind] = {
    "pre": "pathway",
    "transmit": "pathway",
    "post": "pathway",
}


class Due(NamedTuple):
    """When a tick runs: every `period` seconds, with `asked` only if that array has an element above 0."""

    period: float
    asked: str


@dataclass(frozen=True)
class Place:
    """A code object that a program may have: whose it is, and what; `due` is when a tick runs."""

    owner: Owner
    part: str
    kind: Kind
    due: Due | None = None


@dataclass(frozen=True)
class Pathway:
    """A pathway: part of a set, where spikes begin, and where statements run (None: at each synapse)."""

    synapses: SynapsesStructure
    part: str
    begins: str
    gathers: str | None

    @property
    def name(self) -> str:
        """Name in the program's text."""
        return f"{self.synapses.name}_{self.part}"

    @property
    def source(self) -> str:
        """Group whose spikes it takes."""
        return self.synapses.source if self.begins == "i" else self.synapses.target

    @property
    def span(self) -> tuple[int, int]:
        """Cells whose spikes it takes."""
        return self.synapses.source_slice if self.begins == "i" else self.synapses.target_slice


def places(structure: ProgramStructure) -> dict[str, Place]:
    """Every code object that a program may have, by its name."""
    found = {}
    for group in structure.groups:
        for part, kind in _GROUP_KINDS.items():
            found[f"{group.name}_{part}_codeobject"] = Place(group, part, kind)
    for synapses in structure.synapses:
        for part, kind in _SYNAPSE_KINDS.items():
            found[f"{synapses.name}_{part}_codeobject"] = Place(synapses, part, kind)
    owners: list[Owner] = [*structure.groups, *structure.synapses]
    for owner in owners:
        for tick in owner.ticks:
            due = Due(tick.period, tick.asked)
            found[f"{owner.name}_{tick.name}_codeobject"] = Place(owner, tick.name, "tick", due)
    return found


class Operations:
    """Operations of one program: those of each step in C++'s order, those of ticks by when they run."""

    def __init__(
        self, structure: ProgramStructure, elements: Sequence[Element], known: Mapping[str, Place]
    ) -> None:
        self.structure = structure
        self.pathways: list[Pathway] = []
        self.visited: list[SynapsesStructure] = []
        self.step: list[Operation] = []
        self.ticks: dict[Due, list[Operation]] = {}
        for element in elements:
            place = known[element.name.removeprefix("_run_")]
            if place.due is not None:
                self.ticks.setdefault(place.due, []).append(self._tick(element, place.owner))
            elif isinstance(place.owner, SynapsesStructure):
                self.step += self._arrival(element, place.owner, place.part)
            else:
                self.step.append(self._cells(element, place.owner.name))
        arrivals = [k for k, operation in enumerate(self.step) if operation.lane.startswith("arrivals")]
        self.step.insert(min(arrivals, default=len(self.step)), self._end())

    def _cells(self, element: Element, group: str) -> Operation:
        """One thread per element of a group."""
        made = _operation(element, f"cells {group}", f"{element.name}(nm_e, nm_step);", {"_idx": OWN})
        if element.kind == "threshold":
            return replace(made, writes=made.writes | {Use(f"log {group}"), Use(f"fired {group}", OWN)})
        if element.kind == "reset":
            call = f"if (nm_fired(nm_log_{group}, nm_e, nm_step)) {made.call}"
            return replace(made, call=call, reads=made.reads | {Use(f"fired {group}", OWN)})
        return made

    def _tick(self, element: Element, owner: Owner) -> Operation:
        """One thread per element; for synapses whose statements write to their targets, one per target."""
        if isinstance(owner, GroupStructure):
            return self._cells(element, owner.name)
        end = _gathering(element)
        if end is None:
            call = f"{element.name}(nm_e, nm_step);"
            return _operation(element, f"synapses {owner.name}", call, {"_idx": OWN})
        if end != "j":
            raise BackendError(f"the CUDA backend cannot write to sources in a tick ({owner.name})")
        self.visited.append(owner)
        call = f"nm_each(nm_all_{owner.name}, nm_e, {_lambda(element)});"
        return _gathered(element, owner, end, call)

    def _arrival(self, element: Element, synapses: SynapsesStructure, part: str) -> list[Operation]:
        """Arrival at synapses, and what it does there: at each synapse, or cell by cell in order."""
        end = _gathering(element)
        path = Pathway(synapses, part, "j" if part == "post" else "i", end)
        self.pathways.append(path)
        arguments = f"{path.name}, nm_log_{path.source}, nm_block, nm_blocks, nm_step"
        lane, log = f"arrivals {path.name}", {Use(f"log {path.source}")}
        if end is None:
            made = _operation(element, lane, f"nm_arrivals({arguments}, {_lambda(element)});", {"_idx": OWN})
            return [replace(made, reads=made.reads | log)]
        noted = {Use(f"noted {path.name}")}
        spread = Operation(lane, f"nm_spread({arguments});", frozenset(log), frozenset(noted))
        call = f"nm_gather({path.name}, nm_e, nm_n_{path.name}, {_lambda(element)});"
        before = f"const int32_t nm_n_{path.name} = nm_reached({path.name}, nm_e);"
        gather = _gathered(element, synapses, end, call)
        return [spread, replace(gather, reads=gather.reads | noted, before=before)]

    def _end(self) -> Operation:
        """Notes how long the logs are after the spikes of a step."""
        groups = [group.name for group in self.structure.groups if group.threshold]
        call = " ".join(f"nm_end_step(nm_log_{name}, nm_step);" for name in groups)
        return Operation("once", call, frozenset(Use(f"log {name}") for name in groups))


def _lambda(element: Element) -> str:
    return f"[&](size_t nm_k) {{ {element.name}(nm_k, nm_step); }}"


def _gathered(element: Element, synapses: SynapsesStructure, end: str, call: str) -> Operation:
    """One thread per cell at one end of synapses; each synapse belongs to the thread of its cell."""
    group = synapses.target if end == "j" else synapses.source
    found = {index: OWN for index, at in _ENDS.items() if at == end} | {"_idx": f"by {end}"}
    return _operation(element, f"cells {group}", call, found)


def _gathering(element: Element) -> str | None:
    """The end of synapses whose cells the statements write; None if they write synapses only."""
    ends = {_ENDS[access.index] for access in element.writes if access.index in _ENDS}
    if len(ends) > 1:
        raise BackendError(f"the CUDA backend cannot write to both ends of synapses ({element.name})")
    return next(iter(ends), None)


def _operation(element: Element, lane: str, call: str, found: Mapping[str, str]) -> Operation:
    """An operation; `found` says how a thread finds the element of each index.

    Raises:
        BackendError: one thread would write what another uses.
    """

    def uses(accesses: frozenset[Access]) -> frozenset[Use]:
        return frozenset(Use(access.array, found.get(access.index, "")) for access in accesses)

    reads, writes = uses(element.reads), uses(element.writes)
    for write in writes:
        if not write.place or any(use.array == write.array and use != write for use in reads | writes):
            raise BackendError(f"the CUDA backend cannot run {element.name}: it shares {write.array}")
    return Operation(lane, call, reads, writes)
