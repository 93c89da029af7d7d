"""Requests to stop: a first signal asks for a clean stop, a second interrupt ends at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from neuromod.errors import Stopped

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)


class StopRequests:
    """While active, catches the signals that ask a run to stop; outside the main thread it catches nothing.

    Where nothing has to be finished first, a request raises `Stopped` at once; within `finishing` it is kept
    in `received`.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._hurry: Callable[[], None] | None = None
        self._abandon: Callable[[], None] | None = None
        self._abandoned = False

    def __enter__(self) -> Self:
        main = threading.current_thread() is threading.main_thread()
        self._before = {number: signal.signal(number, self._note) for number in SIGNALS if main}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        # Compiled code in which a request is raised may end in a SystemError with the request as its cause.
        if isinstance(error, SystemError) and isinstance(error.__cause__, (Stopped, KeyboardInterrupt)):
            raise error.__cause__

    @contextmanager
    def finishing(
        self, hurry: Callable[[], None], abandon: Callable[[], None] | None = None
    ) -> Iterator[None]:
        """While something goes on that must come to a good end: a request calls `hurry`. A second interrupt
        calls `abandon`, which must end it; only a third is raised where it is heard, since that may be in a
        destructor, where Python ignores it.
        """
        self._hurry, self._abandon = hurry, abandon
        if self.received is not None:
            # Raised where Python ignores what is raised, in a destructor: it is heard here at the latest.
            hurry()
        try:
            yield
        finally:
            self._hurry = self._abandon = None
            if self._abandoned:
                raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            if number == signal.SIGINT:
                self._interrupt()
            return
        self.received = signal.Signals(number)
        if self._hurry is None:
            raise Stopped(
                f"stopped by {self.received.name} outside the simulation; the same command again goes on"
            )
        self._hurry()

    def _interrupt(self) -> None:
        if self._abandon is None or self._abandoned:
            raise KeyboardInterrupt
        self._abandoned = True
        self._abandon()
