"""The loops of the generated text: over neurons, over thresholds, over synapses that spikes reach.

Brian2 reads everything anew for each element. Here what neighbours share is read once for all of them, the
state of a synapse lies together, neurons among which none fires are passed over at once, and random words
are drawn before the loop (`program.drawn`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from neuromod.errors import InternalError
from neuromod.plan.structure import GroupStructure, ProgramStructure
from neuromod.program.drawn import drawn_before

_UPDATE = re.compile(r"\n *for\(int _idx=0; _idx<_N; _idx\+\+\)\n")
_PARTS = """
    static const int nm_parts[] = {{{bounds}}};
    for (int nm_part = 0; nm_part < {count}; nm_part++)
    {{
    const int nm_first = nm_parts[nm_part], nm_last = nm_parts[nm_part + 1];
{shared}
{begin}    {simd}
    for (int _idx = {first}; _idx < {last}; _idx++)
"""
_ACTIVE = re.compile(r"\bconst int64_t active = int_\(")
_THRESHOLD = re.compile(r"for\(size_t _idx=0; _idx<N; _idx\+\+\)\s*(\{.*?)(if\(_cond\) \{.*?\}\s*\})", re.S)
_BLOCKS = r"""for (size_t nm_block = 0; nm_block < N; nm_block += NM_BLOCK)
    {
        const size_t nm_end = min<size_t>(nm_block + NM_BLOCK, N);
        int64_t nm_any = 0;
        NM_SIMD_ANY
        for (size_t _idx = nm_block; _idx < nm_end; _idx++)
        \1nm_any |= int64_t(_cond);
        }
        if (nm_any)
        for (size_t _idx = nm_block; _idx < nm_end; _idx++)
        \1\2
    }"""
_ARRIVED = re.compile(
    r"std::vector<int> \*_spiking_synapses = (\w+)\.peek\(\);.*?for\(int _spiking_synapse_idx=0;.*?\{\s*"
    r"const size_t _idx = \(\*_spiking_synapses\)\[_spiking_synapse_idx\];",
    re.S,
)
_RANGES = """{{
        for (const NmPathway::Range& nm_range : {name}.arriving()) {{
{shared}
        for (int32_t nm_at = nm_range.first; nm_at < nm_range.last; nm_at++)
        {{
            {ahead}const size_t _idx = {name}.{synapse}(nm_at);"""
_AHEAD = """{{
                const size_t _idx = {name}.{synapse}(min(nm_at + NM_AHEAD, nm_range.last - 1));
                __builtin_prefetch(&{state}[_idx], 1);
            }}
            """
_STATE = re.compile(r"^ *(?:double|float) \w+ = (_ptr\w+)\[_idx\];", re.M)
_FAR_END = re.compile(r"(const int32_t _presynaptic_idx = )\w+\[_idx\];")


@dataclass(frozen=True)
class GeneratedPathway:
    """A pathway object of the generated text, and the logical names of the arrays it is made from.

    `far`: the other end, for a pathway by index (else empty). `rows`: what neighbouring synapses share.
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
    """State of synapses that lies together, by logical name: several numbers of one type."""
    found: dict[str, Field] = {}
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


def over_parts(body: str, group: GroupStructure) -> str:
    """The loop of a group's update, part by part."""
    loop = _UPDATE.search(body)
    if loop is None:
        raise InternalError(f"the update of {group.name} has an unknown form")
    simd = "NM_SIMD" if group.vectorise else ""
    names = [variable.name for variable in group.variables if variable.kind == "part"]
    inside = _ACTIVE.sub("const double active = nm_truth(", body[loop.end() :])
    begin, inside = drawn_before(inside, group)
    if not names and not begin:
        return body[: loop.start()] + f"\n    {simd}" + body[loop.start() : loop.end()] + inside
    shared, inside = _taken_out(inside, names, lambda _, read: f"{read}[nm_first]")
    bounds = [*(group.parts or (0,)), group.size]
    head = _PARTS.format(
        bounds=", ".join(map(str, bounds)),
        count=len(bounds) - 1,
        shared=shared,
        begin=begin,
        simd=simd,
        first="nm_begin" if begin else "nm_first",
        last="nm_end" if begin else "nm_last",
    )
    return body[: loop.start()] + head + inside + ("}}" if begin else "}")


def over_blocks(body: str) -> str:
    """The search for neurons above threshold, which are few, block by block."""
    body, count = _THRESHOLD.subn(_BLOCKS, body)
    if count != 1:
        raise InternalError("the search for spikes has an unknown form")
    return body


def over_ranges(body: str, pathways: Sequence[GeneratedPathway]) -> str:
    """The loop over arrived synapses, over the ranges of the pathway."""
    found = _ARRIVED.search(body)
    if found is None:
        return body
    pathway = next(pathway for pathway in pathways if pathway.cpp_name == found[1])
    name, rows = pathway.cpp_name, [row.rpartition(".")[2] for row in pathway.rows]
    shared, inside = _taken_out(body[found.end() :], rows, lambda k, _: f"{name}.row({k}, nm_range)")
    names, ahead = {"name": name, "synapse": "indexed" if pathway.far else "synapse"}, ""
    if pathway.far:
        inside = _FAR_END.sub(rf"\1{name}.far_end(nm_at);", inside)
        state = _STATE.search(inside)
        ahead = _AHEAD.format(**names, state=state[1]) if state else ""
    head = _RANGES.format(**names, shared=shared, ahead=ahead)
    return body[: found.start()] + head + inside + "}"


def _taken_out(inside: str, names: Sequence[str], source: Callable[[int, str], str]) -> tuple[str, str]:
    """What neighbours share (`names`, and what is read through them), read before the loop; the rest of it.

    `source`: where the k-th name comes from, instead of an array at the element.
    """
    shared = []
    for k, name in enumerate(names):
        read = rf"^ *(const \w+ {name} = )(\w+)\[_idx\];\n|^ *(const \w+ \w+ = \w+\[{name}\];)\n"
        for own, array, other in re.findall(read, inside, re.M):
            shared.append(f"        {other or f'{own}{source(k, array)};'}")
        inside = re.sub(read, "", inside, flags=re.M)
    return "\n".join(shared), inside
