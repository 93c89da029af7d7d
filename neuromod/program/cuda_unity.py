"""One CUDA file from a generated Brian2 project: element functions in kernels, one kernel per phase of a step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from neuromod.plan.structure import ProgramStructure
from neuromod.program.elements import Element, read_element
from neuromod.program.operations import Operations, Pathway, in_order, kinds, lanes_of
from neuromod.program.phases import Phase, schedule
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


def compose_cuda(project: Path, structure: ProgramStructure, arrays: Sequence[GeneratedArray]) -> str:
    """Text of the whole program."""
    known = kinds(structure)
    names = [name for name in _ADD.findall((project / "main.cpp").read_text()) if name in known]
    elements = [read_element(project, name, known[name], structure.dt) for name in names]
    operations = Operations(structure)
    step, ticks = in_order(operations, elements)
    used = _used(project, arrays)
    launches = {"nm_launch_step": schedule(step)}
    launches |= {f"nm_launch_tick_{k}": schedule(tick) for k, tick in enumerate(ticks.values())}
    every = [round(period / structure.dt) for period in ticks]
    parts = [_HEAD, _declarations(structure, used, operations), *_functions(elements)]
    parts += [_kernels(name, phases, structure) for name, phases in launches.items()]
    parts += [_main(structure, used, operations, list(launches), every)]
    return "\n".join(parts)


def _used(project: Path, arrays: Sequence[GeneratedArray]) -> list[GeneratedArray]:
    """Arrays that the code objects mention, the clock's among them: the same as in a C++ program."""
    text = "\n".join(path.read_text() for path in sorted((project / "code_objects").glob("*.cpp")))
    words = set(re.findall(r"\w+", text))
    return [a for a in arrays if a.cpp_name in words or a.name.startswith("clock.")]


def _declarations(structure: ProgramStructure, arrays: Sequence[GeneratedArray], operations: Operations) -> str:
    lines = ["namespace brian {"]
    for array in arrays:
        kind = f"NmDeviceVector<{array.cpp_type}>" if array.size is None else f"{array.cpp_type}*"
        lines.append(f"NM_CONSTANT {kind} {array.cpp_name};")
    lines += [f"NM_CONSTANT NmLog nm_log_{g.name};" for g in structure.groups if g.threshold]
    lines += [f"NM_CONSTANT NmPath {pathway.name};" for pathway in operations.pathways]
    lines += [f"NM_CONSTANT NmAll nm_all_{synapses.name};" for synapses in operations.every]
    return "\n".join([*lines, "}", ""])


def _functions(elements: Sequence[Element]) -> list[str]:
    """Element functions with equal support code share one namespace, so that it is compiled once."""
    groups: dict[str, list[Element]] = {}
    for element in elements:
        groups.setdefault(element.support, []).append(element)
    parts = []
    for k, (support, members) in enumerate(groups.items()):
        texts = [
            f"NM_DEVICE void {e.name}(size_t nm_element, int64_t nm_step) {{\n    using namespace brian;{e.body}\n}}\n"
            for e in members
        ]
        parts.append("\n".join([f"namespace nm_code_{k} {{", support, *texts, "}"]))
        parts += [f"using nm_code_{k}::{e.name};" for e in members]
    return parts


def _kernels(launch: str, phases: Sequence[Phase], structure: ProgramStructure) -> str:
    """Kernels of the phases, and a host function that launches them in order."""
    sizes = {group.name: group.size for group in structure.groups}
    parts, calls = [], []
    for k, phase in enumerate(phases):
        name = f"{launch}_{k}"
        lanes = [(kind, _size(kind, of, sizes), [o.call for o in members]) for kind, of, members in lanes_of(phase.lanes)]
        blocks = [size if kind == "arrivals" else f"nm_blocks_of({size})" for kind, size, _ in lanes]
        tests = [_lane(j, kind, size, lines) for j, (kind, size, lines) in enumerate(lanes)]
        parts.append(f"struct Nm_{name} {{ unsigned n[{len(lanes)}]; }};")
        parts.append(
            f"NM_GLOBAL {name}(NmWhen when, Nm_{name} blocks) {{\n    using namespace brian;\n"
            "    const int64_t nm_step = nm_step_of(when);\n    unsigned nm_block = blockIdx.x;\n"
            + "\n".join(tests) + "\n}\n"
        )  # fmt: skip
        counts = ", ".join(f"unsigned({count})" for count in blocks)
        calls.append(f"    static const Nm_{name} blocks_{k} = {{{{{counts}}}}};")
        calls.append(f"    NM_LAUNCH({name}, nm_sum_of(blocks_{k}.n, {len(lanes)}), when, blocks_{k});")
    return "\n".join([*parts, f"static void {launch}(NmWhen when) {{", *calls, "}", ""])


def _size(kind: str, of: str, sizes: dict[str, int]) -> str:
    """C++ text for the number of elements of a lane, or of blocks for one of arrivals."""
    if kind == "cells":
        return str(sizes[of])
    if kind == "once":
        return "1"
    if kind == "synapses":
        return f'nm_array("{of}.i").size()'
    return f'nm_spread_blocks("{of.rpartition("_")[0]}.i")'


def _lane(number: int, kind: str, size: str, lines: Sequence[str]) -> str:
    blocks = f"blocks.n[{number}]"
    inner = [f"            {line}" for line in lines]
    if kind == "arrivals":
        inner = [f"        const unsigned nm_blocks = {blocks};", *inner]
    else:
        test = "" if kind == "synapses" else f"if (nm_e < {size}) "
        inner = ["        const size_t nm_e = nm_block * size_t(NM_THREADS) + threadIdx.x;", f"        {test}{{", *inner, "        }"]
    return "\n".join([f"    if (nm_block < {blocks}) {{", *inner, "        return;", "    }", f"    nm_block -= {blocks};"])


def _path_inputs(pathway: Pathway) -> str:
    """C++ text of the tables' description of a pathway."""
    synapses, (start, stop) = pathway.synapses, pathway.span
    first, last = synapses.target_slice if pathway.gathers == "j" else synapses.source_slice
    target = f'"{synapses.name}.{pathway.gathers}"' if pathway.gathers else "nullptr"
    return (
        f'NmPathInputs{{"{synapses.name}.{pathway.begins}", "{synapses.name}.delay_{pathway.key}", {start}, {stop}, '
        f"{target}, {first}, {last - first}}}"
    )


def _main(
    structure: ProgramStructure,
    arrays: Sequence[GeneratedArray],
    operations: Operations,
    launches: Sequence[str],
    every: Sequence[int],
) -> str:
    spiking = [g for g in structure.groups if g.threshold]
    delays = {p.name: f'nm_longest_delay(nm_values<double>("{p.synapses.name}.delay_{p.key}"), nm_dt)' for p in operations.pathways}
    registered = {f'nm_fixed<{a.cpp_type}>("{a.name}", {a.size});' for a in arrays if a.size is not None}
    registered |= {f'nm_vector<{a.cpp_type}>("{a.name}");' for a in arrays if a.size is None}
    present = {a.name for a in arrays}
    for p in operations.pathways:
        ends, delay = f"{p.synapses.name}.{p.begins}", f"{p.synapses.name}.delay_{p.key}"
        registered |= {f'nm_vector<int32_t>("{ends}");'} if ends not in present else set()
        registered |= {f'nm_vector<double>("{delay}");'} if delay not in present else set()
    lines = [*sorted(registered), "NmRecords inputs(argv[1]);", 'nm_load(inputs, "array.");']
    lines += [f'nm_count("{s.name}");' for s in structure.synapses]
    spaces = [f'{{"{g.name}", static_cast<const int32_t*>(nm_array("{g.name}._spikespace").data()), {g.size}}}' for g in spiking]
    lines += [f"NmRun run(inputs, argv[2], {{{', '.join(spaces)}}});", "inputs.records.clear();"]
    lines += [f'nm_bind("{a.name}", {a.cpp_name});' for a in arrays if ".delay_" not in a.name]
    largest = max((g.size for g in spiking), default=1)
    lines.append(f"const int64_t batch = nm_batch(run.window, {largest});")
    for g in spiking:
        longest = ", ".join(["0", *(delays[p.name] for p in operations.pathways if p.source == g.name)])
        lines.append(f"const NmLog log_{g.name} = nm_log({g.size}, std::max({{{longest}}}), batch, run.start);")
        lines.append(f"nm_to_constant(nm_log_{g.name}, log_{g.name});")
    lines += [f"nm_to_constant({p.name}, nm_path({_path_inputs(p)}, nm_dt));" for p in operations.pathways]
    sizes = {g.name: g.size for g in structure.groups}
    lines += [f'nm_to_constant(nm_all_{s.name}, nm_all("{s.name}.j", {sizes[s.target]}));' for s in operations.every]
    logs = ", ".join(f'{{"{g.name}", log_{g.name}}}' for g in spiking)
    ticks = ", ".join(f"{{{n}, {name}}}" for n, name in zip(every, launches[1:], strict=True))
    lines += [
        f"NmDeviceRun device(run, {{{logs}}}, {{{ticks}}}, {launches[0]}, batch);",
        'std::printf("start %lld\\n", (long long)run.start);',
        "std::fflush(stdout);",
        "device.follow();",
        'std::printf("end %lld\\n", (long long)run.chunk_start);',
        "return 0;",
    ]
    text = "\n".join(f"    {line}" for line in lines)
    return (
        f"int main(int argc, char** argv) {{\n    using namespace brian;\n    const double nm_dt = {structure.dt!r};\n"
        f'    if (argc != 3) nm_fail("usage: program INPUTS DIRECTORY");\n{text}\n}}\n'
    )
