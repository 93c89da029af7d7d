"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Backend(StrEnum):
    """What computes; `auto` takes the compiled program where a compiler works."""

    AUTO = "auto"
    CPP = "cpp"
    CUDA = "cuda"
    RUNTIME = "runtime"


Config = Annotated[Path, typer.Argument(help="The experiment: a YAML file.", show_default=False)]
Recording = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A results file, or a run directory.", show_default=False),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the config, e.g. --set seed=3."),
]
Choice = Annotated[
    Backend | None, typer.Option("--backend", help="What computes. Default: as in the config.")
]
Duration = Annotated[
    str | None, typer.Option("--duration", metavar="TIME", help="Simulated time, e.g. '2 s'.")
]
Figure = Annotated[bool, typer.Option("--plot", help="Also draw figures, as `neuromod plot` does.")]
Reporting = Annotated[bool, typer.Option("--report", help="Also write a page, as `neuromod report` does.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Debug = Annotated[bool, typer.Option("--debug", help="On an error, print the traceback too.")]


def changed(settings: Sequence[str] | None, **given: object) -> list[str]:
    """All changes of the config: those of --set, then those of options of their own."""
    return [*(settings or ()), *(f"{key}={value}" for key, value in given.items() if value is not None)]
