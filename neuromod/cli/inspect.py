"""`neuromod inspect FILE`: what a results file holds."""

from __future__ import annotations

from neuromod.cli.options import Debug, Json, Quiet, Recording, Verbose
from neuromod.cli.output import Output


def inspect(
    file: Recording,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Print what a results file holds, where it comes from, and whether it is whole."""
    from neuromod.store.inspect import as_data, render

    Output(as_json, verbose, quiet, debug).result(as_data(file), render(file))
