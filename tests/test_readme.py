"""What the documentation shows: every command is run, every example is valid, every link leads somewhere."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from neuromod import errors
from neuromod.errors import NeuromodError

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted(REPOSITORY.glob("docs/*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODEL = re.compile(r"# (\w+/\w+/\w+\.yaml)\n")
CLAIM = "claim: 1\n"
"""Begin of an example of a claim, which `test_claim` looks at."""
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")

RUN = "neuromod run configs/quickstart.yaml"
WRITTEN_BY_MAKE = {"make run": RUN, "make test": "pytest", "make setup": "install.sh", "make check": "mypy"}
"""Target -> a part of what it would do. Make is asked, not obeyed: these tests are themselves run by it."""
ACTIVATE = ". .venv/bin/activate"
ON_THE_RUN = [
    "neuromod plot runs/quickstart/001",
    "neuromod inspect runs/quickstart/001",
    "neuromod analyse runs/quickstart/001 --from 0",
    "neuromod analyse runs/quickstart/001 --from 0 --gamma 30-80 --band ripple=120-200 --plot",
    "neuromod inspect runs/quickstart/001/analysis.h5",
    "neuromod report runs/quickstart/001",
    "neuromod resume runs/quickstart/001",
    'neuromod resume runs/quickstart/001 --duration "5 s"',
    'neuromod resume runs/quickstart/001 --fork runs/quickstart/other --duration "6 s" '
    '--set "stimuli.cue.value=10 Hz"',
    "neuromod run configs/quickstart.yaml -o runs/job7 --resume auto",
]
ALONE = [
    "neuromod show configs/quickstart.yaml",
    'neuromod run configs/quickstart.yaml --seed 2 --duration "2 s"',
    "neuromod run configs/levels.yaml --report",
    'neuromod run configs/quickstart.yaml --set "modulators.dopamine.striatum.pulses=[]" --duration "2 s"',
    "neuromod validate configs/triad.yaml",
    "neuromod models",
    "neuromod models adex",
    "neuromod models dopamine",
    "neuromod models reversal",
    "neuromod validate configs/bandit.yaml",
    "neuromod show configs/bandit.yaml",
    "neuromod atlas --help",
    "neuromod atlas A04 --no-run",
    "neuromod doctor",
    "neuromod run configs/levels.yaml",
    "neuromod run configs/theta_gamma.yaml",
    'neuromod validate configs/quickstart.yaml --set "stimuli.cue.value=10 Hz" --set record.spikes=none',
]


def fenced(page: Path, language: str) -> list[str]:
    return [text for name, text in FENCE.findall(page.read_text()) if name == language]


def shown_commands() -> set[str]:
    blocks = [block for page in PAGES for block in fenced(page, "sh")]
    return {line for block in blocks for line in block.splitlines() if line}


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, neuromod):
    """A folder with the configs, in which the quickstart has been run."""
    folder = tmp_path_factory.mktemp("documentation")
    shutil.copytree(REPOSITORY / "configs", folder / "configs")
    done = neuromod(*shlex.split(RUN)[1:], cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_command_shown_is_tested_here_and_none_is_stale():
    assert shown_commands() == {*WRITTEN_BY_MAKE, ACTIVATE, *ON_THE_RUN, *ALONE}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_its_language(page):
    assert {name for name, _ in FENCE.findall(page.read_text())} <= {"sh", "yaml", "python"}


@pytest.mark.parametrize("command", WRITTEN_BY_MAKE)
def test_a_make_target_would_do_what_is_said(command):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    done = subprocess.run(
        [*command.split(), "--dry-run"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert WRITTEN_BY_MAKE[command] in done.stdout.replace('"', "")


def test_the_environment_can_be_activated_and_has_the_command():
    script = Path(sys.prefix, "bin", "activate")
    done = subprocess.run(
        ["sh", "-c", f". {shlex.quote(str(script))} && command -v neuromod"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).parent == script.parent


@pytest.mark.parametrize("command", ON_THE_RUN + ALONE)
def test_a_command_shown_succeeds(command, workplace, neuromod):
    done = neuromod(*shlex.split(command)[1:], cwd=workplace)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_files_of_the_quickstart_are_where_the_readme_says(workplace, neuromod):
    neuromod("plot", "runs/quickstart/001", cwd=workplace)
    run = workplace / "runs/quickstart/001"
    named = [run / "results.h5", run / "figures/overview.png", run / "figures/overview.pdf"]
    assert [path.name for path in named if not path.is_file()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if fenced(page, "yaml")], ids=lambda page: page.name)
def test_an_example_config_is_valid(page, neuromod, tmp_path):
    """A block that begins with `# path` is a model file at that place beside the configs of its page."""
    texts = [text for text in fenced(page, "yaml") if not text.startswith(CLAIM)]
    models = {text: match[1] for text in texts if (match := MODEL.match(text))}
    for text, name in models.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for number, text in enumerate(text for text in texts if text not in models):
        path = tmp_path / f"{page.stem}_{number}.yaml"
        path.write_text(text)
        done = neuromod("validate", path)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page):
    links = LINK.findall(page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_nobody_is_sent_to_the_package_of_another_project():
    texts = [page.read_text() for page in PAGES]
    assert not any(re.search(r"pip install neuromod\b(?!-sim)", text) for text in texts)


def test_every_exit_code_is_in_the_table():
    table = (REPOSITORY / "docs/command_line.md").read_text()
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, NeuromodError)
    ]
    codes = {kind.exit_code for kind in kinds if kind is not NeuromodError}
    assert [code for code in codes if f"| {code} |" not in table] == []
