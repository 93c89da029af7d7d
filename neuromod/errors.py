"""Every error that neuromod raises on purpose, and the exit code each one has.

NeuromodError                       1
|- ConfigError (ValueError)         2   configuration or command line is wrong; carries all problems
|- DamagedDataError (ValueError)   65   a file is not what it should be
|- BackendError (RuntimeError)     69   compiler or backend unavailable, or it failed
|- InternalError (RuntimeError)    70   a bug in neuromod
|- OutputError (OSError)           73   the output directory cannot be created or is held by another run
|- StorageError (OSError)          74   reading or writing failed
|- Stopped                         75   stopped on request; what is recorded is safe
|- InvalidSimulation               76   the simulation itself became invalid (NaN, infinity, runaway)
`- AccessError (PermissionError)   77   permission denied
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class NeuromodError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


@dataclass(frozen=True, order=True)
class Place:
    """Where in a file something stands; line and column count from 1 (0: the file as a whole)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, at which key, and a sentence with what was got and what is allowed."""

    message: str
    key: str = ""
    place: Place | None = None

    def __str__(self) -> str:
        return ": ".join(str(part) for part in (self.place, self.key, self.message) if part)


class ConfigError(NeuromodError, ValueError):
    """The configuration is wrong. Holds every problem found, not only the first."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DamagedDataError(NeuromodError, ValueError):
    """A file is truncated, altered or not of the expected format."""

    exit_code = 65


class BackendError(NeuromodError, RuntimeError):
    """A compiler or backend is missing, or failed."""

    exit_code = 69


class InternalError(NeuromodError, RuntimeError):
    """A bug in neuromod; please report it."""

    exit_code = 70


class OutputError(NeuromodError, OSError):
    """The output directory cannot be created, or another process holds it."""

    exit_code = 73


class StorageError(NeuromodError, OSError):
    """Reading or writing failed (disk full, I/O error)."""

    exit_code = 74


class Stopped(NeuromodError):
    """The run was asked to stop; everything recorded so far is on disk."""

    exit_code = 75


class InvalidSimulation(NeuromodError):
    """The simulation left the range in which its numbers mean anything."""

    exit_code = 76


class AccessError(NeuromodError, PermissionError):
    """The operating system refused access."""

    exit_code = 77
