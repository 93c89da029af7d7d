"""`neuromod doctor`: does this machine have what a simulation needs."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from neuromod.cli.options import Debug, Json, Quiet, Verbose
from neuromod.cli.output import Output, columns

ClearCache = Annotated[bool, typer.Option("--clear-cache", help="Only remove all compiled programs.")]


def doctor(
    clear_cache: ClearCache = False,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Examine this machine: compiler, packages, GPU, space. Ends with 69 if something needed is missing."""
    output = Output(as_json, verbose, quiet, debug)
    if clear_cache:
        _clear(output)
        return 0
    from neuromod.cli.machine import examine
    from neuromod.errors import BackendError

    findings = examine()
    output.result([asdict(f) for f in findings], columns([[f.state, f.subject, f.text] for f in findings]))
    missing = [f for f in findings if f.state == "missing"]
    for finding in missing:
        print(f"neuromod: {finding.subject}: {finding.text}", file=sys.stderr)
    return BackendError.exit_code if missing else 0


def _clear(output: Output) -> None:
    from neuromod.cli.machine import size_text
    from neuromod.program.cache import clear
    from neuromod.program.location import cache_root

    freed = clear()
    output.result(
        {"freed_bytes": freed, "cache": str(cache_root())}, f"removed {size_text(freed)} from {cache_root()}"
    )
