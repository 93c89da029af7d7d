"""A program as a running process: inputs in, events out.

The compiled binary and the Brian2 runtime backend speak the same language (`native/nm_run.hpp`), so the
caller does not know which one it is talking to. A program that loses its parent ends at its next message.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from neuromod.errors import BackendError, InternalError, StorageError
from neuromod.program.records import Array, write_records
from neuromod.store.disk import storage_failures

REFUSED, INVALID, UNWRITTEN = 3, 4, 5
"""Exit codes of a program: the inputs do not fit it; the simulation became invalid (said in an event
before); a file could not be written.
"""


@dataclass(frozen=True)
class Event:
    """One line of a program: its first word and the rest."""

    kind: str
    words: tuple[str, ...]

    def number(self, k: int) -> int:
        """The k-th word as an integer."""
        return int(self.words[k])


class Process:
    """A program at work in `directory`. Iterate over `events()`; answer each `chunk` with `go_on()` or
    `stop()`, or first with `save()`, upon which a `saved` comes. `descriptors` stay open in it.
    """

    def __init__(
        self,
        command: Sequence[str],
        inputs: Mapping[str, Array | str],
        directory: Path,
        environment: Mapping[str, str],
        descriptors: Sequence[int] = (),
    ) -> None:
        self.directory = directory
        self._heard = self._hurried = False
        path = directory / "inputs"
        with storage_failures("write", path):
            write_records(path, inputs)
        with open(directory / "program.log", "w") as log:
            self._process = subprocess.Popen(
                [*command, str(path), str(directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=directory,
                env=dict(environment),
                text=True,
                start_new_session=True,
                pass_fds=descriptors,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abandon()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def events(self) -> Iterator[Event]:
        """Events in order, until the program ends.

        Raises:
            InternalError: the inputs do not fit the program.
            StorageError: it could not write a file.
            BackendError: it died.
        """
        assert self._process.stdout is not None  # a pipe, by construction
        for line in self._process.stdout:
            if not self._heard:
                self._heard = True
                if self._hurried:
                    self.hurry()
            words = line.split()
            if words and words[0] == "unwritten":
                raise StorageError(f"cannot write {line.partition(' ')[2].strip()}")
            if words:
                yield Event(words[0], tuple(words[1:]))
        code = self._process.wait()
        if code in (0, INVALID):
            return
        log = (self.directory / "program.log").read_text(errors="replace").strip().splitlines()
        reason = log[-1] if log else "it said nothing"
        if code == REFUSED:
            raise InternalError(f"the program refused its inputs: {reason}")
        if code < 0:
            raise BackendError(f"the program was ended by {signal.Signals(-code).name}: {reason}")
        raise BackendError(f"the program died (code {code}): {reason}")

    def go_on(self) -> None:
        """Let the program go on after a chunk."""
        self._answer("continue\n")

    def stop(self) -> None:
        """Let the program end after a chunk."""
        self._answer("stop\n")

    def save(self) -> None:
        """Let the program write its state into `saved-STEP`."""
        self._answer("save\n")

    def hurry(self) -> None:
        """Ask for a chunk as soon as possible. Before its first word the program would not hear but die."""
        self._hurried = True
        if self._heard:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGUSR1)

    def abandon(self) -> None:
        """End the program at once, whatever is lost."""
        self._process.kill()

    def _answer(self, text: str) -> None:
        assert self._process.stdin is not None  # a pipe, by construction
        # A program that has died does not listen; `events` says so.
        with suppress(BrokenPipeError):
            self._process.stdin.write(text)
            self._process.stdin.flush()
