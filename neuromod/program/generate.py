"""Brian2 code generation, run as its own process: `python -m neuromod.program.generate STRUCTURE.json
DIRECTORY [cuda]`.

The caller starts it in a fresh private directory (Brian2 evaluates a preference file of the working
directory) with PYTHONHASHSEED=0. It leaves DIRECTORY/program.cpp or program.cu, and in DIRECTORY/project the
headers of Brian2 that it includes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import brian2
from brian2.codegen.generators.cpp_generator import c_data_type
from brian2.core.variables import ArrayVariable, DynamicArrayVariable

from neuromod.build.network import build
from neuromod.plan.structure import ProgramStructure, SynapsesStructure, structure_from_json
from neuromod.program.cuda_unity import compose_cuda
from neuromod.program.loops import GeneratedPathway
from neuromod.program.unity import GeneratedArray, compose


def generate(structure: ProgramStructure, directory: Path, language: str = "cpp") -> None:
    """Write the program's text: program.cpp, or program.cu from the same code objects."""
    brian2.prefs.codegen.loop_invariant_optimisations = False
    brian2.prefs.codegen.cpp.extra_compile_args = []  # each one would be tried out with a compilation
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.defaultclock.dt = structure.dt * brian2.second
    network = build(structure)
    network.run(structure.dt * brian2.second, namespace={})
    project = directory / "project"
    brian2.device.build(directory=str(project), compile=False, run=False)
    arrays = _arrays(brian2.device, structure)
    if language == "cuda":
        (directory / "program.cu").write_text(compose_cuda(project, structure, arrays))
        return
    pathways = [pathway for synapses in structure.synapses for pathway in _pathways(synapses)]
    (directory / "program.cpp").write_text(compose(project, structure, arrays, pathways))


def _arrays(device: object, structure: ProgramStructure) -> list[GeneratedArray]:
    synapses = {s.name for s in structure.synapses}
    delays = _delays(device)
    fixed = {v: n for v, n in device.arrays.items() if not isinstance(v, DynamicArrayVariable)}  # type: ignore[attr-defined]
    found = {}
    for variable, cpp_name in [*fixed.items(), *device.dynamic_arrays.items()]:  # type: ignore[attr-defined]
        name = delays.get(variable) or _logical_name(variable, synapses)
        cpp_type = "char" if variable.dtype == bool else c_data_type(variable.dtype)
        found[cpp_name] = GeneratedArray(
            cpp_name, cpp_type, name, variable.size if variable in fixed else None
        )
    names = [array.name for array in found.values()]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    return sorted(found.values(), key=lambda array: array.cpp_name)


def _delays(device: object) -> dict[ArrayVariable, str]:
    """All pathways of a set call their delay `NAME.delay`; ours is `NAME.delay_PATHWAY`."""
    return {
        pathway.variables["delay"]: f"{synapses.name}.delay_{pathway.name.removeprefix(synapses.name + '_')}"
        for synapses in device.synapses  # type: ignore[attr-defined]
        for pathway in synapses._pathways
    }


def _logical_name(variable: ArrayVariable, synapses: set[str]) -> str:
    owner = variable.owner.name
    names = {"_synaptic_pre": "i", "_synaptic_post": "j"} if owner in synapses else {}
    return f"{owner.replace('defaultclock', 'clock')}.{names.get(variable.name, variable.name)}"


def _pathways(synapses: SynapsesStructure) -> list[GeneratedPathway]:
    name = synapses.name
    source, target = ("i", synapses.source_slice, ""), ("j", synapses.target_slice, f"{name}.i")
    ends = {"pre": source, "transmit": source, "post": target}
    rows = tuple(f"{name}.{v.name}" for v in synapses.variables if v.kind == "part")
    found = [(kind, *ends[kind]) for kind in synapses.pathways]
    return [
        GeneratedPathway(f"{name}_{kind}", f"{name}.{end}", f"{name}.delay_{kind}", *span, far, rows)
        for kind, end, span, far in found
    ]


if __name__ == "__main__":
    generate(structure_from_json(Path(sys.argv[1]).read_text()), Path(sys.argv[2]), *sys.argv[3:])
