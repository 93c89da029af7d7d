"""`neuromod run CONFIG`: simulate an experiment."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuromod.cli.options import (
    Choice,
    Config,
    Debug,
    Duration,
    Figure,
    Json,
    Quiet,
    Reporting,
    Settings,
    Verbose,
    changed,
)
from neuromod.cli.output import Output
from neuromod.cli.summary import show_run
from neuromod.errors import ConfigError

if TYPE_CHECKING:
    from neuromod.simulation.summary import RunSummary


class Resumption(StrEnum):
    """Whether a run goes on with what its directory holds."""

    NEVER = "never"
    AUTO = "auto"


Target = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="DIR", help="A new directory. Default: runs/<config name>/<next number>."
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed of everything random.")]
Resume = Annotated[
    Resumption,
    typer.Option(
        "--resume",
        help="auto: go on with the run of this config that -o DIR holds; do nothing where it is complete.",
    ),
]

BuildOnly = Annotated[
    bool,
    typer.Option(
        "--build-only",
        help="Compile and end. For --backend cuda on a machine without the GPU, name its compute capability "
        "with NEUROMOD_CUDA_ARCH, e.g. 90, or 80,90 for several.",
    ),
]


def run(
    config: Config,
    target: Target = None,
    settings: Settings = None,
    backend: Choice = None,
    seed: Seed = None,
    duration: Duration = None,
    resume: Resume = Resumption.NEVER,
    build_only: BuildOnly = False,
    figure: Figure = False,
    report: Reporting = False,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Simulate an experiment and write its results into a new directory."""
    from neuromod.simulation.execute import run as run_new
    from neuromod.simulation.progress import Silent
    from neuromod.simulation.resume import run_or_resume

    output = Output(as_json, verbose, quiet, debug)
    changes = changed(settings, seed=seed, duration=duration)
    computing = backend.value if backend else None
    progress = Silent() if quiet else None
    if build_only:
        if target or figure or report or resume is not Resumption.NEVER:
            raise ConfigError("--build-only: got -o, --resume, --plot or --report as well, allowed is none")
        _build(config, changes, computing, output)
        return
    if resume is Resumption.NEVER:
        done: RunSummary | None = run_new(
            config, settings=changes, output=target, backend=computing, progress=progress
        )
    elif target is None:
        raise ConfigError("--resume auto: got no -o DIR, needed is the directory of the run to go on with")
    else:
        done = run_or_resume(config, target, settings=changes, backend=computing, progress=progress)
    if done is None:
        output.result({"directory": str(target)}, f"{target} is complete: nothing was left to simulate")
    else:
        show_run(done, output, figure=figure, report=report)


def _build(config: Path, changes: list[str], backend: str | None, output: Output) -> None:
    from neuromod.simulation.execute import build

    began = time.monotonic()
    program, built = build(config, settings=changes, backend=backend)
    seconds = time.monotonic() - began
    said = f"compiled in {seconds:.1f} s" if built else "compiled before"
    output.result({"program": str(program), "built": built, "seconds": seconds}, f"{said}: {program}")
