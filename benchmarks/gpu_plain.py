"""The same network by plain Brian2CUDA, unfused, and by us: python benchmarks/gpu_plain.py OUTPUT

Brian2CUDA 1.0b1 (`pip install --no-deps brian2cuda==1.0b1 setuptools`) with its own makefile, where only
the C++ standard is what CUDA 13 wants. Its times are two runs' difference, of which one is longer, so
that neither the start of the card nor the making of the network counts. `--config` names another one than
COBA's. Written into OUTPUT/plain.json and OUTPUT/plain.md; where it does not build or end within the
budget, that is what is written. `--build-only` for a machine without a card.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any  # JSON of several kinds

from gpu_case import Case, inputs_of, planned, run_program
from measure import child_cpu, facts, table, within

from neuromod.program.cache import obtain

HERE = Path(__file__).resolve().parent
_GENERATE = """
import setuptools, sys  # Brian2CUDA needs the distutils of setuptools
from pathlib import Path
import brian2 as b2, brian2cuda
from plain_brian2 import Circuit, _planned, coba
config, directory, capability, nvcc = sys.argv[1:]
backend = b2.prefs.devices.cuda_standalone.cuda_backend
backend.detect_gpus = backend.detect_cuda = False
backend.gpu_id, backend.compute_capability, backend.cuda_runtime_version = 0, float(capability), 13.0
backend.cuda_path = str(Path(nvcc).resolve().parents[1])
plan = _planned(Path(config))
b2.set_device("cuda_standalone", build_on_run=False, directory=directory)
b2.defaultclock.dt = plan.experiment.dt * b2.second
b2.seed(plan.experiment.seed)
made = coba(plan, "euler") if plan.experiment.name == "coba" else Circuit(plan, "euler").objects
b2.Network(*made.values()).run(1 * b2.second)
b2.device.build(directory=directory, compile=False, run=False)
"""


def generate(config: Path, directory: Path, capability: str, nvcc: str) -> None:
    """The project of Brian2CUDA, for a duration that $SECONDS says, in the C++ of CUDA 13."""
    path = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    words = [sys.executable, "-c", _GENERATE, config, directory, capability, nvcc]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    subprocess.run(words, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    main = directory / "main.cu"
    text, count = re.subn(r"(network\.run\()[\d.]+", r'\1atof(getenv("SECONDS"))', main.read_text())
    if count != 1:
        raise SystemExit("the generated main.cu has an unknown form")
    main.write_text(text)
    makefile = directory / "makefile"
    makefile.write_text(makefile.read_text().replace("-std=c++11", "-std=c++17"))


def plain(given: Namespace, directory: Path) -> dict[str, Any]:
    """What building and running it takes."""
    end = time.monotonic() + given.budget
    generate(given.config, directory, given.capability, given.nvcc)
    files = len(list((directory / "code_objects").glob("*.cu")))
    found: dict[str, Any] = {"files": files}
    with open(given.output / "plain.log", "w") as log:
        began = time.perf_counter()
        try:
            cpu, _ = child_cpu(lambda: within(["make", f"-j{os.cpu_count()}"], end, log, directory))
            found |= {"build_s": time.perf_counter() - began, "build_cpu_s": cpu}
            if given.build_only:
                return found
            seconds = []
            for duration in (0.2, given.seconds + 0.2):
                began = time.perf_counter()
                within(["./main"], end, log, directory, SECONDS=str(duration))
                seconds.append(time.perf_counter() - began)
        except subprocess.SubprocessError as error:
            return found | {"trouble": str(error)}
    return found | {"simulated_s_per_s": given.seconds / (seconds[1] - seconds[0])}


def ours(given: Namespace, folder: Path) -> dict[str, Any]:
    """Our program for the same config."""
    fused = planned(Case(str(given.config), 0))
    cpu, program = child_cpu(lambda: obtain(fused.structure, cuda=True))
    found: dict[str, Any] = {"build_cpu_s": cpu}
    if given.build_only:
        return found
    steps = round(given.seconds / fused.structure.dt)
    ran = run_program([str(program)], inputs_of(fused, steps)[0], folder, once=True)
    return found | {"simulated_s_per_s": fused.structure.dt / ran.step_s}


def main() -> None:
    """Build and run both."""
    parser = ArgumentParser(description="Plain Brian2CUDA and neuromod on one network.")
    parser.add_argument("output", type=Path)
    parser.add_argument("--config", type=Path, default=HERE / "configs" / "coba.yaml")
    parser.add_argument("--seconds", type=float, default=2.0, help="simulated seconds that are timed")
    parser.add_argument("--budget", type=float, default=240.0, help="seconds for Brian2CUDA")
    parser.add_argument("--capability", default="9.0", help="compute capability of the card")
    parser.add_argument("--nvcc", default="/usr/local/cuda/bin/nvcc")
    parser.add_argument("--build-only", action="store_true")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    given.config = given.config.resolve()
    with tempfile.TemporaryDirectory() as folder:
        rows = {"neuromod": ours(given, Path(folder, "ours"))}
        rows["Brian2CUDA"] = plain(given, Path(folder, "plain"))
    (given.output / "plain.json").write_text(json.dumps(rows, indent=1) + "\n")
    keys = ("build_cpu_s", "build_s", "files", "simulated_s_per_s", "trouble")
    about = [line.replace(str(given.output), "OUTPUT") for line in facts()]
    lines = ["# Against plain Brian2CUDA", *about, f"- network: `{given.config.name}`", ""]
    lines += table(
        ["", *keys], [[name, *(_shown(row.get(key)) for key in keys)] for name, row in rows.items()]
    )
    (given.output / "plain.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def _shown(value: object) -> str:
    return "-" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
