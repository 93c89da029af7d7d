"""`neuromod show CONFIG`: the network that would be simulated."""

from __future__ import annotations

from typing import Annotated

import typer

from neuromod.cli.options import Config, Debug, Json, Quiet, Settings, Verbose
from neuromod.cli.output import Output
from neuromod.cli.planning import plan_of

Equations = Annotated[bool, typer.Option("--equations", help="Also print what is computed in every step.")]


def show(
    config: Config,
    settings: Settings = None,
    equations: Equations = False,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Print the resolved network: populations, projections, sizes, and how it will be computed."""
    from neuromod.plan.fused import fuse
    from neuromod.plan.outline import as_data
    from neuromod.plan.show import render

    fused = fuse(plan_of(config, settings or ()))
    Output(as_json, verbose, quiet, debug).result(as_data(fused), render(fused, equations=equations))
