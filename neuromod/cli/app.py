"""The application: every command and its options. Nothing heavy is imported until a command runs."""

from __future__ import annotations

from typing import Annotated

import typer

from neuromod.cli import (
    analyse,
    atlas,
    doctor,
    inspect,
    models,
    plot,
    report,
    resume,
    run,
    schema,
    show,
    validate,
)
from neuromod.cli.output import write
from neuromod.version import VERSION

COMMANDS = (run, resume, validate, show, inspect, plot, analyse, report, atlas, models, schema, doctor)


def build() -> typer.Typer:
    """The typer application."""
    app = typer.Typer(
        name="neuromod",
        help="Networks of spiking neurons under neuromodulation: from a YAML file to an HDF5 file.",
        epilog="Start with: neuromod run configs/quickstart.yaml",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_main)
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2]
        app.command(name)(getattr(command, name))
    return app


def _main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        write(f"neuromod {VERSION}")
    elif context.invoked_subcommand is None:
        write(context.get_help())
