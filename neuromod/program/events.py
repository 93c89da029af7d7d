"""The generated text of what happens at synapses, over our own arrays and pathways.

Brian2 reads everything anew for each synapse that a spike reaches. Here what the synapses of a range share is
read once, the far end of an indexed synapse comes with its index, and the state of a synapse lies together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from neuromod.plan.structure import ProgramStructure

_ARRIVED = re.compile(
    r"std::vector<int> \*_spiking_synapses = (\w+)\.peek\(\);.*?for\(int _spiking_synapse_idx=0;.*?\{\s*"
    r"const size_t _idx = \(\*_spiking_synapses\)\[_spiking_synapse_idx\];",
    re.S,
)
_FAR_END = re.compile(r"(const int32_t _presynaptic_idx = )\w+\[_idx\];")
_LOOP = """{{
        for (const NmPathway::Range& nm_range : {name}.arriving()) {{
{shared}
        for (int32_t nm_at = nm_range.first; nm_at < nm_range.last; nm_at++)
        {{
            const size_t _idx = {name}.{synapse}(nm_at);"""


@dataclass(frozen=True)
class GeneratedPathway:
    """A pathway object of the generated text, and the logical names of the arrays it is made from.

    `far`: the other end, for a pathway by index (else empty). `rows`: integers of each synapse by which it
    reads what it shares with others.
    """

    cpp_name: str
    ends: str
    delay: str
    start: int
    stop: int
    far: str
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """Place of an array that lies together with others of its set: the `k`-th of `count`."""

    owner: str
    k: int
    count: int


def fields(structure: ProgramStructure) -> dict[str, Field]:
    """The state of synapses that an event changes, by logical name: all but integers, where it is several
    numbers of one type.
    """
    found = {}
    for synapses in structure.synapses:
        state = [v for v in synapses.variables if v.kind == "array" and v.dtype != "integer"]
        if len(state) > 1 and len({variable.dtype for variable in state}) == 1:
            places = {f"{synapses.name}.{variable.name}": k for k, variable in enumerate(state)}
            found |= {name: Field(synapses.name, k, len(state)) for name, k in places.items()}
    return found


def with_strides(body: str, counts: Mapping[str, int]) -> str:
    """Statements on arrays that lie together; `counts`: with how many, by C++ name."""
    for cpp_name, count in counts.items():
        body = body.replace(f"_ptr{cpp_name}[_idx]", f"_ptr{cpp_name}[{count}*size_t(_idx)]")
    return body


def over_ranges(body: str, pathways: Sequence[GeneratedPathway]) -> str:
    """Let the loop over arrived synapses run over the pathway's ranges."""
    found = _ARRIVED.search(body)
    if found is None:
        return body
    pathway = next(pathway for pathway in pathways if pathway.cpp_name == found[1])
    inside, shared = body[found.end() :], []
    for k, row in enumerate(name.rpartition(".")[2] for name in pathway.rows):
        read = rf"^ *(const int32_t {row} = )\w+\[_idx\];\n|^ *(const \w+ \w+ = \w+\[{row}\];)\n"
        for own, other in re.findall(read, inside, re.M):
            shared.append(f"        {other or f'{own}{pathway.cpp_name}.row({k}, nm_range);'}")
        inside = re.sub(read, "", inside, flags=re.M)
    if pathway.far:
        inside = _FAR_END.sub(rf"\1{pathway.cpp_name}.far_end(nm_at);", inside)
    synapse = "indexed" if pathway.far else "synapse"
    loop = _LOOP.format(name=pathway.cpp_name, synapse=synapse, shared="\n".join(shared))
    return body[: found.start()] + loop + inside + "}"
