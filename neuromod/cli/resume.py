"""`neuromod resume DIR`: go on with a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuromod.cli.options import (
    Choice,
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

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a run.", show_default=False)]
Fork = Annotated[
    Path | None,
    typer.Option(
        "--fork", metavar="NEW", help="Go on in a new directory, where other parameters may change."
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help="With --fork: from the last checkpoint at or before this time."
    ),
]
Inexact = Annotated[
    bool, typer.Option("--inexact", help="Go on also with a checkpoint of other versions of the software.")
]


def resume(
    directory: Directory,
    settings: Settings = None,
    duration: Duration = None,
    backend: Choice = None,
    fork: Fork = None,
    at: At = None,
    inexact: Inexact = False,
    figure: Figure = False,
    report: Reporting = False,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Go on with a run that was stopped or killed, or make a finished one longer."""
    from neuromod.errors import ConfigError
    from neuromod.simulation.progress import Silent
    from neuromod.simulation.resume import resume as go_on

    if at is not None and fork is None:
        raise ConfigError("--at: got a time without --fork, allowed is going back in a new directory")
    done = go_on(
        directory,
        settings=changed(settings, duration=duration),
        fork=fork,
        at=None if at is None else _seconds(at),
        inexact=inexact,
        backend=backend.value if backend else None,
        progress=Silent() if quiet else None,
    )
    show_run(done, Output(as_json, verbose, quiet, debug), figure=figure, report=report)


def _seconds(text: str) -> float:
    from neuromod.config.values import SECOND
    from neuromod.errors import ConfigError
    from neuromod.units import parse_quantity

    try:
        quantity = parse_quantity(text)
    except ValueError as error:
        raise ConfigError(f"--at: {error}") from None
    if quantity.dimension != SECOND or quantity.value < 0:
        raise ConfigError(f"--at: got `{text}`, allowed is a time, for example '2 s'")
    return quantity.value
