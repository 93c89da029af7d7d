"""Seconds and memory to make the synapses of a network: python benchmarks/construction.py [--synapses N]

A network with one projection, the worst case because nothing else is there, in four kinds; each in a
process of its own. Peak: the most memory that the process had, less what it had before, per synapse;
kept: what is handed to the program. The last column is the highest memory of the program itself (C++)
when it starts. Writes results/construction.md.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any  # JSON of several kinds

from gpu_case import inputs_of
from measure import facts, options, table, write

from neuromod.config.load import load
from neuromod.program.cache import obtain
from neuromod.program.process import Process
from neuromod.simulation.execute import plan_experiment

IN_DEGREE = 100
KINDS = {
    "equal weights and delays": "weight: 1 nS, delay: 1.5 ms",
    "drawn weights": "weight: {lognormal: [1 nS, 0.3 nS]}, delay: 1.5 ms",
    "drawn weights and delays": "weight: {lognormal: [1 nS, 0.3 nS]}, delay: {uniform: [1 ms, 3 ms]}",
    "plastic, drawn weights": "weight: {uniform: [1 nS, 2 nS]}, delay: 1.5 ms, plasticity: {rule: stdp}",
}
CONFIG = """neuromod: 1
name: construction
duration: 0.1 ms
populations: {{E: {{neuron: lif, size: {cells}, region: cortex}}}}
projections: {{E->E: {{receptor: ampa, connect: {{in_degree: {in_degree}}}, {kind}}}}}
record: {{spikes: none}}
"""


def peak() -> int:
    """Most bytes that this process has had."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def made(config: Path) -> dict[str, Any]:
    """What making the network of a config took."""
    fused = plan_experiment(load(config))
    before, began = peak(), time.process_time()
    inputs, synapses = inputs_of(fused, 1)
    seconds, count = time.process_time() - began, sum(synapses.values())
    kept = sum(
        array.nbytes for name, array in inputs.items() if not isinstance(array, str) and any(array.strides)
    )
    found = {"seconds": seconds, "peak": (peak() - before) / count, "kept": kept / count}
    program = obtain(fused.structure)
    with (
        tempfile.TemporaryDirectory() as folder,
        Process([str(program)], inputs, Path(folder), os.environ) as child,
    ):
        for event in child.events():
            if event.kind == "start":
                status = Path(f"/proc/{child._process.pid}/status").read_text()
                found["program"] = 1024 * int(status.split("VmHWM:")[1].split()[0]) / count
            if event.kind == "chunk":
                child.stop()
    return found | {"synapses": count}


def main() -> None:
    """Measure all kinds."""
    parser = options(__doc__)
    parser.add_argument("--synapses", type=int, default=4_000_000)
    parser.add_argument("--config", type=Path, help="measure this one, and print JSON")
    given = parser.parse_args()
    if given.config:
        print(json.dumps(made(given.config)))
        return
    rows = []
    for name, kind in KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "config.yaml")
            config.write_text(
                CONFIG.format(cells=given.synapses // IN_DEGREE, in_degree=IN_DEGREE, kind=kind)
            )
            words = [sys.executable, __file__, "--config", config]
            found = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        per_million = 1e6 * found["seconds"] / found["synapses"]
        numbers = [f"{found[key]:.0f}" for key in ("peak", "kept", "program")]
        rows.append([name, f"{found['synapses']:,}", f"{per_million:.2f}", *numbers])
    head = ["kind", "synapses", "CPU s per million", "peak, bytes per synapse", "kept", "peak of the program"]
    write("construction.md", ["# Making synapses", *facts(), "", *table(head, rows)])


if __name__ == "__main__":
    main()
