"""`neuromod schema`: the JSON Schema of a config, for completion in editors."""

from __future__ import annotations

import json

from neuromod.cli.options import Debug, Json, Quiet, Verbose
from neuromod.cli.output import Output


def schema(
    as_json: Json = True, verbose: Verbose = False, quiet: Quiet = False, debug: Debug = False
) -> None:
    """Print the JSON Schema of a config (always JSON)."""
    from neuromod.config.reference import json_schema

    data = json_schema()
    Output(as_json, verbose, quiet, debug).result(data, json.dumps(data, indent=2))
