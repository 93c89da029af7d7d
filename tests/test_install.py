"""`.ci/install.sh`: says in one sentence what is missing, and installs only when something has changed."""

import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
TOOLS = ("sh", "cat", "cksum", "dirname")
PYTHONS = ("python3.12", "python3.13", "python3.14", "python3", "python")


@pytest.fixture
def checkout(tmp_path):
    """What the script needs of a checkout, and a PATH with nothing but the commands in `bin`."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(REPOSITORY / ".ci/install.sh", tmp_path / ".ci")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(REPOSITORY / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    command(tmp_path / "bin/g++", "exit 0")
    return tmp_path


def command(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def install(checkout, level="run", **variables):
    environment = {"PATH": str(checkout / "bin"), "LANG": "C"} | variables
    script = str(checkout / ".ci/install.sh")
    return subprocess.run([script, level], env=environment, capture_output=True, text=True, check=False)


def test_no_compiler_is_one_sentence(checkout):
    command(checkout / "bin/g++", "exit 1")
    done = install(checkout)
    assert done.returncode == 1
    assert "no C++ compiler works here" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_python_that_exists_and_does_not_start_counts_as_missing(checkout):
    for name in PYTHONS:
        command(checkout / "bin" / name, "exit 127")
    done = install(checkout)
    assert done.returncode == 1
    assert "no Python 3.12 or newer works here" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_python_without_venv_is_one_sentence(checkout):
    command(checkout / "bin/python3.12", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    done = install(checkout)
    assert done.returncode == 1
    assert "python3.12 has no module venv" in done.stderr


def test_a_link_to_a_broken_environment_is_left_alone(checkout):
    precious = checkout / "elsewhere"
    precious.mkdir()
    (precious / "data").write_text("keep")
    (checkout / ".venv").symlink_to(precious)
    done = install(checkout)
    assert done.returncode == 1
    assert ".venv is a link" in done.stderr
    assert (precious / "data").read_text() == "keep"


@pytest.fixture
def installed(checkout):
    """A checkout with an environment made elsewhere, whose Python only writes down what it is asked."""
    log = checkout / "log"
    command(checkout / ".venv/bin/python", f'echo "$*" >> {log}')
    log.touch()

    def installations():
        return [line for line in log.read_text().splitlines() if line.startswith("-m pip install")]

    return checkout, installations


def test_an_environment_from_elsewhere_is_used_and_installed_into_once(installed):
    checkout, installations = installed
    assert [install(checkout).returncode for _ in range(3)] == [0, 0, 0]
    assert len(installations()) == 1
    assert installations()[0].endswith("-c constraints.txt -e .")


def test_changed_constraints_install_again(installed):
    checkout, installations = installed
    install(checkout)
    with open(checkout / "constraints.txt", "a") as file:
        file.write("\n# changed\n")
    install(checkout)
    assert len(installations()) == 2


def test_the_tools_for_tests_include_what_a_run_needs(installed):
    checkout, installations = installed
    for level in ("run", "test", "run", "test"):
        install(checkout, level)
    assert [line.rsplit(" ", 1)[1] for line in installations()] == [".", ".[test,analysis]"]


def test_a_failed_installation_is_tried_again(checkout):
    command(checkout / ".venv/bin/python", '[ "$3" != install ]')
    assert "the installation failed" in install(checkout).stderr
    command(checkout / ".venv/bin/python", "exit 0")
    assert install(checkout).returncode == 0


def test_an_unknown_level_is_refused(installed):
    checkout, _ = installed
    assert "takes 'run' or 'test', got 'nonsense'" in install(checkout, "nonsense").stderr
