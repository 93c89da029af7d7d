"""One C++ file from a generated Brian2 project: the code objects, our own arrays, pathways and main loop.

Brian2 writes one file per code object and, around them, array definitions, a network loop and a main. Only
the code objects are used. A pure text step; nothing of Brian2 is patched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from neuromod.errors import InternalError
from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure

HEADERS = ("nm_arrays.hpp", "nm_math.hpp", "nm_random.hpp", "nm_draws.hpp", "nm_pathway.hpp", "nm_run.hpp")
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[^\n]*$", re.M)
_FUNCTION = re.compile(r"^void (_run_\w+)\(\)", re.M)
_DEBUG = re.compile(r"^void _debugmsg_", re.M)
_LOOP = re.compile(r"\n( *)for\(int _idx=0; _idx<_N; _idx\+\+\)")
_ARRIVED = re.compile(
    r"std::vector<int> \*_spiking_synapses = (\w+)\.peek\(\);.*?for\(int _spiking_synapse_idx=0;.*?\{\s*"
    r"const size_t _idx = \(\*_spiking_synapses\)\[_spiking_synapse_idx\];",
    re.S,
)
_ADD = re.compile(r"network\.add\(&(\w+), _run_(\w+)\)")
_SUPPORT, _DEFINES = "////// SUPPORT CODE ///////", "////// HASH DEFINES ///////"


@dataclass(frozen=True)
class GeneratedArray:
    """An array of the generated text: its C++ name and type, its logical name, and its length (None: per
    synapse).
    """

    cpp_name: str
    cpp_type: str
    name: str
    size: int | None


@dataclass(frozen=True)
class GeneratedPathway:
    """A pathway object of the generated text, and the logical names of the arrays it is made from."""

    cpp_name: str
    ends: str
    delay: str
    start: int
    stop: int


def compose(
    project: Path,
    structure: ProgramStructure,
    arrays: Sequence[GeneratedArray],
    pathways: Sequence[GeneratedPathway],
) -> str:
    """Text of the whole program."""
    calls = _ADD.findall((project / "main.cpp").read_text())
    vectorised = {f"{group.name}_update_codeobject" for group in structure.groups if group.vectorise}
    texts = {name: _code_object(project, name, name in vectorised) for _, name in calls}
    bodies = _namespaces(texts)
    used = [
        array
        for array in arrays
        if re.search(rf"\b{array.cpp_name}\b", bodies) or array.name.startswith("clock.")
    ]
    parts = [_head(), _definitions(used, pathways), bodies, _main(structure, calls, pathways)]
    return "\n".join(parts)


_SIMD = """#ifdef NM_SCALAR
#define NM_SIMD
#else
#define NM_SIMD _Pragma("omp simd")
#endif"""


def _head() -> str:
    system = ("algorithm", "climits", "cmath", "cstdint", "iostream", "string", "vector")
    lines = [f"#include <{name}>" for name in system] + [f'#include "{name}"' for name in HEADERS]
    return "\n".join(
        [
            *lines,
            "using namespace std;",
            _SIMD,
            '#include "brianlib/stdint_compat.h"',
            '#include "brianlib/common_math.h"',
            "",
        ]
    )


def _definitions(arrays: Sequence[GeneratedArray], pathways: Sequence[GeneratedPathway]) -> str:
    lines = ["namespace brian {"]
    named = {array.name for array in arrays}
    for array in arrays:
        if array.size is None:
            lines.append(
                f"std::vector<{array.cpp_type}>& {array.cpp_name} = "
                f'nm_vector<{array.cpp_type}>("{array.name}");'
            )
        else:
            lines.append(
                f"{array.cpp_type}* const {array.cpp_name} = "
                f'nm_fixed<{array.cpp_type}>("{array.name}", {array.size});'
            )
    for pathway in pathways:
        for name, kind in ((pathway.ends, "int32_t"), (pathway.delay, "double")):
            if name not in named:
                named.add(name)
                lines.append(f'std::vector<{kind}>& nm_only_{len(named)} = nm_vector<{kind}>("{name}");')
        ends = f'nm_values<int32_t>("{pathway.ends}")'
        lines.append(f"NmPathway {pathway.cpp_name}({ends}, {pathway.start}, {pathway.stop});")
    return "\n".join([*lines, "}", ""])


def _code_object(project: Path, name: str, vectorised: bool) -> tuple[str, str]:
    """(support code, function) of one code object."""
    text = _INCLUDE.sub("", (project / "code_objects" / f"{name}.cpp").read_text())
    _, _, rest = text.partition(_SUPPORT)
    support, found, body = rest.partition(_DEFINES)
    if not found or not _FUNCTION.search(body):
        raise InternalError(f"the generated code of {name} has an unknown form")
    debug = _DEBUG.search(body)
    body = body[: debug.start()] if debug else body
    if vectorised:
        body, count = _LOOP.subn(r"\n\1NM_SIMD\n\1for(int _idx=0; _idx<_N; _idx++)", body)
        if count != 1:
            raise InternalError(f"the loop of {name} has an unknown form")
    return support.strip(), _over_ranges(body).strip()


def _over_ranges(body: str) -> str:
    """Let the loop over arrived synapses run over the pathway's ranges."""
    return _ARRIVED.sub(
        r"""{
        for (const NmPathway::Range& nm_range : \1.arriving())
        for (int32_t nm_at = nm_range.first; nm_at < nm_range.last; nm_at++)
        {
            const size_t _idx = \1.synapse(nm_at);""",
        body,
    )


def _namespaces(texts: Mapping[str, tuple[str, str]]) -> str:
    """Code objects with equal support code share one namespace, so that the support code is compiled once."""
    groups: dict[str, list[str]] = {}
    for support, body in texts.values():
        groups.setdefault(support, []).append(body)
    parts = []
    for k, (support, bodies) in enumerate(groups.items()):
        names = [_FUNCTION.findall(body)[0] for body in bodies]
        inside = "\n\n".join([support, *bodies])
        parts.append(
            f"namespace nm_code_{k} {{\n{inside}\n}}\n" + "".join(f"using nm_code_{k}::{n};\n" for n in names)
        )
    return "\n".join(parts)


def _main(
    structure: ProgramStructure, calls: Sequence[tuple[str, str]], pathways: Sequence[GeneratedPathway]
) -> str:
    owners: list[GroupStructure | SynapsesStructure] = [*structure.groups, *structure.synapses]
    periods = {f"{owner.name}_tick_codeobject": owner.tick_period for owner in owners if owner.tick}
    lines = []
    for _, name in calls:
        every = round(periods[name] / structure.dt) if name in periods else 1
        due = f"if (step > 0 && step % {every} == 0) " if name in periods else ""
        lines.append(f"        {due}_run_{name}();")
    spiking = [g for g in structure.groups if g.threshold]
    groups = ", ".join(f'{{"{g.name}", _array_{g.name}__spikespace, {g.size}}}' for g in spiking)
    prepare = [
        f'    {pathway.cpp_name}.prepare(nm_values<double>("{pathway.delay}"), {structure.dt!r});'
        for pathway in pathways
    ]
    named = ", ".join(f'{{"{pathway.cpp_name}", &{pathway.cpp_name}}}' for pathway in pathways)
    counts = [f'    nm_count("{s.name}");' for s in structure.synapses]
    return _MAIN.format(
        prepare="\n".join(prepare),
        groups=groups,
        pathways=named,
        dt=repr(structure.dt),
        calls="\n".join(lines),
        counts="\n".join(counts),
    )


_MAIN = """
int main(int argc, char** argv) {{
    using namespace brian;
    if (argc != 3) nm_fail("usage: program INPUTS DIRECTORY");
    nm_attend();
    NmRecords inputs(argv[1]);
    nm_load(inputs, "array.");
{counts}
{prepare}
    NmRun run(inputs, argv[2], {{{groups}}}, {{{pathways}}});
    run.restore(inputs);
    inputs.records.clear();
    _array_defaultclock_dt[0] = {dt};
    std::printf("start %lld\\n", (long long)run.start);
    std::fflush(stdout);
    int64_t step = run.start;
    for (; run.before_step(step); step++) {{
        _array_defaultclock_timestep[0] = step;
        _array_defaultclock_t[0] = double(step) * {dt};
{calls}
    }}
    std::printf("end %lld\\n", (long long)run.chunk_start);
    return 0;
}}
"""
