"""`neuromod models [NAME]`: the library of models, and one model in full."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from neuromod.cli.options import Debug, Json, Quiet, Verbose
from neuromod.cli.output import Output

if TYPE_CHECKING:
    from neuromod.library.registry import Library

Name = Annotated[
    str | None, typer.Argument(help="A model, e.g. adex. Default: list all.", show_default=False)
]


def models(
    name: Name = None,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """List the models that come with neuromod, or show one with its equations and references."""
    from neuromod.library.describe import as_data, describe, kinds_of, listing
    from neuromod.library.shipped import open_library
    from neuromod.library.template import KINDS

    library = open_library()
    output = Output(as_json, verbose, quiet, debug)
    if name is None:
        output.result({kind: library.names(kind) for kind in KINDS}, listing(library).rstrip())
        return
    kinds = kinds_of(library, name) or _unknown(library, name)
    pages = [describe(library, kind, name) for kind in kinds]
    output.result([as_data(library, kind, name) for kind in kinds], "\n".join(pages).rstrip())


def _unknown(library: Library, name: str) -> list[str]:
    from neuromod.errors import ConfigError
    from neuromod.library.template import KINDS

    known = sorted({model for kind in KINDS for model in library.names(kind)})
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else "`neuromod models` lists all"
    raise ConfigError(f"got the model {name!r}, which does not exist; {hint}")
