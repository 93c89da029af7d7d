"""Every way to end: one line per problem, the agreed exit code, and a traceback only with --debug."""

import errno

import pytest

from neuromod.cli import errors
from neuromod.cli.errors import main
from neuromod.errors import (
    AccessError,
    BackendError,
    ConfigError,
    DamagedDataError,
    InternalError,
    InvalidSimulation,
    NeuromodError,
    OutputError,
    Place,
    Problem,
    Stopped,
    StorageError,
)

CODES = {
    NeuromodError: 1,
    ConfigError: 2,
    DamagedDataError: 65,
    BackendError: 69,
    InternalError: 70,
    OutputError: 73,
    StorageError: 74,
    Stopped: 75,
    InvalidSimulation: 76,
    AccessError: 77,
}


@pytest.fixture
def failing(monkeypatch):
    """Make the application end with an exception."""

    def fail(error):
        def run(words):
            raise error

        monkeypatch.setattr(errors, "_run", run)

    return fail


@pytest.mark.parametrize("kind", CODES)
def test_every_error_has_its_exit_code_and_one_line(kind, failing, capsys):
    failing(kind("the dog ate it"))
    assert main([]) == CODES[kind]
    out, err = capsys.readouterr()
    assert out == ""
    assert "the dog ate it" in err
    assert len(err.splitlines()) == 1


def test_all_kinds_of_errors_are_covered():
    assert set(NeuromodError.__subclasses__()) | {NeuromodError} == set(CODES)


def test_a_config_error_is_one_line_per_problem(failing, capsys):
    problems = [
        Problem("got -5, allowed are positive numbers", "seed", Place("a.yaml", 3, 7)),
        Problem("no duration"),
    ]
    failing(ConfigError(problems))
    assert main([]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "neuromod: a.yaml:3:7: seed: got -5, allowed are positive numbers",
        "neuromod: no duration",
    ]


def test_an_unexpected_exception_is_one_line_that_asks_for_a_report(failing, capsys):
    failing(KeyError("surprise"))
    assert main([]) == 70
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("neuromod: internal error: KeyError: 'surprise'")
    assert "please report it; --debug prints where" in lines[0]


def test_debug_prints_the_traceback_as_well(failing, capsys):
    failing(KeyError("surprise"))
    assert main(["run", "--debug"]) == 70
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_an_interrupt_ends_with_130_and_no_words(failing, capsys):
    failing(KeyboardInterrupt())
    assert main([]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (MemoryError(), 69, "not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), 74, "/data/x: No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), 77, "/data/x: Permission denied"),
    ],
)
def test_the_limits_of_the_machine_are_no_bugs(error, code, text, failing, capsys):
    failing(error)
    assert main([]) == code
    err = capsys.readouterr().err
    assert text in err
    assert "internal error" not in err


def test_control_characters_in_a_message_do_not_reach_the_terminal(failing, capsys):
    failing(NeuromodError("name \x1b[31mred"))
    main([])
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["nonsense"], ["run"], ["run", "--nonsense"], ["run", "x.yaml", "--backend", "abacus"]]
)
def test_a_wrong_command_line_is_one_line_and_2(words, capsys):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("neuromod: ")
    assert len(err.splitlines()) == 1
