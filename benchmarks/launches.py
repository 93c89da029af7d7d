"""Kernels and copies per step of the triad, counted in generated texts: python benchmarks/launches.py

Ours against plain Brian2CUDA (unfused; needs `pip install --no-deps brian2cuda==1.0b1 setuptools`) for the
same circuit at rest. No GPU is needed. Of Brian2CUDA every launch and copy in the functions of a step
is counted, though some happen only when something fired. With its task, which plain Brian2CUDA has not,
everything that our program does in half a second is counted in its emulation on the processor, recording
and the copies of the task included. Writes results/launches.md.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from measure import facts, options, table, verdict, work_directory, write

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neuromod.config.load import load  # noqa: E402 - in one order with what follows
from neuromod.program.cache import generate  # noqa: E402
from neuromod.simulation.execute import plan_experiment  # noqa: E402
from tests.program.emulation import counted as counted_in_emulation  # noqa: E402 - runs from a checkout

CONFIG, WITH_TASK = ROOT / "configs" / "triad_rest.yaml", ROOT / "configs" / "triad.yaml"
SHARE, COPIES = 1 / 8, 2
_PLAIN = """
import setuptools, sys  # Brian2CUDA needs the distutils of setuptools
from pathlib import Path
import brian2 as b2, brian2cuda
from plain_brian2 import Circuit, _planned
config, directory = sys.argv[1:]
settings = {"detect_gpus": False, "detect_cuda": False, "gpu_id": 0, "compute_capability": 9.0}
settings |= {"cuda_runtime_version": 12.0, "cuda_path": "/usr/local/cuda"}
for name, value in settings.items():
    b2.prefs[f"devices.cuda_standalone.cuda_backend.{name}"] = value
plan = _planned(Path(config))
b2.set_device("cuda_standalone", build_on_run=False, directory=directory)
b2.defaultclock.dt = plan.experiment.dt * b2.second
network = b2.Network(*Circuit(plan, "euler").objects.values())
network.run(plan.experiment.dt * b2.second)
b2.device.build(directory=directory, compile=False, run=False)
"""


def ours(config: Path, work: Path) -> tuple[int, int]:
    """Launches and blocking copies of a step of our program."""
    work.mkdir()
    (work / "structure.json").write_text(plan_experiment(load(config)).structure.to_json())
    generate(work, "cuda")
    return counted((work / "program.cu").read_text(), "static void nm_launch_step(")


def counted(text: str, function: str) -> tuple[int, int]:
    """Launches and copies in the body of a function."""
    body = text[text.index(function) :].partition("\n}")[0]
    return len(re.findall(r"<<<|NM_LAUNCH\(", body)), len(re.findall(r"cudaMemcpy|nm_to_host|nm_wait", body))


def plain(work: Path) -> tuple[int, int, int]:
    """Launches, copies and code objects of a step of plain Brian2CUDA."""
    path = [str(Path(__file__).resolve().parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    command = [sys.executable, "-c", _PLAIN, str(CONFIG), str(work)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    main = (work / "main.cu").read_text()
    names = [
        name for name in re.findall(r"\.add\(&\w+, *(\w+)\)", main) if "random_number_buffer" not in name
    ]
    launches = copies = 0
    for name in names:
        text = (work / "code_objects" / f"{name.removeprefix('_run_')}.cu").read_text()
        more = counted(text, f"void {name}(")
        launches, copies = launches + more[0], copies + more[1]
    return launches, copies, len(names)


def main() -> int:
    """1 if a limit is missed."""
    given = options(__doc__).parse_args()
    with work_directory(given.work) as work:
        launches, copies = ours(CONFIG, work / "ours")
        with_task = ours(WITH_TASK, work / "with_task")
        (work / "emulated").mkdir()
        seen = counted_in_emulation(WITH_TASK, work / "emulated")
        theirs = plain(work / "plain")
    share = (launches + copies) / (theirs[0] + theirs[1])
    waits = seen["copies"] + seen["waits"]
    whole_share = (seen["kernels"] + waits) / (theirs[0] + theirs[1])
    kernels, blocking = f"{seen['kernels']:.2f}", f"{waits:.2f}"
    rows = [
        ["neuromod, at rest, in one graph", str(launches), str(copies), "-"],
        ["neuromod, with its task, in one graph", str(with_task[0]), str(with_task[1]), "-"],
        [
            "the same with task, recording and ticks, counted while it ran in emulation",
            kernels,
            blocking,
            "-",
        ],
        ["Brian2CUDA, at rest", str(theirs[0]), str(theirs[1]), str(theirs[2])],
    ]
    lines = ["# Launches and copies per step of the triad", *facts(), ""]
    lines += [*table(["program", "launches", "copies and waits", "code objects"], rows), ""]
    lines += [f"Ours / Brian2CUDA, at rest: {share:.3f}, limit {SHARE:g}: {verdict(share, SHARE)}."]
    lines += [
        f"With everything, against Brian2CUDA at rest: {whole_share:.3f}: {verdict(whole_share, SHARE)}."
    ]
    lines += [
        f"Copies and waits of ours, with everything: {blocking}, limit {COPIES}: {verdict(waits, COPIES)}."
    ]
    write("launches.md", lines)
    print(json.dumps({"ours": [launches, copies], "with_task": with_task, "ran": seen, "brian2cuda": theirs}))
    return 0 if max(share, whole_share) <= SHARE and waits <= COPIES else 1


if __name__ == "__main__":
    sys.exit(main())
