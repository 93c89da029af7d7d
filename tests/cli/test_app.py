"""The application as a whole: help, version, and what every command offers."""

import json
import subprocess
import sys

import pytest

from neuromod.cli import machine
from neuromod.cli.errors import main
from neuromod.version import VERSION

COMMANDS = ("run", "validate", "show", "inspect", "plot", "models", "schema", "doctor")


def test_the_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"neuromod {VERSION}\n"


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_names_every_command(words, capsys):
    assert main(words) == 0
    out = capsys.readouterr().out
    assert [name for name in COMMANDS if f" {name} " not in out] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_the_common_options(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert [o for o in ("--json", "--verbose", "--quiet", "--debug") if o not in out] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_is_offered(shell, neuromod):
    done = neuromod(env={"_NEUROMOD_COMPLETE": f"source_{shell}", "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0
    assert "_NEUROMOD_COMPLETE" in done.stdout


def test_help_is_printed_without_the_heavy_packages():
    heavy = ("brian2", "numpy", "pydantic", "h5py", "matplotlib", "scipy", "ruamel")
    code = "import sys; from neuromod.cli.errors import main; main(['--help']);"
    code += f"print(set({heavy}) & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_python_dash_m_is_the_command(neuromod):
    assert neuromod("--version").stdout == f"neuromod {VERSION}\n"


def test_doctor_reports_as_json(neuromod):
    done = neuromod("doctor", "--json")
    findings = {f["subject"]: f["state"] for f in json.loads(done.stdout)}
    assert findings["Python"] == findings["packages"] == "ok"
    assert (done.returncode == 0) == ("missing" not in findings.values())


def test_an_interrupt_of_a_command_ends_with_130(capsys, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(machine, "examine", interrupted)
    assert main(["doctor"]) == 130
    assert "Traceback" not in capsys.readouterr().err
