"""Requests to stop: raised at once, or kept until something has come to a good end."""

import os
import signal

import pytest

from neuromod.errors import Stopped
from neuromod.simulation.signals import StopRequests


def test_a_request_is_raised_where_nothing_has_to_be_finished() -> None:
    with StopRequests() as requests, pytest.raises(Stopped, match="SIGTERM") as caught:
        os.kill(os.getpid(), signal.SIGTERM)
    assert caught.value.exit_code == 75
    assert requests.received is signal.SIGTERM


def test_a_request_is_kept_where_something_has_to_be_finished() -> None:
    calls: list[str] = []
    with StopRequests() as requests, requests.finishing(lambda: calls.append("hurry")):
        os.kill(os.getpid(), signal.SIGUSR1)
    assert calls == ["hurry"]


class Destroyed:
    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_request_that_was_lost_in_a_destructor_is_heard_later() -> None:
    calls: list[str] = []
    with StopRequests() as requests:
        Destroyed()
        with requests.finishing(lambda: calls.append("hurry")):
            pass
    assert calls == ["hurry"]


def test_a_second_interrupt_is_an_interrupt() -> None:
    with StopRequests() as requests, requests.finishing(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


class InterruptedTwice:
    def __del__(self) -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)


def test_a_second_interrupt_that_is_heard_in_a_destructor_ends_what_goes_on() -> None:
    calls: list[str] = []

    def wait() -> None:
        InterruptedTwice()
        calls.append("waited")
        raise OSError("what went on is gone")

    with (
        pytest.raises(KeyboardInterrupt),
        StopRequests() as requests,
        requests.finishing(lambda: calls.append("hurry"), lambda: calls.append("abandon")),
    ):
        wait()
    assert calls == ["hurry", "abandon", "waited"]


def compiled_code() -> None:
    """Hears a request in a place from which it cannot be raised."""
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except Stopped as request:
        raise SystemError("returned a result with an exception set") from request


def test_a_request_that_compiled_code_has_turned_into_a_system_error_is_a_request() -> None:
    with pytest.raises(Stopped), StopRequests():
        compiled_code()
