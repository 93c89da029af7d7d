"""`neuromod plot`: which files it writes for a run, and where."""

import json
from pathlib import Path

import numpy as np
import pytest

from neuromod.cli.errors import main
from neuromod.store.layout import Layout, SegmentData, Signal, SpikeSource
from neuromod.store.segments import write_segment

WEIGHTS = Signal("weights", "A->B", "weight", "nS", "weights of A->B", 100, 3)
LEARNED = Signal("weights", "A->B", "weight", "nS", "weights of A->B", 100, 3, bounds=(0.0, 1.0))


def recorded(folder: Path, signal: Signal) -> Path:
    """A run under way, in which three weights were read ten times."""
    layout = Layout(1e-4, (SpikeSource("A", 2),), (signal,))
    weights = np.linspace(0.2, 0.8, 30).reshape(10, 3)
    nothing = np.empty(0, np.int64), np.empty(0, np.int32)
    folder.mkdir()
    write_segment(folder, 0, layout, SegmentData(0, 1000, {"A": nothing}, {signal.key: weights}))
    return folder


def written(run: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """Names of the figures, as the command reports them; all of them exist."""
    assert main(["plot", str(run), "--json", *words]) == 0
    paths = [Path(path) for path in json.loads(capsys.readouterr().out)["figures"]]
    assert all(path.stat().st_size for path in paths)
    return [path.name for path in paths]


def test_weights_that_learn_have_a_figure_of_their_own(tmp_path, capsys):
    names = written(recorded(tmp_path / "run", LEARNED), capsys)
    assert names == ["overview.png", "overview.pdf", "learning.png", "learning.pdf"]
    assert sorted(path.name for path in (tmp_path / "run/figures").iterdir()) == sorted(names)


def test_weights_that_no_rule_changes_have_none(tmp_path, capsys):
    names = written(recorded(tmp_path / "run", WEIGHTS), capsys)
    assert names == ["overview.png", "overview.pdf"]


@pytest.mark.parametrize("target", ["fig", "fig.png"])
def test_a_given_name_is_that_of_the_overview(target, tmp_path, capsys):
    names = written(recorded(tmp_path / "run", LEARNED), capsys, "-o", str(tmp_path / target))
    assert names == ["fig.png", "fig.pdf", "fig_learning.png", "fig_learning.pdf"]


def test_a_window_without_weights_has_the_overview_only(tmp_path, capsys):
    run = recorded(tmp_path / "run", LEARNED)
    assert written(run, capsys, "--from", "91", "--to", "99") == ["overview.png", "overview.pdf"]
