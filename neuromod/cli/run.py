"""`neuromod run CONFIG`: simulate an experiment."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuromod.cli.options import Config, Debug, Json, Quiet, Settings, Verbose
from neuromod.cli.output import Output
from neuromod.cli.plot import draw

if TYPE_CHECKING:
    from neuromod.simulation.summary import RunSummary


class Backend(StrEnum):
    """What computes; `auto` takes the compiled program where a compiler works."""

    AUTO = "auto"
    CPP = "cpp"
    RUNTIME = "runtime"


Target = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="DIR", help="A new directory. Default: runs/<config name>/<next number>."
    ),
]
Choice = Annotated[
    Backend | None, typer.Option("--backend", help="What computes. Default: as in the config.")
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed of everything random.")]
Duration = Annotated[
    str | None, typer.Option("--duration", metavar="TIME", help="Simulated time, e.g. '2 s'.")
]


Figure = Annotated[bool, typer.Option("--plot", help="Also draw figures, as `neuromod plot` does.")]


def run(
    config: Config,
    target: Target = None,
    settings: Settings = None,
    backend: Choice = None,
    seed: Seed = None,
    duration: Duration = None,
    figure: Figure = False,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Simulate an experiment and write its results into a new directory."""
    from neuromod.simulation import execute
    from neuromod.simulation.progress import Silent

    given = {"seed": seed, "duration": duration}
    changes = [*(settings or ()), *(f"{key}={value}" for key, value in given.items() if value is not None)]
    output = Output(as_json, verbose, quiet, debug)
    done = execute.run(
        config,
        settings=changes,
        output=target,
        backend=backend.value if backend else None,
        progress=Silent() if quiet else None,
    )
    if figure:
        draw(done.directory)
    output.detail("; ".join(f"{phase} {seconds:.2f} s" for phase, seconds in done.seconds.items()))
    output.result(_data(done), "\n".join(done.lines()))


def _data(done: RunSummary) -> dict[str, object]:
    return asdict(done) | {"directory": str(done.directory), "results": str(done.results)}
