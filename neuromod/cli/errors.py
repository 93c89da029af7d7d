"""Runs the application and turns every way to end into lines on stderr and an exit code.

Exit codes: see `neuromod.errors`; besides, 130 after an interrupt.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

from neuromod.cli.output import printable
from neuromod.errors import ConfigError, InternalError, NeuromodError

REPORT = "this is a bug in neuromod, please report it; --debug prints where"
USAGE, BACKEND, INTERNAL, STORAGE, ACCESS, INTERRUPTED = 2, 69, 70, 74, 77, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (default: of this process); returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: no user shall meet a bare traceback
        if "--debug" in words:
            traceback.print_exc()
        lines, code = describe(error)
        for line in lines:
            print(f"neuromod: {printable(line)}", file=sys.stderr)
        return code


def describe(error: Exception) -> tuple[list[str], int]:
    """The lines that say what went wrong, and the exit code."""
    if isinstance(error, ConfigError):
        return [str(problem) for problem in error.problems], error.exit_code
    if isinstance(error, InternalError):
        return [f"internal error: {error}: {REPORT}"], error.exit_code
    if isinstance(error, NeuromodError):
        return str(error).splitlines() or [type(error).__name__], error.exit_code
    if isinstance(error, MemoryError):
        return ["not enough memory; `neuromod show` estimates what an experiment needs"], BACKEND
    if isinstance(error, OSError) and error.filename is not None:
        return [f"{error.filename}: {error.strerror}"], ACCESS if isinstance(
            error, PermissionError
        ) else STORAGE
    return [f"internal error: {type(error).__name__}: {error}: {REPORT}"], INTERNAL


def _run(words: list[str]) -> int:
    import typer

    from neuromod.cli.app import build

    try:
        code = build()(words, prog_name="neuromod", standalone_mode=False)
    except typer.TyperException as error:
        print(f"neuromod: {printable(error.format_message())} (see: neuromod --help)", file=sys.stderr)
        return USAGE
    return code if isinstance(code, int) else 0
