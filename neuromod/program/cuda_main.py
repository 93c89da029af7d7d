"""The main function of a CUDA program: loads the named arrays, brings everything to the device, runs."""

from __future__ import annotations

from collections.abc import Sequence

from neuromod.plan.structure import ProgramStructure
from neuromod.program.operations import Operations, Pathway
from neuromod.program.unity import GeneratedArray

_MAIN = """int main(int argc, char** argv) {{
    using namespace brian;
    const double nm_dt = {dt!r};
    if (argc != 3) nm_fail("usage: program INPUTS DIRECTORY");
    nm_attend();
{lines}
    std::printf("start %lld\\n", (long long)run.start);
    std::fflush(stdout);
    device.follow();
    std::printf("end %lld\\n", (long long)run.chunk_start);
    return 0;
}}
"""


def main_function(
    structure: ProgramStructure, arrays: Sequence[GeneratedArray], operations: Operations
) -> str:
    """Text of `main`."""
    lines = [*_registered(arrays, operations.pathways), *_loaded(structure)]
    lines += [f'nm_bind("{a.name}", {a.cpp_name});' for a in arrays if ".delay_" not in a.name]
    lines += [*_tables(structure, operations), *_run(structure, operations)]
    return _MAIN.format(dt=structure.dt, lines="\n".join(f"    {line}" for line in lines))


def _registered(arrays: Sequence[GeneratedArray], pathways: Sequence[Pathway]) -> list[str]:
    """Every array under its logical name; of a pathway also those that no statement mentions."""
    types = {array.name: array.cpp_type for array in arrays if array.size is None}
    for pathway in pathways:
        types.setdefault(_ends(pathway), "int32_t")
        types.setdefault(_delay(pathway), "double")
    fixed = [f'nm_fixed<{a.cpp_type}>("{a.name}", {a.size});' for a in arrays if a.size is not None]
    return fixed + [f'nm_vector<{cpp_type}>("{name}");' for name, cpp_type in types.items()]


def _loaded(structure: ProgramStructure) -> list[str]:
    spaces = [
        f'{{"{g.name}", static_cast<const int32_t*>(nm_array("{g.name}._spikespace").data()), {g.size}}}'
        for g in structure.groups
        if g.threshold
    ]
    return [
        "NmRecords inputs(argv[1]);",
        'nm_load(inputs, "array.");',
        *(f'nm_count("{synapses.name}");' for synapses in structure.synapses),
        f"NmRun run(inputs, argv[2], {{{', '.join(spaces)}}}, {{}});",
        "run.restore(inputs);",
    ]


def _tables(structure: ProgramStructure, operations: Operations) -> list[str]:
    """Logs of the groups that spike, and tables of pathways."""
    sizes = {group.name: group.size for group in structure.groups}
    spiking = [group for group in structure.groups if group.threshold]
    largest = max((group.size for group in spiking), default=1)
    lines = [f"const int64_t batch = nm_batch(run.window, {largest});"]
    for group in spiking:
        name = group.name
        paths = [pathway for pathway in operations.pathways if pathway.source == name]
        delays = [f'nm_longest_delay(nm_values<double>("{_delay(path)}"), nm_dt)' for path in paths]
        longest = f"std::max({{{', '.join(['0', *delays])}}})"
        lines.append(f"const NmLog log_{name} = nm_log({group.size}, {longest}, batch, run.start);")
        lines.append(f"nm_to_constant(nm_log_{name}, log_{name});")
    lines.append("std::vector<NmHostPath> paths;")
    for path in operations.pathways:
        lines.append(f"paths.push_back(nm_path({_path_inputs(path)}, nm_dt));")
        lines.append(f"nm_to_constant({path.name}, paths.back().device);")
    for synapses in operations.visited:
        table = f'nm_all("{synapses.name}.j", {sizes[synapses.target]})'
        lines.append(f"nm_to_constant(nm_all_{synapses.name}, {table});")
    return lines


def _path_inputs(pathway: Pathway) -> str:
    synapses, (start, stop) = pathway.synapses, pathway.span
    first, last = synapses.target_slice if pathway.gathers == "j" else synapses.source_slice
    target = f'"{synapses.name}.{pathway.gathers}"' if pathway.gathers else "nullptr"
    names = f'"{pathway.name}", "{pathway.source}", "{_ends(pathway)}", "{_delay(pathway)}"'
    return f"NmPathInputs{{{names}, {start}, {stop}, {target}, {first}, {last - first}}}"


def _run(structure: ProgramStructure, operations: Operations) -> list[str]:
    logs = ", ".join(f'{{"{g.name}", log_{g.name}}}' for g in structure.groups if g.threshold)
    every = [(round(due.period / structure.dt), due.asked) for due in operations.ticks]
    ticks = ", ".join(f'{{{steps}, nm_launch_tick_{k}, "{asked}"}}' for k, (steps, asked) in enumerate(every))
    return [
        f"const std::vector<NmDeviceLog> logs = {{{logs}}};",
        "nm_restore_pending(inputs, paths, logs, run.start);",
        "inputs.records.clear();",
        f"NmDeviceRun device(run, logs, std::move(paths), {{{ticks}}}, nm_launch_step, batch);",
    ]


def _ends(pathway: Pathway) -> str:
    return f"{pathway.synapses.name}.{pathway.begins}"


def _delay(pathway: Pathway) -> str:
    return f"{pathway.synapses.name}.delay_{pathway.part}"
