"""Brian2's code objects as functions of one element, with what they read and write.

A code object of Brian2 is a loop: over the elements of a group, the cells that fired, or the synapses that a
spike reached. Its body is a function of one index, which is all a GPU needs. A pure text step; a form that
is not known is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neuromod.errors import InternalError

Kind = Literal["update", "tick", "threshold", "reset", "pathway"]

_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[^\n]*$", re.M)
_SUPPORT, _DEFINES = "////// SUPPORT CODE ///////", "////// HASH DEFINES ///////"
_FUNCTION = re.compile(r"^void (_run_\w+)\(\)\s*\{", re.M)
_DEBUG = re.compile(r"^void _debugmsg_", re.M)
_EACH = re.compile(r"for\((?:int|size_t) _idx=0; _idx<(_?N); _idx\+\+\)")
_FIRE = re.compile(r"_ptr_array_(\w+)__spikespace\[_count\+\+\] = _idx;")
_FIRED = re.compile(
    r"for\(int32_t _index_events=0;[^)]*\)\s*\{\s*(?://[^\n]*)?\s*"
    r"const size_t _idx = _events\[_index_events\];"
)
_REACHED = re.compile(
    r"std::vector<int> \*_spiking_synapses = \w+\.peek\(\);.*?for\(int _spiking_synapse_idx=0;.*?\{\s*"
    r"const size_t _idx = \(\*_spiking_synapses\)\[_spiking_synapse_idx\];",
    re.S,
)
_DROPPED = re.compile(
    r"^[^\n]*(?:_ptr_array_\w+__spikespace\b|\blong _count = 0;|\bconst int32_t \*_events\b|\b_num_events = )"
    r"[^\n]*$",
    re.M,
)
_CLOCK = re.compile(r"\b_array_defaultclock_(?:t|timestep|dt)\b")
_ACCESS = re.compile(r"\b_ptr(_array_\w+)\[(\w+)\]( = )?")


@dataclass(frozen=True)
class Access:
    """A use of an array: its C++ name, and the name of the index."""

    array: str
    index: str


@dataclass(frozen=True)
class Element:
    """Function `name(nm_element, nm_step)`: support code it needs, its body, and its uses of arrays."""

    name: str
    kind: Kind
    support: str
    body: str
    reads: frozenset[Access]
    writes: frozenset[Access]


def read_element(project: Path, name: str, kind: Kind, dt: float) -> Element:
    """The code object `name` of a generated project."""
    text = _INCLUDE.sub("", (project / "code_objects" / f"{name}.cpp").read_text())
    _, _, rest = text.partition(_SUPPORT)
    support, found, body = rest.partition(_DEFINES)
    function = _FUNCTION.search(body)
    if not found or function is None:
        raise InternalError(f"the generated code of {name} has an unknown form")
    body = body[function.end() :]
    debug = _DEBUG.search(body)
    body = _of_one(body[: debug.start()] if debug else body, name, kind)
    uses = _ACCESS.findall(body)
    return Element(
        function[1],
        kind,
        re.sub(r"\b(?:static\s+)?inline\b", r"NM_BOTH \g<0>", support.strip()),
        _with_clock(body.rstrip().removesuffix("}").rstrip(), dt),
        frozenset(Access(array, index) for array, index, written in uses if not written),
        frozenset(Access(array, index) for array, index, written in uses if written),
    )


def _of_one(body: str, name: str, kind: Kind) -> str:
    """The body with its loop replaced by one element."""
    if kind == "pathway":
        body, count = _REACHED.subn("{\n    {\n            const size_t _idx = nm_element;", body)
    elif kind == "reset":
        body, count = _FIRED.subn("{\n        const size_t _idx = nm_element;", body)
    else:
        body, count = _EACH.subn(r"const size_t _idx = nm_element;\n    if (_idx < size_t(\1))", body)
    if kind == "threshold":
        body, fires = _FIRE.subn(r"nm_fire(nm_log_\1, _idx, nm_step);", body)
        count = count if fires == 1 else 0
    if count != 1:
        raise InternalError(f"the loop of {name} has an unknown form")
    return _DROPPED.sub("", body)


def _with_clock(body: str, dt: float) -> str:
    """The body with its own values of Brian2's clock, where it uses them."""
    values = {
        "_array_defaultclock_t": f"double _array_defaultclock_t[1] = {{double(nm_step) * {dt!r}}};",
        "_array_defaultclock_timestep": "int64_t _array_defaultclock_timestep[1] = {nm_step};",
        "_array_defaultclock_dt": f"double _array_defaultclock_dt[1] = {{{dt!r}}};",
    }
    used = sorted(set(_CLOCK.findall(body)))
    return "\n".join(["", *(f"    {values[name]}" for name in used), body.strip("\n")])
