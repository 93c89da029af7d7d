"""Probes of the machine: what works is found, and what is broken is not taken for working."""

import pytest

from neuromod.cli import machine
from neuromod.cli.errors import main
from neuromod.program.cpp import Compiler, find_compiler


@pytest.fixture
def fresh_compiler():
    """`find_compiler` remembers its answer; forget it before and after."""
    find_compiler.cache_clear()
    yield
    find_compiler.cache_clear()


@pytest.fixture
def broken(tmp_path):
    """A compiler that says a version and fails at the first program."""
    path = tmp_path / "broken-g++"
    answers = '[ "$1" = --version ] && echo broken 1.0 && exit 0'
    path.write_text(f'#!/bin/sh\n{answers}\necho "fatal error: no headers"; exit 1\n')
    path.chmod(0o755)
    return path


def test_a_compiler_that_works_is_found_to_work():
    assert machine.try_compiler(find_compiler()) is None


def test_a_compiler_that_says_a_version_and_compiles_nothing_is_found_out(broken):
    assert machine.try_compiler(Compiler(str(broken), "broken 1.0", ())) == "fatal error: no headers"


def test_a_compiler_that_does_not_exist_is_found_out(tmp_path):
    assert "127" in machine.try_compiler(Compiler(str(tmp_path / "none"), "", ()))


def test_doctor_ends_with_69_when_the_compiler_is_broken(broken, monkeypatch, capsys, fresh_compiler):
    monkeypatch.setenv("CXX", str(broken))
    assert main(["doctor", "--quiet"]) == 69
    out, err = capsys.readouterr()
    assert out == ""
    assert "C++ compiler: broken 1.0" in err
    assert "does not work" in err


def test_a_missing_gpu_is_no_fault(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(
        machine, "run_quietly", lambda command: machine.subprocess.CompletedProcess(command, 127, "")
    )
    assert machine._gpu().state == "absent"


def test_a_command_that_hangs_counts_as_failed(monkeypatch):
    monkeypatch.setattr(machine, "TIMEOUT_S", 0.2)
    assert machine.run_quietly(["sleep", "60"]).returncode == 127


def test_clearing_the_cache_removes_compiled_programs(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NEUROMOD_CACHE", str(tmp_path))
    program = tmp_path / "programs" / "abc" / "program"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"x" * 1500)
    assert main(["doctor", "--clear-cache"]) == 0
    assert not program.exists()
    assert capsys.readouterr().out == f"removed 1.5 kB from {tmp_path}\n"


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2.5e12, "2.5 TB"), (4e15, "4e+03 TB")]
)
def test_sizes_are_written_with_their_unit(size, text):
    assert machine.size_text(size) == text


@pytest.mark.parametrize(("driver", "state"), [("570.1.2", "absent"), ("580.159.04", "ok")])
def test_a_driver_that_is_too_old_is_said(monkeypatch, driver, state):
    shown = f"NVIDIA H100, {driver}, 81559 MiB\n"
    monkeypatch.setattr(
        machine, "run_quietly", lambda command: machine.subprocess.CompletedProcess(command, 0, shown)
    )
    finding = machine._gpu()
    assert finding.state == state
    assert ("needs the driver 580" in finding.text) == (state == "absent")


def test_a_cuda_compiler_that_compiles_nothing_is_found_out(broken):
    assert machine.try_cuda_compiler(Compiler(str(broken), "broken 1.0", ())) == "fatal error: no headers"
