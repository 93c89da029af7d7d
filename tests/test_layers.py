"""Imports point down only, and the quick commands never load Brian2."""

import subprocess
import sys

import pytest

QUICK = {
    "validate": ["validate", "configs/quickstart.yaml"],
    "show": ["show", "configs/quickstart.yaml"],
    "models": ["models"],
    "schema": ["schema"],
    "doctor": ["doctor"],
    "help": ["--help"],
}


def test_the_contracts_of_the_layers_hold(repository, tmp_path):
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    command += ["--config", "pyproject.toml", "--cache-dir", str(tmp_path), "--no-logo"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_command_does_not_load_brian2(name, repository):
    code = "import sys; from neuromod.cli.errors import main; code = main(sys.argv[1:]);"
    code += "print('brian2' in sys.modules, code, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, *QUICK[name]], cwd=repository, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "False 0", done.stderr
