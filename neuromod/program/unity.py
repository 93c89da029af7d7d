"""One C++ file from a generated Brian2 project: the code objects, our own arrays, pathways and main loop.

Brian2 writes one file per code object and, around them, array definitions, a network loop and a main. Only
the code objects are used. A pure text step; nothing of Brian2 is patched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from neuromod.errors import InternalError
from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure, Tick
from neuromod.program.loops import (
    Field,
    GeneratedPathway,
    fields,
    over_blocks,
    over_parts,
    over_ranges,
    with_strides,
)

HEADERS = (
    "nm_arrays.hpp",
    "nm_math.hpp",
    "nm_random.hpp",
    "nm_draws.hpp",
    "nm_drawn.hpp",
    "nm_pathway.hpp",
    "nm_task.hpp",
    "nm_run.hpp",
)
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[^\n]*$", re.M)
_FUNCTION = re.compile(r"^void (_run_\w+)\(\)", re.M)
_DEBUG = re.compile(r"^void _debugmsg_", re.M)
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


def compose(
    project: Path,
    structure: ProgramStructure,
    arrays: Sequence[GeneratedArray],
    pathways: Sequence[GeneratedPathway],
) -> str:
    """Text of the whole program."""
    calls = _ADD.findall((project / "main.cpp").read_text())
    together = fields(structure)
    counts = {
        array.cpp_name.removeprefix("_dynamic"): together[array.name].count
        for array in arrays
        if array.name in together
    }
    loops = _loops(structure, pathways)
    texts = {}
    for _, name in calls:
        support, body = _code_object(project, name)
        texts[name] = support, with_strides(loops.get(name, str)(body), counts).strip()
    bodies = _namespaces(texts)
    words = set(re.findall(r"\w+", bodies))
    used = [array for array in arrays if array.cpp_name in words or array.name.startswith("clock.")]
    parts = [_head(), _definitions(used, pathways, together), bodies, _main(structure, calls, pathways)]
    return "\n".join(parts)


def _loops(
    structure: ProgramStructure, pathways: Sequence[GeneratedPathway]
) -> dict[str, Callable[[str], str]]:
    """What is done to the loops of code objects, by their names."""
    found: dict[str, Callable[[str], str]] = {}
    for group in structure.groups:
        found[f"{group.name}_update_codeobject"] = partial(over_parts, group=group)
        found[f"{group.name}_spike_thresholder_codeobject"] = over_blocks
    for pathway in pathways:
        found[f"{pathway.cpp_name}_codeobject"] = partial(over_ranges, pathways=pathways)
    return found


_SIZES = """#define NM_BLOCK 64
#define NM_AHEAD 16"""


def _head() -> str:
    system = ("algorithm", "climits", "cmath", "cstdint", "string", "vector")
    return "\n".join(
        [
            _SIZES,
            *(f"#include <{name}>" for name in system),
            *(f'#include "{name}"' for name in HEADERS),
            "using namespace std;",
            '#include "brianlib/stdint_compat.h"',
            '#include "brianlib/common_math.h"',
            "",
        ]
    )


def _definitions(
    arrays: Sequence[GeneratedArray],
    pathways: Sequence[GeneratedPathway],
    together: Mapping[str, Field],
) -> str:
    lines = ["namespace brian {"]
    named = {array.name for array in arrays}
    blocks = {}
    for array in arrays:
        kind, name, cpp = array.cpp_type, array.name, array.cpp_name
        if name in together:
            field = together[name]
            blocks[field.owner] = f"NmRows<{kind}> nm_rows_{field.owner}({field.count});"
            made = f'nm_field<{kind}>("{name}", nm_rows_{field.owner}, {field.k})'
            lines.append(f"NmField<{kind}>& {cpp} = {made};")
        elif array.size is None:
            lines.append(f'std::vector<{kind}>& {cpp} = nm_vector<{kind}>("{name}");')
        else:
            lines.append(f'{kind}* const {cpp} = nm_fixed<{kind}>("{name}", {array.size});')
    lines[1:1] = blocks.values()
    for pathway in pathways:
        for name, kind in ((pathway.ends, "int32_t"), (pathway.delay, "double")):
            if name not in named:
                named.add(name)
                lines.append(f'std::vector<{kind}>& nm_only_{len(named)} = nm_vector<{kind}>("{name}");')
        ends = f'nm_values<int32_t>("{pathway.ends}"), {pathway.start}, {pathway.stop}'
        far = f', &nm_values<int32_t>("{pathway.far}")' if pathway.far else ""
        lines.append(f"NmPathway {pathway.cpp_name}({ends}{far});")
    return "\n".join([*lines, "}", ""])


def _code_object(project: Path, name: str) -> tuple[str, str]:
    """(support code, function) of one code object."""
    text = _INCLUDE.sub("", (project / "code_objects" / f"{name}.cpp").read_text())
    _, _, rest = text.partition(_SUPPORT)
    support, found, body = rest.partition(_DEFINES)
    if not found or not _FUNCTION.search(body):
        raise InternalError(f"the generated code of {name} has an unknown form")
    debug = _DEBUG.search(body)
    body = body[: debug.start()] if debug else body
    return support.strip(), body


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
    ticks = {f"{owner.name}_{tick.name}_codeobject": tick for owner in owners for tick in owner.ticks}
    lines = []
    for _, name in calls:
        due = _due(ticks[name], structure.dt) if name in ticks else ""
        lines.append(f"        {due}_run_{name}();")
    spiking = [g for g in structure.groups if g.threshold]
    groups = ", ".join(f'{{"{g.name}", _array_{g.name}__spikespace, {g.size}}}' for g in spiking)
    prepare = []
    for pathway in pathways:
        rows = ", ".join(f'&nm_values<int32_t>("{row}")' for row in pathway.rows)
        arguments = f'nm_values<double>("{pathway.delay}"), {structure.dt!r}, {{{rows}}}'
        prepare.append(f"    {pathway.cpp_name}.prepare({arguments});")
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


def _due(tick: Tick, dt: float) -> str:
    asked = f' && nm_asked("{tick.asked}")' if tick.asked else ""
    return f"if (step > 0 && step % {round(tick.period / dt)} == 0{asked}) "


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
