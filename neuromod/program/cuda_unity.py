"""One CUDA file from a generated Brian2 project: a kernel per phase of a step, made of element functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from neuromod.plan.structure import ProgramStructure
from neuromod.program.cuda_main import main_function
from neuromod.program.elements import Element, read_element
from neuromod.program.operations import Operations, places
from neuromod.program.phases import Operation, Phase, schedule
from neuromod.program.unity import GeneratedArray

_ADD = re.compile(r"network\.add\(&\w+, _run_(\w+)\)")
_HEAD = """#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>
#include "nm_device_run.hpp"
#include "nm_draws.hpp"
using namespace std;

// Brian2's own is for the host only.
template <class T> NM_BOTH inline int int_(T value) { return int(value); }
"""
_FUNCTION = """NM_DEVICE void {name}(size_t nm_element, int64_t nm_step) {{
    using namespace brian;{body}
}}
"""
_KERNEL = """struct Nm_{name} {{ unsigned n[{lanes}]; }};

NM_GLOBAL {name}(NmWhen when, Nm_{name} blocks) {{
    using namespace brian;
    const int64_t nm_step = nm_step_of(when);
    unsigned nm_block = blockIdx.x;
{text}
}}
"""


def compose_cuda(project: Path, structure: ProgramStructure, arrays: Sequence[GeneratedArray]) -> str:
    """Text of the whole program."""
    known = places(structure)
    names = [name for name in _ADD.findall((project / "main.cpp").read_text()) if name in known]
    elements = [read_element(project, name, known[name].kind, structure.dt) for name in names]
    operations = Operations(structure, elements, known)
    used = _used(project, arrays)
    parts = [_HEAD, _declarations(structure, used, operations), *_functions(elements)]
    parts.append(_kernels("nm_launch_step", schedule(operations.step), structure))
    for k, ticks in enumerate(operations.ticks.values()):
        parts.append(_kernels(f"nm_launch_tick_{k}", schedule(ticks), structure))
    parts.append(main_function(structure, used, operations))
    return "\n".join(parts)


def _used(project: Path, arrays: Sequence[GeneratedArray]) -> list[GeneratedArray]:
    """Arrays that the code objects mention, and the clock's: the same as in a C++ program."""
    text = "\n".join(path.read_text() for path in sorted((project / "code_objects").glob("*.cpp")))
    words = set(re.findall(r"\w+", text))
    return [array for array in arrays if array.cpp_name in words or array.name.startswith("clock.")]


def _declarations(
    structure: ProgramStructure, arrays: Sequence[GeneratedArray], operations: Operations
) -> str:
    """Everything that element functions find by its name, in constant memory."""
    lines = ["namespace brian {"]
    for array in arrays:
        kind = f"NmDeviceVector<{array.cpp_type}>" if array.size is None else f"{array.cpp_type}*"
        lines.append(f"NM_CONSTANT {kind} {array.cpp_name};")
    lines += [f"NM_CONSTANT NmLog nm_log_{group.name};" for group in structure.groups if group.threshold]
    lines += [f"NM_CONSTANT NmPath {pathway.name};" for pathway in operations.pathways]
    lines += [f"NM_CONSTANT NmAll nm_all_{synapses.name};" for synapses in operations.visited]
    return "\n".join([*lines, "}", ""])


def _functions(elements: Sequence[Element]) -> list[str]:
    """Element functions with equal support code share one namespace, so that it is compiled once."""
    groups: dict[str, list[Element]] = {}
    for element in elements:
        groups.setdefault(element.support, []).append(element)
    parts = []
    for k, (support, members) in enumerate(groups.items()):
        texts = [_FUNCTION.format(name=element.name, body=element.body) for element in members]
        parts.append("\n".join([f"namespace nm_code_{k} {{", support, *texts, "}"]))
        parts += [f"using nm_code_{k}::{element.name};" for element in members]
    return parts


def _kernels(launch: str, phases: Sequence[Phase], structure: ProgramStructure) -> str:
    """Kernels of the phases, and a host function that launches them in order."""
    sizes = {group.name: str(group.size) for group in structure.groups}
    parts, calls = [], []
    for k, phase in enumerate(phases):
        name = f"{launch}_{k}"
        lanes = [_Lane(lane, _text(members), sizes) for lane, members in phase.lanes.items()]
        text = "\n".join(lane.text(number) for number, lane in enumerate(lanes))
        parts.append(_KERNEL.format(name=name, lanes=len(lanes), text=text))
        counts = ", ".join(f"unsigned({lane.blocks})" for lane in lanes)
        calls.append(f"    static const Nm_{name} blocks_{k} = {{{{{counts}}}}};")
        calls.append(f"    NM_LAUNCH({name}, nm_sum_of(blocks_{k}.n, {len(lanes)}), when, blocks_{k});")
    return "\n".join([*parts, f"static void {launch}(NmWhen when) {{", *calls, "}", ""])


def _text(operations: Sequence[Operation]) -> list[str]:
    return [o.before for o in operations if o.before] + [o.call for o in operations]


class _Lane:
    """One lane of a phase: a share of the kernel's blocks and what their threads do."""

    def __init__(self, name: str, lines: Sequence[str], sizes: dict[str, str]) -> None:
        self.kind, _, self.of = name.partition(" ")
        self.lines, self.sizes = lines, sizes

    @property
    def blocks(self) -> str:
        """How many blocks it needs, in C++."""
        if self.kind == "arrivals":
            return f'nm_spread_blocks("{self.of.rpartition("_")[0]}.i")'
        if self.kind == "synapses":
            return f'nm_blocks_of(nm_array("{self.of}.i").size())'
        return f"nm_blocks_of({self.sizes.get(self.of, '1')})"

    def text(self, number: int) -> str:
        """Its part of the kernel. Functions of synapses look themselves whether there is such a synapse."""
        inner = [f"            {line}" for line in self.lines]
        if self.kind == "arrivals":
            inner = [f"        const unsigned nm_blocks = blocks.n[{number}];", *inner]
        else:
            test = "true" if self.kind == "synapses" else f"nm_e < {self.sizes.get(self.of, '1')}"
            first = "        const size_t nm_e = nm_block * size_t(NM_THREADS) + threadIdx.x;"
            inner = [first, f"        if ({test}) {{", *inner, "        }"]
        begin, end = f"    if (nm_block < blocks.n[{number}]) {{", f"    nm_block -= blocks.n[{number}];"
        return "\n".join([begin, *inner, "        return;", "    }", end])
